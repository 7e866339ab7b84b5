// The operations that make a reservation with its volumes, and those that take one back (runtime 12, worked-examples
// 9.5). Of each kind there is one for every resource provider of an agent, as Mesos wants it.

import type { DiskInfo, Operation, Reservation, Resource } from '../mesos.ts'
import type { ReservationMatch } from '../placement/match.ts'
import type { OfferedReservation } from './offered.ts'

export interface ReservationTerms {
  /** Whose the resources will be. */
  readonly role: string
  readonly principal: string
  readonly labels: Readonly<Record<string, string>>
  /** The persistence id of the volume of this name. */
  readonly persistenceIdOf: (name: string) => string
}

/** Everything is reserved, then the volumes are made of the disks among it. */
export function reserveOperations(
  { resources, disks }: Pick<ReservationMatch, 'resources' | 'disks'>,
  { role, principal, labels, persistenceIdOf }: ReservationTerms,
): Operation[] {
  const reservations: readonly Reservation[] = [{ type: 'DYNAMIC', role, principal, labels }]
  const volumes = disks.map(({ volume, size, parts }): Resource => {
    const { providerId, disk } = parts[0]!.source
    const { name } = volume!
    const made: DiskInfo = {
      persistence: { id: persistenceIdOf(name), principal },
      volume: { containerPath: name, mode: 'RW' },
    }
    return {
      name: 'disk',
      scalar: size,
      role,
      reservations,
      ...(providerId === undefined ? {} : { providerId }),
      disk: disk?.source === undefined ? made : { ...made, source: disk.source },
    }
  })
  return [
    ...perProvider(resources).map((each): Operation => {
      return { type: 'RESERVE', resources: each.map((resource) => ({ ...resource, role, reservations })) }
    }),
    ...perProvider(volumes).map((each): Operation => ({ type: 'CREATE', volumes: each })),
  ]
}

/** The volumes are destroyed, then all is unreserved, the disks they were made of included. */
export function takeBackOperations({ resources, volumes }: OfferedReservation): Operation[] {
  const made = [...volumes.values()]
  return [
    ...perProvider(made).map((each): Operation => ({ type: 'DESTROY', volumes: each })),
    ...perProvider([...resources, ...made.map(withoutVolume)]).map((each): Operation => {
      return { type: 'UNRESERVE', resources: each }
    }),
  ]
}

/** The disk as it was before there was a volume on it. */
function withoutVolume({ disk, ...resource }: Resource): Resource {
  return disk?.source === undefined ? resource : { ...resource, disk: { source: disk.source } }
}

function perProvider(resources: readonly Resource[]): readonly (readonly Resource[])[] {
  const groups = new Map<string | undefined, Resource[]>()
  for (const resource of resources) {
    const group = groups.get(resource.providerId)
    if (group === undefined) groups.set(resource.providerId, [resource])
    else group.push(resource)
  }
  return [...groups.values()]
}
