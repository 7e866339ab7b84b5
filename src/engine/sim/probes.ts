// The probes of one server process on a simulated cluster, in the cluster's time: questions travel to the task, which
// answers as it fares by then. Like everything here it moves when it is told to. A question for readiness is answered
// by how ready the task is, any other by how healthy.

import type {
  Probe,
  ProbeEffect,
  ProbeId,
  ProbeOutcome,
  ProbeResult,
  ProbeTarget,
} from '../../core/health/probe.ts'
import { parseProbeId } from '../../core/health/probe-id.ts'
import { unreachable } from '../../lib/assert.ts'
import { type Duration, type Instant, millis } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'
import { Agenda } from './agenda.ts'
import { isHealthyAt, isReadyAt } from './condition.ts'
import type { Listener } from './listeners.ts'
import type { SimTask } from './parts.ts'
import { drawDelay, type Span } from './timing.ts'

export interface ProbesOptions {
  readonly cluster: { listenerAt(address: string, port: number): Listener }
  readonly rng: Rng
  /** Milliseconds a question travels, or an answer. */
  readonly wire: Span
}

export class SimProbes {
  readonly #options: ProbesOptions
  readonly #agenda = new Agenda()
  readonly #asked = new Map<ProbeId, Probe>()
  #results: ProbeResult[] = []

  constructor(options: ProbesOptions) {
    this.#options = options
  }

  /** When to call `advance` next; undefined: when something is asked. */
  get nextAt(): Instant | undefined {
    return this.#agenda.nextAt
  }

  /** How many are asked, for figures. */
  get size(): number {
    return this.#asked.size
  }

  perform(effects: readonly ProbeEffect[], now: Instant): void {
    this.#agenda.now = now
    for (const effect of effects) {
      if (effect.kind === 'end-probe') {
        this.#asked.delete(effect.id)
        continue
      }
      this.#asked.set(effect.probe.id, effect.probe)
      this.#in(effect.probe.firstAfter, effect.probe, () => this.#ask(effect.probe))
    }
  }

  advance(now: Instant): void {
    this.#agenda.advance(now)
  }

  /** The answers since the last call, in order. */
  take(): readonly ProbeResult[] {
    const results = this.#results
    if (results.length > 0) this.#results = []
    return results
  }

  #ask(probe: Probe): void {
    if (probe.pace === 'fixed') this.#in(probe.interval, probe, () => this.#ask(probe))
    const { address, port } = probe.target
    this.#in(this.#travel(), probe, () => {
      const listener = this.#options.cluster.listenerAt(address, port)
      const isSilent = listener.kind === 'silence'
      const outcome = this.#outcomeOf(probe, listener)
      this.#in(isSilent ? probe.timeout : this.#travel(), probe, () => this.#answered(probe, outcome))
    })
  }

  #answered(probe: Probe, outcome: ProbeOutcome): void {
    this.#results.push({ id: probe.id, outcome })
    if (probe.pace === 'after-answer') this.#in(probe.interval, probe, () => this.#ask(probe))
  }

  #outcomeOf(probe: Probe, listener: Listener): ProbeOutcome {
    const { target } = probe
    switch (listener.kind) {
      case 'task':
        return answerOf(probe, listener.task, this.#agenda.now)
      case 'refused':
        return refused(target)
      case 'nowhere':
        return failed('UnknownHostError', `the name has no address: ${placeOf(target)}`)
      case 'silence':
        return failed('TimeoutError', `nothing came within ${probe.timeout} ms: ${placeOf(target)}`)
      default:
        return unreachable(listener)
    }
  }

  #travel(): Duration {
    return drawDelay(this.#options.rng, this.#options.wire)
  }

  /** The next of a probe, unless it has ended, or another has taken its place. */
  #in(delay: Duration, probe: Probe, act: () => void): void {
    this.#agenda.in(millis(delay), () => {
      if (this.#asked.get(probe.id) === probe) act()
    })
  }
}

/** A task that is not well answers 503, and takes no connection. */
function answerOf(probe: Probe, task: SimTask, now: Instant): ProbeOutcome {
  const isForReadiness = parseProbeId(probe.id)?.kind === 'readiness'
  const isGood = isForReadiness ? isReadyAt(task, now) : isHealthyAt(task, now)
  if (probe.target.protocol === 'TCP') return isGood ? { kind: 'connected' } : refused(probe.target)
  const words = isForReadiness ? (isGood ? 'ready' : 'not ready') : isGood ? 'healthy' : 'unhealthy'
  return {
    kind: 'answered',
    ...(isGood ? { status: 200, statusText: 'OK' } : { status: 503, statusText: 'Service Unavailable' }),
    ...(probe.bodyBytes === 0
      ? {}
      : { contentType: 'text/plain; charset=utf-8', body: words.slice(0, probe.bodyBytes) }),
  }
}

const refused = (target: ProbeTarget): ProbeOutcome =>
  failed('ConnectionRefusedError', `the connection was refused: ${placeOf(target)}`)

const placeOf = ({ address, port }: ProbeTarget): string => `${address}:${port}`

const failed = (name: string, message: string): ProbeOutcome => ({ kind: 'failed', name, message })
