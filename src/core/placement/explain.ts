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
  /** Its launcher stops: what it remembers gives way to others'. */
  release(): void
}

/** How many refusals all run specs together may still remember (limits.refusalsRemembered). */
export interface RefusalRoom {
  left: number
}

export function createOfferStatistics(
  room: RefusalRoom = { left: limits.refusalsRemembered },
): OfferStatistics {
  let processed = 0
  let unused = 0
  let lastUnusedOfferAt: Instant | undefined
  let lastUsedOfferAt: Instant | undefined
  const declined = emptyFunnel()
  /** The last refusal of each agent, the one refused longest ago first. */
  const lastRefusals = new Map<AgentId, readonly NoMatchReason[]>()
  /** Their first reasons, counted. */
  const lastDeclined = emptyFunnel()
  /** The same for the last few, with the offer itself. */
  const lastUnused = new Map<AgentId, UnusedOffer>()

  function forgetRefusal(agentId: AgentId, reasons: readonly NoMatchReason[]): void {
    lastRefusals.delete(agentId)
    countFirst(lastDeclined, reasons, -1)
    room.left++
  }

  function rememberRefusal(agentId: AgentId, reasons: readonly NoMatchReason[]): void {
    const before = lastRefusals.get(agentId)
    if (before !== undefined) forgetRefusal(agentId, before)
    else if (lastRefusals.size >= limits.refusedAgentsPerRunSpec || room.left <= 0) {
      for (const [oldest, its] of lastRefusals) {
        forgetRefusal(oldest, its)
        break
      }
    }
    if (room.left <= 0) return
    room.left--
    lastRefusals.set(agentId, reasons)
    countFirst(lastDeclined, reasons, 1)
  }

  return {
    recordUsed(now) {
      processed++
      lastUsedOfferAt = now
    },
    recordUnused(offer, reasons, now) {
      processed++
      unused++
      lastUnusedOfferAt = now
      countFirst(declined, reasons, 1)
      rememberRefusal(offer.agentId, reasons)
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
        rejectSummaryLastOffers: funnel(lastDeclined, lastRefusals.size),
        lastUnusedOffers: [...lastUnused.values()],
      }
    },
    frequentReasons() {
      return noMatchReasons
        .filter((reason) => lastDeclined[reason] > 0)
        .sort((a, b) => lastDeclined[b] - lastDeclined[a])
    },
    release() {
      for (const [agentId, reasons] of lastRefusals) forgetRefusal(agentId, reasons)
    },
  }
}

type Funnel = Record<NoMatchReason, number>

const emptyFunnel = (): Funnel => Object.fromEntries(noMatchReasons.map((reason) => [reason, 0])) as Funnel

/** The lowest reason of the funnel counts; a refusal by region alone has none. */
function countFirst(counts: Funnel, reasons: readonly NoMatchReason[], by: 1 | -1): void {
  const first = reasons[0]
  if (first !== undefined) counts[first] += by
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
