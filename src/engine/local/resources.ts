// What a machine has and how it is shared out: the text form of resources and attributes, the split over virtual
// agents, the ports nobody else uses, what is left after tasks. Pure.

import type { Attribute, Range, Resource } from '../../core/mesos.ts'
import { ok, type Result, refused } from '../../lib/result.ts'

/** cpus in cores, mem and disk in MiB. */
export interface MachineResources {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly gpus: number
  readonly ports: readonly Range[]
}

export const defaultPorts: readonly Range[] = [{ begin: 31_000, end: 32_000 }]

/**
 * Reads `cpus:4;mem:8192;disk:10000;ports:[31000-32000,33000-33010]`, the form of Mesos' agents; what it does not
 * name stays.
 */
export function parseResources(text: string, base: MachineResources): Result<MachineResources, string> {
  const found: { -readonly [K in keyof MachineResources]: MachineResources[K] } = { ...base }
  for (const part of text.split(';')) {
    if (part.trim() === '') continue
    const colon = part.indexOf(':')
    const name = part
      .slice(0, colon)
      .trim()
      .replace(/\(\*\)$/, '')
    const value = part.slice(colon + 1).trim()
    if (colon < 0) return refused(`"${part.trim()}" is no resource: expected <name>:<value>, such as cpus:4`)
    if (name === 'ports') {
      const ranges = parseRanges(value)
      if (!ranges) return refused(`"${value}" is no list of ports: expected ranges such as [31000-32000]`)
      found.ports = ranges
    } else if (name === 'cpus' || name === 'mem' || name === 'disk' || name === 'gpus') {
      const amount = Number(value)
      if (value === '' || !Number.isFinite(amount) || amount < 0) {
        return refused(`"${value}" is no amount of ${name}: expected a number of at least 0`)
      }
      found[name] = amount
    } else {
      return refused(`"${name}" is no resource of this engine: expected one of cpus, mem, disk, gpus, ports`)
    }
  }
  return ok(found)
}

function parseRanges(text: string): Range[] | undefined {
  const match = /^\[\s*(\d+\s*-\s*\d+(?:\s*,\s*\d+\s*-\s*\d+)*)?\s*\]$/.exec(text)
  if (!match) return undefined
  const ranges = (match[1] ?? '')
    .split(',')
    .filter((one) => one.trim() !== '')
    .map((one) => {
      const [begin, end] = one.split('-').map((side) => Number(side.trim()))
      return { begin: begin!, end: end! }
    })
  return ranges.every(({ begin, end }) => begin <= end && begin > 0 && end <= 65_535)
    ? rangesOf(portsIn(ranges))
    : undefined
}

/** Reads `rack_id:rack-1;zone:a`. A number is a scalar attribute, as in Mesos; everything else is text. */
export function parseAttributes(text: string): Result<readonly Attribute[], string> {
  const attributes: Attribute[] = []
  for (const part of text.split(';')) {
    if (part.trim() === '') continue
    const colon = part.indexOf(':')
    const name = part.slice(0, colon).trim()
    if (colon < 1)
      return refused(`"${part.trim()}" is no attribute: expected <name>:<value>, such as rack_id:rack-1`)
    attributes.push(attributeOf(name, part.slice(colon + 1).trim()))
  }
  return ok(attributes)
}

export function attributeOf(name: string, value: string): Attribute {
  return /^-?\d+(\.\d+)?$/.test(value) ? { name, scalar: Number(value) } : { name, text: value }
}

/** Attributes by name as text, for display. */
export function attributesText(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ name, text, scalar }) => [name, text ?? String(scalar)]))
}

/** Equal shares of a machine, with ports in disjoint slices: there is one pool of ports per machine. */
export function splitResources(machine: MachineResources, shares: number): MachineResources[] {
  const ports = portsIn(machine.ports)
  const perShare = Math.floor(ports.length / shares)
  return Array.from({ length: shares }, (_, index) => ({
    cpus: floorTo(machine.cpus / shares, 1_000),
    mem: Math.floor(machine.mem / shares),
    disk: Math.floor(machine.disk / shares),
    gpus: Math.floor(machine.gpus / shares),
    ports: rangesOf(ports.slice(index * perShare, (index + 1) * perShare)),
  }))
}

/** What a list of resource entries comes to. */
export function amountsOf(resources: readonly Resource[]): MachineResources {
  const scalar = (name: string) =>
    resources.reduce(
      (sum, one) => (one.name === name && one.scalar !== undefined ? sum + one.scalar : sum),
      0,
    )
  const ports = resources.flatMap((one) => (one.name === 'ports' ? portsIn(one.ranges ?? []) : []))
  return {
    cpus: scalar('cpus'),
    mem: scalar('mem'),
    disk: scalar('disk'),
    gpus: scalar('gpus'),
    ports: rangesOf(ports),
  }
}

/** `whole` without `parts`. Thousandths are exact, so that what tasks give back adds up to what there was. */
export function minus(whole: MachineResources, parts: readonly MachineResources[]): MachineResources {
  const left = (of: (one: MachineResources) => number) =>
    Math.max(0, Math.round((of(whole) - parts.reduce((sum, one) => sum + of(one), 0)) * 1_000) / 1_000)
  const used = new Set(parts.flatMap((one) => portsIn(one.ports)))
  return {
    cpus: left((one) => one.cpus),
    mem: left((one) => one.mem),
    disk: left((one) => one.disk),
    gpus: left((one) => one.gpus),
    ports: used.size === 0 ? whole.ports : rangesOf(portsIn(whole.ports).filter((port) => !used.has(port))),
  }
}

/** Whether `wanted` fits into `available`; if not, the first resource that does not. */
export function lacking(
  wanted: MachineResources,
  available: MachineResources,
): keyof MachineResources | undefined {
  for (const name of ['cpus', 'mem', 'disk', 'gpus'] as const) {
    // Offers are rounded to thousandths; a sum of such may miss by less.
    if (wanted[name] > available[name] + 0.0005) return name
  }
  const free = new Set(portsIn(available.ports))
  return portsIn(wanted.ports).every((port) => free.has(port)) ? undefined : 'ports'
}

/** Removes ports that someone else on the machine uses. */
export function withoutPorts(resources: MachineResources, taken: ReadonlySet<number>): MachineResources {
  const ports = portsIn(resources.ports)
  return ports.some((port) => taken.has(port))
    ? { ...resources, ports: rangesOf(ports.filter((port) => !taken.has(port))) }
    : resources
}

/** The entries of an offer, in the order Mesos lists them. Empty ones are left out. */
export function resourceEntries(resources: MachineResources, role: string): Resource[] {
  const entries: Resource[] = []
  for (const name of ['cpus', 'mem', 'disk', 'gpus'] as const) {
    if (resources[name] > 0) entries.push({ name, scalar: resources[name], role })
  }
  if (resources.ports.length > 0) entries.push({ name: 'ports', ranges: resources.ports, role })
  return entries
}

/** Every port of some ranges, in their order. */
export function portsIn(ranges: readonly Range[]): number[] {
  const ports: number[] = []
  for (const { begin, end } of ranges) for (let port = begin; port <= end; port++) ports.push(port)
  return ports
}

/** The fewest ranges that hold exactly these ports. */
export function rangesOf(ports: readonly number[]): Range[] {
  const ranges: { begin: number; end: number }[] = []
  for (const port of [...new Set(ports)].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last.end === port - 1) last.end = port
    else ranges.push({ begin: port, end: port })
  }
  return ranges
}

/** As `31000-31999,32005`. */
export const rangesText = (ranges: readonly Range[]): string =>
  ranges.map(({ begin, end }) => (begin === end ? `${begin}` : `${begin}-${end}`)).join(',')

const floorTo = (value: number, steps: number): number => Math.floor(value * steps + 1e-9) / steps
