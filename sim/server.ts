// What one process of the server holds besides the core: what waits to be taken in, to be committed, to be answered.

import type { Event } from '../src/core/events.ts'
import type { Ready } from '../src/core/ready.ts'
import type { InspectableScheduler } from '../src/core/scheduler.ts'
import type { SimProbes } from '../src/engine/sim/probes.ts'
import type { Instant } from '../src/lib/instant.ts'
import type { Answer } from './observer.ts'

/** One process. */
export class Server {
  readonly scheduler: InspectableScheduler
  readonly probes: SimProbes
  readonly life: number
  mailbox: Event[] = []
  outbox: Ready[] = []
  committing: readonly Ready[] | undefined
  isTurnDue = false
  wakeAt: Instant | undefined
  probesWake: Instant | undefined
  requests = 0
  readonly answers = new Map<number, (answer: Answer) => void>()

  constructor(scheduler: InspectableScheduler, probes: SimProbes, life: number) {
    this.scheduler = scheduler
    this.probes = probes
    this.life = life
  }
}
