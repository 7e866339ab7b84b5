// Whatever people ask of an app in the middle of its deployments, and whatever happens to its tasks meanwhile: while
// nothing fails the promised minimum holds, and in the end all of the app is what was asked for last.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import type { Deployment } from './deployments/deployment.ts'
import { workOf } from './deployments/deployment.ts'
import { isHealthy } from './instances/condition.ts'
import type { Condition, Instance } from './instances/instance.ts'
import type { TaskState } from './mesos.ts'

const id = '/web'
const canarySteps = [{ instances: 1 }, { instances: 3, pauseSeconds: 60 }]

/** What people ask for. */
const requests = [
  'configure',
  'scale',
  'restart',
  'cancel',
  'pause',
  'resume',
  'promote',
  'promote-all',
] as const
/** What tasks do: from which conditions, and what is told of it. */
const happenings = {
  run: { from: ['Provisioned', 'Staging', 'Unreachable', 'UnreachableInactive'], state: 'TASK_RUNNING' },
  fail: { from: ['Provisioned', 'Staging', 'Running'], state: 'TASK_FAILED' },
  cut: { from: ['Staging', 'Running'], state: 'TASK_UNREACHABLE' },
} as const satisfies Record<string, { from: readonly Condition[]; state: TaskState }>
const others = ['kill', 'end', 'offer', 'wait'] as const
type What = (typeof requests)[number] | keyof typeof happenings | (typeof others)[number]

const turns = fc.array(
  fc.record({
    what: fc.oneof(
      fc.constantFrom<What>(...requests, 'run', 'fail', 'cut', ...others),
      fc.constantFrom<What>('run', 'end', 'offer'),
    ),
    n: fc.nat({ max: 20 }),
  }),
  { maxLength: 60 },
)
const strategies = fc.record({
  minimumHealthCapacity: fc.constantFrom(0, 0.5, 1),
  maximumOverCapacity: fc.constantFrom(0, 0.5, 1),
})

class World {
  readonly core = new HandCore()
  #agents = 0

  constructor(upgradeStrategy: object) {
    this.core.create({
      id,
      cmd: 'v0',
      cpus: 0.1,
      instances: 4,
      upgradeStrategy,
      backoffSeconds: 0,
      unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 120 },
    })
    this.offer()
    this.core.tellAll('TASK_RUNNING')
    expect(this.deployment).toBeUndefined()
  }

  get app() {
    return this.core.view.app(id)!
  }

  get deployment(): Deployment | undefined {
    return this.core.view.deployments()[0]
  }

  get instances(): readonly Instance[] {
    return this.core.view.instancesOf(id)
  }

  /** Those that are well and stay so, as far as is known. */
  get healthy(): number {
    return this.instances.filter((each) => each.goal === 'Running' && isHealthy(each) && !each.kill).length
  }

  offer(): void {
    this.core.offers(offerOf(`n${this.#agents++}`))
  }

  tell(instance: Instance | undefined, state: TaskState): void {
    const task = instance?.tasks[0]
    if (task !== undefined) this.core.status(task.id, state)
  }

  happen(what: What, n: number): void {
    const { core, deployment } = this
    if (isHappening(what)) {
      const { from, state } = happenings[what]
      this.tell(
        nth(
          n,
          this.instances.filter(({ condition }) => isOneOf(from, condition)),
        ),
        state,
      )
    } else if (what === 'end') this.tell(nth(n, this.instances.filter(isToEnd)), 'TASK_KILLED')
    else if (what === 'kill')
      this.#kill(
        nth(
          n,
          this.instances.filter(({ condition }) => condition === 'Running'),
        ),
      )
    else if (what === 'offer') this.offer()
    else if (what === 'wait') core.run((n + 1) * 10_000)
    else if (what === 'configure') core.update(id, { cmd: `v${n % 4}` }, true)
    else if (what === 'scale') core.update(id, { instances: 1 + (n % 7) }, true)
    else if (what === 'restart') core.ask({ kind: 'restart-app', id, force: true })
    else if (deployment === undefined) return
    else if (what === 'cancel') core.ask({ kind: 'cancel-deployment', id: deployment.id, force: false })
    else if (what === 'pause') core.ask({ kind: 'pause-deployment', id: deployment.id })
    else if (what === 'resume') core.ask({ kind: 'resume-deployment', id: deployment.id })
    else core.ask({ kind: 'promote-deployment', id: deployment.id, all: what === 'promote-all' })
  }

  /** All that shall run runs, all that shall end ends, and whoever waits for somebody is told to go on. */
  recover(): void {
    for (let turn = 0; turn < 300 && !this.#isAtRest; turn++) {
      this.offer()
      for (const each of this.instances) {
        if (isToEnd(each)) this.tell(each, 'TASK_KILLED')
        else if (isOneOf(happenings.run.from, each.condition)) this.tell(each, 'TASK_RUNNING')
      }
      const { deployment } = this
      if (deployment?.pausedAt !== undefined) this.happen('resume', 0)
      else if (deployment?.canaries !== undefined) this.happen('promote', 0)
      this.core.run(5_000)
    }
  }

  get #isAtRest(): boolean {
    return (
      this.deployment === undefined &&
      this.instances.every(({ goal, condition }) => goal === 'Running' && condition === 'Running')
    )
  }

  #kill(instance: Instance | undefined): void {
    const taskIds = instance?.tasks.map((task) => task.id) ?? []
    this.core.ask({ kind: 'kill-tasks', selection: { kind: 'tasks', taskIds }, wipe: false })
  }
}

const nth = <T>(n: number, all: readonly T[]): T | undefined => all[n % Math.max(1, all.length)]
const isOneOf = (some: readonly Condition[], condition: Condition): boolean => some.includes(condition)
const isHappening = (what: What): what is keyof typeof happenings => what in happenings
const isToEnd = ({ kill, goal }: Instance): boolean => kill !== undefined || goal !== 'Running'

/** What takes capacity away by itself; a deployment has to bear it, and may not add to it. */
const isFault = (what: What): boolean => ['fail', 'cut', 'kill', 'wait', 'end'].includes(what)

const isRestart = (deployment: Deployment | undefined): boolean =>
  deployment?.steps.every(({ actions }) => actions.every((action) => workOf(action) === 'restart')) === true

test('deployments that interrupt each other keep the minimum, and leave nothing half done', () => {
  fc.assert(
    fc.property(strategies, fc.boolean(), turns, (capacities, hasDeadline, events) => {
      const deadline = hasDeadline ? { progressDeadlineSeconds: 300 } : {}
      const world = new World({ ...capacities, ...deadline, canarySteps })
      for (const { what, n } of events) {
        const before = { healthy: world.healthy, deployment: world.deployment }
        world.happen(what, n)
        const { app, deployment } = world
        const isSame = deployment !== undefined && deployment.id === before.deployment?.id
        if (!isSame || !isRestart(deployment) || isFault(what)) continue
        const minHealthy = Math.ceil(app.instances * capacities.minimumHealthCapacity)
        expect(world.healthy).toBeGreaterThanOrEqual(Math.min(before.healthy, minHealthy))
      }
      world.recover()
      const { app, core, instances } = world
      expect(core.view.deployments()).toEqual([])
      expect(instances.map(({ goal }) => goal)).toEqual(Array(app.instances).fill('Running'))
      for (const { runSpecVersion } of instances) {
        const configuredAt = core.view.runSpecVersion(id, runSpecVersion)?.versionInfo.lastConfigChangeAt
        expect(configuredAt).toBe(app.versionInfo.lastConfigChangeAt)
      }
      expect(core.scheduler.core.state.goodVersions.get(id)).toBe(app.version)
    }),
    { numRuns: 300 },
  )
})
