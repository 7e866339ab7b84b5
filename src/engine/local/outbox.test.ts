import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { EngineEvent } from '../../core/events.ts'
import { Outbox } from './outbox.ts'

const lost = (agentId: string): EngineEvent => ({ kind: 'agent-lost', agentId })

it('reports in order, and never from within the call that tells', async () => {
  const outbox = new Outbox()
  const heard: EngineEvent[] = []
  outbox.open((event) => {
    heard.push(event)
    if (heard.length === 1) outbox.push(lost('c'))
  })
  outbox.push(lost('a'))
  outbox.push(lost('b'))
  expect(heard).toEqual([])
  await setImmediate()
  await setImmediate()
  expect(heard).toEqual([lost('a'), lost('b'), lost('c')])
})

it('reports nothing more once it is closed, not even what was waiting', async () => {
  const outbox = new Outbox()
  const heard: EngineEvent[] = []
  outbox.open((event) => {
    heard.push(event)
    outbox.close()
  })
  outbox.push(lost('a'))
  outbox.push(lost('b'))
  await setImmediate()
  outbox.push(lost('c'))
  await setImmediate()
  expect(heard).toEqual([lost('a')])
  expect(outbox.isOpen).toBe(false)
})
