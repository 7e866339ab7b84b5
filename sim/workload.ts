// The users of the simulated cluster: they create, change, scale, restart, kill, cancel and delete, at odd moments and
// without looking. Definitions use every constraint operator, odd upgrade strategies, apps that crash.

import type { Request, TaskSelection } from '../src/core/requests.ts'
import type { View } from '../src/core/view.ts'
import type { PathId } from '../src/lib/path-id.ts'
import { type Rng, stream } from '../src/lib/rng.ts'

export interface WorkloadOptions {
  readonly seed: number | string
  readonly apps: number
  readonly mostInstances: number
  readonly racks: number
  /** Chance that an app's command ends by itself. */
  readonly crashing: number
}

const origin = { clientIp: '10.9.8.7', uri: '/v2/apps' }

type Body = Record<string, unknown>

export class Workload {
  readonly #options: WorkloadOptions
  readonly #rng: Rng
  readonly #ids: readonly PathId[]

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#rng = stream(options.seed, 'users')
    this.#ids = Array.from({ length: options.apps }, (_, i) =>
      i % 3 === 0 ? `/app-${i}` : i % 3 === 1 ? `/shop/app-${i}` : `/shop/back/app-${i}`,
    )
  }

  /** What some user wants next; undefined: nothing that makes sense now. */
  next(view: View): Request | undefined {
    const rng = this.#rng
    const id = rng.pick(this.#ids)
    const force = rng.chance(0.35)
    if (view.runSpec(id) === undefined) {
      return rng.chance(0.9)
        ? { kind: 'create-app', body: this.#definition(id, view), force, origin: { ...origin } }
        : { kind: 'remove-app', id, force }
    }
    const update = (body: Body): Request => ({
      kind: 'update-app',
      id,
      body,
      mode: rng.pick(['partial', 'patch'] as const),
      force,
      origin: { ...origin, uri: `/v2/apps${id}` },
    })
    const choices: readonly (readonly [weight: number, make: () => Request | undefined])[] = [
      [20, () => update({ instances: this.#instances() })],
      [10, () => update({ cmd: this.#command() })],
      [6, () => update({ env: { REVISION: String(rng.int(1_000)) } })],
      [4, () => update({ constraints: this.#constraints(), upgradeStrategy: this.#upgradeStrategy() })],
      [3, () => update({ cpus: this.#cpus(), instances: this.#instances() })],
      [
        4,
        () => ({
          kind: 'update-app',
          id,
          body: this.#definition(id, view),
          mode: 'complete',
          force,
          origin: { ...origin },
        }),
      ],
      [6, () => ({ kind: 'restart-app', id, force })],
      [10, () => this.#kill(id, view, force)],
      [8, () => ({ kind: 'remove-app', id, force })],
      [2, () => ({ kind: 'reset-delay', id })],
      [6, () => this.#cancel(view, force)],
      [1, () => update({ instances: -1 })],
    ]
    let at = rng.int(choices.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, make] of choices) {
      if (at < weight) return make()
      at -= weight
    }
    return undefined
  }

  #kill(id: PathId, view: View, force: boolean): Request | undefined {
    const rng = this.#rng
    const instances = view.instancesOf(id)
    if (instances.length === 0) return undefined
    const instance = rng.pick(instances)
    const taskId = instance.tasks[0]?.id ?? `${instance.id}._app.1`
    const selection: TaskSelection = rng.pick<TaskSelection>([
      { kind: 'task', appId: id, taskId },
      { kind: 'tasks', taskIds: [taskId] },
      { kind: 'app', id, host: instance.agent?.hostname ?? '*' },
      { kind: 'app', id },
    ])
    if (rng.chance(0.3)) return { kind: 'kill-and-scale', selection, force }
    return { kind: 'kill-tasks', selection, wipe: rng.chance(0.25) }
  }

  #cancel(view: View, force: boolean): Request | undefined {
    const deployments = view.deployments()
    if (deployments.length === 0) return undefined
    return { kind: 'cancel-deployment', id: this.#rng.pick(deployments).id, force }
  }

  #definition(id: PathId, view: View): Body {
    const rng = this.#rng
    const body: Body = {
      id,
      cmd: this.#command(),
      cpus: this.#cpus(),
      mem: rng.pick([16, 32, 128, 512]),
      instances: this.#instances(),
      upgradeStrategy: this.#upgradeStrategy(),
      killSelection: rng.pick(['YOUNGEST_FIRST', 'OLDEST_FIRST']),
    }
    if (rng.chance(0.5)) body['constraints'] = this.#constraints()
    if (rng.chance(0.4)) body['unreachableStrategy'] = this.#unreachableStrategy()
    if (rng.chance(0.6)) {
      body['portDefinitions'] = Array.from({ length: 1 + rng.int(3) }, () => ({ port: 0, protocol: 'tcp' }))
    }
    if (rng.chance(0.3)) body['taskKillGracePeriodSeconds'] = 1 + rng.int(10)
    if (rng.chance(0.3)) body['backoffSeconds'] = rng.pick([0, 1, 5])
    const earlier = this.#ids
      .slice(0, this.#ids.indexOf(id))
      .filter((other) => view.runSpec(other) !== undefined)
    if (earlier.length > 0 && rng.chance(0.2)) body['dependencies'] = [rng.pick(earlier)]
    return body
  }

  #instances(): number {
    const rng = this.#rng
    return rng.chance(0.15) ? 0 : 1 + rng.int(this.#options.mostInstances)
  }

  #cpus(): number {
    return this.#rng.pick([0.01, 0.1, 0.25, 0.5])
  }

  #command(): string {
    const rng = this.#rng
    if (rng.chance(this.#options.crashing)) {
      return rng.pick(['exit 1', 'exit 1 after 5 s', 'sleep 60', 'sleep 20; exit 3', 'stuck', 'silent'])
    }
    return rng.pick(['serve --port $PORT0', 'serve', 'stubborn serve', `serve --shard ${rng.int(100)}`])
  }

  #constraints(): readonly (readonly string[])[] {
    const rng = this.#rng
    const rack = `rack-${1 + rng.int(this.#options.racks)}`
    return rng.pick<readonly (readonly string[])[]>([
      [],
      [['hostname', 'UNIQUE']],
      [['rack_id', 'CLUSTER', rack]],
      [['rack_id', 'CLUSTER']],
      [['rack_id', 'GROUP_BY']],
      [['rack_id', 'GROUP_BY', '2']],
      [['hostname', 'MAX_PER', '2']],
      [['rack_id', 'LIKE', 'rack-[1-9]']],
      [['rack_id', 'UNLIKE', rack]],
      [['rack_id', 'IS', rack]],
      [
        ['rack_id', 'GROUP_BY'],
        ['hostname', 'MAX_PER', '3'],
      ],
    ])
  }

  #upgradeStrategy(): Body {
    return this.#rng.pick([
      { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      { minimumHealthCapacity: 1, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.2 },
      { minimumHealthCapacity: 0.9, maximumOverCapacity: 0.1 },
    ])
  }

  #unreachableStrategy(): unknown {
    return this.#rng.pick([
      'disabled',
      { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      { inactiveAfterSeconds: 30, expungeAfterSeconds: 120 },
      { inactiveAfterSeconds: 120, expungeAfterSeconds: 900 },
      { inactiveAfterSeconds: 0, expungeAfterSeconds: 600 },
    ])
  }
}
