// The server of the health bench: core, driver, durable store, HTTP and prober as in production, and a simulated
// cluster, whose tasks nobody can connect to. So its prober is told other addresses than the core says: those of the
// bench's own answerers. Its parent hears from it where it listens, and how its main thread fared when it asks.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import type { ProbeEffect } from '../src/core/health/probe.ts'
import { createScheduler } from '../src/core/scheduler.ts'
import { defaultSettings } from '../src/core/settings.ts'
import { SystemClock } from '../src/driver/clock.ts'
import { Driver } from '../src/driver/driver.ts'
import { defaultHttpOptions } from '../src/http/deps.ts'
import { createHttpServer } from '../src/http/server.ts'
import { silentLogger } from '../src/logging/logger.ts'
import { meterEngine } from '../src/metrics/metered-engine.ts'
import { createMetrics } from '../src/metrics/registry.ts'
import { registerStateGauges } from '../src/metrics/state-gauges.ts'
import type { Prober } from '../src/ports/prober.ts'
import { WorkerProber } from '../src/probes/prober.ts'
import { LmdbStore } from '../src/store/lmdb.ts'
import { fakeControl } from '../tests/support/fake-control.ts'
import { InstantCluster } from './lib/sim-engine.ts'
import { mebibytes, round2 } from './lib/statistics.ts'

/** How the server fared since it was asked before. */
export interface Strain {
  /** How much later than planned the main thread got to a timer; the first millisecond is the timer's own. */
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
  /** Share of the time in which the main thread was busy. */
  readonly mainThreadBusyPercent: number
  /** Of one core, all threads together. */
  readonly cpuPercent: number
  readonly residentMib: number
}

const agents = 1_000

/** `answerers`: ports on this machine. */
export async function serveProbed(dataDir: string, answerers: readonly number[]): Promise<void> {
  const store = new LmdbStore(dataDir)
  await store.open()
  const clock = new SystemClock()
  const scheduler = createScheduler({
    settings: { ...defaultSettings, launchTokens: 1_000_000, maxInstancesPerOffer: 1_000 },
    seed: 'health bench',
    records: [],
    now: clock.now(),
    quarantines: false,
  })
  const metrics = createMetrics({ prefix: 'marathon', now: () => clock.now() })
  const prober = new WorkerProber({
    program: pathToFileURL('dist/chunks/probe-worker.mjs'),
    atOnce: 256,
    userAgent: 'Marathon/bench (health check)',
    clock,
    log: silentLogger,
    meters: metrics,
  })
  const driver = new Driver({
    scheduler,
    store,
    engine: meterEngine(new InstantCluster(agents), metrics),
    prober: redirected(prober, answerers),
    clock,
    log: silentLogger,
    halt: (_, error) => {
      throw error
    },
  })
  registerStateGauges(metrics, { view: () => driver.view, now: () => clock.now() })
  const http = createHttpServer({
    view: () => driver.view,
    submit: (request) => driver.submit(request),
    subscribe: (listener) => driver.subscribe(listener),
    engine: { name: 'sim' },
    info: {
      name: 'marathon',
      version: 'bench',
      buildref: 'bench',
      marathonConfig: {},
      zookeeperConfig: {},
      httpConfig: { http_port: null, https_port: null },
    },
    control: fakeControl(),
    options: defaultHttpOptions,
    metrics,
    log: silentLogger,
    now: () => clock.now(),
  })
  await driver.start()
  const url = await http.listen({ host: '127.0.0.1', port: 0 })
  const strain = strainOf()
  process.on('message', () => process.send!(strain()))
  process.on('disconnect', () => process.exit(0))
  process.send!(url)
}

/** Asks the answerers, each for its share of the ports of the tasks. */
function redirected(prober: Prober, answerers: readonly number[]): Prober {
  return {
    start: (report) => prober.start(report),
    stop: () => prober.stop(),
    perform: (effects) =>
      prober.perform(
        effects.map((effect): ProbeEffect => {
          if (effect.kind === 'end-probe') return effect
          const { target } = effect.probe
          const port = answerers[target.port % answerers.length]!
          return {
            kind: 'begin-probe',
            probe: { ...effect.probe, target: { ...target, address: '127.0.0.1', port } },
          }
        }),
      ),
  }
}

function strainOf(): () => Strain {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  let since = { atMs: performance.now(), cpu: process.cpuUsage(), busy: performance.eventLoopUtilization() }
  return () => {
    const cpu = process.cpuUsage(since.cpu)
    const elapsedMs = performance.now() - since.atMs
    const strain: Strain = {
      loopDelayP99Ms: round2(delays.percentile(99) / 1e6),
      loopDelayMaxMs: round2(delays.max / 1e6),
      mainThreadBusyPercent: round2(performance.eventLoopUtilization(since.busy).utilization * 100),
      cpuPercent: round2((cpu.user + cpu.system) / 10 / elapsedMs),
      residentMib: mebibytes(process.memoryUsage.rss()),
    }
    delays.reset()
    since = { atMs: performance.now(), cpu: process.cpuUsage(), busy: performance.eventLoopUtilization() }
    return strain
  }
}
