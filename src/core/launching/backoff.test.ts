import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask, webApp } from '../../../tests/support/in-condition.ts'
import { limits } from '../../lib/limits.ts'
import { conditionNames } from '../instances/condition.ts'
import { combinedCondition } from '../instances/from-tasks.ts'
import type { Condition } from '../instances/instance.ts'
import { type DelayEffect, Delays, delayEffect, launchFailureOf } from './backoff.ts'

const strategy = (backoffSeconds: number, backoffFactor: number, maxLaunchDelaySeconds: number) =>
  webApp({ backoffSeconds, backoffFactor, maxLaunchDelaySeconds })

/** Seconds from the last failure to the deadline. */
const failures = (app: ReturnType<typeof strategy>, count: number): number[] => {
  const delays = new Delays()
  return Array.from({ length: count }, (_, index) => {
    const now = at(index * 1000)
    delays.increase(app, now)
    return (delays.deadline(app)! - now) / 1000
  })
}

describe('worked-examples 1: /batch/loop, 2 s, factor 2, at most 60 s', () => {
  const loop = webApp({
    id: '/batch/loop',
    backoffSeconds: 2,
    backoffFactor: 2,
    maxLaunchDelaySeconds: 60,
  })

  /** One instance passing through conditions at times; the last row's deadline, in seconds. */
  const played = (delays: Delays, rows: readonly (readonly [number, Condition])[]): void => {
    let previous = buildInstance('Scheduled')
    for (const [s, condition] of rows) {
      const next = buildInstance(condition)
      delays.apply(delayEffect(previous, next), loop, at(s))
      previous = next
    }
  }
  const story: readonly (readonly [number, Condition, number | undefined])[] = [
    [0, 'Provisioned', undefined],
    [0.1, 'Starting', undefined],
    [0.5, 'Running', undefined],
    [10, 'Failed', 12],
    [12.3, 'Provisioned', 14.3],
    [12.5, 'Starting', 14.5],
    [12.9, 'Running', 14.9],
    [20, 'Failed', 24],
    [24, 'Provisioned', 28],
    [25, 'Running', 29],
    [30, 'Failed', 38],
    [38, 'Provisioned', 46],
    [39, 'Running', 47],
    [45, 'Finished', 61],
    [61, 'Provisioned', 77],
    [61.8, 'Running', 77.8],
  ]

  test.each(story.map((row, index) => [...row, index] as const))(
    'at %d %s: deadline %s',
    (_s, _condition, deadline, index) => {
      const delays = new Delays()
      played(
        delays,
        story.slice(0, index + 1).map(([s, condition]) => [s, condition] as const),
      )
      expect(delays.deadline(loop)).toBe(deadline === undefined ? undefined : at(deadline))
    },
  )

  const atEnd = (): Delays => {
    const delays = new Delays()
    played(
      delays,
      story.map(([s, condition]) => [s, condition] as const),
    )
    return delays
  }

  test('the entry dies when now is later than 121.8', () => {
    const delays = atEnd()
    delays.prune(at(121.8))
    expect(delays.get(loop)).toBeDefined()
    delays.prune(at(121.801))
    expect(delays.get(loop)).toBeUndefined()
    expect([...delays.all()]).toEqual([])
  })

  test('a failure at 125 before the cleaning: 32 s; after it: 2 s', () => {
    const uncleaned = atEnd()
    uncleaned.increase(loop, at(125))
    expect(uncleaned.deadline(loop)).toBe(at(157))
    const cleaned = atEnd()
    cleaned.prune(at(124))
    cleaned.increase(loop, at(125))
    expect(cleaned.deadline(loop)).toBe(at(127))
  })

  test('the longest delay is the maximum', () => {
    expect(failures(loop, 7)).toEqual([2, 4, 8, 16, 32, 60, 60])
  })
})

describe('the numbers of the defaults, 1 s × 1.15 up to 300 s', () => {
  const app = strategy(1, 1.15, 300)
  const waits = failures(app, 45)

  test('the first ten, to the millisecond; deadlines are cut to whole ones', () => {
    const delays = new Delays()
    const numbers = [1, 1.15, 1.323, 1.521, 1.749, 2.011, 2.313, 2.66, 3.059, 3.518]
    for (const [index, number] of numbers.entries()) {
      delays.increase(app, at(index))
      const { nanos } = delays.get(app)!
      expect(Math.abs(nanos / 1e9 - number), `failure ${index + 1}`).toBeLessThan(0.000_501)
      expect(waits[index]).toBe(Math.floor(nanos / 1e6) / 1000)
    }
  })

  test('300 from failure 42 on, not before', () => {
    expect(waits[40]).toBeLessThan(300)
    expect(waits.slice(41)).toEqual([300, 300, 300, 300])
  })
})

test.each([
  ['backoff above the maximum: the maximum, always', strategy(90, 2, 60), [60, 60, 60]],
  ['factor 1: constant', strategy(5, 1, 300), [5, 5, 5]],
  ['no backoff: no wait', strategy(0, 2, 300), [0, 0, 0]],
] as const)('%s', (_, app, waits) => {
  expect(failures(app, 3)).toEqual(waits)
})

test('the factor is applied in nanoseconds, rounded down', () => {
  const app = strategy(1, 1.0000000019, 300)
  const delays = new Delays()
  const nanos = [0, 1, 2, 3].map((s) => {
    delays.increase(app, at(s))
    return delays.get(app)!.nanos
  })
  expect(nanos).toEqual([1_000_000_000, 1_000_000_001, 1_000_000_002, 1_000_000_003])
})

test('increasing goes on from a delay that was merely advanced', () => {
  const app = strategy(2, 2, 60)
  const delays = new Delays()
  delays.increase(app, at(0))
  delays.advance(app, at(50))
  delays.increase(app, at(60))
  expect(delays.deadline(app)).toBe(at(64))
})

test('several instances of one config share the delay: one going up keeps the other waiting', () => {
  const app = strategy(8, 2, 60)
  const delays = new Delays()
  delays.increase(app, at(0))
  for (const s of [8, 9, 10]) delays.advance(app, at(s))
  expect(delays.deadline(app)).toBe(at(18))
})

describe('what a delay belongs to', () => {
  const v1 = '2031-04-02T08:00:00.000Z'
  const v2 = '2031-04-02T08:30:00.000Z'
  const first = webApp({ versionInfo: { lastConfigChangeAt: v1, lastScalingAt: v1 } })
  const scaled = webApp({ version: v2, versionInfo: { lastConfigChangeAt: v1, lastScalingAt: v2 } })
  const changed = webApp({ version: v2, versionInfo: { lastConfigChangeAt: v2, lastScalingAt: v2 } })
  const other = webApp({ id: '/shop/api' })
  const failed = (): Delays => {
    const delays = new Delays()
    delays.increase(first, at(0))
    return delays
  }

  test('a scaled app keeps it, a changed one starts without, another app has its own', () => {
    const delays = failed()
    expect(delays.deadline(scaled)).toBe(at(1))
    expect(delays.deadline(changed)).toBeUndefined()
    expect(delays.deadline(other)).toBeUndefined()
  })

  test('a reset ends that of one config, the end of the app those of all', () => {
    const delays = failed()
    delays.increase(changed, at(0))
    delays.increase(other, at(0))
    delays.reset(scaled)
    expect([delays.deadline(first), delays.deadline(changed)]).toEqual([undefined, at(1)])
    delays.increase(first, at(5))
    delays.resetAll('/shop/web')
    expect([...delays.all()].map((delay) => delay.runSpecId)).toEqual(['/shop/api'])
  })

  test('after a reset the next failure waits as the first one did', () => {
    const delays = failed()
    delays.increase(first, at(1))
    delays.reset(first)
    delays.increase(first, at(2))
    expect(delays.deadline(first)).toBe(at(3))
  })
})

describe('what a change of condition does (runtime 4)', () => {
  const effects: Readonly<Record<Condition, DelayEffect>> = {
    Dropped: 'increase',
    Error: 'increase',
    Failed: 'increase',
    Gone: 'increase',
    Finished: 'increase',
    Staging: 'advance',
    Starting: 'advance',
    Running: 'advance',
    Provisioned: 'advance',
    Unreachable: 'none',
    UnreachableInactive: 'none',
    Killed: 'none',
    Killing: 'none',
    Unknown: 'none',
    Scheduled: 'none',
  }

  test('from every condition to every other', () => {
    for (const from of conditionNames) {
      for (const to of conditionNames) {
        const effect = delayEffect(buildInstance(from, { attempt: 1 }), buildInstance(to, { attempt: 2 }))
        expect(effect, `${from} → ${to}`).toBe(from === to ? 'none' : effects[to])
      }
    }
  })

  test('an expunged instance counts as changed', () => {
    expect(delayEffect(undefined, buildInstance('Failed'))).toBe('increase')
  })

  test.each([
    ['Running', 'Failed', 'increase'],
    ['Finished Running', 'Finished Finished', 'increase'],
    ['Failed Running', 'Failed Failed', 'none'],
    ['Gone Running', 'Gone Failed', 'none'],
    ['Failed Unreachable', 'Failed Killed', 'none'],
    ['Unreachable Running', 'Failed Running', 'increase'],
  ])('the containers of a pod from %s to %s: %s, once per launch', (from, to, effect) => {
    const pod = (names: string) => {
      const tasks = names.split(' ').map((condition) => buildTask(condition as Condition))
      return buildInstance(combinedCondition(tasks), { tasks, attempt: 1 })
    }
    expect(delayEffect(pod(from), pod(to))).toBe(effect)
  })

  test.each([
    ['TASK_KILLED', 'REASON_SLAVE_DRAINING', 'reset'],
    ['TASK_KILLED', 'REASON_AGENT_DRAINING', 'reset'],
    ['TASK_GONE_BY_OPERATOR', 'REASON_SLAVE_DRAINING', 'reset'],
    ['TASK_KILLED', 'REASON_TASK_KILLED_DURING_LAUNCH', 'none'],
    ['TASK_FAILED', 'REASON_SLAVE_DRAINING', 'none'],
  ] as const)('%s because of %s, even without a change: %s', (state, reason, effect) => {
    const ended = buildInstance('Killed', { tasks: [buildTask('Killed', { state, reason })] })
    expect(delayEffect(ended, ended)).toBe(effect)
  })
})

describe('the evidence of a delay', () => {
  const app = strategy(2, 2, 60)
  const failure = (message: string, second: number) => ({
    condition: 'Failed' as const,
    message,
    at: at(second),
  })

  test('counts the failures, those of the last ones that went alike, and keeps the last', () => {
    const delays = new Delays()
    for (const [index, message] of ['killed', 'exit 1', 'exit 1'].entries()) {
      delays.increase(app, at(index), failure(message, index))
      delays.advance(app, at(index))
    }
    expect(delays.get(app)).toMatchObject({ failures: 3, alike: 2, lastFailure: failure('exit 1', 2) })
    delays.increase(app, at(3), failure('killed', 3))
    expect(delays.get(app)).toMatchObject({ failures: 4, alike: 1 })
  })

  test('goes with the delay', () => {
    const delays = new Delays()
    delays.increase(app, at(0), failure('exit 1', 0))
    delays.reset(app)
    delays.increase(app, at(1), failure('exit 1', 1))
    expect(delays.get(app)).toMatchObject({ failures: 1, alike: 1 })
  })

  test('is short, however long the engine speaks', () => {
    const status = {
      taskId: 't',
      state: 'TASK_FAILED',
      message: 'x'.repeat(9_999),
      timestamp: at(0),
    } as const
    const { message } = launchFailureOf(buildInstance('Failed'), status, at(0))
    expect(message).toHaveLength(limits.failureMessageChars)
  })
})
