// The metrics of this process: counters, gauges, meters and timers by name (events-metrics-flags 2.1: prefix, name,
// kind, unit). Asking for a name that exists returns the same metric, so that its users need not share it. Nothing
// here is global: compose makes one registry and hands it out.

import { assert } from '../lib/assert.ts'
import { Rate, type Rates } from './rate.ts'
import { type Distribution, Reservoir } from './reservoir.ts'

export type Unit = 'bytes' | 'seconds'

export interface Counter {
  add(n?: number): void
}

export interface Meter {
  mark(n?: number): void
}

export interface Timer {
  /** How long it took, in seconds. */
  record(seconds: number): void
}

export interface Metrics {
  counter(name: string, unit?: Unit): Counter
  /** `read` is called whenever metrics are shown; it must be cheap. */
  gauge(name: string, read: () => number, unit?: Unit): void
  meter(name: string): Meter
  timer(name: string): Timer
  snapshot(): Snapshot
}

/** All values at one moment, names complete and sorted. */
export interface Snapshot {
  readonly gauges: readonly (readonly [name: string, value: number])[]
  readonly counters: readonly (readonly [name: string, count: number])[]
  readonly meters: readonly (readonly [name: string, rates: Rates])[]
  readonly timers: readonly (readonly [name: string, distribution: Distribution, rates: Rates])[]
}

const namePattern = /^[A-Za-z0-9.-]+$/

/** `now` in milliseconds; the prefix is --metrics_name_prefix. */
export function createMetrics(options: { readonly prefix: string; readonly now: () => number }): Metrics {
  const counters = new Map<string, { count: number } & Counter>()
  const gauges = new Map<string, () => number>()
  const meters = new Map<string, Rate>()
  const timers = new Map<string, { readonly reservoir: Reservoir; readonly rate: Rate } & Timer>()

  const full = (name: string, kind: string, unit?: Unit): string => {
    assert(namePattern.test(name), `metric name '${name}' may hold letters, digits, '-' and '.' only`)
    return `${options.prefix}.${name}.${kind}${unit === undefined ? '' : `.${unit}`}`
  }

  return {
    counter: (name, unit) =>
      once(counters, full(name, 'counter', unit), () => ({
        count: 0,
        add(n = 1) {
          this.count += n
        },
      })),
    gauge: (name, read, unit) => {
      gauges.set(full(name, 'gauge', unit), read)
    },
    meter: (name) => once(meters, full(name, 'meter'), () => new Rate(options.now)),
    timer: (name) =>
      once(timers, full(name, 'timer', 'seconds'), () => ({
        reservoir: new Reservoir(),
        rate: new Rate(options.now),
        record(seconds) {
          this.reservoir.record(seconds)
          this.rate.mark()
        },
      })),
    snapshot: () => ({
      gauges: sorted(gauges).map(([name, read]) => [name, finite(read())] as const),
      counters: sorted(counters).map(([name, counter]) => [name, counter.count] as const),
      meters: sorted(meters).map(([name, rate]) => [name, rate.read()] as const),
      timers: sorted(timers).map(
        ([name, timer]) => [name, timer.reservoir.read(), timer.rate.read()] as const,
      ),
    }),
  }
}

function once<T>(table: Map<string, T>, name: string, make: () => T): T {
  const known = table.get(name)
  if (known !== undefined) return known
  const made = make()
  table.set(name, made)
  return made
}

const sorted = <T>(table: ReadonlyMap<string, T>): [string, T][] =>
  [...table].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** A gauge that has no number yet shows 0 (events-metrics-flags 2.3). */
const finite = (value: number): number => (Number.isFinite(value) ? value : 0)
