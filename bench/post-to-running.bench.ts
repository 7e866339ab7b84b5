// Two hundred apps one after another on the local engine: from sending the POST to the first instruction of the app's
// own command, which reports itself through a FIFO, to the answer, and to the status event on an open event stream.
// All processes stay up until the end, so the last apps are launched beside the first.

import { execFileSync } from 'node:child_process'
import { constants, openSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { ProcessCounter } from './lib/processes.ts'
import { type BenchServer, roomyResources, startServer, withDataDir } from './lib/server.ts'
import { mebibytes, type Quantiles, quantiles } from './lib/statistics.ts'

export interface PostToRunningFigures {
  /** POST sent → the command's first instruction. */
  readonly process: Quantiles
  /** POST sent → 201 received. */
  readonly answer: Quantiles
  /** POST sent → status_update_event TASK_RUNNING received. */
  readonly event: Quantiles
  readonly serverMib: number
}

const apps = 200
const sleepSeconds = '86421'

export function run(): Promise<PostToRunningFigures> {
  return withDataDir(async (dataDir) => {
    const server = await startServer(dataDir, { flags: ['--local_resources', roomyResources] })
    const fifo = openFifo(join(dataDir, 'started.fifo'))
    const events = await listenToEvents(server)
    const sleeping = new ProcessCounter(['sleep', sleepSeconds])
    const process: number[] = []
    const answer: number[] = []
    const event: number[] = []
    try {
      for (let n = -warmUp; n < apps; n++) {
        const id = `/bench/app-${n + warmUp}`
        const cmd = `echo ${id} >${join(dataDir, 'started.fifo')}; exec sleep ${sleepSeconds}`
        const ran = fifo.wait(id)
        const told = events.wait(id)
        const sentMs = performance.now()
        const answered = server
          .call('POST', '/v2/apps', { id, cmd, cpus: 0.01, mem: 16, disk: 0 })
          .then(() => performance.now())
        const [ranMs, toldMs, answeredMs] = await Promise.all([ran, told, answered])
        if (n < 0) continue
        process.push(ranMs - sentMs)
        event.push(toldMs - sentMs)
        answer.push(answeredMs - sentMs)
      }
      const serverMib = mebibytes(server.residentBytes())
      await server.call('PUT', '/v2/apps?force=true', allScaledToZero())
      await sleeping.reaches(0, 60_000)
      return { process: quantiles(process), answer: quantiles(answer), event: quantiles(event), serverMib }
    } finally {
      fifo.close()
      events.close()
      await server.stop()
    }
  })
}

/** Launches before the measurement: the compiler's, not the server's, work. */
const warmUp = 10

const allScaledToZero = () =>
  Array.from({ length: apps + warmUp }, (_, n) => ({ id: `/bench/app-${n}`, instances: 0 }))

/** Resolves with the moment at which something with this name was seen. */
interface Watch {
  wait(name: string): Promise<number>
  close(): void
}

class Awaited {
  readonly #waiting = new Map<string, (atMs: number) => void>()

  wait(name: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(name, resolve))
  }

  seen(name: string, atMs: number): void {
    this.#waiting.get(name)?.(atMs)
    this.#waiting.delete(name)
  }
}

function openFifo(path: string): Watch {
  execFileSync('mkfifo', ['-m', '0666', path])
  // Held open for writing too, so that it never ends.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  const awaited = new Awaited()
  let rest = ''
  socket.on('data', (chunk: Buffer) => {
    const atMs = performance.now()
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) awaited.seen(line, atMs)
  })
  return { wait: (name) => awaited.wait(name), close: () => socket.destroy() }
}

async function listenToEvents(server: BenchServer): Promise<Watch> {
  const stream = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.url}/v2/events?event_type=status_update_event`, {
      headers: { accept: 'text/event-stream' },
    })
      .on('response', resolve)
      .on('error', reject)
  })
  const awaited = new Awaited()
  let rest = ''
  stream.on('error', () => undefined)
  stream.on('data', (chunk: Buffer) => {
    const atMs = performance.now()
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data:')) continue
      const { appId, taskStatus } = JSON.parse(line.slice(5)) as { appId?: string; taskStatus?: string }
      if (taskStatus === 'TASK_RUNNING' && appId !== undefined) awaited.seen(appId, atMs)
    }
  })
  return { wait: (name) => awaited.wait(name), close: () => stream.destroy() }
}
