// The embedded store on a real disk: how fast commits are by their size, and how fast a restart reads. Records are
// those of instances. Their keys are told apart: `in-order` as a burst of launches makes them (ids rise with time, so
// neighbours share pages), `scattered` as updates of instances of all ages come, the worst case, where every write
// dirties a page.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ids } from '../src/core/ids.ts'
import type { Instance } from '../src/core/instances/instance.ts'
import type { Write } from '../src/core/records.ts'
import { instant } from '../src/lib/instant.ts'
import { stream } from '../src/lib/rng.ts'
import { LmdbStore } from '../src/store/lmdb.ts'

export interface CommitFigures {
  readonly keys: 'in-order' | 'scattered'
  readonly writesPerCommit: number
  readonly commitsPerSecond: number
  readonly writesPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the main thread, which is the core's, per write. */
  readonly mainThreadMicrosecondsPerWrite: number
}

export interface StoreFigures {
  readonly recordBytes: number
  readonly commits: readonly CommitFigures[]
  /** Records already in the store while the commits above were measured. */
  readonly recordsAtEnd: number
  readonly fileBytes: number
  readonly loadRecordsPerSecond: number
  readonly openMs: number
}

interface Round {
  readonly keys: CommitFigures['keys']
  readonly writesPerCommit: number
  readonly commits: number
}

/**
 * Commits of each size, enough for a 99th percentile where they are small. Scattered ones come last: they need
 * records.
 */
const rounds: readonly Round[] = [
  { keys: 'in-order', writesPerCommit: 1, commits: 1_000 },
  { keys: 'in-order', writesPerCommit: 10, commits: 500 },
  { keys: 'in-order', writesPerCommit: 100, commits: 300 },
  { keys: 'in-order', writesPerCommit: 1_000, commits: 100 },
  { keys: 'in-order', writesPerCommit: 10_000, commits: 20 },
  { keys: 'scattered', writesPerCommit: 1, commits: 1_000 },
  { keys: 'scattered', writesPerCommit: 1_000, commits: 50 },
  { keys: 'scattered', writesPerCommit: 10_000, commits: 10 },
]

/** Instances one app launches before the next has its turn. */
const burst = 100

/** @param directory on the disk to be measured; what is written there is removed again. */
export async function run(directory: string = tmpdir()): Promise<StoreFigures> {
  const dataDir = mkdtempSync(join(directory, 'marathon-bench-store-'))
  try {
    return await measure(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

async function measure(dataDir: string): Promise<StoreFigures> {
  const instances = new Instances()
  let store = new LmdbStore(dataDir)
  await store.open()
  const commits: CommitFigures[] = []
  for (const round of rounds) commits.push(await measureCommits(store, instances, round))
  await store.close()

  store = new LmdbStore(dataDir)
  const openedMs = performance.now()
  await store.open()
  const openMs = performance.now() - openedMs
  const loadedMs = performance.now()
  let recordsAtEnd = 0
  for await (const _ of store.load()) recordsAtEnd += 1
  const loadMs = performance.now() - loadedMs
  await store.close()
  return {
    recordBytes: instances.recordBytes,
    commits,
    recordsAtEnd,
    fileBytes: statSync(join(dataDir, 'store', 'data.mdb')).size,
    loadRecordsPerSecond: Math.round((recordsAtEnd / loadMs) * 1_000),
    openMs: round2(openMs),
  }
}

async function measureCommits(
  store: LmdbStore,
  instances: Instances,
  { keys, writesPerCommit, commits }: Round,
): Promise<CommitFigures> {
  const latenciesMs: number[] = []
  let mainThreadMs = 0
  const startedMs = performance.now()
  for (let n = 0; n < commits; n++) {
    const writes = Array.from({ length: writesPerCommit }, () => instances.write(keys))
    const commitMs = performance.now()
    const commit = store.commit(writes)
    // A commit starts behind a resolved promise; by the next microtasks its encoding is done and LMDB's thread at work.
    await Promise.resolve()
    await Promise.resolve()
    mainThreadMs += performance.now() - commitMs
    await commit
    latenciesMs.push(performance.now() - commitMs)
  }
  const totalMs = performance.now() - startedMs
  latenciesMs.sort((a, b) => a - b)
  const quantile = (q: number) => round2(latenciesMs[Math.floor((latenciesMs.length - 1) * q)] ?? 0)
  return {
    keys,
    writesPerCommit,
    commitsPerSecond: round2((commits / totalMs) * 1_000),
    writesPerSecond: Math.round(((commits * writesPerCommit) / totalMs) * 1_000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    mainThreadMicrosecondsPerWrite: round2((mainThreadMs * 1_000) / (commits * writesPerCommit)),
  }
}

class Instances {
  readonly #ids = new Ids('store bench')
  readonly #rng = stream('store bench', 'scattered')
  readonly #known: { readonly id: string; readonly app: number }[] = []

  write(keys: CommitFigures['keys']): Write {
    const { id, app } = keys === 'in-order' ? this.#launch() : this.#rng.pick(this.#known)
    return { kind: 'put', table: 'instance', key: id, value: instance(id, app) }
  }

  get recordBytes(): number {
    return JSON.stringify(instance(this.#known[0]?.id ?? '', 0)).length
  }

  #launch(): { readonly id: string; readonly app: number } {
    const nth = this.#known.length
    const app = Math.floor(nth / burst) % 1_000
    const launched = {
      id: this.#ids.instanceId(`/product/app-${app}`, instant(1_700_000_000_000 + nth)),
      app,
    }
    this.#known.push(launched)
    return launched
  }
}

function instance(id: string, app: number): Instance {
  const version = '2024-01-01T00:00:00.000Z'
  const at = instant(1_700_000_000_000)
  return {
    id,
    runSpecId: `/product/app-${app}`,
    runSpecVersion: version,
    role: '*',
    goal: 'Running',
    condition: 'Running',
    since: at,
    activeSince: at,
    scheduledAt: at,
    attempt: 1,
    agent: {
      agentId: `agent-${app}`,
      hostname: `host-${app}.example.com`,
      address: '10.0.0.7',
      attributes: [{ name: 'rack_id', text: 'rack-1' }],
      region: 'region-1',
      zone: 'zone-1',
    },
    tasks: [
      {
        id: `${id}._app.1`,
        name: '_app',
        runSpecVersion: version,
        condition: 'Running',
        state: 'TASK_RUNNING',
        stagedAt: at,
        startedAt: at,
        hostPorts: [31_000],
        ipAddresses: [{ ipAddress: '10.0.0.7', protocol: 'IPv4' }],
        resources: { cpus: 0.1, mem: 32, disk: 0, gpus: 0 },
      },
    ],
  }
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
