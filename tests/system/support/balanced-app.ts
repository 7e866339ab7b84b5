// Fills a balancer with the tasks of one app, as tools around Marathon do: each event of the stream that may have
// changed something makes it ask for the tasks anew. A task gets requests while it runs and is known to be well.

import http from 'node:http'
import type { Reply } from './api.ts'
import type { Haproxy } from './haproxy.ts'
import type { Server } from './server.ts'
import { sleep } from './until.ts'

interface ListedTask {
  readonly id: string
  readonly host: string
  readonly ports: readonly number[]
  readonly state: string
  readonly healthCheckResults?: readonly { readonly alive: boolean }[]
}

const telling = 'event_type=status_update_event&event_type=instance_health_changed_event'

export class BalancedApp {
  readonly #server: Server
  readonly #haproxy: Haproxy
  readonly #appId: string
  /** By task: its slot. */
  readonly #slots = new Map<string, number>()
  readonly #free: number[]
  #isStale = false
  #isFilling = false
  #isClosed = false
  #stream: http.ClientRequest | undefined

  constructor(server: Server, haproxy: Haproxy, appId: string) {
    this.#server = server
    this.#haproxy = haproxy
    this.#appId = appId
    this.#free = Array.from({ length: haproxy.slots }, (_, index) => index + 1)
    void this.#follow()
  }

  close(): void {
    this.#isClosed = true
    this.#stream?.destroy()
  }

  /** Listens for as long as it is wanted, whatever becomes of the server; what was missed is asked for. */
  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      await this.#listen().catch(() => undefined)
      await sleep(20)
    }
  }

  async #listen(): Promise<void> {
    const headers = { accept: 'text/event-stream' }
    const url = new URL(`/v2/events?${telling}`, this.#server.url)
    await new Promise<void>((resolve) => {
      this.#stream = http.get(url, { agent: false, headers }, (response) => {
        this.#changed()
        response.on('data', () => this.#changed())
        response.on('close', resolve)
        response.on('error', () => {})
      })
      this.#stream.on('error', () => resolve())
    })
  }

  #changed(): void {
    this.#isStale = true
    if (!this.#isFilling) void this.#fill()
  }

  async #fill(): Promise<void> {
    this.#isFilling = true
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false
      // A server that is gone says nothing about tasks; they go on.
      const listed = await shownBy(this.#server, `/v2/apps${this.#appId}/tasks`)
      if (listed?.status === 200) await this.#apply(listed.body.tasks as readonly ListedTask[])
    }
    this.#isFilling = false
  }

  async #apply(tasks: readonly ListedTask[]): Promise<void> {
    const open = tasks.filter(isOpen)
    for (const { id, ports } of open) {
      if (this.#slots.has(id)) continue
      const slot = this.#free.shift()
      if (slot === undefined) throw new Error(`no slot is free for ${id}`)
      this.#slots.set(id, slot)
      await this.#haproxy.fill(slot, '127.0.0.1', ports[0]!)
    }
    const ids = new Set(open.map(({ id }) => id))
    for (const [id, slot] of this.#slots) {
      if (ids.has(id)) continue
      await this.#haproxy.drain(slot)
      this.#slots.delete(id)
      this.#free.push(slot)
    }
  }
}

/** Undefined while the server cannot be reached. */
export async function shownBy(server: Server, path: string): Promise<Reply | undefined> {
  try {
    return await server.api.get(path)
  } catch {
    return undefined
  }
}

const isOpen = ({ state, healthCheckResults = [] }: ListedTask): boolean =>
  state === 'TASK_RUNNING' && healthCheckResults.length > 0 && healthCheckResults.every(({ alive }) => alive)
