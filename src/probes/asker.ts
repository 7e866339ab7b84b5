// Asks: takes from the agenda what is due, and hands over the answers, some at a time. Lives in the thread that asks.

import type { Probe, ProbeOutcome } from '../core/health/probe.ts'
import type { Instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { Agenda } from './agenda.ts'
import { type Answer, gaugeIndex, type Order } from './messages.ts'

/** Asks once. `done` is called at most once; the function returned breaks off, and then it is not. */
export type Ask = (probe: Probe, done: (outcome: ProbeOutcome) => void) => () => void

export interface AskerParts {
  readonly ask: Ask
  /** Of a clock that never goes back. */
  readonly now: () => Instant
  readonly report: (answers: readonly Answer[]) => void
  readonly atOnce: number
  readonly gauges: Float64Array
}

export class Asker {
  readonly #parts: AskerParts
  readonly #agenda: Agenda
  /** Of questions under way, by number: how each is given up. */
  readonly #underWay = new Map<number, () => void>()
  #answers: Answer[] = []
  #reportTimer: NodeJS.Timeout | undefined
  #wakeTimer: NodeJS.Timeout | undefined
  #wakesAt: Instant | undefined
  #isLooking = false

  constructor(parts: AskerParts) {
    this.#parts = parts
    this.#agenda = new Agenda(parts.atOnce)
  }

  perform(orders: readonly Order[]): void {
    const now = this.#parts.now()
    for (const order of orders) {
      if (order.kind === 'begin') this.#agenda.begin(order.number, order.probe, now)
      else this.#end(order.number)
    }
    this.#lookSoon()
  }

  #end(number: number): void {
    this.#agenda.end(number)
    this.#underWay.get(number)?.()
    this.#underWay.delete(number)
  }

  /** Once for all that happens in one turn. */
  #lookSoon(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    setImmediate(() => {
      this.#isLooking = false
      this.#look()
    })
  }

  #look(): void {
    for (const { number, probe } of this.#agenda.takeDue(this.#parts.now())) this.#ask(number, probe)
    const { gauges } = this.#parts
    gauges[gaugeIndex.underWay] = this.#agenda.asked
    gauges[gaugeIndex.waiting] = this.#agenda.waiting
    this.#setTimer()
  }

  #ask(number: number, probe: Probe): void {
    let isAnswered = false
    const giveUp = this.#parts.ask(probe, (outcome) => {
      isAnswered = true
      this.#underWay.delete(number)
      this.#agenda.answered(number, this.#parts.now())
      this.#tell({ number, outcome })
      this.#lookSoon()
    })
    if (!isAnswered) this.#underWay.set(number, giveUp)
  }

  #setTimer(): void {
    const { wakeAt } = this.#agenda
    if (wakeAt === this.#wakesAt) return
    clearTimeout(this.#wakeTimer)
    this.#wakesAt = wakeAt
    if (wakeAt === undefined) return
    const delay = Math.min(Math.ceil(wakeAt - this.#parts.now()), limits.longestTimerMs)
    this.#wakeTimer = setTimeout(() => {
      this.#wakesAt = undefined
      this.#look()
    }, delay)
  }

  #tell(answer: Answer): void {
    this.#answers.push(answer)
    if (this.#answers.length >= limits.probeResultsPerBatch) this.#report()
    else this.#reportTimer ??= setTimeout(() => this.#report(), limits.probeBatchMs)
  }

  #report(): void {
    clearTimeout(this.#reportTimer)
    this.#reportTimer = undefined
    const answers = this.#answers
    this.#answers = []
    this.#parts.report(answers)
  }
}
