// Canary steps in a step of a deployment: when one is reached, when its pause is over, and that through every fault the
// new version has no more instances than the step gives it.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildApp, buildInstance, firstVersion, inCondition } from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { CanaryStep } from '../../spec/app.ts'
import { countsTowardsTarget, isHealthy } from '../instances/condition.ts'
import { changeGoal } from '../instances/goal.ts'
import type { Condition, Instance } from '../instances/instance.ts'
import { isEnding, tallyOf } from '../scaling/tally.ts'
import { decideStep } from './decide-step.ts'
import type { Deployment } from './deployment.ts'

const next = '2031-01-02T00:00:00.000Z'
const strategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1 }

const deploymentOf = (canary?: NonNullable<Deployment['canaries']>[number]): Deployment => ({
  id: 'd',
  version: next,
  steps: [{ actions: [{ kind: 'RestartApplication', runSpecId: '/app' }] }],
  changes: [{ id: '/app', from: firstVersion, to: next }],
  currentStep: 0,
  startedAt: instant(0),
  ...(canary === undefined ? {} : { canaries: [canary] }),
})

const decide = (
  deployment: Deployment,
  instances: readonly Instance[],
  { steps, n = 4, now = 0 }: { steps: readonly CanaryStep[]; n?: number; now?: number },
) => {
  const app = buildApp({
    version: next,
    instances: n,
    upgradeStrategy: { ...strategy, canarySteps: steps },
  })
  return decideStep(deployment, {
    now: instant(now),
    runSpecVersion: (_, version) =>
      [app, buildApp({ instances: n })].find((each) => each.version === version),
    instancesOf: () => instances,
    tallyOf: () => tallyOf(instances),
    missingArtifacts: new Map(),
  })
}

const olds = (count: number): Instance[] =>
  Array.from({ length: count }, (_, i) => buildInstance({ id: `old${i}` }))
const news = (count: number, change: Partial<Instance> = {}): Instance[] =>
  Array.from({ length: count }, (_, i) => buildInstance({ id: `new${i}`, runSpecVersion: next, ...change }))

const minute = [{ instances: 1, pauseSeconds: 60 }, { instances: 2 }]
const begun = { id: '/app', step: 0 }
const up = { ...begun, reachedAt: instant(1_000) }

test('a step whose instances are up is reached, and noted with the time', () => {
  expect(decide(deploymentOf(begun), [...olds(3), ...news(1)], { steps: minute, now: 1_000 })).toMatchObject({
    actions: [],
    isDone: false,
    canaries: [up],
  })
})

test.each<[string, number, Instance[], boolean]>([
  ['before it is over', 60_999, [...olds(3), ...news(1)], false],
  ['when it is over', 61_000, [...olds(3), ...news(1)], true],
  [
    'when it is over, and the canary is down',
    61_000,
    [...olds(3), ...news(1, { condition: 'Failed' })],
    false,
  ],
  ['later, when the canary is up again', 90_000, [...olds(3), ...news(1)], true],
])('a pause with an end goes on by itself: %s', (_, now, instances, goesOn) => {
  const { canaries } = decide(deploymentOf(up), instances, { steps: minute, now })
  expect(canaries).toEqual(goesOn ? [{ id: '/app', step: 1 }] : [])
})

test('a pause without one waits, however long', () => {
  const at = { ...up, step: 1 }
  const decision = decide(deploymentOf(at), [...olds(2), ...news(2)], { steps: minute, now: 1e12 })
  expect(decision).toMatchObject({ actions: [], canaries: [] })
  expect(decision.waitingOn).toEqual([
    { kind: 'promotion', runSpecId: '/app', deploymentId: 'd', step: 2, steps: 2, instances: 2 },
  ])
})

test('while it pauses there is no progress to be expected', () => {
  const instances = [...olds(3), ...news(1)]
  expect(decide(deploymentOf(begun), instances, { steps: minute }).progress.get('/app')).toEqual({
    up: 1,
    left: 3,
  })
  expect(decide(deploymentOf(up), instances, { steps: minute }).progress.has('/app')).toBe(false)
})

test('after its last step it goes on to the end', () => {
  const decision = decide(deploymentOf({ id: '/app', step: 2 }), [...olds(2), ...news(2)], { steps: minute })
  expect(decision.actions).toMatchObject([{ kind: 'schedule', count: 2 }])
})

const happenings: readonly (readonly [from: readonly Condition[], to: Condition])[] = [
  [['Scheduled', 'Failed', 'Killed'], 'Staging'],
  [['Staging'], 'Running'],
  [['Staging', 'Running'], 'Failed'],
  [['Running'], 'Unreachable'],
  [['Unreachable'], 'UnreachableInactive'],
  [['Unreachable', 'UnreachableInactive'], 'Running'],
]
const capacities = fc.constantFrom(0, 0.25, 0.5, 1)

test('through every fault there are never more new ones than the step gives, and the minimum is kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.record({ minimumHealthCapacity: capacities, maximumOverCapacity: capacities }),
      fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 20 })), { maxLength: 60 }),
      (n, wanted, upgradeStrategy, events) => {
        const canaries = Math.min(wanted, n - 1)
        const target = buildApp({
          version: next,
          instances: n,
          upgradeStrategy: { ...upgradeStrategy, canarySteps: [{ instances: canaries }] },
        })
        const world = new Map<string, Instance>(olds(n).map((each) => [each.id, each]))
        const all = (): Instance[] => [...world.values()]
        const isNew = (each: Instance): boolean => each.runSpecVersion === next && countsTowardsTarget(each)
        const healthy = (): number =>
          all().filter((each) => each.goal === 'Running' && isHealthy(each)).length
        let clock = 0
        let canary = begun as NonNullable<Deployment['canaries']>[number]
        const settle = (): void => {
          for (let round = 0; ; round++) {
            expect(round).toBeLessThan(5)
            const before = { healthy: healthy(), isNew: all().filter(isNew).length }
            const decision = decideStep(deploymentOf(canary), {
              now: instant(clock),
              runSpecVersion: (_, version) =>
                [target, buildApp({ instances: n })].find((a) => a.version === version),
              instancesOf: all,
              tallyOf: () => tallyOf(all()),
              missingArtifacts: new Map(),
            })
            expect(decision.isDone).toBe(false)
            for (const action of decision.actions) {
              if (action.kind === 'schedule') {
                for (let i = 0; i < action.count; i++) {
                  const id = `n${++clock}`
                  const { version } = action.runSpec
                  world.set(id, buildInstance({ id, condition: 'Scheduled', runSpecVersion: version }))
                }
              } else if (action.kind === 'set-goal') {
                const instance = world.get(action.instanceId)!
                // A pause ends none but new ones that are too many.
                if (canary.reachedAt !== undefined) expect(before.isNew).toBeGreaterThan(canaries)
                const change = changeGoal(instance, action.goal, 'deployment', instant(clock))
                if (change.kind === 'expunged') world.delete(instance.id)
                else if (change.kind === 'updated') world.set(instance.id, change.instance)
              }
            }
            const isMore = all().filter(isNew).length > before.isNew
            if (isMore) expect(all().filter(isNew).length).toBeLessThanOrEqual(canaries)
            const minHealthy = Math.ceil(n * upgradeStrategy.minimumHealthCapacity)
            const most = Math.floor(n * (1 + upgradeStrategy.maximumOverCapacity))
            const hasStarted = decision.actions.some(({ kind }) => kind === 'schedule')
            const places = all().filter((each) => countsTowardsTarget(each) || isEnding(each)).length
            if (hasStarted) expect(places).toBeLessThanOrEqual(minHealthy === most ? most + 1 : most)
            expect(healthy()).toBeGreaterThanOrEqual(Math.min(before.healthy, minHealthy))
            canary = decision.canaries[0] ?? canary
            if (decision.actions.length === 0 && decision.canaries.length === 0) return
          }
        }
        settle()
        for (const [what, pick] of events) {
          clock++
          const [isEnd, isExpunged] = [what === happenings.length, what > happenings.length]
          const candidates = all().filter(({ goal, condition }) => {
            if (isEnd) return goal !== 'Running'
            return isExpunged ? condition === 'UnreachableInactive' : happenings[what]![0].includes(condition)
          })
          const instance = candidates[pick % Math.max(1, candidates.length)]
          if (instance === undefined) continue
          if (isEnd || isExpunged) world.delete(instance.id)
          else world.set(instance.id, inCondition(instance, happenings[what]![1], instant(clock)))
          settle()
        }
        // Faults stop: what ends, ends, what starts, starts, and the step is reached.
        for (let turn = 0; ; turn++) {
          expect(turn).toBeLessThan(200)
          const ending = all().find((each) => each.goal !== 'Running')
          const waiting = all().find((each) => each.goal === 'Running' && each.condition !== 'Running')
          if (ending !== undefined) world.delete(ending.id)
          else if (waiting !== undefined)
            world.set(waiting.id, inCondition(waiting, 'Running', instant(clock)))
          else break
          settle()
        }
        expect(canary.reachedAt).toBeDefined()
        expect(all().filter((each) => isNew(each) && isHealthy(each)).length).toBe(canaries)
        // More are old ones that were given up and came back: a pause ends none of them.
        expect(healthy()).toBeGreaterThanOrEqual(n)
      },
    ),
    { numRuns: 600 },
  )
})
