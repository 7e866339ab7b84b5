// Runs the core: events in, batches out, durable before effect. It decides nothing. The first failure, of a commit or
// of the core itself, ends it: nothing is committed or released in this process any more, and `halt` ends the
// process.

import type { Event } from '../core/events.ts'
import type { Ready } from '../core/ready.ts'
import type { Outcome, Request } from '../core/requests.ts'
import type { Scheduler } from '../core/scheduler.ts'
import type { View } from '../core/view.ts'
import { limits } from '../lib/limits.ts'
import type { ArtifactDownloads } from '../ports/artifacts.ts'
import type { Clock } from '../ports/clock.ts'
import { type Engine, EngineError } from '../ports/engine.ts'
import type { Logger } from '../ports/logger.ts'
import type { Prober } from '../ports/prober.ts'
import type { Store } from '../ports/store.ts'
import { type NoticeListener, NotTakenError, type Submit } from '../ports/submit.ts'
import type { Halt } from './crash.ts'
import { exitOf } from './exit-codes.ts'
import { Loop } from './loop.ts'
import { Mailbox } from './mailbox.ts'
import { Outbox } from './outbox.ts'
import { Replies } from './replies.ts'

export interface DriverParts {
  readonly scheduler: Scheduler
  /** Open, and with its records already in the scheduler. */
  readonly store: Pick<Store, 'commit'>
  readonly engine: Pick<Engine, 'start' | 'perform' | 'stop' | 'needsFrameworkId'>
  /** Absent where no definition names files for the artifact store. */
  readonly downloads?: ArtifactDownloads
  /** Absent where nothing is asked how it is. */
  readonly prober?: Prober
  readonly clock: Clock
  readonly log: Logger
  readonly halt: Halt
}

export class Driver implements Submit {
  readonly #parts: DriverParts
  readonly #mailbox = new Mailbox()
  readonly #replies = new Replies()
  readonly #listeners = new Set<NoticeListener>()
  readonly #outbox: Outbox
  readonly #loop: Loop
  #phase: 'new' | 'running' | 'stopping' | 'failed' = 'new'
  #whenDrained: (() => void) | undefined
  /** Quarantined run specs the log has. */
  #toldOf: ReadonlySet<string> = new Set()
  #areKillsSuspended = false
  /** Statuses refused since the mailbox was last seen with room. */
  #statusesRefused = 0
  /** One of them carried no uuid: nobody repeats it. */
  #isStatusMissed = false

  constructor(parts: DriverParts) {
    this.#parts = parts
    const { scheduler, store, clock } = parts
    const fail = (error: unknown): void => this.#fail(error)
    this.#outbox = new Outbox({
      store,
      fail,
      release: (ready) => this.#release(ready),
      progressed: () => this.#progressed(),
    })
    this.#loop = new Loop({ scheduler, clock, fail, mailbox: this.#mailbox, outbox: this.#outbox })
  }

  /**
   * Lets the core act on what was loaded and connects the engine. Resolves when the engine reports.
   * @throws EngineError when the id is not known under which the instances that are stored were launched
   */
  async start(): Promise<void> {
    const { engine, scheduler } = this.#parts
    const registration = scheduler.view.registration()
    if (engine.needsFrameworkId && registration.isIdMissing)
      throw new EngineError('framework-id-missing', idMissing)
    this.#phase = 'running'
    // The first turn comes in the next round of the event loop, when the engine has been started. It need not have
    // connected: users are served without it.
    this.#loop.start()
    this.#parts.downloads?.start((event) => this.#report(event))
    this.#parts.prober?.start((event) => this.#report(event))
    await engine.start((event) => this.#report(event), registration)
  }

  /**
   * Stops between two slices: what was decided is committed and leaves, what was not is turned away. Tasks keep
   * running. The store stays open for the caller to close.
   */
  async stop(): Promise<void> {
    if (this.#phase !== 'running') return
    this.#phase = 'stopping'
    this.#loop.stop()
    for (const event of this.#mailbox.take(Number.POSITIVE_INFINITY)) {
      if (event.kind === 'request') this.#replies.turnAway(event.requestId, stopping())
    }
    if (!this.#outbox.isIdle) await new Promise<void>((resolve) => (this.#whenDrained = resolve))
    await this.#parts.downloads?.stop()
    await this.#parts.prober?.stop()
    await this.#parts.engine.stop()
  }

  /**
   * When the driver fails, requests under way are never answered: nobody knows whether they were stored, and the
   * process is about to end.
   */
  submit(request: Request): Promise<Outcome> {
    if (this.#phase !== 'running') return Promise.reject(stopping())
    const { requestId, outcome } = this.#replies.expect()
    if (this.#mailbox.offer({ kind: 'request', requestId, request })) this.#loop.wake()
    else this.#replies.turnAway(requestId, overloaded())
    return outcome
  }

  subscribe(listener: NoticeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get view(): View {
    return this.#parts.scheduler.view
  }

  #report(event: Exclude<Event, { kind: 'request' | 'woke' }>): void {
    if (this.#phase !== 'running') return
    if (this.#mailbox.offer(event)) this.#loop.wake()
    else if (event.kind === 'status') this.#refuseStatus(event.status.uuid)
  }

  /** Not acknowledged, so the engine repeats it; what it does not repeat the core is told to ask for. */
  #refuseStatus(uuid: string | undefined): void {
    if (uuid === undefined) this.#isStatusMissed = true
    this.#statusesRefused += 1
    if (this.#statusesRefused > 1) return
    this.#parts.log.warn('too many events wait, statuses are left for the engine to repeat', {
      waiting: this.#mailbox.size,
    })
  }

  #release({ effects, downloads, probes, notices, logged, replies, ending }: Ready): void {
    if (effects.length > 0) this.#parts.engine.perform(effects)
    if (downloads.length > 0) this.#parts.downloads?.perform(downloads)
    if (probes.length > 0) this.#parts.prober?.perform(probes)
    if (notices.length > 0) for (const listener of [...this.#listeners]) this.#tell(listener, notices, logged)
    for (const reply of replies) this.#replies.answer(reply)
    if (ending !== undefined) this.#fail(new EngineError(ending.kind, ending.message))
  }

  #tell(listener: NoticeListener, notices: Ready['notices'], logged: Ready['logged']): void {
    try {
      listener(notices, logged)
    } catch (error) {
      // A listener has no say in what happens here: the others and the replies go on without it.
      this.#parts.log.error('a listener failed on notices and missed some', {
        error,
        notices: notices.length,
      })
    }
  }

  #progressed(): void {
    if (this.#statusesRefused > 0 && this.#mailbox.size < limits.mailboxEvents) {
      this.#parts.log.info('events are taken again', { statusesRefused: this.#statusesRefused })
      this.#statusesRefused = 0
      if (this.#isStatusMissed) this.#report({ kind: 'statuses-missed' })
      this.#isStatusMissed = false
    }
    this.#tellOfQuarantine()
    this.#tellOfUnhealthyKills()
    if (this.#outbox.isIdle) this.#whenDrained?.()
    this.#loop.resume()
  }

  /** A run spec set aside waits for someone to look: the log has what was thrown, once. */
  #tellOfQuarantine(): void {
    const quarantined = this.#parts.scheduler.view.quarantined()
    for (const [id, fault] of quarantined) {
      if (this.#toldOf.has(id)) continue
      this.#parts.log.error('a decision failed; nothing is done about this run spec until it changes', {
        id,
        fault,
      })
    }
    this.#toldOf = new Set(quarantined.keys())
  }

  /** That unhealthy instances are let live has to be heard of, and its end. */
  #tellOfUnhealthyKills(): void {
    const { log, scheduler } = this.#parts
    const { suspendedSince, ...outage } = scheduler.view.unhealthyKills
    if ((suspendedSince !== undefined) === this.#areKillsSuspended) return
    this.#areKillsSuspended = suspendedSince !== undefined
    if (suspendedSince === undefined) log.warn('unhealthy instances are killed again', outage)
    else log.error('most health checks of many apps fail at once; unhealthy instances are let live', outage)
  }

  #fail(error: unknown): void {
    if (this.#phase === 'failed') return
    this.#phase = 'failed'
    this.#outbox.close()
    this.#loop.stop()
    this.#parts.halt(exitOf(error), error)
  }
}

const idMissing =
  'instances are stored, and the id of the framework that launched them is not: under another id Mesos would not know ' +
  'their tasks, and all of them would be launched a second time. Restore the state it was lost from, or empty the store.'

function overloaded(): NotTakenError {
  return new NotTakenError(
    'overloaded',
    `${limits.mailboxEvents} events wait for the scheduler, try again later`,
  )
}

function stopping(): NotTakenError {
  return new NotTakenError('stopping', 'the server is stopping')
}
