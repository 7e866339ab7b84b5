// `GET /metrics`: the shape Dropwizard Metrics gave it, which dashboards read (events-metrics-flags 2.3).

import type { Rates } from './rate.ts'
import type { Snapshot } from './registry.ts'
import type { Distribution } from './reservoir.ts'

export function renderMetricsJson(snapshot: Snapshot): Record<string, unknown> {
  return {
    version: '4.0.0',
    gauges: Object.fromEntries(snapshot.gauges.map(([name, value]) => [name, { value }])),
    counters: Object.fromEntries(snapshot.counters.map(([name, count]) => [name, { count }])),
    histograms: {},
    meters: Object.fromEntries(
      snapshot.meters.map(([name, rates]) => [
        name,
        { count: rates.count, ...renderRates(rates), units: 'events/second' },
      ]),
    ),
    timers: Object.fromEntries(
      snapshot.timers.map(([name, distribution, rates]) => [
        name,
        {
          ...renderDistribution(distribution),
          ...renderRates(rates),
          duration_units: 'seconds',
          rate_units: 'calls/second',
        },
      ]),
    ),
  }
}

const renderDistribution = (of: Distribution) => ({
  count: of.count,
  min: of.min,
  mean: of.mean,
  max: of.max,
  p50: of.p50,
  p75: of.p75,
  p95: of.p95,
  p98: of.p98,
  p99: of.p99,
  p999: of.p999,
  stddev: of.stddev,
})

const renderRates = (rates: Rates) => ({
  m1_rate: rates.m1,
  m5_rate: rates.m5,
  m15_rate: rates.m15,
  mean_rate: rates.mean,
})
