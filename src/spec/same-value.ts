// Equality of plain data: JSON values and their absence. Order matters in lists, not among the keys of records.

export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) return Array.isArray(right) && sameList(left, right)
  if (Array.isArray(right)) return false
  const leftKeys = Object.keys(left)
  if (leftKeys.length !== Object.keys(right).length) return false
  return leftKeys.every(
    (key) =>
      Object.hasOwn(right, key) &&
      sameValue((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
  )
}

const sameList = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((item, index) => sameValue(item, right[index]))

/** Equality of lists without duplicates that stand for sets. */
export function sameMembers(left: unknown, right: unknown): boolean {
  if (!Array.isArray(left) || !Array.isArray(right)) return sameValue(left, right)
  if (left.length !== right.length) return false
  const others: readonly unknown[] = right
  // Most often nothing moved; the search for each member is for the rest.
  return left.every(
    (item, index) => sameValue(item, others[index]) || others.some((other) => sameValue(item, other)),
  )
}
