// Amounts of an agent's resources, counted in thousandths so that sums are exact, and its ports as sorted ranges. What
// is reserved or otherwise not like the rest is beside them as parcels (parcels.ts); most agents have none.

import type { Range, Resource } from '../../core/mesos.ts'
import type { Writable } from '../../lib/writable.ts'
import {
  exceedsParcels,
  isFor,
  isParcel,
  minusParcels,
  noParcels,
  type Parcel,
  parcelOf,
  parcelText,
  plusParcels,
  resourceOf,
} from './parcels.ts'
import { mergedPorts, portCount, withoutPorts } from './ports.ts'

export interface Amounts {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly gpus: number
  /** Sorted by begin, neither overlapping nor touching. */
  readonly ports: readonly Range[]
  readonly parcels: readonly Parcel[]
}

const scalars = ['cpus', 'mem', 'disk', 'gpus'] as const
type Scalar = (typeof scalars)[number]
const isScalar = (name: string): name is Scalar => (scalars as readonly string[]).includes(name)

export const nothing: Amounts = { cpus: 0, mem: 0, disk: 0, gpus: 0, ports: [], parcels: noParcels }

/** The sums over resource entries. */
export function amountsOf(resources: readonly Resource[]): Amounts {
  const sums: Writable<Amounts> = { ...nothing }
  const ranges: Range[] = []
  for (const resource of resources) {
    const { name, scalar, ranges: some } = resource
    if (isParcel(resource)) sums.parcels = plusParcels(sums.parcels, [parcelOf(resource)])
    else if (isScalar(name)) sums[name] += Math.round((scalar ?? 0) * 1000)
    else if (name === 'ports') ranges.push(...(some ?? []))
  }
  sums.ports = mergedPorts(ranges)
  return sums
}

export function plus(a: Amounts, b: Amounts): Amounts {
  return {
    cpus: a.cpus + b.cpus,
    mem: a.mem + b.mem,
    disk: a.disk + b.disk,
    gpus: a.gpus + b.gpus,
    ports: b.ports.length === 0 ? a.ports : mergedPorts([...a.ports, ...b.ports]),
    parcels: plusParcels(a.parcels, b.parcels),
  }
}

/** What is left, or the first resource there is too little of, in words. */
export function minus(a: Amounts, b: Amounts): Amounts | string {
  for (const name of scalars) if (a[name] < b[name]) return name
  const ports = b.ports.length === 0 ? a.ports : withoutPorts(a.ports, b.ports)
  if (ports === undefined) return 'ports'
  const parcels = minusParcels(a.parcels, b.parcels)
  if ('key' in parcels) return parcelText(parcels)
  return {
    cpus: a.cpus - b.cpus,
    mem: a.mem - b.mem,
    disk: a.disk - b.disk,
    gpus: a.gpus - b.gpus,
    ports,
    parcels,
  }
}

/** Nothing to run on: neither cpus nor memory. A master does not offer that. */
export const isEmpty = (a: Amounts): boolean =>
  a.cpus === 0 && a.mem === 0 && !a.parcels.some(({ kind: { name } }) => name === 'cpus' || name === 'mem')

/** Whether `a` has more of something than `b`. */
export const exceeds = (a: Amounts, b: Amounts): boolean =>
  scalars.some((name) => a[name] > b[name]) ||
  portCount(a.ports) > portCount(b.ports) ||
  exceedsParcels(a.parcels, b.parcels)

/** What a role may be offered of it: all but what is kept for others. */
export function partFor(role: string, all: Amounts): Amounts {
  if (all.parcels.every((parcel) => isFor(parcel, role))) return all
  return { ...all, parcels: all.parcels.filter((parcel) => isFor(parcel, role)) }
}

/** As entries of an offer; what there is none of is left out. */
export function resourcesOf(amounts: Amounts): Resource[] {
  const resources: Resource[] = []
  for (const name of scalars) {
    if (amounts[name] > 0) resources.push({ name, scalar: amounts[name] / 1000, role: '*' })
  }
  if (amounts.ports.length > 0) resources.push({ name: 'ports', ranges: amounts.ports, role: '*' })
  for (const parcel of amounts.parcels) resources.push(resourceOf(parcel))
  return resources
}

/** Everything of one name together, whatever it is kept for. */
export function flat(amounts: Amounts): Amounts {
  if (amounts.parcels.length === 0) return amounts
  const sums: Writable<Amounts> = { ...amounts, parcels: noParcels }
  for (const { kind, amount, ranges } of amounts.parcels) {
    if (isScalar(kind.name)) sums[kind.name] += amount
    else if (kind.name === 'ports') sums.ports = mergedPorts([...sums.ports, ...ranges])
  }
  return sums
}
