// The prober of the simulated engine as a server uses it (`--master sim`): probes.ts in real time. Its tasks have no
// addresses anyone could connect to.

import type { ProbeEffect, ProbeEvent } from '../../core/health/probe.ts'
import type { Instant } from '../../lib/instant.ts'
import type { Alarm, Clock } from '../../ports/clock.ts'
import type { Prober } from '../../ports/prober.ts'
import type { SimProbes } from './probes.ts'

export class SimProber implements Prober {
  readonly #clock: Clock
  readonly #probes: SimProbes
  #report: ((event: ProbeEvent) => void) | undefined
  #alarm: { readonly at: Instant; readonly alarm: Alarm } | undefined

  constructor(clock: Clock, probes: SimProbes) {
    this.#clock = clock
    this.#probes = probes
  }

  start(report: (event: ProbeEvent) => void): void {
    this.#report = report
  }

  perform(effects: readonly ProbeEffect[]): void {
    if (this.#report === undefined) return
    this.#probes.perform(effects, this.#clock.now())
    this.#arm()
  }

  async stop(): Promise<void> {
    this.#report = undefined
    this.#disarm()
  }

  #arm(): void {
    const at = this.#probes.nextAt
    if (this.#alarm?.at === at) return
    this.#disarm()
    if (at === undefined || this.#report === undefined) return
    // It may ring early; then nothing is due, and it is armed anew.
    const alarm = this.#clock.alarm(at, () => {
      this.#alarm = undefined
      this.#probes.advance(this.#clock.now())
      const results = this.#probes.take()
      if (results.length > 0) this.#report?.({ kind: 'probe-results', results })
      this.#arm()
    })
    this.#alarm = { at, alarm }
  }

  #disarm(): void {
    this.#alarm?.alarm.cancel()
    this.#alarm = undefined
  }
}
