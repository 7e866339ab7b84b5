// Figures from many measurements of one thing.

export interface Quantiles {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Of an empty list every quantile is NaN. */
export function quantiles(valuesMs: readonly number[]): Quantiles {
  const sorted = [...valuesMs].sort((a, b) => a - b)
  const at = (q: number): number => round2(sorted[Math.ceil(sorted.length * q) - 1] ?? Number.NaN)
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}

export const round2 = (value: number): number => Math.round(value * 100) / 100

export const mebibytes = (bytes: number): number => round2(bytes / 1024 / 1024)
