// The HTTP server on a scripted core: what it asks is recorded, what it is told is written down by the test.

import type { FastifyInstance } from 'fastify'
import type { Notice } from '../../src/core/notices/notice.ts'
import type { Outcome, Request } from '../../src/core/requests.ts'
import type { View } from '../../src/core/view.ts'
import {
  defaultHttpOptions,
  type EngineSurface,
  type HttpDeps,
  type HttpOptions,
  type ServerControl,
  type ServerInfo,
} from '../../src/http/deps.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { type Logger, silentLogger } from '../../src/logging/logger.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import type { ArtifactStore } from '../../src/ports/artifacts.ts'
import type { EventLogReader } from '../../src/ports/event-log.ts'
import type { NoticeListener } from '../../src/ports/submit.ts'
import { checked } from './checked-answers.ts'
import { fakeControl } from './fake-control.ts'
import { type FakeState, fakeNow, fakeView } from './fake-view.ts'

export interface FakeApi {
  readonly server: FastifyInstance
  /** What went to the core, in order. */
  readonly requests: Request[]
  readonly publish: (...notices: Notice[]) => void
  /** The same, of notices that are in the log. */
  readonly tell: NoticeListener
  /** Replaces the state that reads see. */
  readonly show: (state: FakeState) => void
}

export const deployed: Outcome = {
  kind: 'deployed',
  deploymentId: '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10',
  version: '2031-04-02T09:15:20.480Z',
  wasCreated: false,
}

export function fakeApi(script: {
  readonly state?: FakeState
  /** Instead of one made of `state`. */
  readonly view?: View
  /** An outcome, or what to do instead of having one. */
  readonly outcome?: Outcome | ((request: Request) => Promise<Outcome>)
  readonly options?: Partial<HttpOptions>
  readonly engine?: Partial<EngineSurface>
  readonly info?: Partial<ServerInfo>
  readonly control?: Partial<ServerControl>
  readonly log?: Logger
  readonly publicDir?: string
  readonly artifacts?: ArtifactStore
  readonly eventLog?: EventLogReader
  readonly plugins?: HttpDeps['plugins']
}): FakeApi {
  let view = script.view ?? fakeView(script.state ?? {})
  const requests: Request[] = []
  const listeners = new Set<NoticeListener>()
  const server = checked(
    createHttpServer({
      view: () => view,
      submit: async (request) => {
        requests.push(request)
        const { outcome } = script
        if (typeof outcome === 'function') return outcome(request)
        return outcome ?? deployed
      },
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      engine: { name: 'sim', ...script.engine },
      info: {
        name: 'marathon',
        version: '1.11.24',
        buildref: '0badc0de',
        leader: 'm1.example:8080',
        marathonConfig: {},
        zookeeperConfig: {},
        httpConfig: { http_port: 8080, https_port: null },
        ...script.info,
      },
      control: { ...fakeControl(), ...script.control },
      options: { ...defaultHttpOptions, ...script.options },
      ...(script.eventLog === undefined ? {} : { eventLog: script.eventLog }),
      ...(script.artifacts === undefined ? {} : { artifacts: script.artifacts }),
      ...(script.plugins === undefined ? {} : { plugins: script.plugins }),
      ...(script.publicDir === undefined ? {} : { publicDir: script.publicDir }),
      metrics: createMetrics({ prefix: 'marathon', now: () => fakeNow }),
      log: script.log ?? silentLogger,
      now: () => fakeNow,
    }),
  )
  return {
    server,
    requests,
    publish: (...notices) => {
      for (const listener of listeners) listener(notices)
    },
    tell: (notices, logged) => {
      for (const listener of listeners) listener(notices, logged)
    },
    show: (state) => {
      view = fakeView(state)
    },
  }
}
