// The event log of a real server through kill -9: a client that comes back with the last id it has sees every event
// exactly once, in order, without a hole, whatever moment the server was killed at. KILLS sets how often, SEED repeats
// a run's choices.

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { stream } from '../../src/lib/rng.ts'
import { type Frame, openEvents } from '../support/event-client.ts'
import type { Reply, Task } from './support/api.ts'
import type { Server } from './support/server.ts'
import { useServers } from './support/server.ts'
import { until } from './support/until.ts'

const kills = Number(process.env['KILLS'] ?? 12)
const seed = Number(process.env['SEED'] ?? 20_310_402)
const instancesMost = 400

const servers = useServers()

/** A client that goes on after the last event it has, over all lives of the server. */
class Follower {
  readonly seen: Frame[] = []
  readonly #query: string
  #close = (): void => undefined

  constructor(query = '') {
    this.#query = query
  }

  get last(): number {
    return this.seen.at(-1)?.id ?? 0
  }

  connect(server: Server): void {
    const client = openEvents(Number(new URL(server.url).port), { after: this.last, query: this.#query })
    this.#close = () => {
      client.socket.destroy()
      this.seen.push(...client.frames().filter(({ id }) => id !== undefined))
    }
    this.#frames = client.frames
  }

  /** What came on this connection and the ones before. */
  get all(): readonly Frame[] {
    return [...this.seen, ...this.#frames().filter(({ id }) => id !== undefined)]
  }

  disconnect(): void {
    this.#close()
    this.#close = () => undefined
    this.#frames = () => []
  }

  #frames: () => readonly Frame[] = () => []
}

it(
  `nothing is missed, and nothing comes twice, through ${kills} kills of the server (SEED=${seed})`,
  async () => {
    // The simulated cluster dies with the server: what ran there is soon found to be lost.
    const soon = ['--reconciliation_initial_delay', '500']
    const server = servers.prepare({ flags: ['--master', 'sim', '--sim_agents', '50', ...soon] })
    const moments = stream(seed, 'moments')
    const all = new Follower()
    const some = new Follower('?event_type=status_update_event')
    let isOver = false
    let changes = 0
    const churn = async (): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const app = { cmd: 'sleep 1000', cpus: 0.01, mem: 1, instances: moments.int(instancesMost) }
        try {
          const { status } = await server.api.put(`/v2/apps/app-${n % 3}?force=true`, app)
          if (status < 300) changes++
        } catch {
          // A server that is being killed answers nothing, one that is not up yet cannot be asked.
          await sleep(10)
        }
        await sleep(moments.int(20))
      }
    }
    await server.start()
    const changing = churn()
    for (let n = 0; n < kills; n++) {
      all.connect(server)
      some.connect(server)
      await sleep(100 + moments.int(900))
      await server.crash()
      all.disconnect()
      some.disconnect()
      await server.start()
    }
    isOver = true
    await changing
    all.connect(server)
    some.connect(server)
    // What is listed where the stream stands, twice, so that nothing is between the two.
    let tasks: Reply | undefined
    await until('the stream to have all that is listed', async () => {
      const before = await server.api.get('/v2/tasks')
      await sleep(300)
      tasks = await server.api.get('/v2/tasks')
      const position = Number(tasks.headers['marathon-event-id'])
      return all.all.at(-1)?.id === position && before.text === tasks.text
    })
    const events = all.all
    expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1))
    expect(events.map(({ type }) => type)).not.toContain('event_gap')
    const statuses = events.filter(({ type }) => type === 'status_update_event')
    await until('all statuses', () => some.all.length === statuses.length, {
      seen: () => [some.all.length, statuses.length],
    })
    expect(some.all).toEqual(statuses)
    console.log(
      `${kills} kills, ${changes} changes, ${events.length} events, ${statuses.length} of them statuses`,
    )
    expect(events.length).toBeGreaterThan(kills * 20)
    // Each instance that runs was told of: the log and the state are one.
    const told = new Map<string, string>()
    for (const { type, body } of events)
      if (type === 'instance_changed_event') told.set(body.instanceId, body.condition)
    const running = [...told].filter(([, condition]) => condition === 'Running').map(([id]) => id)
    const listed = (tasks!.body.tasks as readonly Task[]).filter(({ state }) => state === 'TASK_RUNNING')
    expect(running.sort()).toEqual(listed.map(({ id }) => id.replace(/\._app\.\d+$/, '')).sort())
  },
  120_000 + kills * 6_000,
)
