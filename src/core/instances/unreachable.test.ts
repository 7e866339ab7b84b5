import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask, webApp } from '../../../tests/support/in-condition.ts'
import { conditionNames } from './condition.ts'
import type { Condition, Instance } from './instance.ts'
import {
  becomeInactive,
  decideUnreachable,
  expungedByForce,
  nextUnreachableDeadline,
  type UnreachableFloor,
} from './unreachable.ts'

const app = (inactiveAfterSeconds: number, expungeAfterSeconds: number) =>
  webApp({ unreachableStrategy: { inactiveAfterSeconds, expungeAfterSeconds } })

/** Unreachable since 0. */
const lost = (condition: Condition): Instance => buildInstance(condition)

describe('worked-examples 6: inactive after 120 s, expunged after 900 s, but on time', () => {
  const strategy = app(120, 900)
  test.each([
    ['Unreachable', 0, 'none', 120],
    ['Unreachable', 119.999, 'none', 120],
    ['Unreachable', 120, 'inactive', 120],
    ['Unreachable', 900, 'expunge', 120],
    ['UnreachableInactive', 120, 'none', 900],
    ['UnreachableInactive', 899.999, 'none', 900],
    ['UnreachableInactive', 900, 'expunge', 900],
  ] as const)('%s at %d: %s', (condition, s, decision, deadline) => {
    expect(decideUnreachable(lost(condition), strategy, at(s))).toBe(decision)
    expect(nextUnreachableDeadline(lost(condition), strategy)).toBe(at(deadline))
  })
})

test.each([
  ['default 0/0', app(0, 0), 'expunge', at(0)],
  ['0/3600', app(0, 3600), 'inactive', at(0)],
  ['300/300', app(300, 300), 'none', at(300)],
  ['disabled', webApp({ unreachableStrategy: 'disabled' }), 'none', undefined],
  ['no definition', undefined, 'expunge', at(0)],
] as const)('%s, the moment it is told', (_, strategy, decision, deadline) => {
  expect(decideUnreachable(lost('Unreachable'), strategy, at(0))).toBe(decision)
  expect(nextUnreachableDeadline(lost('Unreachable'), strategy)).toBe(deadline)
})

test('300/300 skips the step between, since both times are over at once', () => {
  expect(decideUnreachable(lost('Unreachable'), app(300, 300), at(300))).toBe('expunge')
})

test('disabled waits for ever', () => {
  const strategy = webApp({ unreachableStrategy: 'disabled' })
  expect(decideUnreachable(lost('UnreachableInactive'), strategy, at(1e9))).toBe('none')
})

describe('a new leader gives up nothing before it has heard what came back', () => {
  const floor: UnreachableFloor = { inactive: at(615), expunge: at(900) }
  test.each([
    ['Unreachable', app(120, 300), 614, 'none', 615],
    ['Unreachable', app(120, 300), 615, 'inactive', 615],
    ['UnreachableInactive', app(120, 300), 899, 'none', 900],
    ['UnreachableInactive', app(120, 300), 900, 'expunge', 900],
    ['Unreachable', app(700, 1000), 700, 'inactive', 700],
    ['UnreachableInactive', app(700, 1000), 999, 'none', 1000],
  ] as const)('%s, %o at %d: %s', (condition, strategy, s, decision, deadline) => {
    expect(decideUnreachable(lost(condition), strategy, at(s), floor)).toBe(decision)
    expect(nextUnreachableDeadline(lost(condition), strategy, floor)).toBe(at(deadline))
  })
})

test('in no other condition is there anything to wait for', () => {
  for (const condition of conditionNames) {
    if (condition === 'Unreachable' || condition === 'UnreachableInactive') continue
    expect(decideUnreachable(lost(condition), app(0, 0), at(1e6)), condition).toBe('none')
    expect(nextUnreachableDeadline(lost(condition), app(0, 0)), condition).toBeUndefined()
  }
})

test('a decision made at its deadline always has a later deadline or an end', () => {
  for (const [inactive, expunge] of [
    [0, 0],
    [0, 10],
    [10, 10],
    [10, 20],
  ] as const) {
    let instance = lost('Unreachable')
    const seen: string[] = []
    for (;;) {
      const now = nextUnreachableDeadline(instance, app(inactive, expunge))!
      const decision = decideUnreachable(instance, app(inactive, expunge), now)
      seen.push(decision)
      if (decision === 'expunge') break
      expect(decision).toBe('inactive')
      instance = becomeInactive(instance, now)
    }
    expect(seen.length).toBeLessThanOrEqual(2)
  }
})

test('the earliest unreachable task of a pod counts', () => {
  const pod = buildInstance('Unreachable', {
    tasks: [
      buildTask('Unreachable', { unreachableSince: at(50) }),
      buildTask('Unreachable', { unreachableSince: at(20) }),
    ],
  })
  expect(nextUnreachableDeadline(pod, app(100, 200))).toBe(at(120))
})

test('what is given up keeps its task; what is removed by force is shown as Killed', () => {
  const before = lost('Unreachable')
  expect(becomeInactive(before, at(9))).toEqual({
    ...before,
    condition: 'UnreachableInactive',
    since: at(9),
  })
  expect(expungedByForce(before, at(9))).toEqual({ ...before, condition: 'Killed', since: at(9) })
})
