// Why an app waits, in one line: the server's own `waitingOn`, or, from a server that does not give it, what
// the delay and the counts of refused offers tell (rest-api 7).

import type { QueueItem, RejectSummary, WaitingOn } from '../client/wire.ts'
import { formatDuration } from './output/duration.ts'

/** The reasons as sentences, the most telling first; at least one. */
export function explainWaiting(item: QueueItem): readonly string[] {
  if (item.waitingOn !== undefined && item.waitingOn.length > 0) return item.waitingOn.map(sentenceOf)
  const reasons: string[] = []
  if (item.delay.timeLeftSeconds > 0) {
    reasons.push(
      `backing off after failures, next try in ${formatDuration(item.delay.timeLeftSeconds * 1000)}`,
    )
  }
  const summary = item.processedOffersSummary
  const declined = (summary?.rejectSummaryLastOffers ?? []).filter((step) => step.declined > 0)
  reasons.push(...declined.toSorted((a, b) => b.declined - a.declined).map(explainRejects))
  if (reasons.length > 0) return reasons
  return [(summary?.processedOffersCount ?? 0) === 0 ? 'no offers yet' : 'starting']
}

export const sentenceOf = (waiting: WaitingOn): string => waiting.message || waiting.reason

const explainRejects = (step: RejectSummary): string =>
  `${rejectTexts[step.reason] ?? step.reason} (${step.declined} of ${step.processed} offers)`

/** The funnel's reasons in words (runtime 5). */
const rejectTexts: Readonly<Record<string, string>> = {
  UnfulfilledRole: 'no resources for its role',
  UnfulfilledConstraint: 'constraints not met',
  NoCorrespondingReservationFound: 'its reservation was not offered',
  AgentMaintenance: 'the agent is in maintenance',
  InsufficientCpus: 'not enough cpus',
  InsufficientMemory: 'not enough memory',
  InsufficientDisk: 'not enough disk',
  InsufficientGpus: 'not enough gpus',
  InsufficientPorts: 'not enough ports',
  DeclinedScarceResources: 'the agent is kept for apps that need its gpus',
}
