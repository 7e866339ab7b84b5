// Which master leads, as ZooKeeper has it: each master keeps a node under the path while it lives, `json.info_<number>`
// or in older forms, and the lowest number leads. Beside them are nodes of other kinds.
//
// While ZooKeeper cannot be reached nothing is told: the master that led may well go on, and its stream says so.

import { after, millis } from '../../../lib/instant.ts'
import type { Alarm, Clock } from '../../../ports/clock.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { ZookeeperSession, ZookeeperState } from '../../../ports/zookeeper.ts'
import type { Backoff } from '../backoff.ts'
import { mesosLimits } from '../limits.ts'
import { type MasterAddress, readBinaryMasterInfo, readJsonMasterInfo, readProcessId } from './master-info.ts'
import { type Masters, type MasterUrl, schedulerUrl } from './masters.ts'

export interface ZookeeperMastersParts {
  readonly open: (changed: (state: ZookeeperState) => void) => ZookeeperSession
  /** Begins with a slash, ends without one. */
  readonly path: string
  /** Masters speak TLS; their names are then what certificates are checked for. */
  readonly isSecure: boolean
  readonly clock: Clock
  readonly backoff: Backoff
  readonly log: Logger
}

export class ZookeeperMasters implements Masters {
  readonly #parts: ZookeeperMastersParts
  #changed: ((candidates: readonly MasterUrl[]) => void) | undefined
  #session: ZookeeperSession | undefined
  #alarm: Alarm | undefined
  #isReading = false
  #isStale = false
  /** What was told last; undefined: nothing yet. */
  #told: string | undefined

  /** Always the same one: a watch that is still set is not set once more by each look. */
  readonly #listChanged = (): void => this.#read()

  constructor(parts: ZookeeperMastersParts) {
    this.#parts = parts
  }

  start(changed: (candidates: readonly MasterUrl[]) => void): void {
    this.#changed = changed
    this.#open()
  }

  async stop(): Promise<void> {
    this.#changed = undefined
    this.#alarm?.cancel()
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  #open(): void {
    if (this.#changed === undefined) return
    const session = this.#parts.open((state) => {
      if (this.#session === session) this.#stateChanged(state)
    })
    this.#session = session
  }

  #stateChanged(state: ZookeeperState): void {
    const { log, backoff } = this.#parts
    switch (state) {
      case 'connected':
        backoff.reset()
        this.#read()
        return
      case 'suspended':
        log.warn('ZooKeeper cannot be reached; the master that led is kept to')
        return
      case 'expired':
      case 'refused': {
        log.warn('the session with ZooKeeper is over; another one is begun', { state })
        void this.#session?.close()
        this.#session = undefined
        this.#later(backoff.next(), () => this.#open())
        return
      }
      default:
        return
    }
  }

  #later(delayMs: number, act: () => void): void {
    const { clock } = this.#parts
    this.#alarm?.cancel()
    this.#alarm = clock.alarm(after(clock.now(), millis(delayMs)), act)
  }

  /** Reads who leads, again when that changed meanwhile. */
  #read(): void {
    if (this.#isReading) {
      this.#isStale = true
      return
    }
    const session = this.#session
    if (session?.state !== 'connected') return
    this.#isReading = true
    this.#isStale = false
    void this.#leader(session)
      .then(
        (found) => {
          if (session !== this.#session) return
          if (found !== 'vanished') this.#tell(found)
          // The watch tells of changes; this is for a watch that got lost.
          this.#later(
            found === undefined || found === 'vanished' ? mesosLimits.leaderPollMs : mesosLimits.leaderLookMs,
            () => this.#read(),
          )
        },
        (error: unknown) => {
          if (session !== this.#session) return
          this.#parts.log.warn('the leading master cannot be read from ZooKeeper', { error })
          this.#later(mesosLimits.leaderPollMs, () => this.#read())
        },
      )
      .finally(() => {
        this.#isReading = false
        if (this.#isStale) this.#read()
      })
  }

  async #leader(session: ZookeeperSession): Promise<MasterUrl | 'vanished' | undefined> {
    const { path, log } = this.#parts
    const names = await session.children(path, this.#listChanged)
    const first = leadingNode(names ?? [])
    if (first === undefined) return undefined
    const node = await session.get(`${path}/${first}`)
    if (node === undefined) return 'vanished'
    const address = readMaster(first, node.data)
    if (typeof address !== 'string') return this.#urlOf(address)
    log.error('what the leading master wrote into ZooKeeper cannot be read', {
      node: `${path}/${first}`,
      why: address,
    })
    return undefined
  }

  #urlOf({ hostname, ip, port }: MasterAddress): MasterUrl {
    const { isSecure } = this.#parts
    const name = isSecure && hostname !== undefined ? hostname : ip
    const host = name.includes(':') ? `[${name}]` : name
    return schedulerUrl(new URL(`${isSecure ? 'https' : 'http'}://${host}:${port}`))
  }

  #tell(leader: MasterUrl | undefined): void {
    const text = leader?.href ?? ''
    if (text === this.#told) return
    this.#told = text
    if (leader === undefined) this.#parts.log.warn('no Mesos master leads, as ZooKeeper has it')
    else this.#parts.log.info('ZooKeeper tells of a leading Mesos master', { master: leader.host })
    this.#changed?.(leader === undefined ? [] : [leader])
  }
}

const numbered = /^(?:(?<label>[^_]+)_)?(?<number>\d{1,10})$/

/** The node with the lowest number; what has none, such as the replicas of the masters' log, is no master. */
export function leadingNode(names: readonly string[]): string | undefined {
  let lowest: { readonly name: string; readonly number: number } | undefined
  for (const name of names) {
    const match = numbered.exec(name)
    if (match === null) continue
    const number = Number(match.groups!['number'])
    if (lowest === undefined || number < lowest.number) lowest = { name, number }
  }
  return lowest?.name
}

/** The form is told by the node's label. @returns a sentence without its end when it cannot be read */
function readMaster(name: string, data: Uint8Array): MasterAddress | string {
  const label = numbered.exec(name)?.groups?.['label']
  switch (label) {
    case 'json.info':
      return readJsonMasterInfo(Buffer.from(data).toString('utf8'))
    case 'info':
      return readBinaryMasterInfo(data)
    case undefined:
      return readProcessId(Buffer.from(data).toString('utf8'))
    default:
      return `nodes called ${label}_… are not known`
  }
}
