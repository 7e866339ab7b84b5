import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instant } from '../../lib/instant.ts'
import type { Instance } from '../instances/instance.ts'
import { firstToGo } from '../scaling/kill-order.ts'
import { KillQueue } from './kill-queue.ts'

const running = (n: number, since: number): Instance => ({
  id: `web.instance-${n}`,
  runSpecId: '/web',
  runSpecVersion: '2026-01-01T00:00:00.000Z',
  role: '*',
  goal: 'Running',
  condition: 'Running',
  since: instant(since),
  activeSince: instant(since),
  scheduledAt: instant(0),
  attempt: 1,
  tasks: [],
})

/** A member comes, one leaves or leaves and comes back, or somebody asks for the first few. */
const moves = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('come' as const), since: fc.nat(50) }),
    fc.record({ kind: fc.constantFrom('leave' as const, 'return' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('ask' as const), count: fc.nat(6), isOldest: fc.boolean() }),
  ),
  { maxLength: 60 },
)

test('whoever asks gets the first of the kill order, whatever came and left in between', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 40 }), moves, (ages, all) => {
      const queue = new KillQueue()
      const members: Instance[] = []
      const come = (since: number) => {
        const instance = running(members.length, since)
        members.push(instance)
        queue.add(instance)
      }
      ages.forEach(come)
      for (const move of all) {
        if (move.kind === 'come') come(move.since)
        else if (move.kind === 'ask') {
          const selection = move.isOldest ? 'OLDEST_FIRST' : 'YOUNGEST_FIRST'
          expect(queue.first(move.count, selection)).toEqual(firstToGo([...queue], move.count, selection))
        } else if (members.length > 0) {
          const instance = members[move.at % members.length]!
          const wasThere = queue.delete(instance)
          if (move.kind === 'return' && wasThere) queue.add(instance)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('all of them are looked at once for a thousand that go', () => {
  let looks = 0
  class Counted extends KillQueue {
    override [Symbol.iterator]() {
      looks++
      return super[Symbol.iterator]()
    }
  }
  const queue = new Counted()
  for (let n = 0; n < 5_000; n++) queue.add(running(n, n))
  for (let gone = 0; gone < 4_096; gone++) {
    const [first] = queue.first(1, 'OLDEST_FIRST')
    expect(first?.id).toBe(`web.instance-${gone}`)
    queue.delete(first!)
  }
  expect(looks).toBeLessThanOrEqual(5)
})
