// What every Marathon writes on what it reserves (runtime 2, 12): which framework it is, and for which instance. By
// these labels alone we know what is ours, and leave alone what is another's.

import { type Resource, reservationOf } from '../mesos.ts'

const frameworkLabel = 'marathon_framework_id'
/** The name is older than instances; the value is the instance's id, or an older form of it. */
const instanceLabel = 'marathon_task_id'

/** `reservationId`: see InstanceReservation. */
export const reservationLabels = (
  frameworkId: string,
  reservationId: string,
): Readonly<Record<string, string>> => ({ [frameworkLabel]: frameworkId, [instanceLabel]: reservationId })

/**
 * Which reservation of ours the resource is part of; undefined: none.
 * @param ours the ids we have, and had: what was reserved outlives a framework that the master has removed
 */
export function reservationIdOf(resource: Resource, ours: ReadonlySet<string>): string | undefined {
  const labels = reservationOf(resource)?.labels
  const framework = labels?.[frameworkLabel]
  if (labels === undefined || framework === undefined || !ours.has(framework)) return undefined
  return Object.hasOwn(labels, instanceLabel) ? labels[instanceLabel] : undefined
}

/** Whether a Marathon, this one or another, has reserved it for one of its instances. */
export function isKeptForInstance(resource: Resource): boolean {
  const labels = reservationOf(resource)?.labels
  if (labels === undefined) return false
  return Object.hasOwn(labels, frameworkLabel) || Object.hasOwn(labels, instanceLabel)
}
