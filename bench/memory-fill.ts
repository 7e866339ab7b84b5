// Stores a hundred thousand running instances as the core itself leaves them: apps are requested, offers made, and
// what is launched reports that it runs; every batch of writes is committed to LMDB.

import type { Event } from '../src/core/events.ts'
import { launchedTasks, type Offer, type TaskInfo } from '../src/core/mesos.ts'
import type { Ready } from '../src/core/ready.ts'
import { createScheduler } from '../src/core/scheduler.ts'
import { defaultSettings, type Settings } from '../src/core/settings.ts'
import { type Instant, instant } from '../src/lib/instant.ts'
import { LmdbStore } from '../src/store/lmdb.ts'
import { buildOffer, ports, scalar } from '../tests/support/build-placement.ts'

const apps = 1_000
const instancesPerApp = 100
const agents = 1_000
/** Steps without which something is wrong. */
const stepsAtMost = 10_000

export const fillSettings: Settings = {
  ...defaultSettings,
  launchTokens: 1_000_000,
  maxInstancesPerOffer: 1_000,
}

export async function fill(dataDir: string): Promise<void> {
  const store = new LmdbStore(dataDir)
  await store.open()
  let now = instant(Date.now())
  const scheduler = createScheduler({
    settings: fillSettings,
    seed: 'fill',
    records: [],
    now,
    quarantines: false,
  })
  let events: Event[] = [
    { kind: 'engine-connected', frameworkId: 'bench', master: 'bench', holdsOffers: true },
    { kind: 'offers', offers: Array.from({ length: agents }, (_, n) => offerOf(n)) },
  ]
  let requested = 0
  for (let step = 0; scheduler.view.gauges.running < apps * instancesPerApp; step++) {
    if (step > stepsAtMost) throw new Error(`${scheduler.view.gauges.running} instances after ${step} steps`)
    if (requested < apps && scheduler.view.deployments().length === 0) {
      for (let n = 0; n < appsAtOnce; n++) events.push(request(requested++))
    }
    scheduler.step(events, now)
    const ready = scheduler.takeReady()
    for (const { outcome } of ready.replies)
      if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.refusal))
    await store.commit(ready.writes)
    events = answers(ready, now)
    now = instant(now + 100)
  }
  await store.close()
}

/** As many deployments as may be under way at one time. */
const appsAtOnce = Math.min(50, fillSettings.maxRunningDeployments)

const request = (n: number): Event => ({
  kind: 'request',
  requestId: n,
  request: {
    kind: 'create-app',
    force: false,
    origin: { clientIp: '127.0.0.1', uri: '/v2/apps' },
    body: {
      id: `/bench/group-${n % 50}/app-${n}`,
      cmd: 'exec ./server --port $PORT0',
      cpus: 0.1,
      mem: 64,
      instances: instancesPerApp,
      env: { MODE: 'prod' },
      labels: { team: 'blue' },
    },
  },
})

/** An agent never runs out: what is measured is what is remembered, not what fits. */
const offerOf = (agent: number): Offer =>
  buildOffer({
    id: `9a1f6c1e-5b42-4f1c-8b1a-7d4c0f7e5a31-O${offersMade++}`,
    agentId: `9a1f6c1e-5b42-4f1c-8b1a-7d4c0f7e5a31-S${agent}`,
    hostname: `10.0.${agent >> 8}.${agent & 255}`,
    resources: [
      scalar('cpus', 32),
      scalar('mem', 65_536),
      scalar('disk', 500_000),
      ports([[31_000, 32_000]]),
    ],
    attributes: [{ name: 'rack_id', text: `rack-${agent % 20}` }],
  })

let offersMade = 0

/** What is launched runs at once, and its agent offers again. */
function answers({ effects }: Ready, now: Instant): Event[] {
  const events: Event[] = []
  for (const effect of effects) {
    if (effect.kind !== 'accept') continue
    for (const task of effect.operations.flatMap(launchedTasks)) events.push(running(task, now))
    events.push({ kind: 'offers', offers: [offerOf(Number(/\d+$/.exec(effect.agentId)![0]))] })
  }
  return events
}

const running = ({ taskId, agentId }: TaskInfo, now: Instant): Event => ({
  kind: 'status',
  status: {
    taskId,
    agentId,
    state: 'TASK_RUNNING',
    timestamp: now,
    ipAddresses: [{ ipAddress: '10.0.0.7', protocol: 'IPv4' }],
  },
})
