// What of an agent is not interchangeable with the rest of it: what is reserved, what is on a disk of its own, volumes.
// Each such amount of one resource is a parcel. Parcels with the same key are one: they differ in amount alone.

import { type DiskInfo, type Range, type Resource, reservationOf } from '../../core/mesos.ts'
import type { Writable } from '../../lib/writable.ts'
import { mergedPorts, portCount, withoutPorts } from './ports.ts'

export interface Parcel {
  /** Of everything that tells it apart: name, reservations, disk, provider. What a volume is mounted as does not. */
  readonly key: string
  /** As it is offered, but for the amount. */
  readonly kind: Omit<Resource, 'scalar' | 'ranges'>
  /** Scalars: thousandths. */
  readonly amount: number
  /** Ports. */
  readonly ranges: readonly Range[]
}

/** The agents that have none share this one, so that looking is comparing. */
export const noParcels: readonly Parcel[] = []

/** Whether a resource is one of these, and not plain cpus, memory, disk, GPUs or ports for anybody. */
export const isParcel = ({ role, reservations, disk, providerId }: Resource): boolean =>
  role !== '*' ||
  (reservations !== undefined && reservations.length > 0) ||
  providerId !== undefined ||
  (disk !== undefined && (disk.source !== undefined || disk.persistence !== undefined))

export function parcelOf(resource: Resource): Parcel {
  const { scalar = 0, ranges = [], ...kind } = resource
  return { key: keyOf(kind), kind, amount: Math.round(scalar * 1000), ranges: mergedPorts(ranges) }
}

export const resourceOf = ({ kind, amount, ranges }: Parcel): Resource =>
  kind.name === 'ports' ? { ...kind, ranges } : { ...kind, scalar: amount / 1000 }

export const volumeIdOf = ({ kind }: Parcel): string | undefined => kind.disk?.persistence?.id

/** The role it is kept for; undefined: nobody's. */
export const roleOf = ({ kind }: Parcel): string | undefined =>
  reservationOf(kind)?.role ?? (kind.role === '*' ? undefined : kind.role)

export const isDynamic = ({ kind }: Parcel): boolean => reservationOf(kind)?.type === 'DYNAMIC'

/** Roles below that of a reservation may use it as well. */
export function isFor(parcel: Parcel, role: string): boolean {
  const own = roleOf(parcel)
  return own === undefined || own === role || role.startsWith(`${own}/`)
}

export function plusParcels(a: readonly Parcel[], b: readonly Parcel[]): readonly Parcel[] {
  if (b.length === 0) return a
  if (a.length === 0) return b
  const sum = a.slice()
  for (const parcel of b) {
    const at = sum.findIndex(({ key }) => key === parcel.key)
    const there = sum[at]
    if (there === undefined) sum.push(parcel)
    else
      sum[at] = {
        ...there,
        amount: there.amount + parcel.amount,
        ranges: mergedPorts([...there.ranges, ...parcel.ranges]),
      }
  }
  return sum
}

/** What is left, or the first there is too little of. A volume and a disk that is mounted as one are taken whole. */
export function minusParcels(a: readonly Parcel[], b: readonly Parcel[]): readonly Parcel[] | Parcel {
  if (b.length === 0) return a
  const left = a.slice()
  for (const parcel of b) {
    const at = left.findIndex(({ key }) => key === parcel.key)
    const there = left[at]
    if (there === undefined || there.amount < parcel.amount) return parcel
    if (isWhole(there) && there.amount !== parcel.amount) return parcel
    const ranges = withoutPorts(there.ranges, parcel.ranges)
    if (ranges === undefined) return parcel
    const rest = { ...there, amount: there.amount - parcel.amount, ranges }
    if (rest.amount === 0 && ranges.length === 0) left.splice(at, 1)
    else left[at] = rest
  }
  return left.length === 0 ? noParcels : left
}

/** Whether `a` has more of something than `b`. */
export const exceedsParcels = (a: readonly Parcel[], b: readonly Parcel[]): boolean =>
  a.some((parcel) => {
    const other = b.find(({ key }) => key === parcel.key)
    return (
      other === undefined ||
      parcel.amount > other.amount ||
      portCount(parcel.ranges) > portCount(other.ranges)
    )
  })

/** In a few words, for people: `disk reserved for web`. */
export const parcelText = (parcel: Parcel): string =>
  [
    parcel.kind.name,
    roleOf(parcel) === undefined ? '' : ` reserved for ${roleOf(parcel)}`,
    volumeIdOf(parcel) === undefined ? '' : ` of volume ${volumeIdOf(parcel)}`,
  ].join('')

const isWhole = ({ kind: { disk } }: Parcel): boolean =>
  disk?.persistence !== undefined || disk?.source?.type === 'MOUNT'

function keyOf({ name, role, reservations = [], disk, providerId, shared }: Parcel['kind']): string {
  const stack = reservations.map(({ type, role: kept, principal, labels }) => [
    type,
    kept,
    principal ?? null,
    Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
  ])
  return JSON.stringify([name, role, stack, identityOf(disk), providerId ?? null, shared ?? null])
}

function identityOf(disk: DiskInfo | undefined): unknown {
  const { source, persistence } = disk ?? {}
  return [
    source?.type ?? null,
    source?.root ?? null,
    source?.profile ?? null,
    source?.id ?? null,
    persistence?.id ?? null,
  ]
}

/** The same resource with the last reservation of its stack taken off. */
export function withoutReservation(resource: Resource): Resource {
  const stack = (resource.reservations ?? []).slice(0, -1)
  const { reservations: _reservations, ...rest } = resource
  const below: Writable<Resource> = { ...rest, role: stack.at(-1)?.role ?? '*' }
  if (stack.length > 0) below.reservations = stack
  return below
}

/** The reserved disk a volume is made of. */
export function withoutVolume({ disk, ...resource }: Resource): Resource {
  return disk?.source === undefined ? resource : { ...resource, disk: { source: disk.source } }
}
