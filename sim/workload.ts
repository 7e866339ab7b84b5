// The users of the simulated cluster: they create, change, scale, restart, kill, cancel and delete, at odd moments and
// without looking. Definitions use every constraint operator, odd upgrade strategies, apps that crash, pods of which a
// container does.

import type { Request, TaskSelection } from '../src/core/requests.ts'
import type { View } from '../src/core/view.ts'
import type { PathId } from '../src/lib/path-id.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import { renderPod } from '../src/spec/render/pod.ts'
import { badCourse, careOf, checksOf, goodCourse, type Pace } from './checked-workload.ts'
import { choose } from './choose.ts'
import { GroupWorkload } from './group-workload.ts'
import { ResidentWorkload } from './resident-workload.ts'

/** How many of the wishes are about a whole group. */
const aboutGroups = 0.12

export interface WorkloadOptions {
  readonly seed: number | string
  readonly apps: number
  readonly pods: number
  /** Apps and pods that keep data, besides. */
  readonly residents: { readonly apps: number; readonly pods: number }
  readonly mostInstances: number
  readonly racks: number
  /** Chance that an app in a group has the role of that group. */
  readonly ownRole: number
  /** Chance that an app's command ends by itself. */
  readonly crashing: number
  /** How often tasks with checks are asked how they are. */
  readonly pace: Pace
}

const origin = { clientIp: '10.9.8.7', uri: '/v2/apps' }
const podOrigin = { clientIp: '10.9.8.7', uri: '/v2/pods' }

type Body = Record<string, unknown>

/** Seconds. Who fails at once and never waits is busy for a whole day. */
const backoffs: Readonly<Record<Pace, readonly number[]>> = { often: [0, 1, 5], seldom: [1, 5, 60] }

export class Workload {
  readonly #options: WorkloadOptions
  readonly #rng: Rng
  readonly #ids: readonly PathId[]
  readonly #podIds: ReadonlySet<PathId>
  readonly #groups: GroupWorkload
  readonly #residents: ResidentWorkload
  readonly #turns: Rng

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#rng = stream(options.seed, 'users')
    const ids = (name: string, length: number) =>
      Array.from({ length }, (_, i) => `${['', '/shop', '/shop/back'][i % 3]}/${name}-${i}`)
    const appIds = ids('app', options.apps)
    this.#podIds = new Set(ids('pod', options.pods))
    this.#ids = [...appIds, ...this.#podIds]
    this.#turns = stream(options.seed, 'whose turn')
    this.#residents = new ResidentWorkload({
      ...options.residents,
      seed: options.seed,
      mostInstances: options.mostInstances,
    })
    this.#groups = new GroupWorkload({
      seed: options.seed,
      appIds,
      mostInstances: options.mostInstances,
      define: (id, view) => this.#definition(id, view),
    })
  }

  /** What some user wants next; undefined: nothing that makes sense now. */
  next(view: View): Request | undefined {
    const rng = this.#rng
    const { ids } = this.#residents
    if (ids.length > 0 && this.#turns.chance(ids.length / (ids.length + this.#ids.length)))
      return this.#residents.next(view)
    if (rng.chance(aboutGroups)) return this.#groups.next(view)
    const id = rng.pick(this.#ids)
    const force = rng.chance(0.35)
    if (this.#podIds.has(id)) return this.#forPod(id, view, force)
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
      [8, () => this.#steer(view)],
      [1, () => update({ instances: -1 })],
    ]
    return choose(this.#rng, choices)
  }

  #forPod(id: PathId, view: View, force: boolean): Request | undefined {
    const rng = this.#rng
    const pod = view.pod(id)
    if (pod === undefined) {
      return rng.chance(0.9)
        ? { kind: 'create-pod', body: this.#podDefinition(id), force, origin: podOrigin }
        : { kind: 'remove-pod', id, force, origin: podOrigin }
    }
    const update = (change: Body): Request => {
      const body = { ...renderPod(pod), ...change }
      return { kind: 'update-pod', id, body, force, origin: { ...podOrigin, uri: `/v2/pods${id}` } }
    }
    return choose(this.#rng, [
      [20, () => update({ scaling: { kind: 'fixed', instances: this.#instances() } })],
      [10, () => update({ containers: this.#containers() })],
      [6, () => update({ environment: { REVISION: String(rng.int(1_000)) } })],
      [4, () => update({ scheduling: this.#scheduling() })],
      [4, () => update(this.#podDefinition(id))],
      [10, () => this.#kill(id, view, force)],
      [8, () => ({ kind: 'remove-pod', id, force, origin: podOrigin })],
      [2, () => ({ kind: 'reset-delay', id })],
      [6, () => this.#cancel(view, force)],
      [1, () => update({ containers: [] })],
    ])
  }

  #kill(id: PathId, view: View, force: boolean): Request | undefined {
    const rng = this.#rng
    const instances = view.instancesOf(id)
    if (instances.length === 0) return undefined
    const instance = rng.pick(instances)
    const taskId = instance.tasks.length === 0 ? `${instance.id}._app.1` : rng.pick(instance.tasks).id
    if (this.#podIds.has(id) && rng.chance(0.5)) {
      const selection = { kind: 'instances', runSpecId: id, instanceIds: [instance.id] } as const
      return { kind: 'kill-tasks', selection, wipe: rng.chance(0.25) }
    }
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

  #steer(view: View): Request | undefined {
    const deployments = view.deployments()
    if (deployments.length === 0) return undefined
    // What is paused keeps others from changing it: most of the time somebody thinks of that.
    const paused = deployments.find(({ pausedAt }) => pausedAt !== undefined)
    if (paused !== undefined && this.#rng.chance(0.7)) return { kind: 'resume-deployment', id: paused.id }
    const { id } = this.#rng.pick(deployments)
    return this.#rng.chance(0.25)
      ? { kind: 'pause-deployment', id }
      : { kind: 'promote-deployment', id, all: this.#rng.chance(0.5) }
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
    if (id.startsWith('/shop/') && this.#turns.chance(this.#options.ownRole)) body['role'] = 'shop'
    if (rng.chance(0.4)) body['unreachableStrategy'] = this.#unreachableStrategy()
    if (rng.chance(0.6)) {
      body['portDefinitions'] = Array.from({ length: 1 + rng.int(3) }, () => ({ port: 0, protocol: 'tcp' }))
    }
    if (body['portDefinitions'] !== undefined && rng.chance(0.5))
      Object.assign(body, checksOf(rng, this.#options.pace))
    if (rng.chance(0.3)) body['taskKillGracePeriodSeconds'] = 1 + rng.int(10)
    if (rng.chance(0.3)) body['backoffSeconds'] = rng.pick(backoffs[this.#options.pace])
    const earlier = this.#ids
      .slice(0, this.#ids.indexOf(id))
      .filter((other) => view.runSpec(other) !== undefined)
    if (earlier.length > 0 && rng.chance(0.2)) body['dependencies'] = [rng.pick(earlier)]
    return body
  }

  #podDefinition(id: PathId): Body {
    const rng = this.#rng
    return {
      id,
      containers: this.#containers(),
      scaling: { kind: 'fixed', instances: this.#instances() },
      scheduling: this.#scheduling(),
      ...(rng.chance(0.3) ? { executorResources: { cpus: 0.1, mem: 32, disk: 10 } } : {}),
    }
  }

  #containers(): readonly Body[] {
    const rng = this.#rng
    return Array.from({ length: 1 + rng.int(3) }, (_, i) => ({
      name: `c${i}`,
      exec: { command: { shell: this.#command() } },
      resources: { cpus: this.#cpus(), mem: rng.pick([16, 32, 128]) },
      endpoints: rng.chance(0.5) ? [{ name: `e${i}`, hostPort: 0, protocol: ['tcp'] }] : [],
      ...(rng.chance(0.3) ? { lifecycle: { killGracePeriodSeconds: 1 + rng.int(10) } } : {}),
    }))
  }

  #scheduling(): Body {
    const rng = this.#rng
    const constraints = rng.pick([[], this.#constraints()]).map(([fieldName, operator, value]) => ({
      fieldName,
      operator,
      ...(value === undefined ? {} : { value }),
    }))
    return {
      backoff: { backoff: rng.pick(backoffs[this.#options.pace]) },
      upgrade: this.#upgradeStrategy(),
      placement: { constraints },
      killSelection: rng.pick(['YOUNGEST_FIRST', 'OLDEST_FIRST']),
      ...(rng.chance(0.4) ? { unreachableStrategy: this.#unreachableStrategy() } : {}),
    }
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
      return rng.pick([
        'exit 1',
        'exit 1 after 5 s',
        'sleep 60',
        'sleep 20; exit 3',
        'stuck',
        'silent',
        badCourse(rng),
      ])
    }
    const command = rng.pick([
      'serve --port $PORT0',
      'serve',
      'stubborn serve',
      `serve --shard ${rng.int(100)}`,
    ])
    return `${command}${goodCourse(rng)}`
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
    const capacity = this.#rng.pick([
      { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      { minimumHealthCapacity: 1, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.2 },
      { minimumHealthCapacity: 0.9, maximumOverCapacity: 0.1 },
    ])
    return { ...capacity, ...careOf(this.#rng) }
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
