// How often something happens: exponentially weighted moving averages over 1, 5 and 15 minutes, moved on in steps of
// five seconds as in the Unix load average. Steps that passed while nobody marked or read are caught up on at the
// next call.

const tickMs = 5_000

export interface Rates {
  readonly count: number
  /** Events per second. */
  readonly m1: number
  readonly m5: number
  readonly m15: number
  /** Since the start. */
  readonly mean: number
}

const windowsMinutes = [1, 5, 15] as const
const weights = windowsMinutes.map((minutes) => 1 - Math.exp(-tickMs / 1000 / 60 / minutes))

export class Rate {
  readonly #now: () => number
  readonly #startedAt: number
  readonly #averages = [0, 0, 0]
  #lastTick: number
  #hasTicked = false
  #sinceTick = 0
  #count = 0

  /** `now` in milliseconds; only differences matter. */
  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = now()
    this.#lastTick = this.#startedAt
  }

  mark(n = 1): void {
    this.#catchUp()
    this.#sinceTick += n
    this.#count += n
  }

  read(): Rates {
    this.#catchUp()
    const elapsedSeconds = (this.#now() - this.#startedAt) / 1000
    return {
      count: this.#count,
      m1: this.#averages[0]!,
      m5: this.#averages[1]!,
      m15: this.#averages[2]!,
      mean: elapsedSeconds > 0 ? this.#count / elapsedSeconds : 0,
    }
  }

  #catchUp(): void {
    const ticks = Math.floor((this.#now() - this.#lastTick) / tickMs)
    if (ticks <= 0) return
    this.#lastTick += ticks * tickMs
    const rate = this.#sinceTick / (tickMs / 1000)
    this.#sinceTick = 0
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!
      const previous = this.#averages[i]!
      const next = this.#hasTicked ? previous + weight * (rate - previous) : rate
      // The remaining steps saw nothing: each lets the average decay once more.
      this.#averages[i] = next * (1 - weight) ** (ticks - 1)
    }
    this.#hasTicked = true
  }
}
