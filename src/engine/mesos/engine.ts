// The engine of a cluster: Apache Mesos through its v1 HTTP scheduler API. Effects become calls, events of the stream
// are reported as they come; what to launch where, and what a status means, is the core's business. What is guaranteed
// when connections break is said in docs/internals/mesos.md.

import { randomUUID } from 'node:crypto'
import type { EngineEvent } from '../../core/events.ts'
import type { SubscribedRoles } from '../../core/launching/offers-wanted.ts'
import { launchedTasks, type TaskStatus } from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import { type Duration, millis, seconds } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Engine, TaskLogs } from '../../ports/engine.ts'
import type { Logger } from '../../ports/logger.ts'
import { adviceOn } from './advice.ts'
import { AgentFiles } from './agent-files.ts'
import type { Answer } from './calls/answer-reader.ts'
import { CallConnection, type OutgoingCall } from './calls/call-connection.ts'
import { type OpenStream, openStream } from './event-stream.ts'
import { mesosLimits } from './limits.ts'
import type { Masters } from './masters/masters.ts'
import { basicAuthorization, createOperatorCall, type OperatorCredentials } from './operator-call.ts'
import { type Session, Subscription } from './subscription.ts'
import { callText } from './wire/call-text.ts'
import type { Call } from './wire/calls.ts'
import type { Incoming } from './wire/decode-event.ts'
import { isSince, sinceVersion } from './wire/decode-master.ts'
import { type CallContext, encodeEffect, registrationAfter } from './wire/encode-effect.ts'
import { type CurrentRegistration, type Framework, subscribeCall } from './wire/registration.ts'

export interface MesosEngineOptions {
  readonly clock: Clock
  readonly rng: Rng
  readonly log: Logger
  readonly masters: Masters
  /** Asked for with each subscription: what it says may become known late. */
  readonly framework: () => Framework
  readonly credentials?: OperatorCredentials
  readonly heartbeatInterval: Duration
  readonly heartbeatFailureThreshold: number
  /** For tests. */
  readonly open?: OpenStream
}

/** A call under way, with what it was made of. */
interface SentCall extends OutgoingCall {
  readonly type: Call['type']
  readonly effect?: EngineEffect
  /** Of an UPDATE_FRAMEWORK: as what we were registered before it. */
  readonly before?: CurrentRegistration
}

/** What nobody runs, asked about so that the master says something (events-metrics-flags 7.3). */
const pacemaker = { task: 'fake-marathon-pacemaker-task-', agent: 'fake-marathon-pacemaker-agent-' } as const

export class MesosEngine implements Engine {
  readonly needsFrameworkId = true
  readonly logs: TaskLogs
  readonly #options: MesosEngineOptions
  readonly #subscription: Subscription
  readonly #files: AgentFiles
  readonly #authorization: string | undefined
  #report: ((event: EngineEvent) => void) | undefined
  /** As it is to be from the next subscription on, if it is not already. */
  #registration: CurrentRegistration = { roles: ['*'], suppressedRoles: [] }
  /** As the last subscription was asked for. */
  #asked = this.#registration
  #context: { readonly of: CurrentRegistration; readonly context: CallContext } | undefined
  #calls: CallConnection<SentCall> | undefined
  /** Statuses of ours that wait for the next turn: reports never leave from within a call of the scheduler's. */
  #ownStatuses: TaskStatus[] = []
  readonly #toldOf = new Set<string>()

  constructor(options: MesosEngineOptions) {
    this.#options = options
    const { clock, rng, log, masters, credentials } = options
    this.#authorization = credentials === undefined ? undefined : basicAuthorization(credentials)
    this.#subscription = new Subscription(
      {
        clock,
        rng,
        log,
        masters,
        open: options.open ?? openStream,
        authorization: this.#authorization,
        body: () => {
          this.#asked = this.#registration
          return JSON.stringify(subscribeCall(options.framework(), this.#asked))
        },
        heartbeatInterval: options.heartbeatInterval,
        heartbeatFailureThreshold: options.heartbeatFailureThreshold,
      },
      {
        subscribed: (session) => this.#subscribed(session),
        incoming: (incoming) => this.#incoming(incoming),
        silent: (intervals) => this.#askForAWord(intervals),
        lost: (reason) => this.#lost(reason),
        failed: (message, isRemoved) => this.#failed(message, isRemoved),
      },
    )
    const leader = (): string | undefined => this.leaderUrl
    this.#files = new AgentFiles({
      clock,
      call: createOperatorCall(credentials),
      master: leader,
      frameworkId: () => this.#registration.frameworkId,
      get scheme() {
        return leader()?.startsWith('https:') ? 'https' : 'http'
      },
    })
    this.logs = this.#files
  }

  /** Resolves at once: users are served while a master is looked for. */
  async start(report: (event: EngineEvent) => void, registration?: CurrentRegistration): Promise<void> {
    this.#report = report
    if (registration !== undefined) this.#registration = registration
    this.#subscription.start()
  }

  perform(effects: readonly EngineEffect[]): void {
    for (const effect of effects) this.#perform(effect)
  }

  /** What was decided leaves, if the master takes it in time. */
  async stop(): Promise<void> {
    this.#report = undefined
    await this.#calls?.idle(mesosLimits.lastCallsMs)
    this.#calls?.close()
    this.#calls = undefined
    await this.#subscription.stop()
  }

  /** The base URL of the master that leads; undefined while there is no connection. */
  get leaderUrl(): string | undefined {
    return this.#subscription.session?.url.href.replace(/(\/master)?\/api\/v1\/scheduler$/, '')
  }

  /** Where people see what it does, as it calls itself. */
  get leaderPage(): string | undefined {
    const { session } = this.#subscription
    if (session === undefined) return undefined
    const { hostname, port } = session.subscribed.master ?? { hostname: '', port: 0 }
    const host = hostname.includes(':') ? `[${hostname}]` : hostname
    return host === '' ? `${session.url.origin}/` : `${session.url.protocol}//${host}:${port}/`
  }

  #perform(effect: EngineEffect): void {
    const { session } = this.#subscription
    const { frameworkId } = this.#registration
    if (session === undefined || frameworkId === undefined) {
      this.#remember(effect)
      this.#dropLaunches(effect, 'there is no connection to a Mesos master')
      return
    }
    const call = encodeEffect(effect, this.#contextOf(frameworkId))
    const before = this.#registration
    this.#remember(effect)
    const version = session.subscribed.master?.version
    if (effect.kind === 'update-framework' && !isSince(version, sinceVersion.updateFramework)) {
      // Constraints are all that changed, and it knows of none.
      if (hasSameRoles(before, effect)) return
      this.#subscription.lose(
        `Mesos ${version ?? 'of unknown version'} is told of new roles by subscribing again`,
      )
      return
    }
    if (call !== undefined) this.#send(call, effect, before)
  }

  /** One for all effects between two changes of the registration: there are many acknowledgements. */
  #contextOf(frameworkId: string): CallContext {
    const registration = this.#registration
    if (this.#context?.of !== registration) {
      const { framework } = this.#options
      const context = {
        get framework() {
          return framework()
        },
        registration: { ...registration, frameworkId },
      }
      this.#context = { of: registration, context }
    }
    return this.#context.context
  }

  #send(call: Call, effect: EngineEffect, before: CurrentRegistration): void {
    this.#calls?.send({
      type: call.type,
      body: callText(call),
      // A second one finds its offers gone, and what the first one launched would be told to be dropped.
      isRepeatable: call.type !== 'ACCEPT',
      ...(effect.kind === 'accept' ? { effect } : {}),
      ...(effect.kind === 'update-framework' ? { before } : {}),
    })
  }

  /** What the next subscription is to say, too. */
  #remember(effect: EngineEffect): void {
    const before = this.#registration
    const { suppressedRoles } = before
    switch (effect.kind) {
      case 'update-framework':
        this.#registration = registrationAfter(effect, before)
        return
      case 'revive':
        this.#registration = {
          ...before,
          suppressedRoles: suppressedRoles.filter((role) => !effect.roles.includes(role)),
        }
        return
      case 'suppress':
        this.#registration = {
          ...before,
          suppressedRoles: [...new Set([...suppressedRoles, ...effect.roles])],
        }
        return
      default:
        return
    }
  }

  #subscribed(session: Session): void {
    const { frameworkId, master } = session.subscribed
    const { log, clock } = this.#options
    const { roles, suppressedRoles, offerConstraints } = this.#asked
    const known = this.#registration.frameworkId
    if (known !== undefined && known !== frameworkId) {
      log.warn('the master gave another framework id than we had', { known, given: frameworkId })
    }
    this.#registration = { ...this.#registration, frameworkId }
    this.#calls = new CallConnection<SentCall>({
      url: session.url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'mesos-stream-id': session.streamId,
        ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
      },
      clock,
      answered: (call, answer) => this.#answered(call, answer),
      lost: (reason, _unanswered, unsent) => {
        this.#dropUnsent(unsent)
        this.#subscription.lose(reason)
      },
    })
    const name =
      master === undefined || master.hostname === '' ? session.url.host : `${master.hostname}:${master.port}`
    log.info('subscribed to a Mesos master', { master: name, version: master?.version, frameworkId })
    this.#report?.({
      kind: 'engine-connected',
      frameworkId,
      master: name,
      holdsOffers: false,
      subscribed: {
        roles,
        suppressedRoles,
        ...(offerConstraints === undefined ? {} : { offerConstraints }),
      },
      ...(master?.region === undefined ? {} : { homeRegion: master.region }),
      reserves: true,
    })
  }

  #incoming(incoming: Incoming): void {
    const { log } = this.#options
    switch (incoming.kind) {
      case 'events':
        for (const event of incoming.events) {
          if (event.kind === 'status') {
            if (isPacemaker(event.status)) continue
            this.#files.seen(event.status)
          }
          this.#report?.(event)
        }
        if (incoming.flawed === undefined) return
        log.error('offers cannot be read and are declined', {
          problems: incoming.flawed.problems.slice(0, 3),
        })
        if (incoming.flawed.offerIds.length > 0) {
          const { offerIds } = incoming.flawed
          this.#perform({ kind: 'decline', offerIds, refuseFor: millis(mesosLimits.flawedOfferMs) })
        }
        return
      case 'operation-status':
        log.debug('an operation has a status', { ...incoming.status })
        return
      case 'unknown':
        if (this.#toldOf.has(incoming.type)) return
        this.#toldOf.add(incoming.type)
        log.info('the master sends events we do not know', { type: incoming.type })
        return
      default:
        return
    }
  }

  /** The master took it (2xx), knows us no more, or refused this one. */
  #answered({ type, effect, before }: SentCall, { status, text }: Answer): void {
    if (status >= 200 && status < 300) return
    const said = `${status}${text === '' ? '' : `: ${text.trim()}`}`.slice(0, mesosLimits.refusalBytes)
    if (!isRefusalOfCall(status, text)) {
      this.#subscription.lose(`the master answered ${type} with ${said}`)
      return
    }
    this.#options.log.error('the master refused a call', { call: type, said })
    if (before !== undefined) this.#takeBack(before)
    if (effect?.kind !== 'accept') return
    this.#launchesFailed(effect, {
      state: 'TASK_ERROR',
      reason: 'REASON_TASK_INVALID',
      message: `The master refused the launch with ${said}`,
    })
    // They are still ours, and nobody else's.
    this.#perform({ kind: 'decline', offerIds: effect.offerIds, refuseFor: seconds(0) })
  }

  /**
   * A subscription with what was refused would be answered with ERROR, the end of the process. The core hears with the
   * next one as what it was made.
   */
  #takeBack(before: CurrentRegistration): void {
    const { frameworkId } = this.#registration
    this.#registration = frameworkId === undefined ? before : { ...before, frameworkId }
  }

  #lost(reason: string): void {
    this.#dropUnsent(this.#calls?.close() ?? [])
    this.#calls = undefined
    this.#options.log.warn('the subscription to the Mesos master is lost', { reason })
    this.#report?.({ kind: 'engine-disconnected' })
  }

  #failed(message: string, isRemoved: boolean): void {
    this.#calls?.close()
    this.#calls = undefined
    const advice = adviceOn(message, { hasCredentials: this.#options.credentials !== undefined })
    this.#options.log.error('there is no way on with the Mesos master', { reason: message, advice })
    this.#report?.({ kind: 'engine-failed', message, isRemoved })
  }

  #askForAWord(intervals: number): void {
    const { frameworkId } = this.#registration
    if (this.#subscription.session === undefined || frameworkId === undefined) return
    if (intervals > 1) this.#options.log.warn('the Mesos master is silent', { intervals })
    this.#perform({
      kind: 'reconcile',
      tasks: [{ taskId: pacemaker.task + randomUUID(), agentId: pacemaker.agent + randomUUID() }],
    })
  }

  #dropUnsent(calls: readonly SentCall[]): void {
    for (const { effect } of calls) {
      if (effect !== undefined) this.#dropLaunches(effect, 'the connection to the Mesos master broke before')
    }
  }

  /** They never left, and never will: known at once, not after a timeout. */
  #dropLaunches(effect: EngineEffect, why: string): void {
    if (effect.kind !== 'accept') return
    this.#launchesFailed(effect, {
      state: 'TASK_DROPPED',
      reason: 'REASON_INVALID_OFFERS',
      message: `The launch was not sent: ${why}`,
    })
  }

  #launchesFailed(
    { operations, agentId }: Extract<EngineEffect, { kind: 'accept' }>,
    status: Pick<TaskStatus, 'state' | 'reason' | 'message'>,
  ): void {
    const timestamp = this.#options.clock.now()
    const tasks = operations.flatMap(launchedTasks)
    if (tasks.length > 0 && this.#ownStatuses.length === 0) setImmediate(() => this.#tellOwnStatuses())
    for (const { taskId } of tasks) this.#ownStatuses.push({ ...status, taskId, agentId, timestamp })
  }

  #tellOwnStatuses(): void {
    for (const status of this.#ownStatuses.splice(0)) this.#report?.({ kind: 'status', status })
  }
}

const isPacemaker = ({ taskId, reason }: TaskStatus): boolean =>
  taskId.startsWith(pacemaker.task) && reason === 'REASON_RECONCILIATION'

/**
 * Whether it is about the call alone; all else means that this subscription is over. With 403 masters say both that we
 * are not subscribed and that a role is not for us.
 */
function isRefusalOfCall(status: number, text: string): boolean {
  if (status === 400) return !/stream id|framework cannot be found/i.test(text)
  return status === 403 ? /^not authorized to /i.test(text) : status === 413
}

const hasSameRoles = (a: SubscribedRoles, b: SubscribedRoles): boolean =>
  isSameSet(a.roles, b.roles) && isSameSet(a.suppressedRoles, b.suppressedRoles)

const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((each) => b.includes(each))
