// How fast the scheduler launches on clusters nobody has at hand: core, driver and durable store as in production,
// against simulated agents whose tasks start at once. From the request to the last instance seen running; memory
// includes the simulated cluster, which lives in the same process.

import { createScheduler } from '../src/core/scheduler.ts'
import { defaultSettings } from '../src/core/settings.ts'
import { SystemClock } from '../src/driver/clock.ts'
import { Driver } from '../src/driver/driver.ts'
import { silentLogger } from '../src/logging/logger.ts'
import { LmdbStore } from '../src/store/lmdb.ts'
import { pause } from './lib/processes.ts'
import { withDataDir } from './lib/server.ts'
import { InstantCluster } from './lib/sim-engine.ts'
import { mebibytes } from './lib/statistics.ts'

export interface SimFigures {
  readonly oneAppThousandAgents: LaunchFigures
  readonly oneAppFiveThousandAgents: LaunchFigures
  /** 1,000 apps of 100 instances, GROUP_BY rack, in ten requests under way at one time. */
  readonly thousandAppsFiveThousandAgents: LaunchFigures
}

export interface LaunchFigures {
  readonly instances: number
  readonly upMs: number
  readonly launchesPerSecond: number
  readonly residentMib: number
}

const instances = 100_000
const withinMs = 300_000
const clients = 10

export async function run(): Promise<SimFigures> {
  return {
    oneAppThousandAgents: await measure(1_000, [app('/bench/one', instances)]),
    oneAppFiveThousandAgents: await measure(5_000, [app('/bench/one', instances)]),
    thousandAppsFiveThousandAgents: await measure(
      5_000,
      Array.from({ length: 1_000 }, (_, n) => ({
        ...app(`/bench/group-${n % 50}/app-${n}`, instances / 1_000),
        constraints: [['rack_id', 'GROUP_BY']],
      })),
    ),
  }
}

function measure(agents: number, apps: readonly object[]): Promise<LaunchFigures> {
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
    const engine = new InstantCluster(agents)
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

const app = (id: string, count: number): object => ({
  id,
  cmd: 'serve',
  cpus: 0.1,
  mem: 64,
  instances: count,
  env: { MODE: 'prod' },
  labels: { team: 'blue' },
})
