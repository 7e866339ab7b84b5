// Lengths of time for people: two units at most, compact enough for a table column.

const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
]

/** `0s`, `42s`, `3m5s`, `2h`, `4d7h`. Negative lengths (clocks that disagree) count as none. */
export function formatDuration(ms: number): string {
  const left = Math.max(0, Math.floor(ms / 1000) * 1000)
  const first = units.findIndex(([, size]) => left >= size)
  if (first === -1) return '0s'
  const [name, size] = units[first]!
  const [nextName, nextSize] = units[first + 1] ?? ['', 1]
  const rest = nextName === '' ? 0 : Math.floor((left % size) / nextSize)
  return `${Math.floor(left / size)}${name}${rest === 0 ? '' : `${rest}${nextName}`}`
}

/** The age of an ISO-8601 time, or `-` when there is none. */
export function formatAge(since: string | null | undefined, nowMs: number): string {
  const at = Date.parse(since ?? '')
  return Number.isNaN(at) ? '-' : formatDuration(nowMs - at)
}
