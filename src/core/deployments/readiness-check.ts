// One readiness check of one task (runtime 10): what is asked of it, and what an answer means. Nothing here knows of
// deployments; readiness-watch.ts says when it is asked.

import { seconds } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { App, ReadinessCheck } from '../../spec/app.ts'
import type { Probe, ProbeOutcome, ProbeTarget } from '../health/probe.ts'
import { probeIdOf } from '../health/probe-id.ts'
import type { Instance } from '../instances/instance.ts'
import { reachedAt } from '../instances/reached-at.ts'
import type { TaskId } from '../mesos.ts'

/** As deployments and apps show it (rest-api 6). */
export interface ReadinessResult {
  readonly name: string
  readonly taskId: TaskId
  readonly ready: boolean
  /** Only where the check asks for it to be kept. */
  readonly lastResponse?: {
    readonly status: number
    readonly contentType: string
    readonly body: string
  }
}

/** Undefined: the port the check names is not reachable (yet). */
export function readinessProbe(app: App, check: ReadinessCheck, instance: Instance): Probe | undefined {
  const task = instance.tasks[0]
  const target = targetOf(app, check, instance)
  if (task === undefined || target === undefined) return undefined
  return {
    id: probeIdOf({ kind: 'readiness', taskId: task.id }),
    target,
    firstAfter: seconds(0),
    pace: 'after-answer',
    interval: seconds(check.intervalSeconds),
    timeout: seconds(check.timeoutSeconds),
    bodyBytes: check.preserveLastResponse ? limits.readinessBodyBytes : 0,
  }
}

function targetOf(app: App, check: ReadinessCheck, instance: Instance): ProbeTarget | undefined {
  const ports: readonly { readonly name?: string }[] =
    app.container?.portMappings ?? app.portDefinitions ?? []
  const index = ports.findIndex(({ name }) => name === check.portName)
  const at = index === -1 ? undefined : reachedAt(app, instance, index)
  const path = check.path.startsWith('/') ? check.path : `/${check.path}`
  return at && { protocol: check.protocol, ...at, path }
}

/** `target`: what was asked, for the words of a failure. */
export function judgeReadiness(
  check: ReadinessCheck,
  taskId: TaskId,
  target: ProbeTarget,
  outcome: ProbeOutcome,
): ReadinessResult {
  const response = responseOf(target, outcome)
  const ready = outcome.kind === 'answered' && codesOf(check).includes(outcome.status)
  return {
    name: check.name,
    taskId,
    ready,
    ...(check.preserveLastResponse && { lastResponse: response }),
  }
}

const codesOf = ({ httpStatusCodesForReady: codes }: ReadinessCheck): readonly number[] =>
  codes.length === 0 ? [200] : codes

/** No answer is a gateway's answer for one that did not come. The media type is shown without its parameters. */
function responseOf(
  target: ProbeTarget,
  outcome: ProbeOutcome,
): NonNullable<ReadinessResult['lastResponse']> {
  if (outcome.kind === 'answered') {
    const { status, contentType = '', body = '' } = outcome
    return { status, contentType: contentType.split(';')[0]!.trim(), body }
  }
  const reason = outcome.kind === 'failed' ? outcome.message : 'no answer'
  const body = `Marathon could not query ${urlOf(target)}: ${reason}`
  return { status: 504, contentType: 'text/plain', body }
}

function urlOf({ protocol, address, port, ...rest }: ProbeTarget): string {
  const host = address.includes(':') ? `[${address}]` : address
  return `${protocol.toLowerCase()}://${host}:${port}${'path' in rest ? rest.path : ''}`
}
