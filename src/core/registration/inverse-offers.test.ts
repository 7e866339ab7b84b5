// Maintenance that the master plans (runtime 5.5): what we answer, and where nothing is launched any more.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { after, millis } from '../../lib/instant.ts'
import type { InverseOffer } from '../mesos.ts'

const shared = (holdsOffers = false): HandCore => new HandCore({ holdsOffers })

const inverse = (core: HandCore, agentId: string, id = `inverse of ${agentId}`): InverseOffer => ({
  id,
  agentId,
  unavailability: { start: after(core.now, millis(-1)), duration: millis(3_600_000) },
})

const answers = (core: HandCore, ...offers: readonly InverseOffer[]): unknown[] =>
  core.engine({ kind: 'inverse-offers', offers }).effects.filter(({ kind }) => kind !== 'decline')

const refuseFor = 30_000

describe('an inverse offer', () => {
  test('is accepted while nothing of ours is on the agent, and declined while something is', () => {
    const core = shared()
    core.create({ id: '/app', cmd: 'serve' })
    core.offers(offerOf('a'))
    const launched = core.launched[0]!
    const both = answers(core, inverse(core, 'a'), inverse(core, 'b'))
    expect(both).toEqual([
      { kind: 'answer-inverse-offers', answer: 'accept', offerIds: ['inverse of b'], refuseFor },
      { kind: 'answer-inverse-offers', answer: 'decline', offerIds: ['inverse of a'], refuseFor },
    ])
    core.tellAll('TASK_RUNNING')
    expect(answers(core, inverse(core, 'a', 'again'))).toMatchObject([{ answer: 'decline' }])
    core.remove('/app')
    core.status(launched.taskId, 'TASK_KILLED', { agentId: 'a' })
    expect(answers(core, inverse(core, 'a', 'once more'))).toMatchObject([{ answer: 'accept' }])
  })

  test('is declined while an agent that is cut off may still run something', () => {
    const core = shared()
    core.create({ id: '/app', cmd: 'serve', unreachableStrategy: 'disabled' })
    core.offers(offerOf('a'))
    const { taskId } = core.launched[0]!
    core.tellAll('TASK_RUNNING')
    core.status(taskId, 'TASK_UNREACHABLE', { agentId: 'a' })
    expect(answers(core, inverse(core, 'a'))).toMatchObject([{ answer: 'decline' }])
  })

  test('that was taken back, or comes without a connection, is not answered', () => {
    const core = shared()
    expect(core.engine({ kind: 'inverse-offer-rescinded', offerId: 'x' }).effects).toEqual([])
    core.engine({ kind: 'engine-disconnected' })
    expect(answers(core, inverse(core, 'a'))).toEqual([])
  })
})

describe('an agent that is to go', () => {
  test('gets nothing more on the offers of it that are here, and says why', () => {
    const core = shared(true)
    core.offers(offerOf('a'), offerOf('b'))
    answers(core, inverse(core, 'a'))
    core.create({ id: '/app', cmd: 'serve', constraints: [['hostname', 'CLUSTER', 'a']] })
    expect(core.launched).toEqual([])
    const [item] = core.view.queue()
    expect(item!.lastUnusedOffers.find(({ offer }) => offer.agentId === 'a')?.reasons).toContain(
      'AgentMaintenance',
    )
    expect(JSON.stringify(core.view.explain({ kind: 'app', id: '/app' }))).toContain('aintenance')
  })

  test('is as good as any when the next offer of it says nothing of maintenance: plans change', () => {
    const core = shared(true)
    core.offers(offerOf('a'))
    answers(core, inverse(core, 'a'))
    core.engine({ kind: 'offer-rescinded', offerId: 'offer of a' })
    core.create({ id: '/app', cmd: 'serve' })
    core.offers(offerOf('a', { id: 'later' }))
    expect(core.launched).toHaveLength(1)
  })
})
