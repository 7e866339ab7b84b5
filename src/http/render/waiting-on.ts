// Why something is not happening, in words: the one place where a reason becomes a sentence for people. The queue, the
// deployments and through them the CLI and the UI show it.

import type { NoMatchReason, WaitingOn } from '../../core/reasons.ts'
import { unreachable } from '../../lib/assert.ts'
import { formatInstant } from '../../lib/instant.ts'

const noMatchWords: Readonly<Record<NoMatchReason, string>> = {
  UnfulfilledRole: 'resources of a role the app may use',
  UnfulfilledConstraint: 'an agent its constraints allow',
  NoCorrespondingReservationFound: 'its reservation',
  AgentMaintenance: 'an agent that is not about to be maintained',
  InsufficientCpus: 'enough cpus',
  InsufficientMemory: 'enough memory',
  InsufficientDisk: 'enough disk',
  InsufficientGpus: 'enough gpus',
  InsufficientPorts: 'the ports it asks for',
  DeclinedScarceResources: 'an agent without gpus, which are kept for apps that need them',
}

/** `{reason, message, …}`: the kind, a sentence, and the facts it is made of. */
export function renderWaitingOn(waiting: WaitingOn): Readonly<Record<string, unknown>> {
  const { kind, ...facts } = waiting
  return {
    reason: kind,
    message: describeWaitingOn(waiting),
    ...facts,
    ...('until' in facts && facts.until !== undefined ? { until: formatInstant(facts.until) } : {}),
    ...('since' in facts ? { since: formatInstant(facts.since) } : {}),
  }
}

export function describeWaitingOn(waiting: WaitingOn): string {
  switch (waiting.kind) {
    case 'backoff':
      return `${waiting.runSpecId} failed lately; it is launched again after ${formatInstant(waiting.until)}. DELETE /v2/queue${waiting.runSpecId}/delay launches it at once.`
    case 'offers':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${wait(waiting.count)} for an agent to offer resources; none is at hand.`
    case 'no-match':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${wait(waiting.count)}: no agent offers ${listReasons(waiting.reasons)}.`
    case 'launch-tokens':
      return `${waiting.runSpecId} waits because enough tasks are being launched already; more are allowed at ${formatInstant(waiting.until)}.`
    case 'running':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${waiting.count === 1 ? 'is' : 'are'} launched and not running yet.`
    case 'health':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${waiting.count === 1 ? 'runs' : 'run'} and ${waiting.count === 1 ? 'is' : 'are'} not healthy (yet).`
    case 'readiness':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${waiting.count === 1 ? 'has' : 'have'} not been found ready by the readiness check yet.`
    case 'promotion':
      return `Canary step ${waiting.step} of ${waiting.steps}: ${instances(waiting.instances)} of ${waiting.runSpecId} ${waiting.instances === 1 ? 'runs' : 'run'} the new version. ${waiting.until === undefined ? `POST /v2/deployments/${waiting.deploymentId}/promote goes on, DELETE rolls back.` : `It goes on at ${formatInstant(waiting.until)}; POST /v2/deployments/${waiting.deploymentId}/promote does so at once.`}`
    case 'paused':
      return `Deployment ${waiting.deploymentId} is paused since ${formatInstant(waiting.since)}. POST /v2/deployments/${waiting.deploymentId}/resume goes on, DELETE rolls back.`
    case 'ending':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${waiting.count === 1 ? 'has' : 'have'} been told to end and ${waiting.count === 1 ? 'has' : 'have'} not ended yet.`
    case 'capacity':
      return `${waiting.runSpecId} keeps at least ${waiting.minHealthy} healthy and at most ${waiting.maxCapacity} instances during the upgrade; no more can be started or stopped for the moment.`
    case 'next-slice':
      return `${instances(waiting.count)} of ${waiting.runSpecId} ${waiting.count === 1 ? 'is' : 'are'} next in line.`
    case 'artifacts':
      return `${waiting.count === 1 ? '1 file' : `${waiting.count} files`} of ${waiting.runSpecId} ${waiting.count === 1 ? 'is' : 'are'} being brought into the artifact store; nothing starts before.`
    case 'engine':
      return 'The engine that runs tasks is not connected.'
    case 'deployment':
      return `Deployment ${waiting.deploymentId} has to end first. DELETE /v2/deployments/${waiting.deploymentId} rolls it back.`
    case 'quarantine':
      return `A decision about ${waiting.runSpecId} failed, so it is left alone until it is changed; the server's log has the text.`
    default:
      return unreachable(waiting)
  }
}

const instances = (count: number): string => (count === 1 ? '1 instance' : `${count} instances`)
const wait = (count: number): string => (count === 1 ? 'waits' : 'wait')

function listReasons(reasons: readonly NoMatchReason[]): string {
  if (reasons.length === 0) return 'what it needs'
  return reasons.map((reason) => `${noMatchWords[reason]} (${reason})`).join(', or ')
}
