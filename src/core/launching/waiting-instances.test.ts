import { expect, test } from 'vitest'
import { scheduledInstance } from '../../../tests/support/build-placement.ts'
import type { Instance } from '../instances/instance.ts'
import { WaitingInstances } from './waiting-instances.ts'

const waits = (id: string, role: string, isBound = false): Instance =>
  scheduledInstance({
    id,
    role,
    ...(isBound && { reservation: { id, volumes: [], state: 'suspended' as const } }),
  })

test('those that wait are counted by role, and those that wait for their volumes among them', () => {
  const waiting = new WaitingInstances()
  const [a, b, c] = [waits('a', 'new'), waits('b', 'old', true), waits('c', 'old', true)]
  for (const instance of [a, b, c]) waiting.put(instance)
  expect([...waiting.keys()]).toEqual(['a', 'b', 'c'])
  expect(Object.fromEntries(waiting.roles)).toEqual({
    new: { count: 1, bound: 0 },
    old: { count: 2, bound: 2 },
  })
  expect([waiting.take(b), waiting.take(b), waiting.take(a)]).toEqual([true, false, true])
  expect(Object.fromEntries(waiting.roles)).toEqual({ old: { count: 1, bound: 1 } })
})
