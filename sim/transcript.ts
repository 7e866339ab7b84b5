// What a step did, in the lines of a scenario: what went in, what was written, what left. Much of it is noise unless a
// scenario asks for it.

import {
  describeEffect,
  describeEvent,
  describeNotice,
  describeProbeEffect,
  describeWrite,
  type Names,
} from '../src/core/describe.ts'
import type { Event } from '../src/core/events.ts'
import type { TaskStatus } from '../src/core/mesos.ts'
import type { Step } from './observer.ts'

/** Noise unless a scenario asks for it: `show offers`, `show acknowledgements`, `show writes`, `show waking`. */
export const noiseKinds = [
  'offers',
  'acknowledgements',
  'writes',
  'waking',
  'statuses',
  'probes',
  'executors',
] as const
export type NoiseKind = (typeof noiseKinds)[number]

export function transcriptOf(
  { slice, ready }: Pick<Step, 'slice' | 'ready'>,
  names: Names,
  shown: ReadonlySet<NoiseKind>,
): readonly string[] {
  const lines: string[] = []
  for (const event of slice) {
    const noise = noiseOf(event)
    if (noise !== undefined && !shown.has(noise)) continue
    for (const text of describeEvent(event, names).split('\n')) lines.push(`< ${text}`)
  }
  if (shown.has('writes')) for (const write of ready.writes) lines.push(`w ${describeWrite(write, names)}`)
  for (const effect of ready.effects) {
    if (effect.kind === 'acknowledge' && !shown.has('acknowledgements')) continue
    if (effect.kind === 'decline' && !shown.has('offers')) continue
    lines.push(`> ${describeEffect(effect, names)}`)
  }
  if (shown.has('probes'))
    for (const effect of ready.probes) lines.push(`> ${describeProbeEffect(effect, names)}`)
  for (const notice of ready.notices) {
    if (notice.type === 'status_update_event' && !shown.has('statuses')) continue
    lines.push(`* ${describeNotice(notice, names)}`)
  }
  return lines
}

function noiseOf(event: Event): NoiseKind | undefined {
  switch (event.kind) {
    case 'offers':
    case 'offer-rescinded':
      return 'offers'
    case 'woke':
      return 'waking'
    case 'probe-results':
      return 'probes'
    case 'executor-lost':
      return 'executors'
    case 'status':
      return isNoNews(event.status) ? 'statuses' : undefined
    default:
      return undefined
  }
}

/** Every reconciliation is answered for every task; those that run as before are left out. */
const isNoNews = ({ reason, state }: TaskStatus): boolean =>
  reason === 'REASON_RECONCILIATION' && state === 'TASK_RUNNING'
