// A small world in which tasks start late, fail, get sick, get lost and come back, driven by random events. After
// each one the step is decided and carried out, and the promises of a deployment are checked; at the end faults stop
// and it must finish.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  buildApp,
  buildInstance,
  firstVersion,
  inCondition,
  reserved,
  residentContainer,
} from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { App } from '../../spec/app.ts'
import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import {
  countsTowardsTarget,
  haveAllTasksEnded,
  isActive,
  isHealthy,
  isScheduled,
} from '../instances/condition.ts'
import { withoutKill } from '../instances/from-tasks.ts'
import { changeGoal } from '../instances/goal.ts'
import type { Condition, Instance } from '../instances/instance.ts'
import { isReusable, reuse } from '../instances/resident.ts'
import { isEnding, tallyOf } from '../scaling/tally.ts'
import { advance, isOver } from './advance.ts'
import { decideStep } from './decide-step.ts'
import type { Deployment } from './deployment.ts'
import { planDeployment } from './plan.ts'

const nextVersion = '2031-01-02T00:00:00.000Z'

/** What can happen to one instance, from which conditions, and where it leads. */
const happenings = {
  launch: { from: ['Scheduled', 'Failed', 'Finished', 'Killed', 'Gone'], to: 'Staging' },
  start: { from: ['Provisioned', 'Staging', 'Starting'], to: 'Running' },
  fail: { from: ['Staging', 'Starting', 'Running'], to: 'Failed' },
  finish: { from: ['Running'], to: 'Finished' },
  cut: { from: ['Staging', 'Running'], to: 'Unreachable' },
  giveUp: { from: ['Unreachable'], to: 'UnreachableInactive' },
  return: { from: ['Unreachable', 'UnreachableInactive'], to: 'Running' },
  lose: { from: ['Unreachable', 'UnreachableInactive'], to: 'Gone' },
} as const satisfies Record<string, { from: readonly Condition[]; to: Condition }>
type Happening = keyof typeof happenings | 'end' | 'kill' | 'sicken' | 'heal'
const allHappenings = [...Object.keys(happenings), 'end', 'kill', 'sicken', 'heal'] as readonly Happening[]

class World {
  readonly instances = new Map<string, Instance>()
  deployment: Deployment | undefined
  readonly target: App | undefined
  readonly original: App
  kills = 0
  starts = 0
  #clock = 0

  constructor(original: App, target: App | undefined, existing: readonly Instance[]) {
    this.original = original
    this.target = target
    for (const instance of existing) this.instances.set(instance.id, instance)
    this.deployment = planDeployment({
      id: 'd',
      version: nextVersion,
      original: new Map([[original.id, original]]),
      target: new Map(target === undefined ? [] : [[target.id, target]]),
      changed: [original.id],
      now: instant(0),
    })
    if (isOver(this.deployment)) this.deployment = undefined
  }

  all(): Instance[] {
    return [...this.instances.values()]
  }

  decide() {
    return decideStep(this.deployment!, {
      now: instant(this.#clock),
      runSpecVersion: (_, version) => [this.original, this.target].find((app) => app?.version === version),
      instancesOf: () => this.all(),
      tallyOf: () => tallyOf(this.all()),
      missingArtifacts: new Map(),
    })
  }

  /** Decides and carries out until nothing more is wanted; that takes few rounds, as nothing else happens. */
  settle(check: (before: readonly Instance[], world: World) => void): void {
    for (let round = 0; this.deployment !== undefined; round++) {
      expect(round).toBeLessThan(4)
      const before = this.all()
      const decision = this.decide()
      if (decision.actions.length === 0) {
        expect(decision.isDone || decision.waitingOn.length > 0).toBe(true)
        if (!decision.isDone) return
        this.deployment = advance(this.deployment)
        continue
      }
      expect(decision.isDone).toBe(false)
      for (const action of decision.actions) {
        if (action.kind === 'set-goal') this.#setGoal(action.instanceId, action.goal)
        else if (action.kind === 'schedule')
          for (let i = 0; i < action.count; i++) this.#schedule(action.runSpec)
      }
      check(before, this)
    }
  }

  #setGoal(id: string, goal: Instance['goal']): void {
    this.kills++
    const instance = this.instances.get(id)!
    expect(instance.goal).not.toBe(goal)
    const change = changeGoal(instance, goal, 'deployment', this.#now())
    if (change.kind === 'expunged') this.instances.delete(id)
    else if (change.kind === 'updated') this.instances.set(id, change.instance)
  }

  /** As the launch queue does: a stopped instance first, a new one otherwise (runtime 4). */
  #schedule(runSpec: RunSpec): void {
    this.starts++
    const kept = this.all().find(isReusable)
    const now = this.#now()
    const started =
      kept === undefined
        ? buildInstance({
            id: `new${this.starts}`,
            condition: 'Scheduled',
            runSpecVersion: runSpec.version,
            since: now,
          })
        : reuse(kept, runSpec, now)
    this.instances.set(started.id, started)
  }

  /** Lets something happen to the `pick`-th instance it can happen to. False when there is none. */
  happen(what: Happening, pick: number): boolean {
    const candidates = this.all().filter((instance) => canHappen(what, instance))
    const instance = candidates[pick % Math.max(1, candidates.length)]
    if (instance === undefined) return false
    if (what === 'sicken' || what === 'heal') {
      this.instances.set(instance.id, { ...instance, healthy: what === 'heal' })
    } else if (what === 'kill') {
      this.instances.set(instance.id, {
        ...instance,
        kill: { cause: 'api-request', requestedAt: this.#now() },
      })
    } else {
      this.#become(instance, what === 'end' ? 'Killed' : happenings[what].to)
    }
    return true
  }

  #become(instance: Instance, condition: Condition): void {
    const became = inCondition(instance, condition, this.#now())
    // What is launched of a resident app has a reservation.
    const changed = isResident(this.target ?? this.original) ? reserved(became) : became
    const next = haveAllTasksEnded(changed) ? withoutKill(changed) : changed
    const isGone = next.goal === 'Decommissioned' && !isActive(next) && condition !== 'UnreachableInactive'
    if (isGone) this.instances.delete(instance.id)
    else this.instances.set(instance.id, next)
  }

  #now() {
    return instant(++this.#clock)
  }
}

/** By somebody, while it shall run: it comes back. */
const isBeingKilled = ({ goal, condition, kill }: Instance): boolean =>
  goal === 'Running' && condition === 'Running' && kill !== undefined

function canHappen(what: Happening, instance: Instance): boolean {
  if (what === 'end') return isEnding(instance) || isBeingKilled(instance)
  if (what === 'kill') return instance.condition === 'Running' && !isBeingKilled(instance)
  if (what === 'sicken' || what === 'heal') {
    return instance.condition === 'Running' && (instance.healthy !== false) === (what === 'sicken')
  }
  if (what === 'launch') return isScheduled(instance)
  return (happenings[what].from as readonly Condition[]).includes(instance.condition)
}

const counts = (instances: readonly Instance[]) => ({
  /** What is well and stays. */
  healthy: instances.filter((each) => each.goal === 'Running' && isHealthy(each) && !isBeingKilled(each))
    .length,
  counted: instances.filter(countsTowardsTarget).length,
  isNew: instances.filter((each) => countsTowardsTarget(each) && each.runSpecVersion === nextVersion).length,
  /** What runs or will run. */
  total: instances.filter(
    (each) =>
      (countsTowardsTarget(each) && (isActive(each) || each.runSpecVersion === nextVersion)) ||
      isEnding(each),
  ).length,
})

function bounds(app: App, isResident: boolean) {
  const { minimumHealthCapacity, maximumOverCapacity } = app.upgradeStrategy
  const minHealthy = Math.ceil(app.instances * minimumHealthCapacity)
  const maxCapacity = Math.floor(app.instances * (1 + maximumOverCapacity))
  const isTight = minHealthy === maxCapacity
  return {
    minHealthy: minHealthy - (isTight && isResident ? 1 : 0),
    maxCapacity: maxCapacity + (isTight && !isResident ? 1 : 0),
  }
}

const capacities = fc.constantFrom(0, 0.2, 0.25, 0.5, 0.6, 0.75, 1)
const strategies = fc.record({ minimumHealthCapacity: capacities, maximumOverCapacity: capacities })
const setups = fc.record({
  n: fc.integer({ min: 1, max: 8 }),
  isResident: fc.boolean(),
  upgradeStrategy: strategies,
  existing: fc.array(
    fc.record({
      condition: fc.constantFrom<Condition>(
        'Running',
        'Running',
        'Running',
        'Scheduled',
        'Staging',
        'Unreachable',
        'Failed',
        'Killing',
        'UnreachableInactive',
      ),
      isSick: fc.boolean(),
    }),
    { maxLength: 10 },
  ),
})
type Setup = typeof setups extends fc.Arbitrary<infer T> ? T : never
const turns = fc.array(fc.record({ what: fc.constantFrom(...allHappenings), pick: fc.nat({ max: 20 }) }), {
  maxLength: 60,
})

const appOf = ({ n, isResident, upgradeStrategy }: Setup, version: string) =>
  buildApp({ version, instances: n, upgradeStrategy, ...(isResident && { container: residentContainer }) })

const existingOf = ({ existing, isResident }: Setup): Instance[] =>
  existing.map(({ condition, isSick }, i) => {
    const isWell = condition !== 'Running' || !isSick
    const instance = buildInstance({ id: `old${i}`, condition, ...(!isWell && { healthy: false }) })
    return isResident && condition !== 'Scheduled' ? reserved(instance) : instance
  })

/** What is right happens everywhere, one thing at a time, until the deployment is over. Sick old ones stay sick. */
function recover(world: World, check: (before: readonly Instance[], world: World) => void): void {
  const healing: readonly Happening[] = ['end', 'lose', 'start', 'launch']
  for (let turn = 0; world.deployment !== undefined; turn++) {
    expect(turn).toBeLessThan(500)
    const hasHappened =
      healing.some((what) => world.happen(what, turn)) ||
      world
        .all()
        .some((each) => each.runSpecVersion === nextVersion && each.healthy === false && heal(world, each))
    world.settle(check)
    if (!hasHappened) expect(world.deployment).toBeUndefined()
  }
}

function heal(world: World, instance: Instance): boolean {
  world.instances.set(instance.id, { ...instance, healthy: true })
  return true
}

test('a rolling restart keeps its minimum and maximum through every fault, and finishes once they stop', () => {
  fc.assert(
    fc.property(setups, turns, (setup, events) => {
      const target = appOf(setup, nextVersion)
      const world = new World(appOf(setup, firstVersion), target, existingOf(setup))
      const { minHealthy, maxCapacity } = bounds(target, setup.isResident)
      const check = (before: readonly Instance[], { instances }: World) => {
        const was = counts(before)
        const is = counts([...instances.values()])
        // A kill never takes the healthy below the minimum; where a fault did, it takes none.
        expect(is.healthy).toBeGreaterThanOrEqual(Math.min(was.healthy, minHealthy))
        // A start never takes the total above the maximum.
        if (is.isNew > was.isNew) expect(is.total).toBeLessThanOrEqual(maxCapacity)
        // New ones are given up only when there are more than wanted, after lost ones came back.
        const gaveUpNew = before.filter(
          (each) =>
            each.runSpecVersion === nextVersion &&
            each.goal === 'Running' &&
            instances.get(each.id)?.goal !== 'Running',
        )
        if (gaveUpNew.length > 0) expect(was.isNew - gaveUpNew.length).toBeGreaterThanOrEqual(setup.n)
        expect(is.isNew).toBeLessThanOrEqual(Math.max(setup.n, was.isNew))
      }
      world.settle(check)
      for (const { what, pick } of events) {
        if (world.deployment === undefined) break
        world.happen(what, pick)
        world.settle(check)
      }
      recover(world, check)
      const end = counts(world.all())
      expect([end.isNew, end.counted]).toEqual([setup.n, setup.n])
      expect(end.healthy).toBe(setup.n)
    }),
    { numRuns: 1500 },
  )
})

test('without faults the minimum and the maximum hold at every moment, and each old instance is told to end once', () => {
  fc.assert(
    fc.property(setups, fc.array(fc.nat({ max: 20 }), { maxLength: 100 }), (setup, picks) => {
      const target = appOf(setup, nextVersion)
      const olds = Array.from({ length: setup.n }, (_, i) => {
        const old = buildInstance({ id: `old${i}` })
        return setup.isResident ? reserved(old) : old
      })
      const world = new World(appOf(setup, firstVersion), target, olds)
      const { minHealthy, maxCapacity } = bounds(target, setup.isResident)
      const look = () => {
        const { healthy, total } = counts(world.all())
        expect(healthy).toBeGreaterThanOrEqual(minHealthy)
        expect(total).toBeLessThanOrEqual(Math.max(maxCapacity, setup.n))
      }
      world.settle(look)
      for (const pick of picks) {
        if (world.deployment === undefined) break
        world.happen((['launch', 'start', 'end'] as const)[pick % 3]!, pick)
        world.settle(look)
        look()
      }
      recover(world, look)
      expect([world.kills, world.starts]).toEqual([setup.n, setup.n])
    }),
    { numRuns: 500 },
  )
})

test('scaling ends with the wanted number, stops no more than is surplus and starts no more than is missing', () => {
  fc.assert(
    fc.property(setups, turns, (setup, events) => {
      const original = buildApp({ instances: setup.existing.length })
      const versionInfo = { lastScalingAt: nextVersion, lastConfigChangeAt: firstVersion }
      const target = { ...appOf(setup, nextVersion), versionInfo }
      const world = new World({ ...original, instances: setup.n + 1 }, target, existingOf(setup))
      const check = (before: readonly Instance[], { instances }: World) => {
        const was = counts(before)
        const is = counts([...instances.values()])
        if (is.counted < was.counted) expect(is.counted).toBe(setup.n)
        else expect(is.counted).toBeLessThanOrEqual(setup.n)
      }
      world.settle(check)
      for (const { what, pick } of events) {
        if (world.deployment === undefined) break
        world.happen(what, pick)
        world.settle(check)
      }
      recover(world, check)
      expect(counts(world.all()).counted).toBe(setup.n)
    }),
    { numRuns: 500 },
  )
})

test('a removed app ends with nothing that runs, whatever happens meanwhile', () => {
  fc.assert(
    fc.property(setups, turns, (setup, events) => {
      const world = new World(appOf(setup, firstVersion), undefined, existingOf(setup))
      const check = () => {}
      world.settle(check)
      for (const { what, pick } of events) {
        if (world.deployment === undefined) break
        world.happen(what, pick)
        world.settle(check)
      }
      recover(world, check)
      expect(world.all().every((each) => each.goal !== 'Running' && !isHealthy(each))).toBe(true)
      expect(world.starts).toBe(0)
    }),
    { numRuns: 300 },
  )
})
