// The names of probes: whom they ask, and for which check.

import type { TaskId } from '../mesos.ts'
import type { ProbeId } from './probe.ts'

export type ProbeSubject =
  /** `index`: of the check in the app's healthChecks. */
  | { readonly kind: 'health'; readonly taskId: TaskId; readonly index: number }
  | { readonly kind: 'readiness'; readonly taskId: TaskId }

export const probeIdOf = (subject: ProbeSubject): ProbeId =>
  subject.kind === 'health' ? `health/${subject.index}/${subject.taskId}` : `readiness/${subject.taskId}`

/** @throws never: undefined for what is no id of ours. */
export function parseProbeId(id: ProbeId): ProbeSubject | undefined {
  const [, health, index, readiness] = /^(?:(health)\/(\d+)|(readiness))\//.exec(id) ?? []
  if (health !== undefined) {
    return { kind: 'health', index: Number(index), taskId: id.slice(`health/${index}/`.length) }
  }
  return readiness === undefined ? undefined : { kind: 'readiness', taskId: id.slice('readiness/'.length) }
}
