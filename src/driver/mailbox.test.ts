import { describe, expect, it } from 'vitest'
import type { Event } from '../core/events.ts'
import { instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { Mailbox } from './mailbox.ts'

const rescinded = (n: number): Event => ({ kind: 'offer-rescinded', offerId: `o-${n}` })
const status: Event = {
  kind: 'status',
  status: { taskId: 't', state: 'TASK_RUNNING', timestamp: instant(0) },
}
const request: Event = {
  kind: 'request',
  requestId: 1,
  request: { kind: 'reset-delay', id: '/a' },
}

function fullMailbox(): Mailbox {
  const mailbox = new Mailbox()
  for (let n = 0; n < limits.mailboxEvents; n++) mailbox.offer(rescinded(n))
  return mailbox
}

describe('the mailbox', () => {
  it('hands events out in the order they came, at most as many as asked for', () => {
    const mailbox = new Mailbox()
    for (const n of [1, 2, 3, 4, 5]) expect(mailbox.offer(rescinded(n))).toBe(true)
    expect(mailbox.take(2)).toEqual([rescinded(1), rescinded(2)])
    mailbox.offer(rescinded(6))
    expect(mailbox.size).toBe(4)
    expect(mailbox.take(10)).toEqual([rescinded(3), rescinded(4), rescinded(5), rescinded(6)])
    expect(mailbox.take(10)).toEqual([])
  })

  it('refuses requests and statuses when it is full, and takes them when it has room again', () => {
    const mailbox = fullMailbox()
    expect(mailbox.offer(request)).toBe(false)
    expect(mailbox.offer(status)).toBe(false)
    mailbox.take(2)
    expect(mailbox.offer(request)).toBe(true)
    expect(mailbox.offer(status)).toBe(true)
    expect(mailbox.offer(status)).toBe(false)
  })

  it('takes what nobody repeats even when it is full, up to a reserve', () => {
    const mailbox = fullMailbox()
    const all: Event[] = [
      { kind: 'engine-disconnected' },
      { kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: false },
      { kind: 'offers', offers: [] },
      { kind: 'agent-lost', agentId: 'a' },
      rescinded(1),
    ]
    for (const event of all) expect(mailbox.offer(event)).toBe(true)
    for (let n = all.length; n < limits.mailboxReserve; n++) mailbox.offer(rescinded(n))
    expect(() => mailbox.offer(rescinded(0))).toThrow(
      'the engine reports faster than the core can take: 131072',
    )
  })
})
