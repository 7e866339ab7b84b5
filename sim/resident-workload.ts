// The users of apps and pods that keep data: they create, scale down and up again, restart, change, wipe and remove
// them. Volumes are on all kinds of disks, and some users ask for what cannot be had.

import type { Request, TaskSelection } from '../src/core/requests.ts'
import type { View } from '../src/core/view.ts'
import type { PathId } from '../src/lib/path-id.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import { renderPod } from '../src/spec/render/pod.ts'
import { choose } from './choose.ts'

type Body = Record<string, unknown>

export interface ResidentWorkloadOptions {
  readonly seed: number | string
  readonly apps: number
  readonly pods: number
  readonly mostInstances: number
}

const origin = { clientIp: '10.9.8.7', uri: '/v2/apps' }
const podOrigin = { clientIp: '10.9.8.7', uri: '/v2/pods' }
/** More than the instances of other apps: agents are small, and what is reserved is gone for others. */
const mostInstancesOfOne = 5

export class ResidentWorkload {
  readonly ids: readonly PathId[]
  readonly #rng: Rng
  readonly #pods: ReadonlySet<PathId>
  readonly #mostInstances: number

  constructor({ seed, apps, pods, mostInstances }: ResidentWorkloadOptions) {
    this.#rng = stream(seed, 'users of data')
    const named = (name: string, length: number): PathId[] =>
      Array.from({ length }, (_, i) => `${['', '/shop'][i % 2]}/${name}-${i}`)
    this.#pods = new Set(named('store', pods))
    this.ids = [...named('db', apps), ...this.#pods]
    this.#mostInstances = Math.min(mostInstances, mostInstancesOfOne)
  }

  /** What some user wants next; undefined: nothing that makes sense now. */
  next(view: View): Request | undefined {
    const rng = this.#rng
    const id = rng.pick(this.ids)
    const force = rng.chance(0.35)
    if (this.#pods.has(id)) return this.#forPod(id, view, force)
    if (view.app(id) === undefined)
      return { kind: 'create-app', body: this.#definition(id), force, origin: { ...origin } }
    const update = (body: Body): Request => ({
      kind: 'update-app',
      id,
      body,
      mode: 'partial',
      force,
      origin: { ...origin, uri: `/v2/apps${id}` },
    })
    return choose(this.#rng, [
      [25, () => update({ instances: this.#instances() })],
      [12, () => update({ cmd: this.#command() })],
      [6, () => ({ kind: 'restart-app', id, force })],
      [4, () => update({ constraints: this.#constraints() })],
      [12, () => this.#kill(id, view, force)],
      [5, () => ({ kind: 'remove-app', id, force })],
      [4, () => this.#cancel(id, view, force)],
      [3, () => update({ cpus: 0.3 })],
      [1, () => update({ role: rng.pick(['main', 'shop']) })],
    ])
  }

  #forPod(id: PathId, view: View, force: boolean): Request | undefined {
    const pod = view.pod(id)
    if (pod === undefined)
      return { kind: 'create-pod', body: this.#podDefinition(id), force, origin: podOrigin }
    const update = (change: Body): Request => {
      const body = { ...renderPod(pod), ...change }
      return { kind: 'update-pod', id, body, force, origin: { ...podOrigin, uri: `/v2/pods${id}` } }
    }
    return choose(this.#rng, [
      [25, () => update({ scaling: { kind: 'fixed', instances: this.#instances() } })],
      [12, () => update({ environment: { REVISION: String(this.#rng.int(1_000)) } })],
      [12, () => this.#kill(id, view, force)],
      [5, () => ({ kind: 'remove-pod', id, force, origin: podOrigin })],
      [4, () => this.#cancel(id, view, force)],
    ])
  }

  #kill(id: PathId, view: View, force: boolean): Request | undefined {
    const rng = this.#rng
    const instances = view.instancesOf(id)
    if (instances.length === 0) return undefined
    const instance = rng.pick(instances)
    const [task] = instance.tasks
    if (this.#pods.has(id) || task === undefined) {
      const selection = { kind: 'instances', runSpecId: id, instanceIds: [instance.id] } as const
      return { kind: 'kill-tasks', selection, wipe: rng.chance(0.3) }
    }
    const selection = rng.pick<TaskSelection>([
      { kind: 'task', appId: id, taskId: task.id },
      { kind: 'tasks', taskIds: [task.id] },
      { kind: 'app', id },
    ])
    if (rng.chance(0.2)) return { kind: 'kill-and-scale', selection, force }
    return { kind: 'kill-tasks', selection, wipe: rng.chance(0.3) }
  }

  #cancel(id: PathId, view: View, force: boolean): Request | undefined {
    const deployment = view.deployments().find(({ changes }) => changes.some((change) => change.id === id))
    return deployment === undefined ? undefined : { kind: 'cancel-deployment', id: deployment.id, force }
  }

  #definition(id: PathId): Body {
    const rng = this.#rng
    const volumes = Array.from({ length: rng.chance(0.3) ? 2 : 1 }, (_, i) => ({
      containerPath: `data-${i}`,
      mode: 'RW',
      persistent: { size: rng.pick([16, 64, 256]), ...this.#disk() },
    }))
    return {
      id,
      cmd: this.#command(),
      cpus: rng.pick([0.1, 0.25]),
      mem: rng.pick([32, 128]),
      disk: rng.pick([0, 0, 16]),
      instances: this.#instances(),
      container: { type: 'MESOS', volumes },
      upgradeStrategy: { maximumOverCapacity: 0, minimumHealthCapacity: rng.pick([0, 0.5, 1]) },
      killSelection: rng.pick(['YOUNGEST_FIRST', 'OLDEST_FIRST']),
      ...(rng.chance(0.4) ? { portDefinitions: [{ port: 0, protocol: 'tcp' }] } : {}),
      ...(rng.chance(0.4) ? { constraints: this.#constraints() } : {}),
      ...(rng.chance(0.3) ? { taskKillGracePeriodSeconds: 1 + rng.int(10) } : {}),
      ...this.#role(id),
    }
  }

  #podDefinition(id: PathId): Body {
    const rng = this.#rng
    const container = (name: string, more: Body): Body => ({
      name,
      exec: { command: { shell: 'serve' } },
      resources: { cpus: 0.1, mem: 32 },
      ...more,
    })
    return {
      id,
      containers: [
        container('store', { volumeMounts: [{ name: 'data', mountPath: 'data' }] }),
        ...(rng.chance(0.5) ? [container('side', {})] : []),
      ],
      volumes: [{ name: 'data', persistent: { size: rng.pick([16, 64]), ...this.#disk() } }],
      scaling: { kind: 'fixed', instances: this.#instances() },
      ...this.#role(id),
    }
  }

  /** Most want space of the agent's own disk, which every agent has. */
  #disk(): Body {
    const type = this.#rng.pick(['root', 'root', 'root', 'path', 'mount'])
    return type === 'root' ? {} : { type }
  }

  /** Also that of the group it is in, where there is one. */
  #role(id: PathId): Body {
    return id.startsWith('/shop/') && this.#rng.chance(0.4) ? { role: 'shop' } : {}
  }

  #instances(): number {
    return this.#rng.chance(0.2) ? 0 : 1 + this.#rng.int(this.#mostInstances)
  }

  #command(): string {
    return this.#rng.pick(['serve', 'stubborn serve', `serve --shard ${this.#rng.int(100)}`])
  }

  #constraints(): readonly (readonly string[])[] {
    return this.#rng.pick<readonly (readonly string[])[]>([
      [],
      [['hostname', 'MAX_PER', '2']],
      [['hostname', 'UNIQUE']],
      [['rack_id', 'GROUP_BY']],
    ])
  }
}
