// Amounts of an agent's resources, counted in thousandths so that sums are exact, and its ports as sorted ranges.

import type { Range, Resource } from '../../core/mesos.ts'
import type { Writable } from '../../lib/writable.ts'

export interface Amounts {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly gpus: number
  /** Sorted by begin, neither overlapping nor touching. */
  readonly ports: readonly Range[]
}

const scalars = ['cpus', 'mem', 'disk', 'gpus'] as const
type Scalar = (typeof scalars)[number]
const isScalar = (name: string): name is Scalar => (scalars as readonly string[]).includes(name)

export const nothing: Amounts = { cpus: 0, mem: 0, disk: 0, gpus: 0, ports: [] }

/** The sums over resource entries. */
export function amountsOf(resources: readonly Resource[]): Amounts {
  const sums: Writable<Amounts> = { ...nothing }
  const ranges: Range[] = []
  for (const { name, scalar, ranges: some } of resources) {
    if (isScalar(name)) sums[name] += Math.round((scalar ?? 0) * 1000)
    else if (name === 'ports') ranges.push(...(some ?? []))
  }
  sums.ports = merged(ranges)
  return sums
}

export function plus(a: Amounts, b: Amounts): Amounts {
  return {
    cpus: a.cpus + b.cpus,
    mem: a.mem + b.mem,
    disk: a.disk + b.disk,
    gpus: a.gpus + b.gpus,
    ports: b.ports.length === 0 ? a.ports : merged([...a.ports, ...b.ports]),
  }
}

/** What is left, or the name of the first resource there is too little of. */
export function minus(a: Amounts, b: Amounts): Amounts | keyof Amounts {
  for (const name of scalars) if (a[name] < b[name]) return name
  const ports = b.ports.length === 0 ? a.ports : withoutPorts(a.ports, b.ports)
  if (ports === undefined) return 'ports'
  return {
    cpus: a.cpus - b.cpus,
    mem: a.mem - b.mem,
    disk: a.disk - b.disk,
    gpus: a.gpus - b.gpus,
    ports,
  }
}

export const isEmpty = (a: Amounts): boolean => a.cpus === 0 && a.mem === 0

/** Whether `a` has more of something than `b`. */
export const exceeds = (a: Amounts, b: Amounts): boolean =>
  scalars.some((name) => a[name] > b[name]) || portCount(a.ports) > portCount(b.ports)

/** As entries of an offer; what there is none of is left out. */
export function resourcesOf(amounts: Amounts): Resource[] {
  const resources: Resource[] = []
  for (const name of scalars) {
    if (amounts[name] > 0) resources.push({ name, scalar: amounts[name] / 1000, role: '*' })
  }
  if (amounts.ports.length > 0) resources.push({ name: 'ports', ranges: amounts.ports, role: '*' })
  return resources
}

export const portsText = (ports: readonly Range[]): string =>
  ports.map(({ begin, end }) => (begin === end ? `${begin}` : `${begin}-${end}`)).join(',')

function portCount(ports: readonly Range[]): number {
  let count = 0
  for (const { begin, end } of ports) count += end - begin + 1
  return count
}

/** Ranges in order, joined where they touch. Overlaps are kept apart, so that a port given back twice shows. */
function merged(ranges: readonly Range[]): readonly Range[] {
  if (ranges.length < 2) return ranges
  const out: Writable<Range>[] = []
  for (const { begin, end } of [...ranges].sort((a, b) => a.begin - b.begin)) {
    const last = out[out.length - 1]
    if (last !== undefined && last.end + 1 === begin) last.end = end
    else out.push({ begin, end })
  }
  return out
}

/** Undefined when a port to take is not there. */
function withoutPorts(from: readonly Range[], taken: readonly Range[]): readonly Range[] | undefined {
  let left = from
  for (const { begin, end } of taken) {
    const index = left.findIndex((range) => range.begin <= begin && end <= range.end)
    if (index < 0) return undefined
    const range = left[index]!
    const rest: Range[] = []
    if (range.begin < begin) rest.push({ begin: range.begin, end: begin - 1 })
    if (end < range.end) rest.push({ begin: end + 1, end: range.end })
    left = left.toSpliced(index, 1, ...rest)
  }
  return left
}
