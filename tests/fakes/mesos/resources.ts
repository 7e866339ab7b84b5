// Arithmetic of resources as Mesos does it: pieces are the same when name, reservations and disk are, scalars count in
// thousandths, ports in ranges, and a persistent volume is whole or not there. A bundle is never changed, so tasks of
// one size share one.

import type { WireDisk, WireReservation, WireResource } from './wire.ts'

export interface Piece {
  readonly name: string
  /** What it is compared by: everything but the amount, the allocation and where a volume is mounted. */
  readonly key: string
  /** Thousandths; 0 when there are ranges. */
  readonly amount: number
  readonly ranges?: readonly Span[]
  readonly reservations: readonly WireReservation[]
  readonly disk?: WireDisk
}

type Span = readonly [begin: number, end: number]
export type Bundle = readonly Piece[]

export const nothing: Bundle = []

const isWhole = (piece: Piece): boolean => piece.disk?.persistence !== undefined

/** Reads resources of either format: stacks of reservations, or the older `role` and `reservation`. */
export function parseResources(list: readonly WireResource[] | undefined): Bundle {
  if (list === undefined) return nothing
  let bundle: Bundle = nothing
  for (const resource of list) bundle = addPiece(bundle, parsePiece(resource))
  return bundle
}

const shared = new Map<string, Bundle>()

/** As `parseResources`, remembering bundles without ranges, of which a big cluster has many alike. */
export function internedResources(list: readonly WireResource[] | undefined): Bundle {
  if (list === undefined || list.some(({ ranges }) => ranges !== undefined)) return parseResources(list)
  const text = JSON.stringify(list)
  const known = shared.get(text)
  if (known !== undefined) return known
  const bundle = parseResources(list)
  if (shared.size < 1_000) shared.set(text, bundle)
  return bundle
}

function reservationsOf(resource: WireResource): readonly WireReservation[] {
  if (resource.reservations !== undefined && resource.reservations.length > 0) return resource.reservations
  const { role, reservation } = resource
  if (role === undefined || role === '*') return []
  return [reservation === undefined ? { type: 'STATIC', role } : { type: 'DYNAMIC', role, ...reservation }]
}

function parsePiece(resource: WireResource): Piece {
  const reservations = reservationsOf(resource)
  const { name, disk } = resource
  const ranges = resource.ranges?.range?.map(({ begin, end }): Span => [begin, end])
  return {
    name,
    key: keyOf(name, reservations, disk),
    amount: ranges === undefined ? Math.round(Number(resource.scalar?.value ?? 0) * 1_000) : 0,
    ...(ranges === undefined ? {} : { ranges: unite(ranges) }),
    reservations,
    ...(disk === undefined ? {} : { disk }),
  }
}

function keyOf(name: string, reservations: readonly WireReservation[], disk: WireDisk | undefined): string {
  if (reservations.length === 0 && disk === undefined) return name
  const stack = reservations.map(({ type, role, principal, labels }) => [
    type,
    role,
    principal,
    labels?.labels?.map(({ key, value }) => [key, value]),
  ])
  return `${name} ${JSON.stringify(stack)} ${JSON.stringify([disk?.source, disk?.persistence?.id])}`
}

/** The same amount with another stack of reservations. */
export function withReservations(piece: Piece, reservations: readonly WireReservation[]): Piece {
  return { ...piece, reservations, key: keyOf(piece.name, reservations, piece.disk) }
}

/** The disk that a volume is made of. */
export function withoutVolume(piece: Piece): Piece {
  const { disk, ...rest } = piece
  const source = disk?.source === undefined ? undefined : { source: disk.source }
  return {
    ...rest,
    key: keyOf(piece.name, piece.reservations, source),
    ...(source === undefined ? {} : { disk: source }),
  }
}

/** Sorted, overlapping and touching ranges as one. */
function unite(ranges: readonly Span[]): readonly Span[] {
  if (ranges.length < 2) return ranges
  const result: [number, number][] = []
  for (const [begin, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && begin <= last[1] + 1) last[1] = Math.max(last[1], end)
    else result.push([begin, end])
  }
  return result
}

function cut(ranges: readonly Span[], away: readonly Span[]): readonly Span[] {
  let rest = ranges
  for (const [begin, end] of away) {
    // One port out of many ranges, almost always: the others stay as they are.
    const at = rest.findIndex((span) => span[0] <= begin && end <= span[1])
    if (at >= 0) {
      const [first, last] = rest[at]!
      const parts: Span[] = []
      if (first < begin) parts.push([first, begin - 1])
      if (last > end) parts.push([end + 1, last])
      rest = [...rest.slice(0, at), ...parts, ...rest.slice(at + 1)]
      continue
    }
    rest = rest.flatMap((span): Span[] => {
      if (span[1] < begin || span[0] > end) return [span]
      const parts: Span[] = []
      if (span[0] < begin) parts.push([span[0], begin - 1])
      if (span[1] > end) parts.push([end + 1, span[1]])
      return parts
    })
  }
  return rest
}

const covers = (ranges: readonly Span[], wanted: readonly Span[]): boolean =>
  wanted.every(([begin, end]) => ranges.some((span) => span[0] <= begin && end <= span[1]))

function addPiece(bundle: Bundle, piece: Piece): Bundle {
  if (piece.ranges === undefined ? piece.amount === 0 : piece.ranges.length === 0) return bundle
  const at = isWhole(piece) ? -1 : bundle.findIndex(({ key }) => key === piece.key)
  if (at < 0) return [...bundle, piece]
  const old = bundle[at]!
  const merged: Piece =
    old.ranges === undefined
      ? { ...old, amount: old.amount + piece.amount }
      : { ...old, ranges: unite([...old.ranges, ...(piece.ranges ?? [])]) }
  return bundle.with(at, merged)
}

export function add(bundle: Bundle, more: Bundle): Bundle {
  let result = bundle
  for (const piece of more) result = addPiece(result, piece)
  return result
}

/** What of `bundle` is left without `less`; what is not in it is not missed. */
export function subtract(bundle: Bundle, less: Bundle): Bundle {
  let result = bundle
  for (const piece of less) {
    const at = result.findIndex(({ key }) => key === piece.key)
    if (at < 0) continue
    const old = result[at]!
    const rest: Piece =
      old.ranges === undefined
        ? { ...old, amount: isWhole(old) ? 0 : old.amount - piece.amount }
        : { ...old, ranges: cut(old.ranges, piece.ranges ?? []) }
    const isGone = rest.ranges === undefined ? rest.amount <= 0 : rest.ranges.length === 0
    result = isGone ? result.filter((_, i) => i !== at) : result.with(at, rest)
  }
  return result
}

export function contains(bundle: Bundle, wanted: Bundle): boolean {
  return wanted.every((piece) => {
    const old = bundle.find(({ key }) => key === piece.key)
    if (old === undefined) return false
    if (old.ranges !== undefined) return covers(old.ranges, piece.ranges ?? [])
    return isWhole(old) ? old.amount === piece.amount : old.amount >= piece.amount
  })
}

/** The sum of a scalar, or the number of ports. */
export function quantity(bundle: Bundle, name: string): number {
  let sum = 0
  for (const piece of bundle) {
    if (piece.name !== name) continue
    sum +=
      piece.ranges === undefined ? piece.amount / 1_000 : piece.ranges.reduce((n, [a, b]) => n + b - a + 1, 0)
  }
  return sum
}

export const roleOf = (piece: Piece): string => piece.reservations.at(-1)?.role ?? '*'

export interface WireForm {
  /** Stacks of reservations, or the older format for frameworks without RESERVATION_REFINEMENT. */
  readonly refined: boolean
  /** Given: allocated to it, and said so when the framework is MULTI_ROLE. */
  readonly role?: string
}

/** As in offers: ports first, reserved before unreserved. */
export function toWire(bundle: Bundle, { refined, role }: WireForm): WireResource[] {
  const rank = (piece: Piece): number =>
    piece.ranges === undefined ? (piece.reservations.length > 0 ? 1 : 2) : 0
  const order = ['cpus', 'mem', 'disk']
  const sorted = [...bundle].sort(
    (a, b) => rank(a) - rank(b) || order.indexOf(a.name) - order.indexOf(b.name),
  )
  return sorted.map((piece) => {
    const common = {
      name: piece.name,
      ...(piece.ranges === undefined
        ? { type: 'SCALAR' as const, scalar: { value: piece.amount / 1_000 } }
        : {
            type: 'RANGES' as const,
            ranges: { range: piece.ranges.map(([begin, end]) => ({ begin, end })) },
          }),
      ...(role === undefined ? {} : { allocation_info: { role } }),
      ...(piece.disk === undefined ? {} : { disk: piece.disk }),
    }
    if (refined)
      return piece.reservations.length === 0 ? common : { ...common, reservations: piece.reservations }
    const last = piece.reservations.at(-1)
    if (last === undefined) return { ...common, role: '*' }
    const { role: reservedFor = '*', type, ...reservation } = last
    return { ...common, role: reservedFor, ...(type === 'DYNAMIC' ? { reservation } : {}) }
  })
}

/** As the master writes them into messages: `cpus(allocated: dev):1; ports(allocated: dev):[31000-31999]`. */
export function toText(bundle: Bundle, role: string | undefined): string {
  return bundle
    .map((piece) => {
      const allocated = role === undefined ? '' : `(allocated: ${role})`
      const stack = piece.reservations.map(({ type, role: by, principal, labels }) => {
        const pairs = labels?.labels?.map(({ key, value }) => `${key}: ${value}`) ?? []
        return `(${[type, by, principal, ...(pairs.length > 0 ? [`{${pairs.join(', ')}}`] : [])]
          .filter((part) => part !== undefined)
          .join(',')})`
      })
      const reserved = stack.length === 0 ? '' : `(reservations: [${stack.join(',')}])`
      const { persistence, volume } = piece.disk ?? {}
      const disk = persistence === undefined ? '' : `[${persistence.id}:${volume?.container_path}]`
      const amount =
        piece.ranges === undefined
          ? String(piece.amount / 1_000)
          : `[${piece.ranges.map(([begin, end]) => `${begin}-${end}`).join(', ')}]`
      return `${piece.name}${allocated}${reserved}${disk}:${amount}`
    })
    .join('; ')
}

/** As `GET /state` sums them up. */
export function toSummary(bundle: Bundle): Readonly<Record<string, number | string>> {
  const ranges = bundle.flatMap((piece) => (piece.name === 'ports' ? (piece.ranges ?? []) : []))
  return {
    disk: quantity(bundle, 'disk'),
    mem: quantity(bundle, 'mem'),
    gpus: quantity(bundle, 'gpus'),
    cpus: quantity(bundle, 'cpus'),
    ...(ranges.length === 0
      ? {}
      : {
          ports: `[${unite(ranges)
            .map(([begin, end]) => `${begin}-${end}`)
            .join(', ')}]`,
        }),
  }
}
