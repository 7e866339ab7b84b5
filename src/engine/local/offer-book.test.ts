import { beforeEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../core/events.ts'
import type { Offer } from '../../core/mesos.ts'
import { OfferBook } from './offer-book.ts'
import type { MachineResources } from './resources.ts'

const half: MachineResources = {
  cpus: 2,
  mem: 1_000,
  disk: 0,
  gpus: 0,
  ports: [{ begin: 31_000, end: 31_003 }],
}
const need = (cpus: number, port?: number): MachineResources => ({
  cpus,
  mem: 10,
  disk: 0,
  gpus: 0,
  ports: port === undefined ? [] : [{ begin: port, end: port }],
})

let book: OfferBook
let ids: number

beforeEach(() => {
  ids = 0
  book = new OfferBook({
    agents: [
      { id: 'agent-1', attributes: [{ name: 'rack', text: 'a' }], resources: half },
      { id: 'agent-2', attributes: [], resources: { ...half, ports: [] } },
    ],
    address: '127.0.0.1',
    newOfferId: () => `O${++ids}`,
  })
})

const offersIn = (events: readonly EngineEvent[]): Offer[] =>
  events.flatMap((event) => (event.kind === 'offers' ? [...event.offers] : []))
const rescindsIn = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'offer-rescinded' ? [event.offerId] : []))
const cpusOf = (offer: Offer | undefined) => offer?.resources.find((one) => one.name === 'cpus')?.scalar

describe('offers', () => {
  it('are made once, with everything an agent has', () => {
    expect(offersIn(book.flush(0))[0]).toEqual({
      id: 'O1',
      agentId: 'agent-1',
      hostname: 'agent-1',
      address: '127.0.0.1',
      resources: [
        { name: 'cpus', scalar: 2, role: '*' },
        { name: 'mem', scalar: 1_000, role: '*' },
        { name: 'ports', ranges: half.ports, role: '*' },
      ],
      attributes: [{ name: 'rack', text: 'a' }],
    })
    expect(book.flush(0)).toEqual([])
  })

  it('hold the rest at once after an accept', () => {
    book.flush(0)
    expect(book.accept(['O1'], 'agent-1')).toBe(true)
    expect(book.take('agent-1', 't', need(0.5, 31_001))).toBeUndefined()
    const events = book.flush(0)
    expect(rescindsIn(events)).toEqual([])
    expect(cpusOf(offersIn(events)[0])).toBe(1.5)
  })

  it('are exchanged when a task ends, one per agent at a time', () => {
    book.flush(0)
    book.accept(['O1'], 'agent-1')
    book.take('agent-1', 't', need(0.5))
    book.flush(0)
    book.release('agent-1', 't')
    const events = book.flush(0)
    expect(rescindsIn(events)).toEqual(['O3'])
    expect(offersIn(events).map(cpusOf)).toEqual([2])
  })

  it('that were rescinded because more became free can still be accepted', () => {
    book.flush(0)
    book.accept(['O1'], 'agent-1')
    book.take('agent-1', 't', need(0.5))
    book.flush(0)
    book.release('agent-1', 't')
    book.flush(0)
    expect(book.accept(['O3'], 'agent-1')).toBe(true)
  })

  it('are accepted once, by the agent they are of', () => {
    book.flush(0)
    expect(book.accept(['O2'], 'agent-1')).toBe(false)
    expect(book.accept(['O1'], 'agent-1')).toBe(true)
    expect(book.accept(['O1'], 'agent-1')).toBe(false)
    expect(book.accept(['O9'], 'agent-1')).toBe(false)
    expect(book.accept([], 'agent-1')).toBe(false)
  })

  it('never give the same thing twice', () => {
    book.flush(0)
    book.accept(['O1'], 'agent-1')
    expect(book.take('agent-1', 'a', need(1.5, 31_000))).toBeUndefined()
    expect(book.take('agent-1', 'b', need(0.6))).toBe('cpus')
    expect(book.take('agent-1', 'c', need(0.1, 31_000))).toBe('ports')
    expect(book.take('agent-1', 'd', need(0.5, 31_001))).toBeUndefined()
    expect(offersIn(book.flush(0))[0]?.resources).toEqual([
      { name: 'mem', scalar: 980, role: '*' },
      { name: 'ports', ranges: [{ begin: 31_002, end: 31_003 }], role: '*' },
    ])
  })
})

describe('a declined offer', () => {
  it('comes back after the refuse time', () => {
    book.flush(0)
    book.decline('O1', 1_000, 5_000)
    expect(book.flush(5_999)).toEqual([])
    expect(offersIn(book.flush(6_000)).map((offer) => offer.agentId)).toEqual(['agent-1'])
  })

  it('comes back on revive, and when something becomes free', () => {
    book.hold('agent-1', 't', need(1))
    book.flush(0)
    book.decline('O1', 0, 5_000)
    book.decline('O2', 0, 5_000)
    book.release('agent-1', 't')
    expect(offersIn(book.flush(1)).map((offer) => offer.agentId)).toEqual(['agent-1'])
    book.revive()
    expect(offersIn(book.flush(1)).map((offer) => offer.agentId)).toEqual(['agent-2'])
  })
})

it('offers nothing while suppressed, and everything after', () => {
  book.flush(0)
  book.suppress()
  expect(rescindsIn(book.flush(0))).toEqual(['O1', 'O2'])
  expect(book.flush(1_000_000)).toEqual([])
  book.revive()
  expect(offersIn(book.flush(0)).length).toBe(2)
})

it('offers nothing of an unplugged agent', () => {
  book.flush(0)
  book.setPlugged('agent-1', false)
  expect(rescindsIn(book.flush(0))).toEqual(['O1'])
  expect(book.accept(['O1'], 'agent-1')).toBe(false)
  expect(book.flush(0)).toEqual([])
  book.setPlugged('agent-1', true)
  expect(offersIn(book.flush(0)).map((offer) => offer.agentId)).toEqual(['agent-1'])
})

it('exchanges an offer when someone takes or frees one of its ports, and only then', () => {
  book.flush(0)
  book.setPortsTaken(new Set([31_001, 80]))
  const events = book.flush(0)
  expect(rescindsIn(events)).toEqual(['O1'])
  expect(offersIn(events)[0]?.resources.at(-1)?.ranges).toEqual([
    { begin: 31_000, end: 31_000 },
    { begin: 31_002, end: 31_003 },
  ])
  book.setPortsTaken(new Set([31_001, 81]))
  expect(book.flush(0)).toEqual([])
  book.setPortsTaken(new Set())
  expect(rescindsIn(book.flush(0)).length).toBe(1)
})

it('does not exchange an offer because a task of ours listens on its own port', () => {
  book.flush(0)
  book.accept(['O1'], 'agent-1')
  book.take('agent-1', 't', need(0.5, 31_001))
  book.flush(0)
  book.setPortsTaken(new Set([31_001]))
  expect(book.flush(0)).toEqual([])
})

it('lists what each agent has and uses', () => {
  book.hold('agent-1', 't', need(0.5, 31_001))
  expect(book.list()[0]).toEqual({
    id: 'agent-1',
    attributes: [{ name: 'rack', text: 'a' }],
    isPlugged: true,
    total: half,
    used: { cpus: 0.5, mem: 10, disk: 0, gpus: 0, ports: [{ begin: 31_001, end: 31_001 }] },
    tasks: 1,
  })
})

it('starts anew after a reset', () => {
  book.flush(0)
  book.reset()
  expect(book.accept(['O1'], 'agent-1')).toBe(false)
  expect(offersIn(book.flush(0)).length).toBe(2)
})

describe('tasks of agents that this start no longer has', () => {
  beforeEach(() => {
    book.hold('agent-9', 'old', need(1, 31_002))
    book.hold('agent-2', 'moved', need(1, 31_003))
  })

  it('are listed under their agent, which offers nothing', () => {
    expect(book.list().at(-1)).toMatchObject({
      id: 'agent-9',
      total: { cpus: 1 },
      used: { cpus: 1 },
      tasks: 1,
    })
    expect(offersIn(book.flush(0)).map((offer) => offer.agentId)).toEqual(['agent-1', 'agent-2'])
  })

  it('keep their ports from whoever has them now, until they end', () => {
    const portsOf = (offer: Offer | undefined) => offer?.resources.find((one) => one.name === 'ports')?.ranges
    expect(portsOf(offersIn(book.flush(0))[0])).toEqual([{ begin: 31_000, end: 31_001 }])
    book.release('agent-9', 'old')
    book.release('agent-2', 'moved')
    expect(portsOf(offersIn(book.flush(0))[0])).toEqual(half.ports)
    expect(book.list().map((agent) => agent.id)).toEqual(['agent-1', 'agent-2'])
  })
})
