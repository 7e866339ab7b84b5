// The prober: hands probes to a thread that asks, and its answers to the core. Here is only what goes between the two:
// nothing is asked, and no answer is looked at. The thread starts with the first probe; when it dies, another one
// begins all probes anew.

import { Worker } from 'node:worker_threads'
import type { Probe, ProbeEffect, ProbeEvent, ProbeId, ProbeResult } from '../core/health/probe.ts'
import { after, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Alarm, Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Prober } from '../ports/prober.ts'
import { type Answer, type AskingSettings, gaugeIndex, type Order } from './messages.ts'

export interface WorkerProberParts {
  /** The thread's program, bundled (tools/build.mjs). */
  readonly program: URL
  /** --max_concurrent_marathon_health_checks */
  readonly atOnce: number
  readonly userAgent: string
  readonly clock: Clock
  readonly log: Logger
  readonly meters: Meters
}

/** What it needs of the metrics. */
interface Meters {
  counter(name: string): { add(n?: number): void }
  gauge(name: string, read: () => number): void
}

export class WorkerProber implements Prober {
  readonly #parts: WorkerProberParts
  readonly #gauges = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)
  readonly #count: (answers: readonly Answer[]) => void
  readonly #numbers = new Map<ProbeId, number>()
  readonly #probes = new Map<number, Probe>()
  #nextNumber = 1
  /** Not handed over yet. */
  #orders: Order[] = []
  #isFlushing = false
  #worker: Worker | undefined
  #restart: Alarm | undefined
  #report: ((event: ProbeEvent) => void) | undefined

  constructor(parts: WorkerProberParts) {
    this.#parts = parts
    const { meters } = parts
    const values = new Float64Array(this.#gauges)
    meters.gauge('probes.active', () => this.#probes.size)
    meters.gauge('probes.in-flight', () => values[gaugeIndex.underWay]!)
    meters.gauge('probes.waiting', () => values[gaugeIndex.waiting]!)
    const asked = meters.counter('probes.asked')
    const failed = meters.counter('probes.failed')
    this.#count = (answers) => {
      asked.add(answers.length)
      failed.add(answers.reduce((sum, { outcome }) => sum + (outcome.kind === 'failed' ? 1 : 0), 0))
    }
  }

  start(report: (event: ProbeEvent) => void): void {
    this.#report = report
  }

  perform(effects: readonly ProbeEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'end-probe') {
        this.#end(effect.id)
        continue
      }
      const { probe } = effect
      this.#end(probe.id)
      const number = this.#nextNumber++
      this.#numbers.set(probe.id, number)
      this.#probes.set(number, probe)
      this.#orders.push({ kind: 'begin', number, probe })
    }
    this.#flush()
  }

  async stop(): Promise<void> {
    this.#report = undefined
    this.#restart?.cancel()
    this.#restart = undefined
    this.#orders = []
    this.#numbers.clear()
    this.#probes.clear()
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #end(id: ProbeId): void {
    const number = this.#numbers.get(id)
    if (number === undefined) return
    this.#numbers.delete(id)
    this.#probes.delete(number)
    this.#orders.push({ kind: 'end', number })
  }

  /** Ten thousand probes at once would hold up this thread while they are copied: they go in several turns. */
  #flush(): void {
    if (this.#isFlushing || this.#orders.length === 0 || this.#restart !== undefined) return
    this.#worker ??= this.#startWorker()
    this.#worker.postMessage(this.#orders.splice(0, limits.probesPerMessage))
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #startWorker(): Worker {
    const { program, atOnce, userAgent } = this.#parts
    const settings: AskingSettings = { atOnce, userAgent, gauges: this.#gauges }
    const worker = new Worker(program, {
      name: 'probes',
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: limits.probeHeapMib },
    })
    let error: unknown
    worker.on('message', (answers: readonly Answer[]) => this.#receive(answers))
    worker.on('error', (thrown) => {
      error = thrown
    })
    worker.on('exit', (code) => {
      if (this.#worker === worker) this.#startAgain(error ?? new Error(`it ended with ${code}`))
    })
    return worker
  }

  #receive(answers: readonly Answer[]): void {
    this.#count(answers)
    const results: ProbeResult[] = []
    for (const { number, outcome } of answers) {
      const probe = this.#probes.get(number)
      if (probe !== undefined) results.push({ id: probe.id, outcome })
    }
    if (results.length > 0) this.#report?.({ kind: 'probe-results', results })
  }

  #startAgain(error: unknown): void {
    const { log, clock } = this.#parts
    this.#worker = undefined
    new Float64Array(this.#gauges).fill(0)
    log.error('the thread that asks tasks how they are died; another one begins all its probes anew', {
      error,
      probes: this.#probes.size,
      afterMs: limits.probeRestartMs,
    })
    this.#restart = clock.alarm(after(clock.now(), millis(limits.probeRestartMs)), () => {
      this.#restart = undefined
      this.#orders = [...this.#probes].map(([number, probe]) => ({ kind: 'begin', number, probe }))
      this.#flush()
    })
  }
}
