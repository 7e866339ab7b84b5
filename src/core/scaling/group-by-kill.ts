// Which instances GROUP_BY gives up on scale down, so that what stays is spread evenly (runtime 5.3, "Scaling down with
// GROUP_BY"). Instances are gathered into cells of equal group membership first: an app of 100,000 instances on a few
// thousand agents is decided over its cells.

import type { RunSpec } from '../../spec/run-spec.ts'
import type { Instance } from '../instances/instance.ts'
import { fieldText } from '../placement/field-text.ts'

/**
 * Up to `toKill` of the running instances, in the order they were picked. Fewer when no further one can go without
 * making some constraint less even; the rest is left to killSelection. Among equals the first of `running` goes first,
 * so the caller may pass them in its own order of preference.
 */
export function selectByGroupBy(running: readonly Instance[], toKill: number, runSpec: RunSpec): Instance[] {
  const fields = runSpec.constraints.filter(([, operator]) => operator === 'GROUP_BY').map(([field]) => field)
  if (fields.length === 0 || toKill <= 0) return []
  if (toKill >= running.length) return [...running]
  const { cells, distributions } = distribute(running, fields)
  const picked: Instance[] = []
  while (picked.length < toKill) {
    const cell = nextCell(cells, distributions)
    if (cell === undefined) break
    picked.push(cell.instances[cell.taken++]!)
    for (let i = 0; i < distributions.length; i++) shrink(distributions[i]!, cell.groups[i]!)
  }
  return picked
}

/** Instances that are in the same group of every constraint: to the rules they are the same. */
interface Cell {
  readonly instances: Instance[]
  /** The group per distribution. */
  readonly groups: readonly Group[]
  taken: number
}

interface Group {
  size: number
  readonly cells: Cell[]
}

/** How the instances spread over the groups of one constraint; an emptied group stays, with size 0. */
interface Distribution {
  /** Groups by their size. */
  readonly bySize: Map<number, Set<Group>>
  largest: number
  smallest: number
  /** largest − smallest before anything was picked. */
  readonly differenceAtFirst: number
}

function distribute(
  running: readonly Instance[],
  fields: readonly string[],
): { readonly cells: readonly Cell[]; readonly distributions: readonly Distribution[] } {
  const groupsOf = fields.map(() => new Map<string | undefined, Group>())
  const cells = new Map<string, Cell>()
  for (const instance of running) {
    const values = fields.map((field) =>
      instance.agent === undefined ? undefined : fieldText(instance.agent, field),
    )
    const key = JSON.stringify(values.map((value) => value ?? null))
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = { instances: [], groups: values.map((value, i) => groupIn(groupsOf[i]!, value)), taken: 0 }
      for (const group of cell.groups) group.cells.push(cell)
      cells.set(key, cell)
    }
    cell.instances.push(instance)
    for (const group of cell.groups) group.size++
  }
  return {
    cells: [...cells.values()],
    distributions: groupsOf.map((groups) => distribution([...groups.values()])),
  }
}

function groupIn(groups: Map<string | undefined, Group>, value: string | undefined): Group {
  let group = groups.get(value)
  if (group === undefined) {
    group = { size: 0, cells: [] }
    groups.set(value, group)
  }
  return group
}

function distribution(groups: readonly Group[]): Distribution {
  const bySize = new Map<number, Set<Group>>()
  for (const group of groups) place(bySize, group)
  const sizes = [...bySize.keys()]
  // Math.max over a spread would overflow the stack with very many groups.
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0)
  const smallest = sizes.reduce((a, b) => Math.min(a, b), largest)
  return { bySize, largest, smallest, differenceAtFirst: largest - smallest }
}

function place(bySize: Map<number, Set<Group>>, group: Group): void {
  const peers = bySize.get(group.size)
  if (peers === undefined) bySize.set(group.size, new Set([group]))
  else peers.add(group)
}

/**
 * From the fullest groups of the most uneven constraint first, then from anywhere; always such that no constraint ends
 * up less even than it may.
 */
function nextCell(cells: readonly Cell[], distributions: readonly Distribution[]): Cell | undefined {
  const mostUnevenFirst = [...distributions].sort((a, b) => difference(b) - difference(a))
  for (const each of mostUnevenFirst) {
    if (difference(each) === 0) continue
    for (const group of each.bySize.get(each.largest) ?? []) {
      const cell = group.cells.find((candidate) => mayShrink(candidate, distributions))
      if (cell !== undefined) return cell
    }
  }
  return cells.find((candidate) => mayShrink(candidate, distributions))
}

/** Whether one instance of the cell can go: the difference stays at most 1, or below what it was at first. */
function mayShrink(cell: Cell, distributions: readonly Distribution[]): boolean {
  if (cell.taken === cell.instances.length) return false
  return distributions.every((each, i) => {
    const { size } = cell.groups[i]!
    const isOnlyLargest = size === each.largest && each.bySize.get(size)!.size === 1
    const after = (isOnlyLargest ? size - 1 : each.largest) - Math.min(each.smallest, size - 1)
    return after <= 1 || after < each.differenceAtFirst
  })
}

function shrink(each: Distribution, group: Group): void {
  const peers = each.bySize.get(group.size)!
  peers.delete(group)
  if (peers.size === 0) {
    each.bySize.delete(group.size)
    if (each.largest === group.size) each.largest--
  }
  group.size--
  each.smallest = Math.min(each.smallest, group.size)
  place(each.bySize, group)
}

const difference = (each: Distribution): number => each.largest - each.smallest
