// Why offers were not used, counted per reason, for /v2/queue (rest-api 7). One per run spec, thrown away when its
// launcher stops. Recording an offer costs a few map writes; the summaries are made when somebody asks.

import type { Instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { AgentId, Offer } from '../mesos.ts'
import { type NoMatchReason, noMatchReasons } from '../reasons.ts'
import type { FunnelStep, QueueItem, UnusedOffer } from '../view.ts'

/** The part of a queue item that tells of offers. */
export type OfferSummary = Pick<
  QueueItem,
  | 'processedOffers'
  | 'unusedOffers'
  | 'lastUnusedOfferAt'
  | 'lastUsedOfferAt'
  | 'rejectSummaryLaunchAttempt'
  | 'rejectSummaryLastOffers'
  | 'lastUnusedOffers'
>

export interface OfferStatistics {
  /** An offer was matched. */
  recordUsed(now: Instant): void
  /** An offer was refused, for these reasons in funnel order. */
  recordUnused(offer: Offer, reasons: readonly NoMatchReason[], now: Instant): void
  summary(): OfferSummary
  /** The first reasons of the last refused offer of each agent, most frequent first: what the run spec waits for. */
  frequentReasons(): readonly NoMatchReason[]
}

export function createOfferStatistics(): OfferStatistics {
  let processed = 0
  let unused = 0
  let lastUnusedOfferAt: Instant | undefined
  let lastUsedOfferAt: Instant | undefined
  const declined = emptyFunnel()
  /** The last refusal of each agent, the one refused longest ago first. */
  const lastRefusals = new Map<AgentId, readonly NoMatchReason[]>()
  /** The same for the last few, with the offer itself. */
  const lastUnused = new Map<AgentId, UnusedOffer>()

  return {
    recordUsed(now) {
      processed++
      lastUsedOfferAt = now
    },
    recordUnused(offer, reasons, now) {
      processed++
      unused++
      lastUnusedOfferAt = now
      countFirst(declined, reasons)
      remember(lastRefusals, offer.agentId, reasons, limits.refusedAgentsPerRunSpec)
      remember(lastUnused, offer.agentId, { offer, reasons, timestamp: now }, limits.unusedOffersPerRunSpec)
    },
    summary() {
      const times: { lastUnusedOfferAt?: Instant; lastUsedOfferAt?: Instant } = {}
      if (lastUnusedOfferAt !== undefined) times.lastUnusedOfferAt = lastUnusedOfferAt
      if (lastUsedOfferAt !== undefined) times.lastUsedOfferAt = lastUsedOfferAt
      return {
        processedOffers: processed,
        unusedOffers: unused,
        ...times,
        rejectSummaryLaunchAttempt: funnel(declined, processed),
        rejectSummaryLastOffers: funnel(firstReasons(lastRefusals), lastRefusals.size),
        lastUnusedOffers: [...lastUnused.values()],
      }
    },
    frequentReasons() {
      const counts = firstReasons(lastRefusals)
      return noMatchReasons.filter((reason) => counts[reason] > 0).sort((a, b) => counts[b] - counts[a])
    },
  }
}

type Funnel = Record<NoMatchReason, number>

const emptyFunnel = (): Funnel => Object.fromEntries(noMatchReasons.map((reason) => [reason, 0])) as Funnel

/** The lowest reason of the funnel counts; a refusal by region alone has none. */
function countFirst(counts: Funnel, reasons: readonly NoMatchReason[]): void {
  const first = reasons[0]
  if (first !== undefined) counts[first]++
}

function firstReasons(refusals: ReadonlyMap<AgentId, readonly NoMatchReason[]>): Funnel {
  const counts = emptyFunnel()
  for (const reasons of refusals.values()) countFirst(counts, reasons)
  return counts
}

/** All ten steps, also those that declined nothing; each one processes what the ones before let through. */
function funnel(counts: Funnel, processed: number): FunnelStep[] {
  let left = processed
  return noMatchReasons.map((reason) => {
    const step = { reason, declined: counts[reason], processed: left }
    left -= step.declined
    return step
  })
}

function remember<T>(latest: Map<AgentId, T>, agentId: AgentId, value: T, limit: number): void {
  latest.delete(agentId)
  latest.set(agentId, value)
  if (latest.size <= limit) return
  for (const oldest of latest.keys()) {
    latest.delete(oldest)
    break
  }
}
