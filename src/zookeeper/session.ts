// A session over the library node-zookeeper-client: promises for its callbacks, and what it lacks. It does not notice a
// server that has gone silent, neither while it connects nor later: we ask for a word three times per session timeout
// and cut the connection that gives none, whereupon the library goes to the next server. And it would go on for ever
// where no server takes the session up again, as servers do that know less than it has seen.
//
// Three more things are set right from outside: half a message of a broken connection is not put before the next one's,
// bytes it cannot read cost the connection and not the process, and one that is given up connects no more.

import type { Socket } from 'node:net'
import { type Client, createClient, Exception, type State } from 'node-zookeeper-client'
import { after, type Instant, millis } from '../lib/instant.ts'
import type { Alarm, Clock } from '../ports/clock.ts'
import {
  type OpenZookeeper,
  ZookeeperError,
  type ZookeeperErrorKind,
  type ZookeeperNode,
  type ZookeeperOptions,
  type ZookeeperSession,
  type ZookeeperState,
} from '../ports/zookeeper.ts'

const defaultPort = 2181
/** Milliseconds until the library tries the servers again when all of them have failed, at most. */
const spinDelayMs = 1_000
/** Milliseconds to tell the ensemble that the session ends. */
const goodbyeMs = 1_000

export const zookeeperOver =
  (clock: Clock): OpenZookeeper =>
  (options, changed) =>
    new LibrarySession(options, clock, changed)

/** Of the library's inside. What is assigned here stands before what its prototype has. */
interface ConnectionManager {
  readonly socket?: Socket
  /** What has come of a message that is not complete. */
  pendingBuffer: Buffer | null
  connect(): void
  onSocketConnected(): void
  onSocketData(bytes: Buffer): void
}

const stateOf: Readonly<Record<string, ZookeeperState>> = {
  SYNC_CONNECTED: 'connected',
  CONNECTED_READ_ONLY: 'connected',
  DISCONNECTED: 'suspended',
  EXPIRED: 'expired',
  AUTH_FAILED: 'refused',
}

const isOver = (state: ZookeeperState): boolean =>
  state === 'expired' || state === 'refused' || state === 'closed'

class LibrarySession implements ZookeeperSession {
  readonly #options: ZookeeperOptions
  readonly #clock: Clock
  readonly #client: Client
  readonly #manager: ConnectionManager
  readonly #changed: (state: ZookeeperState) => void
  readonly #underWay = new Set<(error: ZookeeperError) => void>()
  readonly #watchers = new WeakMap<() => void, () => void>()
  #state: ZookeeperState = 'connecting'
  #alarm: Alarm | undefined
  #suspendedAt: Instant | undefined

  constructor(options: ZookeeperOptions, clock: Clock, changed: (state: ZookeeperState) => void) {
    this.#options = options
    this.#clock = clock
    this.#changed = changed
    const { hosts, credentials, sessionTimeoutMs } = options
    const servers = hosts.map((host) => (/:\d+$/.test(host) ? host : `${host}:${defaultPort}`))
    this.#client = createClient(servers.join(','), {
      sessionTimeout: sessionTimeoutMs,
      spinDelay: spinDelayMs,
      retries: 0,
    })
    if (credentials !== undefined) {
      const { user, password } = credentials
      this.#client.addAuthInfo('digest', Buffer.from(`${user}:${password}`))
    }
    this.#manager = (this.#client as unknown as { connectionManager: ConnectionManager }).connectionManager
    this.#guardReading()
    this.#client.on('state', (state: State) => {
      if (state.name === 'DISCONNECTED') this.#manager.pendingBuffer = null
      this.#now(stateOf[state.name] ?? this.#state)
    })
    this.#client.connect()
    this.#watchOver()
  }

  get state(): ZookeeperState {
    return this.#state
  }

  get(path: string, changed?: () => void): Promise<ZookeeperNode | undefined> {
    return this.#ask<ZookeeperNode>(`reading ${path}`, (done) => {
      const answered = (
        error: unknown,
        data: Buffer | undefined,
        stat: { version: number } | undefined,
      ): void =>
        // A node without data has none at all here.
        done(error, stat === undefined ? undefined : { data: data ?? Buffer.alloc(0), version: stat.version })
      if (changed === undefined) this.#client.getData(path, answered)
      else this.#client.getData(path, this.#watcherOf(changed), answered)
    })
  }

  children(path: string, changed?: () => void): Promise<readonly string[] | undefined> {
    return this.#ask<readonly string[]>(`listing ${path}`, (done) => {
      const answered = (error: unknown, names: string[] | undefined): void => done(error, names)
      if (changed === undefined) this.#client.getChildren(path, answered)
      else this.#client.getChildren(path, this.#watcherOf(changed), answered)
    })
  }

  async exists(path: string, changed?: () => void): Promise<boolean> {
    const found = await this.#ask<true>(`looking for ${path}`, (done) => {
      const answered = (error: unknown, stat: unknown): void =>
        done(error, stat === undefined || stat === null ? undefined : true)
      if (changed === undefined) this.#client.exists(path, answered)
      else this.#client.exists(path, this.#watcherOf(changed), answered)
    })
    return found === true
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    const wasConnected = this.#state === 'connected'
    this.#alarm?.cancel()
    this.#now('closed')
    if (wasConnected) await this.#sayGoodbye()
    this.#abandon()
  }

  /** What is not there is undefined. */
  #ask<T>(
    what: string,
    ask: (done: (error: unknown, value: T | undefined) => void) => void,
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const alarm = this.#clock.alarm(
        after(this.#clock.now(), millis(this.#options.operationTimeoutMs)),
        () =>
          fail(
            new ZookeeperError('timeout', `${what}: no answer for ${this.#options.operationTimeoutMs} ms`),
          ),
      )
      const fail = (error: ZookeeperError): void => {
        alarm.cancel()
        this.#underWay.delete(fail)
        reject(error)
      }
      if (isOver(this.#state)) {
        fail(new ZookeeperError('session-over', `${what}: the session is ${this.#state}`))
        return
      }
      this.#underWay.add(fail)
      ask((error, value) => {
        if (error !== null && error !== undefined && codeOf(error) !== Exception.NO_NODE) {
          fail(new ZookeeperError(kindOf(error), `${what}: ${String(error)}`))
          return
        }
        alarm.cancel()
        this.#underWay.delete(fail)
        resolve(value)
      })
    })
  }

  /**
   * The library tells a watcher once for all the times it was set, but only when it is the same one; and it forgets
   * none when the session is over.
   */
  #watcherOf(changed: () => void): () => void {
    const known = this.#watchers.get(changed)
    if (known !== undefined) return known
    const watcher = (): void => {
      // Not within the library's reading, whose errors are its own.
      if (!isOver(this.#state)) queueMicrotask(changed)
    }
    this.#watchers.set(changed, watcher)
    return watcher
  }

  #now(state: ZookeeperState): void {
    // Before it has been connected it cannot be cut off; and what is over stays over.
    if (state === this.#state || isOver(this.#state)) return
    if (state === 'suspended' && this.#state === 'connecting') return
    this.#state = state
    this.#suspendedAt = state === 'suspended' ? this.#clock.now() : undefined
    if (isOver(state)) {
      this.#alarm?.cancel()
      for (const fail of [...this.#underWay]) {
        fail(new ZookeeperError('session-over', `the session is ${state}`))
      }
    }
    queueMicrotask(() => this.#changed(state))
  }

  /** Cuts connections on which nothing comes: three times per session timeout it is asked for a word. */
  #watchOver(): void {
    const isConnected = this.#state === 'connected'
    const delay = isConnected ? this.#client.getSessionTimeout() / 3 : this.#options.connectionTimeoutMs
    let isAnswered = !isConnected
    if (isConnected) {
      // Whatever the answer: there is one.
      this.#client.exists('/', () => {
        isAnswered = true
      })
    }
    this.#alarm = this.#clock.alarm(after(this.#clock.now(), millis(Math.max(1, delay))), () => {
      if (isOver(this.#state)) return
      const cutOff = this.#suspendedAt === undefined ? 0 : this.#clock.now() - this.#suspendedAt
      if (cutOff > this.#client.getSessionTimeout()) {
        this.#now('expired')
        this.#abandon()
        return
      }
      if (!isAnswered || (!isConnected && this.#state !== 'connected')) this.#cut()
      this.#watchOver()
    })
  }

  /** Told of the end, the ensemble removes ephemeral nodes at once, and not after the timeout. */
  async #sayGoodbye(): Promise<void> {
    await new Promise<void>((resolve) => {
      const alarm = this.#clock.alarm(after(this.#clock.now(), millis(goodbyeMs)), resolve)
      this.#client.once('disconnected', () => {
        alarm.cancel()
        resolve()
      })
      this.#client.close()
    })
  }

  /** No connection is left, and no other is made. */
  #abandon(): void {
    const manager = this.#manager
    manager.connect = () => undefined
    // One that is being made already, perhaps after a delay.
    manager.onSocketConnected = () => void manager.socket?.destroy()
    manager.socket?.removeAllListeners('data')
    this.#cut()
  }

  #guardReading(): void {
    const manager = this.#manager
    const read = manager.onSocketData
    manager.onSocketData = (bytes) => {
      try {
        read.call(manager, bytes)
      } catch {
        manager.pendingBuffer = null
        this.#cut()
      }
    }
  }

  #cut(): void {
    this.#manager.socket?.destroy()
  }
}

const codeOf = (error: unknown): number | undefined =>
  error instanceof Exception ? error.getCode() : undefined

function kindOf(error: unknown): ZookeeperErrorKind {
  switch (codeOf(error)) {
    case Exception.CONNECTION_LOSS:
      return 'connection-lost'
    case Exception.SESSION_EXPIRED:
    case Exception.AUTH_FAILED:
      return 'session-over'
    case Exception.NO_AUTH:
      return 'not-allowed'
    default:
      return 'other'
  }
}
