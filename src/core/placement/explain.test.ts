import { expect, test } from 'vitest'
import { buildOffer } from '../../../tests/support/build-placement.ts'
import { instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { type NoMatchReason, noMatchReasons } from '../reasons.ts'
import type { FunnelStep } from '../view.ts'
import { createOfferStatistics } from './explain.ts'

const from = (agent: number) => buildOffer({ id: `offer-${agent}`, agentId: `agent-${agent}` })

/** Only the steps that declined something, as `reason declined/processed`. */
const declining = (steps: readonly FunnelStep[]): string[] =>
  steps
    .filter(({ declined }) => declined > 0)
    .map(({ reason, declined, processed }) => `${reason} ${declined}/${processed}`)

test('before the first offer all steps are listed with nothing', () => {
  const summary = createOfferStatistics().summary()
  expect(summary.rejectSummaryLaunchAttempt.map(({ reason }) => reason)).toEqual(noMatchReasons)
  expect(summary.rejectSummaryLastOffers).toEqual(summary.rejectSummaryLaunchAttempt)
  expect(summary).toMatchObject({ processedOffers: 0, unusedOffers: 0, lastUnusedOffers: [] })
  expect(summary).not.toHaveProperty('lastUsedOfferAt')
  expect(summary).not.toHaveProperty('lastUnusedOfferAt')
})

test('each refused offer counts under its first reason, and the next step processes what is left', () => {
  const statistics = createOfferStatistics()
  const refusals: readonly (readonly NoMatchReason[])[] = [
    ['InsufficientCpus', 'InsufficientMemory'],
    ['UnfulfilledConstraint', 'InsufficientCpus'],
    ['InsufficientMemory'],
    ['InsufficientCpus'],
    [],
  ]
  for (const [i, reasons] of refusals.entries()) statistics.recordUnused(from(i), reasons, instant(i))
  statistics.recordUsed(instant(9))
  const summary = statistics.summary()
  expect(declining(summary.rejectSummaryLaunchAttempt)).toEqual([
    'UnfulfilledConstraint 1/6',
    'InsufficientCpus 2/5',
    'InsufficientMemory 1/3',
  ])
  expect(declining(summary.rejectSummaryLastOffers)).toEqual([
    'UnfulfilledConstraint 1/5',
    'InsufficientCpus 2/4',
    'InsufficientMemory 1/2',
  ])
  expect(summary).toMatchObject({
    processedOffers: 6,
    unusedOffers: 5,
    lastUnusedOfferAt: 4,
    lastUsedOfferAt: 9,
  })
  expect(statistics.frequentReasons()).toEqual([
    'InsufficientCpus',
    'UnfulfilledConstraint',
    'InsufficientMemory',
  ])
})

test('of each agent only the last refusal counts among the last offers', () => {
  const statistics = createOfferStatistics()
  statistics.recordUnused(from(1), ['InsufficientCpus'], instant(1))
  statistics.recordUnused(from(1), ['InsufficientPorts'], instant(2))
  const summary = statistics.summary()
  expect(declining(summary.rejectSummaryLaunchAttempt)).toEqual([
    'InsufficientCpus 1/2',
    'InsufficientPorts 1/1',
  ])
  expect(declining(summary.rejectSummaryLastOffers)).toEqual(['InsufficientPorts 1/1'])
  expect(summary.lastUnusedOffers).toEqual([{ offer: from(1), reasons: ['InsufficientPorts'], timestamp: 2 }])
})

test('memory is bounded: the newest offers and agents are kept', () => {
  const statistics = createOfferStatistics()
  const agents = limits.refusedAgentsPerRunSpec + 3
  for (let i = 0; i < agents; i++) statistics.recordUnused(from(i), ['InsufficientCpus'], instant(i))
  const summary = statistics.summary()
  expect(summary.lastUnusedOffers.map(({ timestamp }) => timestamp)).toEqual(
    Array.from(
      { length: limits.unusedOffersPerRunSpec },
      (_, i) => agents - limits.unusedOffersPerRunSpec + i,
    ),
  )
  expect(declining(summary.rejectSummaryLastOffers)).toEqual([
    `InsufficientCpus ${limits.refusedAgentsPerRunSpec}/${limits.refusedAgentsPerRunSpec}`,
  ])
  expect(summary.unusedOffers).toBe(agents)
})

test('the refusals of all run specs together share one room, and a launcher that stops gives its part back', () => {
  const room = { left: 2 }
  const [web, db] = [createOfferStatistics(room), createOfferStatistics(room)]
  web.recordUnused(from(1), ['InsufficientCpus'], instant(1))
  web.recordUnused(from(2), ['InsufficientPorts'], instant(2))
  web.recordUnused(from(3), ['InsufficientMemory'], instant(3))
  db.recordUnused(from(1), ['InsufficientCpus'], instant(3))
  expect(declining(web.summary().rejectSummaryLastOffers)).toEqual([
    'InsufficientMemory 1/2',
    'InsufficientPorts 1/1',
  ])
  expect(declining(db.summary().rejectSummaryLastOffers)).toEqual([])
  web.release()
  expect(room.left).toBe(2)
  db.recordUnused(from(2), ['InsufficientCpus'], instant(4))
  expect(db.frequentReasons()).toEqual(['InsufficientCpus'])
})
