import { beforeEach, describe, expect, test } from 'vitest'
import { instant, millis } from '../../lib/instant.ts'
import { Agenda } from './agenda.ts'
import { fleet } from './agents.ts'
import { type Amounts, minus, nothing } from './amounts.ts'
import { Offers } from './offers.ts'
import type { SimAgent } from './parts.ts'
import { newAgent } from './registry.ts'
import { Subscription } from './subscription.ts'

const configs = fleet({ agents: 2, agentsPerRack: 1, cpus: 4, mem: 1_024, disk: 0, ports: [31_000, 31_009] })
const oneCpu: Amounts = { ...nothing, cpus: 1_000 }

let agenda: Agenda
let scheduler: Subscription
let offers: Offers
let agents: readonly SimAgent[]

/** The events since the last call, in few words. */
const told = (): readonly string[] =>
  scheduler.take().map((event) => {
    if (event.kind === 'offer-rescinded') return `rescinded ${event.offerId}`
    if (event.kind !== 'offers') return event.kind
    return event.offers.map(({ id, agentId }) => `${id} of ${agentId}`).join(', ')
  })

function start(holdsOffers: boolean): void {
  agenda = new Agenda()
  scheduler = new Subscription()
  agents = configs.map((config) => newAgent(config, []))
  const byId = new Map(agents.map((agent) => [agent.config.id, agent]))
  offers = new Offers({ holdsOffers, roles: ['web'], allocation: millis(1_000) }, agenda, scheduler, byId)
  scheduler.open()
}

/** What is due until then happens, and what is free is offered. */
function pass(at: number): void {
  agenda.advance(instant(at))
  offers.offerStale()
}

/** As a launch does, of what the scheduler has given back for it. */
function use(agent: SimAgent, amounts: Amounts): void {
  const left = minus(agent.free, amounts)
  if (typeof left === 'string') throw new Error(`too little ${left}`)
  agent.free = left
}

describe('where offers are held', () => {
  beforeEach(() => start(true))

  test('all of every agent is offered at once, and once', () => {
    offers.offerStale()
    expect(told()).toEqual(['offer-1 of agent-1, offer-2 of agent-2'])
    offers.offerStale()
    expect(told()).toEqual([])
  })

  test('what is left of an offer after a launch is offered again', () => {
    offers.offerStale()
    told()
    expect(offers.accept(['offer-1'], agents[0])?.id).toBe('offer-1')
    use(agents[0]!, oneCpu)
    offers.offerStale()
    expect(told()).toEqual(['offer-3 of agent-1'])
    expect([...agents[0]!.offers][0]!.amounts.cpus).toBe(3_000)
  })

  test('what becomes free goes out together with what was out', () => {
    offers.offerStale()
    offers.accept(['offer-1'], agents[0])
    use(agents[0]!, oneCpu)
    offers.offerStale()
    told()
    offers.release(agents[0]!, oneCpu)
    offers.offerStale()
    expect(told()).toEqual(['rescinded offer-3', 'offer-4 of agent-1'])
    expect([...agents[0]!.offers][0]!.amounts).toEqual(configs[0]!.total)
  })

  test.each<[string, readonly string[], readonly number[]]>([
    ['one that is not out', ['offer-9'], [0, 0]],
    ['one of another agent', ['offer-2'], [0, 4_000]],
    ['one of two agents', ['offer-1', 'offer-2'], [4_000, 4_000]],
    ['one that is named twice', ['offer-1', 'offer-1'], [4_000, 0]],
  ])('%s is good for no launch, and what was named is free again', (_, ids, free) => {
    offers.offerStale()
    expect(offers.accept(ids, agents[0])).toBeUndefined()
    expect(agents.map((agent) => agent.free.cpus)).toEqual(free)
  })

  test('an agent that is cut off offers nothing until it is back', () => {
    agents[1]!.isConnected = false
    offers.offerStale()
    expect(told()).toEqual(['offer-1 of agent-1'])
    agents[1]!.isConnected = true
    offers.welcome(agents[1]!)
    offers.offerStale()
    expect(told()).toEqual(['offer-2 of agent-2'])
  })

  test('a new connection is offered everything, and knows nothing of offers before', () => {
    offers.offerStale()
    scheduler.close()
    offers.recall()
    scheduler.open()
    offers.revive()
    offers.offerStale()
    expect(told()).toEqual(['offer-3 of agent-1, offer-4 of agent-2'])
  })
})

describe('on a shared cluster', () => {
  beforeEach(() => {
    start(false)
    offers.offerStale()
  })

  test('offers come with the allocations', () => {
    pass(999)
    expect(told()).toEqual([])
    pass(1_000)
    expect(told()).toEqual(['offer-1 of agent-1, offer-2 of agent-2'])
  })

  test('what was declined stays away for as long as was said', () => {
    pass(1_000)
    told()
    offers.decline('offer-1', millis(5_000))
    for (const at of [2_000, 5_999, 6_000]) pass(at)
    expect(told()).toEqual([])
    pass(7_000)
    expect(told()).toEqual(['offer-3 of agent-1'])
  })

  test('… unless there is more of it than was declined', () => {
    pass(1_000)
    offers.accept(['offer-1'], agents[0])
    use(agents[0]!, oneCpu)
    pass(2_000)
    pass(3_000)
    told()
    offers.decline('offer-3', millis(60_000))
    pass(5_000)
    expect(told()).toEqual([])
    offers.release(agents[0]!, oneCpu)
    pass(5_000)
    pass(6_000)
    expect(told()).toEqual(['offer-4 of agent-1'])
  })

  test('a revive brings back what was declined, and ends that nothing is offered', () => {
    pass(1_000)
    told()
    offers.decline('offer-1', millis(60_000))
    offers.suppress()
    offers.rescind(agents[1]!)
    pass(2_000)
    pass(3_000)
    expect(told()).toEqual(['rescinded offer-2'])
    offers.revive()
    pass(4_000)
    pass(5_000)
    expect(told()).toEqual(['offer-3 of agent-1, offer-4 of agent-2'])
  })
})
