// Resources in both directions. They are sent in the format with a stack of `reservations` (RESERVATION_REFINEMENT,
// Mesos 1.4), which the framework announces; the older one with `role` and `reservation` is understood as well. Who an
// offer is allocated to is not sent back: the master knows.

import type { DiskInfo, Range, Reservation, Resource } from '../../../core/mesos.ts'
import type { Writable } from '../../../lib/writable.ts'
import {
  elementsOf,
  type Json,
  list,
  Malformed,
  number,
  optionalId,
  optionalPart,
  optionalText,
  part,
  text,
  texts,
} from './fields.ts'
import { decodeLabels, encodeLabels, type Labels } from './labels.ts'

export interface WireRange {
  readonly begin: number
  readonly end: number
}

export interface WireResource {
  readonly name: string
  readonly type: 'SCALAR' | 'RANGES' | 'SET'
  readonly scalar?: { readonly value: number }
  readonly ranges?: { readonly range: readonly WireRange[] }
  readonly set?: { readonly item: readonly string[] }
  readonly reservations?: readonly WireReservation[]
  readonly disk?: WireDisk
  readonly shared?: Readonly<Record<string, never>>
  readonly provider_id?: { readonly value: string }
}

export interface WireReservation {
  readonly type: 'STATIC' | 'DYNAMIC'
  readonly role: string
  readonly principal?: string
  readonly labels?: Labels
}

export interface WireDisk {
  readonly persistence?: { readonly id: string; readonly principal?: string }
  readonly volume?: { readonly container_path: string; readonly mode: 'RO' | 'RW' }
  readonly source?: {
    readonly type: DiskSource['type']
    readonly path?: { readonly root?: string }
    readonly mount?: { readonly root?: string }
    readonly vendor?: string
    readonly id?: string
    readonly metadata?: Labels
    readonly profile?: string
  }
}

type DiskSource = NonNullable<DiskInfo['source']>

/**
 * The resources of an offer. Revocable ones are left out: without the capability they are not offered, and what is
 * launched on them may be taken away at any time.
 */
export function decodeResources(offer: Json): Resource[] {
  return list(offer, 'resources', decodeResource).filter((resource) => resource !== undefined)
}

/** Undefined for what cannot be used. */
export function decodeResource(json: Json): Resource | undefined {
  if (json['revocable'] !== undefined) return undefined
  const reservations = reservationsOf(json)
  const resource: Writable<Resource> = { name: text(json, 'name'), role: reservations?.at(-1)?.role ?? '*' }
  const { type } = json
  if (type === 'SCALAR') resource.scalar = part(json, 'scalar', (scalar) => number(scalar, 'value'))
  else if (type === 'RANGES') resource.ranges = part(json, 'ranges', rangesOf)
  else if (type === 'SET') resource.set = part(json, 'set', (set) => texts(set, 'item'))
  else throw new Malformed('type', 'SCALAR, RANGES or SET', type)
  if (reservations !== undefined) resource.reservations = reservations
  if (json['disk'] !== undefined) resource.disk = part(json, 'disk', decodeDisk)
  if (json['shared'] !== undefined) resource.shared = true
  const providerId = optionalId(json, 'provider_id')
  if (providerId !== undefined) resource.providerId = providerId
  return resource
}

/** Both ends inclusive; an agent without ports has an empty list. */
export const rangesOf = (ranges: Json): Range[] =>
  list(ranges, 'range', (range) => ({ begin: number(range, 'begin'), end: number(range, 'end') }))

function reservationsOf(json: Json): Reservation[] | undefined {
  if (elementsOf(json, 'reservations').length > 0) {
    return list(json, 'reservations', (reservation) => decodeReservation(reservation, undefined))
  }
  // The older format: a role without a reservation is the agent's own.
  const role = optionalText(json, 'role')
  if (role === undefined || role === '*') return undefined
  const dynamic = optionalPart(json, 'reservation', (reservation) => decodeReservation(reservation, role))
  return [dynamic ?? { type: 'STATIC', role, labels: {} }]
}

/** `role`: of the resource, where the older format has it. */
function decodeReservation(json: Json, role: string | undefined): Reservation {
  const reservation: Writable<Reservation> = {
    type: json['type'] === 'STATIC' ? 'STATIC' : 'DYNAMIC',
    role: role ?? text(json, 'role'),
    labels: optionalPart(json, 'labels', decodeLabels) ?? {},
  }
  const principal = optionalText(json, 'principal')
  if (principal !== undefined) reservation.principal = principal
  return reservation
}

function decodeDisk(json: Json): DiskInfo {
  const disk: Writable<DiskInfo> = {}
  const persistence = optionalPart(json, 'persistence', (it) => {
    const principal = optionalText(it, 'principal')
    return principal === undefined ? { id: text(it, 'id') } : { id: text(it, 'id'), principal }
  })
  if (persistence !== undefined) disk.persistence = persistence
  const volume = optionalPart(json, 'volume', (it) => ({
    containerPath: text(it, 'container_path'),
    mode: it['mode'] === 'RO' ? ('RO' as const) : ('RW' as const),
  }))
  if (volume !== undefined) disk.volume = volume
  const source = optionalPart(json, 'source', decodeSource)
  if (source !== undefined) disk.source = source
  return disk
}

const sourceTypes: readonly unknown[] = ['PATH', 'MOUNT', 'BLOCK', 'RAW'] satisfies DiskSource['type'][]

function decodeSource(json: Json): DiskSource {
  const { type } = json
  if (!sourceTypes.includes(type)) throw new Malformed('type', 'PATH, MOUNT, BLOCK or RAW', type)
  const source: Writable<DiskSource> = { type: type as DiskSource['type'] }
  const place = type === 'PATH' ? 'path' : 'mount'
  const root = optionalPart(json, place, (it) => optionalText(it, 'root'))
  if (root !== undefined) source.root = root
  for (const key of ['profile', 'id', 'vendor'] as const) {
    const value = optionalText(json, key)
    if (value !== undefined) source[key] = value
  }
  const metadata = optionalPart(json, 'metadata', decodeLabels)
  if (metadata !== undefined) source.metadata = metadata
  return source
}

export function encodeResource(resource: Resource): WireResource {
  const { name, scalar, ranges, set, disk } = resource
  const reservations = encodeReservations(resource)
  const wire: Writable<WireResource> =
    scalar !== undefined
      ? { name, type: 'SCALAR', scalar: { value: toThousandths(scalar) } }
      : ranges !== undefined
        ? { name, type: 'RANGES', ranges: { range: ranges } }
        : { name, type: 'SET', set: { item: set ?? [] } }
  if (reservations !== undefined) wire.reservations = reservations
  if (disk !== undefined) wire.disk = encodeDisk(disk)
  if (resource.shared) wire.shared = {}
  if (resource.providerId !== undefined) wire.provider_id = { value: resource.providerId }
  return wire
}

export const encodeResources = (resources: readonly Resource[]): WireResource[] =>
  resources.map(encodeResource)

/** Mesos counts in thousandths; more digits are the noise of adding and subtracting. */
export const toThousandths = (amount: number): number => Math.round(amount * 1000) / 1000

/** A role without a stack is the agent's own reservation, as in the older format. */
function encodeReservations({ role, reservations }: Resource): WireReservation[] | undefined {
  if (reservations !== undefined && reservations.length > 0) return reservations.map(encodeReservation)
  return role === '*' ? undefined : [{ type: 'STATIC', role }]
}

function encodeReservation({ type, role, principal, labels }: Reservation): WireReservation {
  const wire: Writable<WireReservation> = { type, role }
  if (principal !== undefined) wire.principal = principal
  const encoded = encodeLabels(labels)
  if (encoded.labels !== undefined) wire.labels = encoded
  return wire
}

function encodeDisk({ persistence, volume, source }: DiskInfo): WireDisk {
  const wire: Writable<WireDisk> = {}
  if (persistence !== undefined) wire.persistence = persistence
  if (volume !== undefined) wire.volume = { container_path: volume.containerPath, mode: volume.mode }
  if (source !== undefined) wire.source = encodeSource(source)
  return wire
}

function encodeSource({
  type,
  root,
  profile,
  id,
  vendor,
  metadata,
}: DiskSource): NonNullable<WireDisk['source']> {
  const wire: Writable<NonNullable<WireDisk['source']>> = { type }
  const place = root === undefined ? {} : { root }
  if (type === 'PATH') wire.path = place
  if (type === 'MOUNT') wire.mount = place
  if (vendor !== undefined) wire.vendor = vendor
  if (id !== undefined) wire.id = id
  if (metadata !== undefined) wire.metadata = encodeLabels(metadata)
  if (profile !== undefined) wire.profile = profile
  return wire
}
