// `GET /metrics/prometheus`: the same registry in Prometheus' text form (events-metrics-flags 2.4). Timers become a
// summary without `_sum` and gauges for what a summary has no word for.

import type { Rates } from './rate.ts'
import type { Snapshot } from './registry.ts'
import type { Distribution } from './reservoir.ts'

const quantiles = [
  ['0.500000', 'p50'],
  ['0.750000', 'p75'],
  ['0.950000', 'p95'],
  ['0.980000', 'p98'],
  ['0.990000', 'p99'],
  ['0.999000', 'p999'],
] as const satisfies readonly (readonly [string, keyof Distribution])[]

export function renderPrometheus(snapshot: Snapshot): string {
  const blocks = [
    ...snapshot.gauges.map(([name, value]) => typed(metricName(name), 'gauge', value)),
    ...snapshot.counters.map(([name, count]) => typed(metricName(name), 'counter', count)),
    ...snapshot.meters.map(([name, rates]) => renderMeter(metricName(name), rates)),
    ...snapshot.timers.map(([name, distribution, rates]) =>
      renderTimer(metricName(name), distribution, rates),
    ),
  ]
  return blocks.map((lines) => `${lines.join('\n')}\n\n`).join('')
}

const metricName = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')

const typed = (name: string, kind: string, value: number): string[] => [
  `# TYPE ${name} ${kind}`,
  `${name} ${value}`,
]

function renderMeter(name: string, rates: Rates): string[] {
  return [...typed(`${name}_count`, 'gauge', rates.count), ...renderRates(name, rates)]
}

function renderTimer(name: string, distribution: Distribution, rates: Rates): string[] {
  return [
    `# TYPE ${name} summary`,
    ...quantiles.map(([label, key]) => `${name}{quantile="${label}"} ${distribution[key]}`),
    `${name}_count ${distribution.count}`,
    ...typed(`${name}_min`, 'gauge', distribution.min),
    ...typed(`${name}_mean`, 'gauge', distribution.mean),
    ...typed(`${name}_max`, 'gauge', distribution.max),
    ...typed(`${name}_stddev`, 'gauge', distribution.stddev),
    ...renderRates(name, rates),
  ]
}

const renderRates = (name: string, rates: Rates): string[] => [
  ...typed(`${name}_mean_rate`, 'gauge', rates.mean),
  ...typed(`${name}_m1_rate`, 'gauge', rates.m1),
  ...typed(`${name}_m5_rate`, 'gauge', rates.m5),
  ...typed(`${name}_m15_rate`, 'gauge', rates.m15),
]
