// The thread that asks tasks how they are: the program of src/probes/prober.ts, bundled to a file of its own.

import { lookup } from 'node:dns'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../lib/assert.ts'
import { type Instant, instant } from '../lib/instant.ts'
import { askHttp } from './ask-http.ts'
import { askTcp } from './ask-tcp.ts'
import { Asker } from './asker.ts'
import { HostNames } from './host-names.ts'
import type { AskingSettings, Order } from './messages.ts'

const port = parentPort
assert(port !== null, 'this program runs as a thread of the server')
const { atOnce, userAgent, gauges } = workerData as AskingSettings
/** Never goes back. */
const now = (): Instant => instant(performance.now())
const names = new HostNames({
  look: (name, told) => lookup(name, { all: true }, told),
  now,
})
const asker = new Asker({
  ask: ({ target, timeout, bodyBytes }, done) =>
    target.protocol === 'TCP'
      ? askTcp(target, { timeoutMs: timeout, lookup: names.lookup }, done)
      : askHttp(target, { timeoutMs: timeout, bodyBytes, userAgent, lookup: names.lookup }, done),
  now,
  report: (answers) => port.postMessage(answers),
  atOnce,
  gauges: new Float64Array(gauges),
})
port.on('message', (orders: readonly Order[]) => asker.perform(orders))
