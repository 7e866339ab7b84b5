// The last values of a histogram or timer: a ring of fixed size, sorted only when somebody reads it. Recording costs
// one store, so it can sit on the path of every request.

import { limits } from '../lib/limits.ts'

export interface Distribution {
  /** Values recorded since the start, not only those still in the ring. */
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
  readonly p50: number
  readonly p75: number
  readonly p95: number
  readonly p98: number
  readonly p99: number
  readonly p999: number
  readonly stddev: number
}

const empty: Distribution = {
  count: 0,
  min: 0,
  mean: 0,
  max: 0,
  p50: 0,
  p75: 0,
  p95: 0,
  p98: 0,
  p99: 0,
  p999: 0,
  stddev: 0,
}

export class Reservoir {
  readonly #values = new Float64Array(limits.reservoirValues)
  #count = 0

  record(value: number): void {
    this.#values[this.#count % this.#values.length] = value
    this.#count++
  }

  read(): Distribution {
    if (this.#count === 0) return empty
    const sorted = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort()
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
    const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length
    return {
      count: this.#count,
      min: sorted[0]!,
      mean,
      max: sorted[sorted.length - 1]!,
      p50: quantile(sorted, 0.5),
      p75: quantile(sorted, 0.75),
      p95: quantile(sorted, 0.95),
      p98: quantile(sorted, 0.98),
      p99: quantile(sorted, 0.99),
      p999: quantile(sorted, 0.999),
      stddev: Math.sqrt(variance),
    }
  }
}

/** Nearest rank: the smallest value that at least `q` of all values do not exceed. */
function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
}
