// What becomes of an instance because its agent keeps something for it (runtime 3, 4, 7, 12): it is stopped where
// another would be forgotten, taken up again before a new one is made, and let go only when its agent is gone or its
// reservation is taken back.

import type { Instant } from '../../lib/instant.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { haveAllTasksEnded } from './condition.ts'
import type { Goal, Instance } from './instance.ts'

/**
 * What one too many is to become: stopped, when there is something on its volumes for the next launch. A reservation
 * nothing was ever launched on holds no data, and is given back.
 */
export const goalOfSurplus = ({ reservation }: Instance): Goal =>
  reservation === undefined || reservation.state === 'new' ? 'Decommissioned' : 'Stopped'

/** Stopped, with volumes that the next launch can use (runtime 4). */
export const isReusable = (instance: Instance): boolean =>
  instance.goal === 'Stopped' && instance.reservation !== undefined && haveAllTasksEnded(instance)

/**
 * Waits for an offer again, with this version. It keeps its id, its role, its agent and what is reserved there, and
 * the tasks of its last launch, which are shown until the next.
 */
export function reuse(instance: Instance, runSpec: RunSpec, now: Instant): Instance {
  return {
    ...withoutState(instance),
    runSpecVersion: runSpec.version,
    goal: 'Running',
    condition: 'Scheduled',
    since: now,
    scheduledAt: now,
  }
}

/** What only a running task says of its instance. */
function withoutState({
  activeSince: _activeSince,
  healthy: _healthy,
  checkedBy: _checkedBy,
  alive: _alive,
  ready: _ready,
  kill: _kill,
  ...kept
}: Instance): Instance {
  return kept
}

/** Nothing of it runs or will run again; what is reserved for it goes on the next offer that holds it (runtime 5). */
export const awaitsCleanup = (instance: Instance): boolean =>
  instance.goal === 'Decommissioned' && instance.reservation !== undefined && haveAllTasksEnded(instance)

/** The instance with its reservation suspended once nothing runs on it: the next launch finds it as it was left. */
export function suspended(instance: Instance): Instance {
  const { reservation } = instance
  if (reservation?.state !== 'launched' || !haveAllTasksEnded(instance)) return instance
  return { ...instance, reservation: { ...reservation, state: 'suspended' } }
}

/** Its agent will never come back, an operator says so: what was reserved there is gone with it (runtime 3). */
export const hasLostReservation = (instance: Instance): boolean =>
  instance.reservation !== undefined &&
  haveAllTasksEnded(instance) &&
  instance.tasks.some(({ state }) => state === 'TASK_GONE_BY_OPERATOR')

/** Waits for any offer, as on its first day, but that its launches are counted on. */
export function withoutReservation(instance: Instance, now: Instant): Instance {
  const { reservation: _reservation, agent: _agent, ...kept } = withoutState(instance)
  return { ...kept, condition: 'Scheduled', since: now }
}
