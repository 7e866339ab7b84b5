// The driver's surroundings under a test's control: a core that answers from a script, a store whose commits end when
// the test says so, an engine that remembers, a clock that stands still until it is moved.

import type { EngineEvent, Event } from '../../src/core/events.ts'
import type { Ready } from '../../src/core/ready.ts'
import type { Write } from '../../src/core/records.ts'
import type { Scheduler } from '../../src/core/scheduler.ts'
import type { View } from '../../src/core/view.ts'
import { type Instant, instant } from '../../src/lib/instant.ts'
import type { Alarm, Clock } from '../../src/ports/clock.ts'
import type { Engine, Registration } from '../../src/ports/engine.ts'

/** Lets everything run that needs no outside help: promises, and the turns of the driver. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 10; round++) await new Promise(setImmediate)
}

export type Script = (slice: readonly Event[], now: Instant) => Partial<Ready>

export class ScriptedScheduler implements Scheduler {
  readonly slices: (readonly Event[])[] = []
  readonly times: Instant[] = []
  readonly quarantined = new Map<string, string>()
  unhealthyKills: View['unhealthyKills'] = { failing: 0, counted: 0, apps: 0 }
  registration: Registration = { roles: ['*'], suppressedRoles: [] }
  readonly view = Object.defineProperty(
    { quarantined: () => this.quarantined, registration: () => this.registration },
    'unhealthyKills',
    { get: () => this.unhealthyKills },
  ) as unknown as View
  wakeAt: Instant | undefined
  #script: Script
  #ready: Ready = emptyReady

  constructor(script: Script) {
    this.#script = script
  }

  step(slice: readonly Event[], now: Instant): void {
    this.slices.push(slice)
    this.times.push(now)
    this.#ready = { ...emptyReady, ...this.#script(slice, now) }
  }

  takeReady(): Ready {
    const ready = this.#ready
    this.#ready = emptyReady
    return ready
  }
}

const emptyReady: Ready = { writes: [], effects: [], downloads: [], probes: [], notices: [], replies: [] }

/** Every commit waits until the test ends it. */
export class ManualStore {
  readonly commits: (readonly Write[])[] = []
  #ends: { resolve(): void; reject(error: Error): void }[] = []

  commit(writes: readonly Write[]): Promise<void> {
    this.commits.push(writes)
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }))
  }

  async succeed(): Promise<void> {
    this.#ends.shift()?.resolve()
    await settle()
  }

  async fail(error: Error): Promise<void> {
    this.#ends.shift()?.reject(error)
    await settle()
  }
}

export class RecordingEngine implements Engine {
  readonly #log: string[]
  report: (event: EngineEvent) => void = () => undefined
  registration: Registration | undefined
  needsFrameworkId?: true
  isStopped = false

  constructor(log: string[]) {
    this.#log = log
  }

  async start(report: (event: EngineEvent) => void, registration?: Registration): Promise<void> {
    this.report = report
    this.registration = registration
  }

  perform(effects: readonly { readonly kind: string }[]): void {
    for (const effect of effects) this.#log.push(`effect ${effect.kind}`)
  }

  async stop(): Promise<void> {
    this.isStopped = true
  }
}

export class ManualClock implements Clock {
  #nowMs = 1_000
  #watchMs = 0
  /** Every alarm ever set; `isSet` while it can still ring. */
  readonly alarms: { readonly at: Instant; isSet: boolean; readonly ring: () => void }[] = []

  now(): Instant {
    return instant(this.#nowMs)
  }

  alarm(at: Instant, ring: () => void): Alarm {
    const alarm = { at, isSet: true, ring }
    this.alarms.push(alarm)
    return {
      cancel: () => {
        alarm.isSet = false
      },
    }
  }

  stopwatch(): number {
    return this.#watchMs
  }

  /** As a step does that takes long. */
  spend(ms: number): void {
    this.#watchMs += ms
  }

  /** Moves to `at` and rings what is due. */
  async moveTo(at: number): Promise<void> {
    this.#nowMs = at
    for (const alarm of this.alarms) if (alarm.isSet && alarm.at <= at) this.#ring(alarm)
    await settle()
  }

  /** Rings before time, as timers may. */
  async ringEarly(): Promise<void> {
    for (const alarm of this.alarms) if (alarm.isSet) this.#ring(alarm)
    await settle()
  }

  get armed(): readonly number[] {
    return this.alarms.filter((alarm) => alarm.isSet).map((alarm) => alarm.at)
  }

  #ring(alarm: { isSet: boolean; readonly ring: () => void }): void {
    alarm.isSet = false
    alarm.ring()
  }
}
