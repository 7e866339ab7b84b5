// A simulated cluster under driver, core and durable store as in production, and requests that fill it: how long until
// everything runs, and what it weighs then. The simulated cluster lives in the same process and is in the weight.

import { createScheduler } from '../../src/core/scheduler.ts'
import { defaultSettings } from '../../src/core/settings.ts'
import { SystemClock } from '../../src/driver/clock.ts'
import { Driver } from '../../src/driver/driver.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { LmdbStore } from '../../src/store/lmdb.ts'
import { pause } from './processes.ts'
import { withDataDir } from './server.ts'
import { InstantCluster } from './sim-engine.ts'
import { mebibytes } from './statistics.ts'

export interface LaunchFigures {
  readonly instances: number
  readonly upMs: number
  readonly launchesPerSecond: number
  readonly residentMib: number
}

export interface LaunchOptions {
  readonly agents: number
  /** Bodies of apps, requested by ten clients at one time. */
  readonly apps: readonly object[]
  /** How many instances they have in all. */
  readonly instances: number
  /** The ports of each agent, both ends inclusive. */
  readonly ports?: readonly [first: number, last: number]
  /** Called when the agents are there and nothing is requested yet, and when everything runs. */
  readonly observe?: (moment: 'empty' | 'full') => void
}

const withinMs = 300_000
const clients = 10

/** From the first request to the last instance seen running. Throws when the cluster was used wrongly. */
export function launchAll(options: LaunchOptions): Promise<LaunchFigures> {
  const { agents, apps, instances, ports, observe = () => undefined } = options
  return withDataDir(async (dataDir) => {
    const store = new LmdbStore(dataDir)
    await store.open()
    const clock = new SystemClock()
    const settings = { ...defaultSettings, launchTokens: 1_000_000, maxInstancesPerOffer: 1_000 }
    const scheduler = createScheduler({
      settings,
      seed: 'sim bench',
      records: [],
      now: clock.now(),
      quarantines: false,
    })
    const engine = new InstantCluster(agents, ports)
    const driver = new Driver({
      scheduler,
      store,
      engine,
      clock,
      log: silentLogger,
      halt: (_, error) => {
        throw error
      },
    })
    await driver.start()
    while (!driver.view.engine.isConnected) await pause(5)
    observe('empty')
    const startedMs = performance.now()
    await requestAll(driver, apps)
    while (driver.view.gauges.running < instances) {
      if (performance.now() - startedMs > withinMs)
        throw new Error(`${driver.view.gauges.running} of ${instances} instances run after ${withinMs} ms`)
      await pause(5)
    }
    const upMs = performance.now() - startedMs
    while (driver.view.deployments().length > 0) await pause(5)
    const residentMib = mebibytes(process.memoryUsage.rss())
    observe('full')
    await driver.stop()
    await store.close()
    if (engine.cluster.violations.length > 0)
      throw new Error(engine.cluster.violations.slice(0, 5).join('; '))
    return {
      instances,
      upMs: Math.round(upMs),
      launchesPerSecond: Math.round((instances / upMs) * 1_000),
      residentMib,
    }
  })
}

async function requestAll(driver: Driver, apps: readonly object[]): Promise<void> {
  let next = 0
  const client = async () => {
    while (next < apps.length) {
      const outcome = await driver.submit({
        kind: 'create-app',
        body: apps[next++],
        force: false,
        origin: { clientIp: '127.0.0.1', uri: '/v2/apps' },
      })
      if (outcome.kind === 'refused' && outcome.refusal.kind === 'too-many-deployments') {
        next--
        await pause(5)
      } else if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.refusal))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}
