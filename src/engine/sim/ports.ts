// Ports of an agent as ranges, both ends inclusive: sorted by begin, neither overlapping nor touching.

import type { Range } from '../../core/mesos.ts'
import type { Writable } from '../../lib/writable.ts'

export const portsText = (ports: readonly Range[]): string =>
  ports.map(({ begin, end }) => (begin === end ? `${begin}` : `${begin}-${end}`)).join(',')

export function portCount(ports: readonly Range[]): number {
  let count = 0
  for (const { begin, end } of ports) count += end - begin + 1
  return count
}

export const hasPort = (ports: readonly Range[], port: number): boolean =>
  ports.some(({ begin, end }) => begin <= port && port <= end)

/** Ranges in order, joined where they touch. Overlaps are kept apart, so that a port given back twice shows. */
export function mergedPorts(ranges: readonly Range[]): readonly Range[] {
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
export function withoutPorts(from: readonly Range[], taken: readonly Range[]): readonly Range[] | undefined {
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
