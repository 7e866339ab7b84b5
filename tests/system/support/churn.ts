// Clients that create, change, scale, kill and delete apps as fast as they are answered, while somebody kills the
// server. Each owns its apps, so it knows what the server has promised: after every answer exactly one state of the
// app is right, and after a call without an answer the old one or the new one.

import { type Rng, stream } from '../../../src/lib/rng.ts'
import type { Reply } from './api.ts'
import type { Server } from './server.ts'
import { sleep } from './until.ts'

/** What is wanted of one app; undefined: it does not exist. */
export type Wanted = { readonly instances: number; readonly generation: number } | undefined

export interface ChurnCounts {
  acknowledged: number
  unanswered: number
  /** Answers of 4xx, of which none is due. */
  readonly refused: string[]
}

interface Change {
  readonly to: Wanted
  readonly send: () => Promise<Reply>
}

const appsPerClient = 3
const instancesMost = 4

export class ChurnClient {
  readonly counts: ChurnCounts = { acknowledged: 0, unanswered: 0, refused: [] }
  /** What the server owes, by app id. Several states only between a call without answer and the next look. */
  readonly #owed = new Map<string, readonly Wanted[]>()
  readonly #rng: Rng
  readonly #server: Server
  readonly #name: string
  #generation = 0
  #isStopping = false

  constructor(server: Server, name: string, seed: number) {
    this.#server = server
    this.#name = name
    this.#rng = stream(seed, name)
  }

  stop(): void {
    this.#isStopping = true
  }

  /** Goes on until stopped. @throws when an app is not what it must be */
  async run(): Promise<void> {
    while (!this.#isStopping) {
      const id = `/${this.#name}-${this.#rng.int(appsPerClient)}`
      const now = await this.look(id)
      if (this.#isStopping) return
      await this.#apply(id, this.#choose(id, now))
    }
  }

  /** Asks what the app is and holds it against what is owed. */
  async look(id: string): Promise<Wanted> {
    for (;;) {
      const reply = await this.#ask(() => this.#server.api.get(`/v2/apps${id}`))
      if (reply === undefined) {
        if (this.#isStopping) return undefined
        continue
      }
      const found = wantedOf(reply)
      const owed = this.#owed.get(id) ?? [undefined]
      if (!owed.some((one) => isSame(one, found))) {
        throw new Error(`${id} is ${JSON.stringify(found)}, acknowledged was ${JSON.stringify(owed)}`)
      }
      this.#owed.set(id, [found])
      return found
    }
  }

  /** What must run in the end. Looks once more at what is open. */
  async settle(): Promise<ReadonlyMap<string, Exclude<Wanted, undefined>>> {
    this.#isStopping = false
    const wanted = new Map<string, Exclude<Wanted, undefined>>()
    for (let n = 0; n < appsPerClient; n++) {
      const id = `/${this.#name}-${n}`
      const now = await this.look(id)
      if (now !== undefined) wanted.set(id, now)
    }
    return wanted
  }

  #choose(id: string, now: Wanted): Change {
    const { api } = this.#server
    const definition = (wanted: Exclude<Wanted, undefined>) => ({
      id,
      cmd: 'exec sleep 100000',
      cpus: 0.01,
      mem: 32,
      instances: wanted.instances,
      env: { GENERATION: String(wanted.generation) },
      backoffSeconds: 0,
      upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    })
    if (now === undefined) {
      const to = { instances: 1 + this.#rng.int(instancesMost), generation: ++this.#generation }
      return { to, send: () => api.post('/v2/apps?force=true', definition(to)) }
    }
    const dice = this.#rng.int(100)
    if (dice < 15) return { to: undefined, send: () => api.delete(`/v2/apps${id}?force=true`) }
    if (dice < 35) {
      const to = { instances: now.instances, generation: ++this.#generation }
      return { to, send: () => api.put(`/v2/apps${id}?force=true`, definition(to)) }
    }
    if (dice < 75) {
      const to = { ...now, instances: this.#rng.int(instancesMost + 1) }
      return { to, send: () => api.put(`/v2/apps${id}?force=true`, { instances: to.instances }) }
    }
    return { to: now, send: () => api.delete(`/v2/apps${id}/tasks`) }
  }

  async #apply(id: string, change: Change): Promise<void> {
    const from = this.#owed.get(id)!
    this.#owed.set(id, [...from, change.to])
    const reply = await this.#ask(change.send)
    if (reply === undefined) this.counts.unanswered++
    else if (reply.status < 300) {
      this.counts.acknowledged++
      this.#owed.set(id, [change.to])
    } else if (reply.status < 500) {
      this.counts.refused.push(`${id}: ${reply.status} ${reply.text}`)
      this.#owed.set(id, from)
    } else throw new Error(`${id}: ${reply.status} ${reply.text}`)
  }

  /** Undefined when the server was killed before it answered. */
  async #ask(send: () => Promise<Reply>): Promise<Reply | undefined> {
    try {
      const reply = await send()
      // 503 is a server that starts up.
      if (reply.status !== 503) return reply
    } catch (error) {
      // A server that takes a call and stays silent is not one that was killed.
      if ((error as Error).message.startsWith('no answer')) throw error
    }
    await sleep(15)
    return undefined
  }
}

function wantedOf(reply: Reply): Wanted {
  if (reply.status === 404) return undefined
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`)
  const { instances, env } = reply.body.app
  return { instances, generation: Number(env.GENERATION) }
}

const isSame = (a: Wanted, b: Wanted): boolean =>
  a?.instances === b?.instances && a?.generation === b?.generation
