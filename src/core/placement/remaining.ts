// What is left of an offer while launches are taken from it. Opened once per offer and turn, then drained launch by
// launch without reading the offer again. The one mutable structure of placement; it never gives out more than was
// offered, and it forgets what an ephemeral launch may not touch (volumes, resources reserved by a Marathon).

import { assert } from '../../lib/assert.ts'
import type { Writable } from '../../lib/writable.ts'
import type { AgentInfo } from '../instances/instance.ts'
import { type Offer, type Range, type Resource, reservationOf } from '../mesos.ts'
import { type DiskClaim, diskKind } from './disks.ts'
import { isFreeToUse } from './filters/role.ts'
import { fromThousandths, thousandths } from './fixed-point.ts'

export type ScalarName = 'cpus' | 'mem' | 'gpus' | 'disk'

export interface RemainingOffer {
  readonly offer: Offer
  readonly agent: AgentInfo
  /** By resource, in offer order; emptied entries are gone. */
  readonly scalars: Readonly<Record<ScalarName, ScalarEntry[]>>
  /** In offer order; disjoint. */
  readonly ports: PortSpan[]
  /** Disks of their own, path and mount: for volumes alone. */
  readonly disks: ScalarEntry[]
  /** What is left over all roles: scalars in thousandths, ports in pieces. */
  readonly total: Demand
}

/** Part of one offered scalar resource. */
export interface ScalarEntry {
  /** Thousandths, more than 0. */
  left: number
  readonly source: Resource
}

/** Ports still free, both ends inclusive, all of one offered resource. */
export interface PortSpan {
  begin: number
  end: number
  readonly source: Resource
}

/** How much of each resource: scalars in thousandths, ports in pieces. */
export type Demand = Record<ScalarName | 'ports', number>
export type ScalarDemand = Readonly<Record<ScalarName, number>>

/** A port chosen from an offer, with the resource it came from. */
export interface PortClaim {
  readonly port: number
  readonly source: Resource
}

/** The offer as a stock to take launches from: all of it that is kept for nobody. */
export const openOffer = (offer: Offer): RemainingOffer =>
  openResources(offer, offer.resources.filter(isFreeToUse))

/** Some resources of an offer as a stock of their own. */
export function openResources(offer: Offer, resources: readonly Resource[]): RemainingOffer {
  const remaining: RemainingOffer = {
    offer,
    agent: agentOf(offer),
    scalars: { cpus: [], mem: [], gpus: [], disk: [] },
    ports: [],
    disks: [],
    total: { cpus: 0, mem: 0, gpus: 0, disk: 0, ports: 0 },
  }
  for (const resource of resources) {
    switch (resource.name) {
      case 'cpus':
        addScalar(remaining, 'cpus', resource)
        break
      case 'mem':
        addScalar(remaining, 'mem', resource)
        break
      case 'gpus':
        addScalar(remaining, 'gpus', resource)
        break
      case 'disk':
        addDisk(remaining, resource)
        break
      case 'ports':
        addPorts(remaining, resource)
        break
      default:
    }
  }
  return remaining
}

/** Whether anything is left that these roles may use; nothing left means UnfulfilledRole (runtime 5.1). */
export function hasAnythingFor(remaining: RemainingOffer, roles: ReadonlySet<string>): boolean {
  const { cpus, mem, gpus, disk } = remaining.scalars
  return (
    isAnyOf(cpus, roles) ||
    isAnyOf(mem, roles) ||
    isAnyOf(remaining.ports, roles) ||
    isAnyOf(disk, roles) ||
    isAnyOf(gpus, roles)
  )
}

/** Whether `amount` thousandths of a scalar are left for these roles, over all entries together. */
export function hasScalar(
  entries: readonly ScalarEntry[],
  amount: number,
  roles: ReadonlySet<string>,
): boolean {
  if (amount === 0) return true
  let missing = amount
  for (const entry of entries) {
    if (!roles.has(entry.source.role)) continue
    missing -= entry.left
    if (missing <= 0) return true
  }
  return false
}

/** The largest amount hasScalar grants, in thousandths. */
export function mostOf(entries: readonly ScalarEntry[], roles: ReadonlySet<string>): number {
  let most = 0
  for (const entry of entries) if (roles.has(entry.source.role)) most += entry.left
  return most
}

/**
 * Takes `amount` thousandths of a scalar in offer order and returns what was taken as resources; an amount taken from
 * several entries lists the last one first (runtime 5.1). The caller has asked hasScalar before.
 */
export function takeScalar(
  remaining: RemainingOffer,
  name: ScalarName,
  amount: number,
  roles: ReadonlySet<string>,
): Resource[] {
  const taken: Resource[] = []
  if (amount === 0) return taken
  const entries = remaining.scalars[name]
  let missing = amount
  for (let i = 0; i < entries.length && missing > 0; ) {
    const entry = entries[i]!
    if (!roles.has(entry.source.role)) {
      i++
      continue
    }
    const part = Math.min(entry.left, missing)
    missing -= part
    entry.left -= part
    taken.unshift(portion(entry.source, part))
    if (entry.left === 0) entries.splice(i, 1)
  }
  assert(missing === 0, `${name} of offer ${remaining.offer.id} were checked before they are taken`)
  remaining.total[name] -= amount
  return taken
}

/** Takes the parts of this claim, which was assigned from this offer's disks, and returns them as resources. */
export function takeDisk(remaining: RemainingOffer, { parts }: Pick<DiskClaim, 'parts'>): Resource[] {
  return parts.map(({ amount, source }) => {
    const isRoot = diskKind(source) === 'root'
    const entries = isRoot ? remaining.scalars.disk : remaining.disks
    const at = entries.findIndex((entry) => entry.source === source && entry.left >= amount)
    const entry = entries[at]
    assert(entry !== undefined, `the disks of offer ${remaining.offer.id} are assigned before they are taken`)
    entry.left -= amount
    if (entry.left === 0) entries.splice(at, 1)
    if (isRoot) remaining.total.disk -= amount
    const taken = portion(source, amount)
    return source.disk?.source === undefined ? taken : { ...taken, disk: { source: source.disk.source } }
  })
}

/** Takes these ports, which were chosen from this offer's spans. */
export function takePorts(remaining: RemainingOffer, claims: readonly PortClaim[]): void {
  const { ports } = remaining
  for (const { port } of claims) {
    const at = ports.findIndex((span) => span.begin <= port && port <= span.end)
    const span = ports[at]
    assert(span !== undefined, `port ${port} of offer ${remaining.offer.id} is free before it is taken`)
    if (span.begin === span.end) ports.splice(at, 1)
    else if (port === span.begin) span.begin++
    else if (port === span.end) span.end--
    else {
      ports.splice(at + 1, 0, { begin: port + 1, end: span.end, source: span.source })
      span.end = port - 1
    }
  }
  remaining.total.ports -= claims.length
}

/**
 * Ports as resources in the order they were assigned: directly following ports that ascend by one form one range, and
 * ports of the same role and reservation that follow each other one resource (runtime 5.2).
 */
export function portResources(claims: readonly PortClaim[]): Resource[] {
  const resources: Resource[] = []
  for (let i = 0; i < claims.length; ) {
    const { source } = claims[i]!
    const ranges: { begin: number; end: number }[] = []
    for (; i < claims.length && isSameOrigin(claims[i]!.source, source); i++) {
      const { port } = claims[i]!
      const last = ranges[ranges.length - 1]
      if (last !== undefined && port === last.end + 1) last.end = port
      else ranges.push({ begin: port, end: port })
    }
    resources.push(withOrigin({ name: 'ports', ranges, role: source.role }, source))
  }
  return resources
}

function agentOf(offer: Offer): AgentInfo {
  const agent: Writable<AgentInfo> = {
    agentId: offer.agentId,
    hostname: offer.hostname,
    address: offer.address ?? offer.hostname,
    attributes: offer.attributes,
  }
  if (offer.region !== undefined) agent.region = offer.region
  if (offer.zone !== undefined) agent.zone = offer.zone
  return agent
}

function addScalar(remaining: RemainingOffer, name: ScalarName, source: Resource): void {
  const left = thousandths(source.scalar ?? 0)
  if (left <= 0) return
  remaining.scalars[name].push({ left, source })
  remaining.total[name] += left
}

/** Scratch space comes from the agent's own disk; raw and block devices are for nobody (runtime 5.1). */
function addDisk(remaining: RemainingOffer, source: Resource): void {
  const kind = diskKind(source)
  const left = thousandths(source.scalar ?? 0)
  if (kind === 'root') addScalar(remaining, 'disk', source)
  else if (kind !== undefined && left > 0) remaining.disks.push({ left, source })
}

function addPorts({ ports, total }: RemainingOffer, source: Resource): void {
  const others = ports.slice()
  for (const range of source.ranges ?? []) {
    for (const { begin, end } of others.reduce(without, [range])) {
      if (end < begin) continue
      ports.push({ begin, end, source })
      total.ports += end - begin + 1
    }
  }
}

/** Nothing keeps an agent's ports from being set up for two roles at once; all the same a port is given out once. */
const without = (ranges: readonly Range[], { begin, end }: PortSpan): readonly Range[] =>
  ranges.flatMap((range) =>
    range.end < begin || end < range.begin
      ? [range]
      : [
          { begin: range.begin, end: begin - 1 },
          { begin: end + 1, end: range.end },
        ].filter((part) => part.begin <= part.end),
  )

function isAnyOf(entries: readonly { readonly source: Resource }[], roles: ReadonlySet<string>): boolean {
  for (const entry of entries) if (roles.has(entry.source.role)) return true
  return false
}

const portion = (source: Resource, part: number): Resource =>
  withOrigin({ name: source.name, scalar: fromThousandths(part), role: source.role }, source)

/** Each entry keeps role, reservation and provider of its source; the allocation is not copied (runtime 5.1). */
function withOrigin(resource: Writable<Resource>, source: Resource): Resource {
  if (source.reservations !== undefined) resource.reservations = source.reservations
  if (source.providerId !== undefined) resource.providerId = source.providerId
  return resource
}

function isSameOrigin(a: Resource, b: Resource): boolean {
  if (a === b) return true
  return a.role === b.role && a.providerId === b.providerId && isSameReservation(a, b)
}

function isSameReservation(a: Resource, b: Resource): boolean {
  const left = reservationOf(a)
  const right = reservationOf(b)
  if (left === right) return true
  if (left === undefined || right === undefined || left.principal !== right.principal) return false
  const keys = Object.keys(left.labels)
  return (
    keys.length === Object.keys(right.labels).length &&
    keys.every((key) => left.labels[key] === right.labels[key])
  )
}
