// One item of the launch queue (rest-api 7): how many instances wait, since when, until when, and why.

import type { Offer, Resource } from '../../core/mesos.ts'
import { noMatchReasons } from '../../core/reasons.ts'
import type { FunnelStep, QueueItem, UnusedOffer } from '../../core/view.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import { isPod } from '../../spec/run-spec.ts'
import { appJson } from './app-body.ts'
import { podJson } from './pod-body.ts'
import { renderWaitingOn } from './waiting-on.ts'

export interface QueueOptions {
  readonly now: Instant
  /** `embed=lastUnusedOffers` */
  readonly withUnusedOffers: boolean
}

/** The JSON of the item; the app or pod comes last, as bytes that are already there. */
export function queueItemJson(item: QueueItem, options: QueueOptions): string {
  const head = JSON.stringify({
    count: item.count,
    role: item.role,
    delay: renderDelay(item.delayUntil, options.now),
    since: formatInstant(item.since),
    processedOffersSummary: {
      processedOffersCount: item.processedOffers,
      unusedOffersCount: item.unusedOffers,
      ...(item.lastUnusedOfferAt === undefined
        ? {}
        : { lastUnusedOfferAt: formatInstant(item.lastUnusedOfferAt) }),
      ...(item.lastUsedOfferAt === undefined ? {} : { lastUsedOfferAt: formatInstant(item.lastUsedOfferAt) }),
      rejectSummaryLastOffers: renderFunnel(item.rejectSummaryLastOffers),
      rejectSummaryLaunchAttempt: renderFunnel(item.rejectSummaryLaunchAttempt),
    },
    ...(options.withUnusedOffers ? { lastUnusedOffers: item.lastUnusedOffers.map(renderUnusedOffer) } : {}),
    waitingOn: item.waitingOn.map(renderWaitingOn),
  })
  const { runSpec } = item
  const definition = isPod(runSpec) ? `"pod":${podJson(runSpec)}` : `"app":${appJson(runSpec)}`
  return `${head.slice(0, -1)},${definition}}`
}

/** Overdue: there is no delay, or it has been over for a whole second (runtime 4). */
function renderDelay(
  until: Instant | undefined,
  now: Instant,
): { timeLeftSeconds: number; overdue: boolean } {
  if (until === undefined) return { timeLeftSeconds: 0, overdue: true }
  const left = Math.trunc((until - now) / 1000)
  return { timeLeftSeconds: Math.max(0, left), overdue: left < 0 }
}

/** All reasons in the order of the funnel, also those that refused nothing. */
function renderFunnel(steps: readonly FunnelStep[]): readonly FunnelStep[] {
  const byReason = new Map(steps.map((step) => [step.reason, step]))
  let remaining = steps[0]?.processed ?? 0
  return noMatchReasons.map((reason) => {
    const step = byReason.get(reason)
    const shown = { reason, declined: step?.declined ?? 0, processed: step?.processed ?? remaining }
    remaining = shown.processed - shown.declined
    return shown
  })
}

const renderUnusedOffer = (unused: UnusedOffer) => ({
  offer: renderOffer(unused.offer),
  reason: unused.reasons,
  timestamp: formatInstant(unused.timestamp),
})

const renderOffer = (offer: Offer) => ({
  id: offer.id,
  hostname: offer.hostname,
  agentId: offer.agentId,
  resources: offer.resources.map(renderResource),
  attributes: offer.attributes.map(({ name, text, scalar, ranges, set }) => ({
    name,
    text,
    scalar,
    ranges,
    set,
  })),
})

const renderResource = ({ name, role, scalar, ranges, set }: Resource) => ({
  name,
  role,
  scalar,
  ranges,
  set,
})
