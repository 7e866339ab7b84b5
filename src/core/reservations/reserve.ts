// A reservation for one instance, as it is asked for (runtime 12): the operations, and what the instance knows of it
// from then on.

import type { Instant } from '../../lib/instant.ts'
import type { Launch } from '../actions.ts'
import type { Core } from '../core.ts'
import type { AgentInfo, Instance, InstanceReservation } from '../instances/instance.ts'
import type { Operation, Resource } from '../mesos.ts'
import type { ReservationMatch } from '../placement/match.ts'
import { reservationIdOf, reservationLabels } from './labels.ts'
import { reserveOperations } from './operations.ts'

/** Whether anything can be reserved: in whose name is not for us to choose (--mesos_authentication_principal). */
export const canReserve = ({ engine, settings, state }: Core): boolean =>
  engine.reserves && settings.mesosPrincipal !== undefined && state.frameworkId !== undefined

/** The reservation for one instance on one offer: the outcome of matching. */
export interface Reserving {
  readonly instance: Instance
  readonly agent: AgentInfo
  readonly reservation: InstanceReservation
  readonly operations: readonly Operation[]
}

export interface ReserveInput {
  readonly instance: Instance
  readonly match: ReservationMatch
  readonly frameworkId: string
  readonly principal: string
  /** A new persistence id for the volume of this name. */
  readonly newVolumeId: (name: string) => string
  /** Until when it must have been launched on. */
  readonly deadline: Instant
}

export function reserveFor({
  instance,
  match,
  frameworkId,
  principal,
  newVolumeId,
  deadline,
}: ReserveInput): Reserving {
  const volumes = match.disks.map(({ volume }) => {
    const { name } = volume!
    return { name, persistenceId: newVolumeId(name) }
  })
  const ids = new Map(volumes.map(({ name, persistenceId }) => [name, persistenceId]))
  return {
    instance,
    agent: match.agent,
    reservation: { id: instance.id, volumes, state: 'new', deadline },
    operations: reserveOperations(match, {
      role: instance.role,
      principal,
      labels: reservationLabels(frameworkId, instance.id),
      persistenceIdOf: (name) => ids.get(name)!,
    }),
  }
}

/** Whether a launch takes nothing but what is reserved for its instance; without a reservation it may take anything. */
export function isOnReservation(launch: Launch, ours: ReadonlySet<string>): boolean {
  const { instance, tasks, executor } = launch
  const { reservation } = instance
  if (reservation === undefined) return true
  const isOwn = (resource: Resource): boolean => reservationIdOf(resource, ours) === reservation.id
  return (
    (executor?.resources ?? []).every(isOwn) &&
    tasks.every(({ info }) => [...info.resources, ...(info.executorResources ?? [])].every(isOwn))
  )
}

/** The instance once it is asked for; it goes on waiting, now for its own volumes. */
export const reserved = ({ instance, agent, reservation }: Reserving): Instance => ({
  ...instance,
  agent,
  reservation,
})
