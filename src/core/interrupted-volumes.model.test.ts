// Whatever people ask of an app with volumes in the middle of its deployments, whatever happens to its tasks and when
// offers come: what a task may have written to is destroyed only after the app was removed for good, no two tasks use
// one volume, and in the end all of the app is what was asked for last and nothing is left on the agents.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HandCore } from '../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../tests/support/keeping-agents.ts'
import { residentApp } from '../../tests/support/resident-core.ts'
import type { Instance } from './instances/instance.ts'
import type { TaskState } from './mesos.ts'

const id = '/db'
const agents = ['a', 'b', 'c'] as const
const settings = { mesosRole: 'db', mesosPrincipal: 'marathon', launchTokens: 5 }

const whats = [
  'configure',
  'scale',
  'restart',
  'cancel',
  'force',
  'pause',
  'resume',
  'promote',
  'remove',
  'kill',
  'run',
  'fail',
  'cut',
  'end',
  'offer',
  'offer-one',
  'wait',
  'reconnect',
  'crash',
] as const
type What = (typeof whats)[number]

const turns = fc.array(
  fc.record({
    what: fc.oneof(fc.constantFrom<What>(...whats), fc.constantFrom<What>('run', 'end', 'offer', 'scale')),
    n: fc.nat({ max: 20 }),
  }),
  { maxLength: 60 },
)
const strategies = fc.constantFrom(
  {},
  { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  { minimumHealthCapacity: 1, maximumOverCapacity: 0 },
  { canarySteps: [{ instances: 1 }, { instances: 2, pauseSeconds: 60 }] },
  { progressDeadlineSeconds: 120 },
)

const isAlive = (condition: string): boolean =>
  ['Provisioned', 'Staging', 'Starting', 'Running', 'Killing', 'Unreachable'].includes(condition)

class World {
  core = new HandCore({ holdsOffers: false, settings })
  readonly agents = new KeepingAgents(this.core, agents)
  /** Volumes that some task may have written to. */
  readonly written = new Set<string>()
  /** Of apps that were removed: these may go. */
  readonly free = new Set<string>()

  constructor(upgradeStrategy: object) {
    this.#create(upgradeStrategy)
    this.agents.offer()
    this.agents.runAll()
    this.look()
  }

  #create(upgradeStrategy: object): void {
    const body = residentApp({ id, cpus: 0.1, instances: 3, backoffSeconds: 0, upgradeStrategy })
    const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
    this.core.ask({ kind: 'create-app', body, force: true, origin })
    // The former one of this name, if there was one, is not to come back.
    this.#giveUp()
  }

  get instances(): readonly Instance[] {
    return this.core.view.instancesOf(id)
  }

  get volumes(): ReadonlySet<string> {
    return new Set(agents.flatMap((agent) => this.agents.volumesOn(agent)))
  }

  /** Checks what has become of the volumes, and notes down what is used now. */
  look(): void {
    const { volumes, core } = this
    if (core.view.app(id) === undefined && core.view.deployments().length === 0) this.#giveUp()
    for (const volume of this.written) {
      if (volumes.has(volume)) continue
      expect(this.free).toContain(volume)
      this.written.delete(volume)
    }
    const users = new Map<string, string>()
    for (const { id: user, reservation, tasks } of this.instances) {
      if (!tasks.some(({ condition }) => isAlive(condition))) continue
      for (const { persistenceId } of reservation!.volumes) {
        expect(users.get(persistenceId)).toBeUndefined()
        users.set(persistenceId, user)
        this.written.add(persistenceId)
      }
    }
  }

  #giveUp(): void {
    for (const volume of this.written) this.free.add(volume)
  }

  #tell(n: number, among: (instance: Instance) => boolean, state: TaskState): void {
    const found = this.instances.filter((each) => each.tasks.some(({ condition }) => isAlive(condition)))
    const chosen = found.filter(among)
    const task = chosen[n % Math.max(1, chosen.length)]?.tasks[0]
    if (task !== undefined && this.agents.holds(task.id)) this.agents.tell(task.id, state)
  }

  happen(what: What, n: number): void {
    const { core } = this
    const [deployment] = core.view.deployments()
    switch (what) {
      case 'run':
        this.#tell(n, ({ condition }) => condition !== 'Running', 'TASK_RUNNING')
        break
      case 'fail':
        this.#tell(n, () => true, 'TASK_FAILED')
        break
      case 'cut':
        this.#tell(n, () => true, 'TASK_UNREACHABLE')
        break
      case 'end':
        this.#tell(
          n,
          ({ kill, condition }) => kill !== undefined && condition !== 'Unreachable',
          'TASK_KILLED',
        )
        break
      case 'kill': {
        const taskIds = this.instances.flatMap(({ tasks }) => tasks.map((task) => task.id)).slice(0, 1)
        core.ask({ kind: 'kill-tasks', selection: { kind: 'tasks', taskIds }, wipe: false })
        break
      }
      case 'offer':
        this.agents.withdrawAll()
        this.agents.offer()
        break
      case 'offer-one':
        this.agents.withdrawAll()
        this.agents.offerOnce([agents[n % agents.length]!])
        break
      case 'wait':
        core.run((n + 1) * 3_000)
        break
      case 'reconnect':
        this.agents.withdrawAll()
        core.engine({ kind: 'engine-disconnected' })
        core.run(n * 2_000)
        core.engine({
          kind: 'engine-connected',
          frameworkId: 'f',
          master: 'm',
          holdsOffers: false,
          reserves: true,
        })
        break
      case 'crash':
        this.agents.withdrawAll()
        this.core = new HandCore({
          holdsOffers: false,
          settings,
          records: core.records,
          now: core.now,
          seed: 100 + n,
        })
        this.agents.serve(this.core)
        break
      case 'configure':
        if (core.view.app(id) === undefined) this.#create({})
        else core.update(id, { cmd: `serve ${n % 4}` }, true)
        break
      case 'scale':
        if (core.view.app(id) !== undefined) core.update(id, { instances: n % 6 }, true)
        break
      case 'restart':
        if (core.view.app(id) !== undefined) core.ask({ kind: 'restart-app', id, force: true })
        break
      case 'remove':
        if (n < 7) core.remove(id, true)
        break
      default:
        if (deployment === undefined) break
        if (what === 'cancel' || what === 'force')
          core.ask({ kind: 'cancel-deployment', id: deployment.id, force: what === 'force' })
        else if (what === 'pause') core.ask({ kind: 'pause-deployment', id: deployment.id })
        else if (what === 'resume') core.ask({ kind: 'resume-deployment', id: deployment.id })
        else core.ask({ kind: 'promote-deployment', id: deployment.id, all: false })
    }
  }

  recover(): void {
    for (let turn = 0; turn < 200 && !this.#isAtRest; turn++) {
      for (const { kill, goal, tasks } of this.instances) {
        for (const task of tasks) {
          if (!isAlive(task.condition) || !this.agents.holds(task.id)) continue
          if (task.condition !== 'Running') this.agents.tell(task.id, 'TASK_RUNNING')
          if (kill !== undefined || goal !== 'Running') this.agents.tell(task.id, 'TASK_KILLED')
        }
      }
      const [deployment] = this.core.view.deployments()
      if (deployment?.pausedAt !== undefined) this.happen('resume', 0)
      else if (deployment?.canaries !== undefined) this.happen('promote', 0)
      this.look()
      this.happen('offer', 0)
      this.look()
      this.core.run(5_000)
      this.look()
    }
  }

  get #isAtRest(): boolean {
    return (
      this.core.view.deployments().length === 0 &&
      this.instances.every(
        ({ goal, condition, tasks }) =>
          (goal === 'Running' && condition === 'Running') ||
          (goal === 'Stopped' && !tasks.some((task) => isAlive(task.condition))),
      )
    )
  }
}

test('data outlives whatever is done to its app, but for its removal', () => {
  fc.assert(
    fc.property(strategies, turns, (upgradeStrategy, events) => {
      const world = new World(upgradeStrategy)
      for (const { what, n } of events) {
        world.happen(what, n)
        world.agents.withdrawAll()
        world.look()
      }
      world.recover()
      world.happen('offer', 0)
      world.look()
      const { core, instances } = world
      const app = core.view.app(id)
      expect(core.view.deployments()).toEqual([])
      const running = instances.filter(({ goal }) => goal === 'Running')
      expect(running.map(({ condition }) => condition)).toEqual(Array(app?.instances ?? 0).fill('Running'))
      // What is ended by force stays half done.
      const isLeft = events.some(({ what }) => what === 'force')
      for (const { runSpecVersion } of isLeft ? [] : running) {
        const configuredAt = core.view.runSpecVersion(id, runSpecVersion)?.versionInfo.lastConfigChangeAt
        expect(configuredAt).toBe(app!.versionInfo.lastConfigChangeAt)
      }
      const kept = instances.flatMap(({ reservation }) => reservation?.volumes ?? [])
      expect([...world.volumes].sort()).toEqual(kept.map(({ persistenceId }) => persistenceId).sort())
    }),
    { numRuns: 200 },
  )
}, 60_000)
