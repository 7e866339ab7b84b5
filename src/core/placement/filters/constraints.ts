// The constraint operators (runtime 5.3). Constraints are compiled once per run spec version; a check then reads one
// field of the offer and at most a few counts.

import type { Constraint } from '../../../spec/app.ts'
import { excessOver, type FieldCounts, firstValue, type PlacedIndex } from '../constraint-index.ts'
import { fieldText, type Placeable } from '../field-text.ts'
import { decimalText } from '../fixed-point.ts'
import { matchesPattern } from '../known-patterns.ts'

/** What the operators that count know: the offer's value, what is placed, and how many are wanted in all. */
interface Placement {
  readonly value: string
  readonly counts: FieldCounts | undefined
  readonly instances: number
}

export interface CompiledConstraint {
  readonly field: string
  readonly accepts: (placement: Placement) => boolean
  /** What an offer that lacks the field gets. */
  readonly acceptsMissing: boolean
}

/** The check of one constraint. Values that validation refuses never pass. */
export function compileConstraint([field, operator, value = '']: Constraint): CompiledConstraint {
  const onField = (accepts: CompiledConstraint['accepts']) => ({ field, accepts, acceptsMissing: false })
  switch (operator) {
    case 'UNIQUE':
      return onField((placement) => countOf(placement) === 0)
    case 'CLUSTER':
      return onField(value === '' ? isWithFirst : (placement) => placement.value === value)
    case 'IS': {
      const normalised = plainNumber.test(value) ? decimalText(Number(value)) : value
      return onField((placement) => placement.value === normalised || placement.value === value)
    }
    case 'MAX_PER': {
      const max = Number(value === '' ? Number.NaN : value)
      return onField((placement) => countOf(placement) < max)
    }
    case 'GROUP_BY': {
      const groups = groupCount(value)
      return onField(groups === 0 ? isEven : (placement) => isWithinQuota(placement, groups))
    }
    // An empty pattern matches nothing, and does not say so either (runtime 5.3).
    case 'LIKE':
      return onField((placement) => value !== '' && matchesPattern(value, placement.value) === true)
    case 'UNLIKE': {
      const accepts = (placement: Placement): boolean =>
        value !== '' && matchesPattern(value, placement.value) === false
      return { field, accepts, acceptsMissing: true }
    }
  }
}

/**
 * Whether an agent satisfies all constraints, given where the others are. `instances` is the number wanted of the run
 * spec, which GROUP_BY divides among its groups.
 */
export function meetsConstraints(
  constraints: readonly CompiledConstraint[],
  agent: Placeable,
  placed: PlacedIndex,
  instances: number,
): boolean {
  for (const constraint of constraints) {
    const value = fieldText(agent, constraint.field)
    if (value === undefined) {
      if (!constraint.acceptsMissing) return false
    } else if (!constraint.accepts({ value, counts: placed.fields.get(constraint.field), instances })) {
      return false
    }
  }
  return true
}

const plainNumber = /^[+-]?\d+(\.\d+)?$/

const countOf = ({ value, counts }: Placement): number => counts?.perValue.get(value) ?? 0

/** CLUSTER without value: where the first one is, or anywhere when there is none. */
function isWithFirst({ value, counts }: Placement): boolean {
  const first = counts && firstValue(counts)
  return first === undefined || first.value === value
}

/** `inf` is as many groups as can be; what is no whole number counts as no value (runtime 5.3). */
function groupCount(value: string): number {
  if (value === 'inf') return 2 ** 31 - 1
  return /^[+-]?\d+$/.test(value) ? Math.max(0, Number(value)) : 0
}

/**
 * GROUP_BY n: every group gets its share, and the remainder of the division goes to whoever comes first. A value not
 * yet used opens a group while fewer than n are open.
 */
function isWithinQuota({ value, counts, instances }: Placement, groups: number): boolean {
  const count = counts?.perValue.get(value)
  if (counts === undefined || count === undefined) return (counts?.perValue.size ?? 0) < groups
  const quota = Math.floor(instances / groups)
  return count < quota || (count === quota && excessOver(counts, quota) < instances % groups)
}

/**
 * GROUP_BY without value, by the rule of releases up to 1.10.26 (the last one divides by zero here): a new value
 * always, a used one when no other is used less.
 */
function isEven({ value, counts }: Placement): boolean {
  const count = counts?.perValue.get(value)
  return counts === undefined || count === undefined || count === counts.smallest
}
