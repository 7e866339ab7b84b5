// A server reduced to what the store's crash tests need: the real driver and the real LMDB store around a core that
// counts. Each request adds one; the writes of count n replace, add and delete records in three tables, so that a
// commit applied by half shows. Usage: node program.mjs DATA_DIR COUNT [BYTES per record] Every line it prints says
// what has left the process: "submit n", "effect n", "reply n".

import { Buffer } from 'node:buffer'
import { writeSync } from 'node:fs'
import type { Event } from '../../src/core/events.ts'
import type { Ready } from '../../src/core/ready.ts'
import type { StoredRecord, TableName, Write } from '../../src/core/records.ts'
import type { Scheduler } from '../../src/core/scheduler.ts'
import type { View } from '../../src/core/view.ts'
import { SystemClock } from '../../src/driver/clock.ts'
import { createHalt, haltOnUncaught } from '../../src/driver/crash.ts'
import { Driver } from '../../src/driver/driver.ts'
import { exitOf } from '../../src/driver/exit-codes.ts'
import { LogLevels } from '../../src/logging/levels.ts'
import { createLogger } from '../../src/logging/logger.ts'
import { LmdbStore } from '../../src/store/lmdb.ts'

const [dataDir = '', count = '0', bytes = '10'] = process.argv.slice(2)
const text = 'x'.repeat(Number(bytes))

class CountingScheduler implements Scheduler {
  readonly view = {
    quarantined: () => new Map(),
    unhealthyKills: {},
    registration: () => ({ roles: ['*'], suppressedRoles: [] }),
  } as unknown as View
  readonly wakeAt = undefined
  #n: number
  #ready: { [K in Exclude<keyof Ready, 'logged' | 'ending'>]: Ready[K][number][] } = {
    writes: [],
    effects: [],
    downloads: [],
    probes: [],
    notices: [],
    replies: [],
  }

  constructor(n: number) {
    this.#n = n
  }

  get n(): number {
    return this.#n
  }

  step(slice: readonly Event[]): void {
    for (const event of slice) {
      if (event.kind !== 'request') continue
      const n = ++this.#n
      this.#ready.writes.push(
        put('meta', 'count', { n }),
        put('instance', `i-${n}`, { n, text }),
        put('deployment', `d-${n}`, { n }),
        { kind: 'delete', table: 'deployment', key: `d-${n - 1}` },
      )
      this.#ready.effects.push({ kind: 'revive', roles: [String(n)] })
      this.#ready.replies.push({ requestId: event.requestId, outcome: { kind: 'done' } })
    }
  }

  takeReady(): Ready {
    const ready = this.#ready
    this.#ready = { writes: [], effects: [], downloads: [], probes: [], notices: [], replies: [] }
    return ready
  }
}

function put(table: TableName, key: string, value: object): Write {
  return { kind: 'put', table, key, value } as Write
}

/** In one system call, so that a trace shows when it left. */
function say(line: string): void {
  writeSync(1, Buffer.from(`${line}\n`))
}

const clock = new SystemClock()
const log = createLogger(new LogLevels('warn', clock), { write: (line) => writeSync(2, line) })
const halt = createHalt({ clock, log, shutDown: async () => undefined, exit: (code) => process.exit(code) })
haltOnUncaught(halt)

async function serve(): Promise<void> {
  const store = new LmdbStore(dataDir)
  await store.open()
  const records: StoredRecord[] = []
  for await (const record of store.load()) records.push(record)
  const stored = records.find((record) => record.table === 'meta')?.value as
    | { readonly n: number }
    | undefined
  const scheduler = new CountingScheduler(stored?.n ?? 0)
  say(`open at ${scheduler.n}`)
  const engine = {
    start: async () => undefined,
    stop: async () => undefined,
    perform: (effects: Ready['effects']) => {
      for (const effect of effects) if (effect.kind === 'revive') say(`effect ${effect.roles[0]}`)
    },
  }
  const driver = new Driver({ scheduler, store, engine, clock, log, halt })
  await driver.start()
  for (let left = Number(count); left > 0; left--) {
    const n = scheduler.n + 1
    say(`submit ${n}`)
    await driver.submit({ kind: 'reset-delay', id: '/count' })
    say(`reply ${n}`)
  }
  await driver.stop()
  await store.close()
}

serve().then(
  () => process.exit(0),
  (error: unknown) => halt(exitOf(error), error),
)
