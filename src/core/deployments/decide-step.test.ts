import { describe, expect, test } from 'vitest'
import {
  buildApp,
  buildInstance,
  firstVersion,
  reserved,
  residentContainer,
} from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { App } from '../../spec/app.ts'
import type { Condition, Instance, InstanceReservation } from '../instances/instance.ts'
import { tallyOf } from '../scaling/tally.ts'
import { decideStep } from './decide-step.ts'
import type { ActionKind, Deployment, RunSpecChange } from './deployment.ts'

const next = '2031-01-02T00:00:00.000Z'

const viewOf = (
  apps: readonly App[],
  instances: readonly Instance[],
  missing: ReadonlyMap<PathId, ReadonlySet<string>> = new Map(),
) => ({
  now: instant(0),
  runSpecVersion: (id: PathId, version: string) =>
    apps.find((app) => app.id === id && app.version === version),
  instancesOf: (id: PathId) => instances.filter((instance) => instance.runSpecId === id),
  tallyOf: (id: PathId) => tallyOf(instances.filter((instance) => instance.runSpecId === id)),
  missingArtifacts: missing,
})

/** One step of these actions, on apps that lead to the version `next` unless they are stopped. */
const deploymentOf = (...actions: [ActionKind, PathId][]): Deployment => ({
  id: 'd',
  version: next,
  steps: [{ actions: actions.map(([kind, runSpecId]) => ({ kind, runSpecId })) }],
  changes: actions.map(
    ([kind, id]): RunSpecChange => ({
      id,
      from: firstVersion,
      ...(kind !== 'StopApplication' && { to: next }),
    }),
  ),
  currentStep: 0,
  startedAt: instant(0),
})

const oldOnes = (...conditions: Condition[]): Instance[] =>
  conditions.map((condition, i) => buildInstance({ id: `old${i + 1}`, condition }))
const newOnes = (...conditions: Condition[]): Instance[] =>
  conditions.map((condition, i) => buildInstance({ id: `new${i + 1}`, condition, runSpecVersion: next }))

test('StartApplication is done at once', () => {
  const decision = decideStep(deploymentOf(['StartApplication', '/app']), viewOf([], []))
  expect(decision).toMatchObject({ actions: [], waitingOn: [], isDone: true })
})

test('ResolveArtifacts is done when nothing of its app is missing in the store', () => {
  const missing = new Map([['/app', new Set(['a/x', 'b/y'])]])
  const deployment = deploymentOf(['ResolveArtifacts', '/app'])
  expect(decideStep(deployment, viewOf([], [], missing))).toMatchObject({
    actions: [],
    waitingOn: [{ kind: 'artifacts', runSpecId: '/app', count: 2 }],
    isDone: false,
  })
  expect(decideStep(deployment, viewOf([], [], new Map([['/other', new Set(['a/x'])]]))).isDone).toBe(true)
  expect(decideStep(deployment, viewOf([], [], new Map([['/app', new Set<string>()]]))).isDone).toBe(true)
})

describe('ScaleApplication', () => {
  const scale = (instances: number, existing: readonly Instance[]) =>
    decideStep(
      deploymentOf(['ScaleApplication', '/app']),
      viewOf([buildApp({ version: next, instances })], existing),
    )

  test.each<[string, number, Instance[], boolean]>([
    ['enough were there before, whatever their state', 3, oldOnes('Running', 'Staging', 'Failed'), true],
    ['those started for it all run', 2, [...oldOnes('Staging'), ...newOnes('Running')], true],
    ['one started for it does not run yet', 2, [...oldOnes('Running'), ...newOnes('Staging')], false],
    ['one started for it failed and waits for its relaunch', 1, newOnes('Failed'), false],
    ['one started for it is cut off', 1, newOnes('Unreachable'), false],
    [
      'one started for it was replaced after it was cut off for long',
      1,
      [...newOnes('UnreachableInactive'), ...oldOnes('Running')],
      true,
    ],
    ['one is missing', 2, oldOnes('Running'), false],
    ['one is too many', 1, oldOnes('Running', 'Running'), false],
    ['none is wanted, none is there', 0, [], true],
  ])('done? %s', (_, target, existing, isDone) => {
    expect(scale(target, existing).isDone).toBe(isDone)
  })

  test('it waits for the end of what was too many, not for what is cut off', () => {
    const told = (condition: Condition) => buildInstance({ id: 'x', condition, goal: 'Decommissioned' })
    const waiting = scale(1, [...oldOnes('Running'), told('Running')])
    expect(waiting).toMatchObject({
      actions: [],
      waitingOn: [{ kind: 'ending', runSpecId: '/app', count: 1 }],
      isDone: false,
    })
    expect(scale(1, [...oldOnes('Running'), told('Unreachable')]).isDone).toBe(true)
  })

  const gone = (goal: Instance['goal']): Instance[] => newOnes('Failed').map((each) => ({ ...each, goal }))
  const checked = (alive: boolean): Instance[] =>
    newOnes('Running').map((each) => ({ ...each, checkedBy: 'marathon', alive }))

  // What the original's start actor does, of one instance that is wanted unless the name says otherwise.
  test.each<[string, number, Instance[], number, boolean]>([
    ['no instances in the queue: all are started', 5, [], 5, false],
    ['one is launched already: the others are started', 5, newOnes('Staging'), 4, false],
    ['one is in the queue already: it is not started twice', 1, newOnes('Scheduled'), 0, false],
    ['none to start: done', 0, [], 0, true],
    ['with health checks, running is not enough', 1, checked(false), 0, false],
    ['with health checks, healthy is', 1, checked(true), 0, true],
    ['one fails, and is wanted still: its relaunch is waited for', 1, newOnes('Failed'), 0, false],
    ['one fails and is decommissioned: another is started', 1, gone('Decommissioned'), 1, false],
    ['one fails and is stopped: another is started', 1, gone('Stopped'), 1, false],
  ])('%s', (_, target, existing, starts, isDone) => {
    const decision = scale(target, existing)
    const started = decision.actions.reduce(
      (sum, each) => sum + (each.kind === 'schedule' ? each.count : 0),
      0,
    )
    expect([started, decision.isDone]).toEqual([starts, isDone])
  })

  test.each<[string, Partial<Instance>, boolean, object[]]>([
    ['ready', { ready: true }, true, []],
    ['not ready', {}, false, [{ kind: 'readiness', runSpecId: '/app', count: 1 }]],
    [
      'ready and not healthy',
      { ready: true, checkedBy: 'marathon' },
      false,
      [{ kind: 'health', runSpecId: '/app', count: 1 }],
    ],
  ])('with a readiness check one that runs is waited for until it is: %s', (_, change, isDone, waitingOn) => {
    const readinessChecks = [
      {
        name: 'ready',
        protocol: 'HTTP' as const,
        path: '/',
        portName: 'http',
        intervalSeconds: 30,
        timeoutSeconds: 10,
        httpStatusCodesForReady: [200],
        preserveLastResponse: false,
      },
    ]
    const app = buildApp({ version: next, instances: 1, readinessChecks })
    const existing = newOnes('Running').map((each) => ({ ...each, ...change }))
    const decision = decideStep(deploymentOf(['ScaleApplication', '/app']), viewOf([app], existing))
    expect([decision.isDone, decision.waitingOn]).toEqual([isDone, waitingOn])
  })

  test('what it waits for: offers for those not launched, then the start of those launched', () => {
    expect(scale(4, [...newOnes('Scheduled', 'Failed', 'Starting')]).waitingOn).toEqual([
      { kind: 'offers', runSpecId: '/app', count: 3 },
      { kind: 'running', runSpecId: '/app', count: 1 },
    ])
  })

  test('a new instance that its checks call sick is waited for', () => {
    const deployment = deploymentOf(['ScaleApplication', '/app'])
    const app = buildApp({ version: next, instances: 1 })
    const [running] = newOnes('Running')
    expect(decideStep(deployment, viewOf([app], [running!])).isDone).toBe(true)
    expect(decideStep(deployment, viewOf([app], [{ ...running!, healthy: false }])).isDone).toBe(false)
  })
})

describe('StopApplication', () => {
  const stop = (existing: readonly Instance[]) =>
    decideStep(deploymentOf(['StopApplication', '/app']), viewOf([], existing))

  test('every instance is given up, but what holds data is stopped: the removal may be taken back', () => {
    const reservation: InstanceReservation = { id: 'holds', volumes: [], state: 'launched' }
    const holds = buildInstance({ id: 'holds', condition: 'Running', reservation })
    const stopped = buildInstance({ id: 'kept', condition: 'Killed', goal: 'Stopped' })
    const decision = stop([...oldOnes('Running', 'Scheduled', 'Unreachable'), holds, stopped])
    expect(decision.actions).toEqual(
      ['old1', 'old2', 'old3', 'holds'].map((instanceId) => ({
        kind: 'set-goal',
        instanceId,
        goal: instanceId === 'holds' ? 'Stopped' : 'Decommissioned',
        cause: 'app-removed',
      })),
    )
    expect(decision.isDone).toBe(false)
  })

  test.each<[string, Condition, boolean]>([
    ['it runs still', 'Running', false],
    ['it is being killed', 'Killing', false],
    ['its agent is cut off', 'Unreachable', true],
    ['its agent is cut off for long', 'UnreachableInactive', true],
    ['its task has ended', 'Killed', true],
  ])('told to end, %s', (_, condition, isDone) => {
    expect(stop([buildInstance({ id: 'x', condition, goal: 'Decommissioned' })]).isDone).toBe(isDone)
  })

  test('with none left it is done', () => {
    expect(stop([])).toMatchObject({ actions: [], waitingOn: [], isDone: true })
  })
})

describe('RestartApplication', () => {
  const restart = (apps: readonly App[], existing: readonly Instance[]) =>
    decideStep(deploymentOf(['RestartApplication', '/app']), viewOf(apps, existing))

  test('old is what has another configuration, not what was launched at another number of instances', () => {
    const configured = '2030-12-31T00:00:00.000Z'
    const versionInfo = { lastScalingAt: next, lastConfigChangeAt: configured }
    const target = buildApp({ version: next, versionInfo })
    const before = buildApp({ version: configured })
    const same = buildInstance({ id: 'same', runSpecVersion: configured })
    const other = buildInstance({ id: 'other', runSpecVersion: firstVersion })
    const decision = restart([target, before, buildApp()], [same, other])
    expect(decision.actions).toMatchObject([{ kind: 'set-goal', instanceId: 'other', cause: 'deployment' }])
  })

  test('a version that is no longer kept is old', () => {
    const decision = restart([buildApp({ version: next })], [...newOnes('Running'), ...oldOnes('Running')])
    expect(decision.actions).toMatchObject([{ kind: 'set-goal', instanceId: 'old1' }])
  })

  test('residents are stopped', () => {
    const app = buildApp({
      version: next,
      container: residentContainer,
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
    })
    const existing = oldOnes('Running').map((instance) => reserved(instance))
    expect(restart([app], existing).actions).toMatchObject([{ goal: 'Stopped' }])
  })
})

describe('several actions', () => {
  const apps = ['/a', '/b'].map((id) =>
    buildApp({ id, version: next, instances: limits.instancesPerDecision - 10 }),
  )
  const deployment = deploymentOf(['ScaleApplication', '/a'], ['ScaleApplication', '/b'])

  test('go on at the same time, within what one decision may do', () => {
    const decision = decideStep(deployment, viewOf(apps, []))
    expect(decision.actions).toMatchObject([
      { kind: 'schedule', runSpec: { id: '/a' }, count: limits.instancesPerDecision - 10 },
      { kind: 'schedule', runSpec: { id: '/b' }, count: 10 },
    ])
    expect(decision.waitingOn).toContainEqual({
      kind: 'next-slice',
      runSpecId: '/b',
      count: limits.instancesPerDecision - 20,
    })
  })

  test('are done when all of them are', () => {
    const two = ['/a', '/b'].map((id) => buildApp({ id, version: next }))
    const a = buildInstance({ id: 'a', runSpecId: '/a' })
    const b = buildInstance({ id: 'b', runSpecId: '/b' })
    expect(decideStep(deployment, viewOf(two, [a])).isDone).toBe(false)
    expect(decideStep(deployment, viewOf(two, [b])).isDone).toBe(false)
    expect(decideStep(deployment, viewOf(two, [a, b])).isDone).toBe(true)
  })
})

test('a step on a run spec without a target is a broken record', () => {
  const deployment = { ...deploymentOf(['ScaleApplication', '/app']), changes: [] }
  expect(() => decideStep(deployment, viewOf([], []))).toThrow('deployment d acts on /app')
})
