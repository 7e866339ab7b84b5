// Gauges of what the scheduler holds, and of this process. The core keeps its numbers up to date itself, so reading
// them scans nothing.

import type { Gauges, View } from '../core/view.ts'
import type { Metrics } from './registry.ts'

/** Names of events-metrics-flags 2.2 for the core's numbers; `debug.` ones are ours and may change. */
const coreGauges: Readonly<Record<string, keyof Gauges>> = {
  'instances.running': 'running',
  'instances.staged': 'staged',
  'instances.launch-overdue': 'launchOverdue',
  'instances.inflight-kills': 'inflightKills',
  'instances.inflight-kill-attempts': 'inflightKillAttempts',
  'debug.offer-matcher.tokens': 'launchTokens',
}

/** `view` is undefined until the state is loaded; `now` in milliseconds. */
export function registerStateGauges(
  metrics: Metrics,
  options: { readonly view: () => View | undefined; readonly now: () => number },
): void {
  const startedAt = options.now()
  const elapsedSeconds = (): number => (options.now() - startedAt) / 1000
  metrics.gauge('uptime', elapsedSeconds, 'seconds')
  metrics.gauge('leadership.duration', elapsedSeconds, 'seconds')
  metrics.gauge('apps.active', () => options.view()?.apps().length ?? 0)
  metrics.gauge('pods.active', () => options.view()?.pods().length ?? 0)
  // The root is one, too.
  metrics.gauge('groups.active', () => 1 + count(options.view()?.groups() ?? []))
  metrics.gauge('deployments.active', () => options.view()?.deployments().length ?? 0)
  for (const [name, key] of Object.entries(coreGauges)) {
    metrics.gauge(name, () => options.view()?.gauges[key] ?? 0)
  }
  metrics.gauge('debug.health-checks.kills-suspended', () =>
    options.view()?.unhealthyKills.suspendedSince === undefined ? 0 : 1,
  )
  metrics.gauge('debug.health-checks.failing', () => options.view()?.unhealthyKills.failing ?? 0)
  metrics.gauge('debug.run-specs.quarantined', () => options.view()?.quarantined().size ?? 0)
  metrics.gauge('debug.process.memory.resident', () => process.memoryUsage.rss(), 'bytes')
  metrics.gauge('debug.process.memory.heap.used', () => process.memoryUsage().heapUsed, 'bytes')
}

function count(items: Iterable<unknown>): number {
  let n = 0
  for (const _ of items) n++
  return n
}
