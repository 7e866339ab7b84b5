// The whole server in one process, for conversations with it: routes, driver, core and the simulated cluster as in
// production, over a store in memory and on a clock that the test moves. Nothing listens: requests are injected, and
// the bodies that come back are those a client would read.

import type { FastifyInstance } from 'fastify'
import { parseFlags } from '../../src/config/flags.ts'
import { infoOf } from '../../src/config/settings.ts'
import type { Notice } from '../../src/core/notices/notice.ts'
import { createScheduler } from '../../src/core/scheduler.ts'
import { defaultSettings, type Settings } from '../../src/core/settings.ts'
import type { View } from '../../src/core/view.ts'
import { Driver } from '../../src/driver/driver.ts'
import { EventReader } from '../../src/driver/event-reader.ts'
import { SimEngine } from '../../src/engine/sim/engine.ts'
import { calmTiming } from '../../src/engine/sim/timing.ts'
import { defaultHttpOptions, type HttpOptions, type ServerInfo } from '../../src/http/deps.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { type Instant, parseInstant } from '../../src/lib/instant.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { registerStateGauges } from '../../src/metrics/state-gauges.ts'
import type { RunSpecValidator } from '../../src/spec/validate/run-spec-validators.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { checked, eventViolations } from '../support/checked-answers.ts'
import { fakeControl } from '../support/fake-control.ts'
import { HandClock } from '../support/hand-clock.ts'
import { settle } from '../support/scripted-core.ts'

export interface StackOptions {
  /** Machines of 16 cpus, five to a rack; 2 when absent. */
  readonly agents?: number
  readonly settings?: Partial<Settings>
  readonly options?: Partial<HttpOptions>
  readonly info?: Partial<ServerInfo>
  readonly runSpecValidators?: readonly RunSpecValidator[]
}

export interface Stack {
  readonly server: FastifyInstance
  /** All events since the start, in order. */
  readonly notices: readonly Notice[]
  readonly view: () => View
  readonly now: () => Instant
  readonly engine: SimEngine
  /** One exchange, JSON both ways. */
  readonly send: (method: Method, url: string, body?: unknown) => Promise<Reply>
  /** Lets `ms` milliseconds pass, everything happening in them at its time. */
  readonly elapse: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any
}

export const startedAt = parseInstant('2031-04-02T09:15:20.480Z')!

/** Started, with the cluster's offers in hand. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const clock = new HandClock(startedAt)
  const store = new MemoryStore()
  await store.open()
  const settings = { ...defaultSettings, ...options.settings }
  const scheduler = createScheduler({
    settings,
    seed: 'compat',
    records: [],
    now: clock.now(),
    quarantines: false,
    runSpecValidators: options.runSpecValidators ?? [],
  })
  const engine = new SimEngine({
    clock,
    agents: options.agents ?? 2,
    role: settings.mesosRole,
    seed: 'compat',
    timing: calmTiming,
  })
  const halt = (code: unknown, reason: unknown): never => {
    throw new Error(`the server halted with code ${code}`, { cause: reason })
  }
  const driver = new Driver({
    scheduler,
    store,
    engine,
    prober: engine.prober,
    clock,
    log: silentLogger,
    halt,
  })
  const metrics = createMetrics({ prefix: 'marathon', now: () => clock.now() })
  registerStateGauges(metrics, { view: () => driver.view, now: () => clock.now() })
  const server = checked(
    createHttpServer({
      view: () => driver.view,
      submit: (request) => driver.submit(request),
      subscribe: (listener) => driver.subscribe(listener),
      ...(settings.eventLogMaxEvents === 0 ? {} : { eventLog: new EventReader(driver.view.eventLog, store) }),
      engine: { name: 'sim', agents: engine.agents },
      info: {
        name: 'marathon',
        version: '1.11.24',
        buildref: '0badc0de',
        leader: 'm1.example:8080',
        marathonConfig: infoOf(parseFlags([], {})),
        zookeeperConfig: {},
        httpConfig: { http_port: 8080, https_port: 8443 },
        ...options.info,
      },
      control: fakeControl(),
      options: { ...defaultHttpOptions, ...options.options },
      metrics,
      log: silentLogger,
      now: () => clock.now(),
    }),
  )
  const notices: Notice[] = []
  const wrong: string[] = []
  driver.subscribe((batch) => {
    notices.push(...batch)
    wrong.push(...batch.flatMap(({ type, body }) => eventViolations(type, body)))
  })
  await driver.start()
  await settle()
  return {
    server,
    notices,
    engine,
    view: () => driver.view,
    now: () => clock.now(),
    send: async (method, url, body) => {
      const payload = body === undefined ? {} : { payload: body as object }
      const answer = await server.inject({ method, url, ...payload })
      return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
    },
    elapse: async (ms) => {
      // What the last request began is armed by then.
      await settle()
      const end = clock.now() + ms
      for (let next = clock.nextAlarm; next !== undefined && next <= end; next = clock.nextAlarm) {
        clock.advance(Math.max(0, next - clock.now()))
        await settle()
      }
      clock.advance(end - clock.now())
      await settle()
    },
    close: async () => {
      await server.close()
      await driver.stop()
      await store.close()
      if (wrong.length > 0) throw new Error(`events other than described: ${wrong.join('; ')}`)
    },
  }
}
