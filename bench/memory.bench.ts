// What a hundred thousand running instances weigh, and how long it takes to read them again: a process that starts on
// what another one stored, as a restarted server does. The other one is memory-fill.ts, in a process of its own.

import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import v8 from 'node:v8'
import vm from 'node:vm'
import type { StoredRecord } from '../src/core/records.ts'
import { createScheduler } from '../src/core/scheduler.ts'
import { instant } from '../src/lib/instant.ts'
import { LmdbStore } from '../src/store/lmdb.ts'
import { pause } from './lib/processes.ts'
import { withDataDir } from './lib/server.ts'
import { mebibytes, round2 } from './lib/statistics.ts'
import { fillSettings } from './memory-fill.ts'

export interface MemoryFigures {
  readonly instances: number
  readonly storeMib: number
  /** Open, read and decode every record. */
  readonly loadMs: number
  /** From records to the state with its indexes. */
  readonly rebuildMs: number
  /** Everything is looked at once, and the engine is asked what it knows of every task. */
  readonly firstStepMs: number
  /** Resident memory before anything is loaded: the runtime and this bench. */
  readonly emptyMib: number
  /** With all of it loaded and the store open, as the collector left it. */
  readonly residentMib: number
  /** The same after a full collection. */
  readonly collectedMib: number
  readonly heapMib: number
  readonly heapBytesPerInstance: number
}

export function run(): Promise<MemoryFigures> {
  return withDataDir(async (dataDir) => {
    const filled = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, '--fill', dataDir], {
      stdio: 'inherit',
    })
    if (filled.status !== 0) throw new Error(`filling the store ended with ${filled.status}`)
    return measure(dataDir)
  })
}

async function measure(dataDir: string): Promise<MemoryFigures> {
  const collect = exposedCollector()
  collect()
  const emptyMib = mebibytes(process.memoryUsage.rss())
  const heapBefore = process.memoryUsage().heapUsed

  const loadedMs = performance.now()
  const store = new LmdbStore(dataDir)
  await store.open()
  let records: StoredRecord[] = []
  for await (const record of store.load()) records.push(record)
  const loadMs = performance.now() - loadedMs

  const rebuiltMs = performance.now()
  const now = instant(Date.now())
  const scheduler = createScheduler({
    settings: fillSettings,
    seed: 'load',
    records,
    now,
    quarantines: false,
  })
  const rebuildMs = performance.now() - rebuiltMs
  records = []

  const steppedMs = performance.now()
  scheduler.step(
    [{ kind: 'engine-connected', frameworkId: 'bench', master: 'bench', holdsOffers: true }],
    now,
  )
  scheduler.takeReady()
  const firstStepMs = performance.now() - steppedMs

  // The collector works on its own for a moment, as it does in a server.
  await pause(2_000)
  const residentMib = mebibytes(process.memoryUsage.rss())
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  const instances = scheduler.view.gauges.running
  await store.close()
  return {
    instances,
    storeMib: mebibytes(statSync(join(dataDir, 'store', 'data.mdb')).size),
    loadMs: Math.round(loadMs),
    rebuildMs: Math.round(rebuildMs),
    firstStepMs: Math.round(firstStepMs),
    emptyMib,
    residentMib,
    collectedMib: mebibytes(rss),
    heapMib: mebibytes(heapUsed),
    heapBytesPerInstance: round2((heapUsed - heapBefore) / instances),
  }
}

function exposedCollector(): () => void {
  v8.setFlagsFromString('--expose-gc')
  return vm.runInNewContext('gc') as () => void
}
