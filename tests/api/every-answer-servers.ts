// The servers that the table of every answer is asked of: one for each circumstance that decides on an answer. What
// differs from run to run is bound by name, as in tests/compat/template.ts.

import { Buffer } from 'node:buffer'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { FolderArtifactStore } from '../../src/artifacts/folder-store.ts'
import { limits } from '../../src/lib/limits.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { requestHandlerOf } from '../../src/plugins/request-handler.ts'
import { ArtifactError, type ArtifactErrorKind, type ArtifactStore } from '../../src/ports/artifacts.ts'
import { UnreadableOutputError } from '../../src/ports/engine.ts'
import { type Stack, type StackOptions, startedAt, startStack } from '../compat/stack.ts'
import type { Bindings } from '../compat/template.ts'
import { fakeApi } from '../support/fake-api.ts'
import { HandClock } from '../support/hand-clock.ts'

export interface Prepared {
  readonly server: FastifyInstance
  readonly bindings: Bindings
  readonly close: () => Promise<unknown>
}

type Prepare = () => Promise<Prepared>

export const app = { id: '/shop/web', cmd: 'sleep 600', cpus: 0.1, mem: 32 }
export const pod = {
  id: '/shop/pod',
  containers: [{ name: 'c', exec: { command: { shell: 'sleep 600' } }, resources: { cpus: 0.1, mem: 32 } }],
}
const stuckPod = { ...pod, containers: [{ ...pod.containers[0], exec: { command: { shell: 'stuck' } } }] }

/** An app and a pod of one group, both running. */
async function shop(options: StackOptions = {}): Promise<Stack> {
  const stack = await startStack({
    ...options,
    settings: { eventSubscriber: 'http_callback', ...options.settings },
  })
  await stack.send('POST', '/v2/apps', app)
  await stack.send('POST', '/v2/pods', pod)
  await stack.elapse(2_000)
  return stack
}

function prepared(stack: Stack): Prepared {
  const view = stack.view()
  const instanceOf = (id: string) => view.instancesOf(id)[0]
  const bindings: Bindings = new Map()
  const bind = (name: string, value: string | undefined) =>
    value === undefined ? undefined : bindings.set(name, value)
  bind('task', instanceOf(app.id)?.tasks[0]?.id)
  bind('instance', instanceOf(pod.id)?.id)
  bind('version', view.app(app.id)?.version)
  bind('pod-version', view.pod(pod.id)?.version)
  bind('deployment', view.deployments()[0]?.id)
  return { server: stack.server, bindings, close: () => stack.close() }
}

const bare = (script: Parameters<typeof fakeApi>[0] = {}): Prepared => {
  const { server } = fakeApi(script)
  return { server, bindings: new Map(), close: () => server.close() }
}

function failing(kind: ArtifactErrorKind): ArtifactStore {
  const fail = () => Promise.reject(new ArtifactError(kind, 'why'))
  return {
    read: fail,
    has: fail,
    remove: fail,
    write: async (_path, content) => {
      for await (const _chunk of content) break
      return fail()
    },
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What is asked `count` times is under way; the answers come when the server is closed, or never. */
async function manyUnderWay(count: number, ask: () => unknown): Promise<void> {
  for (let asked = 0; asked < count; asked++) ask()
  for (let turns = 0; turns < 20; turns++) await turn()
}

const withLogs = (): Prepared =>
  bare({
    engine: {
      logs: {
        read: async (taskId) =>
          taskId === 'web.1'
            ? { bytes: Buffer.from('hello'), start: 0, end: 5, size: 5, isOpen: true }
            : undefined,
      },
    },
  })

export const servers = {
  running: async () => prepared(await shop()),
  /** As many deployments are under way as there may be; neither is of what runs. */
  full: async () => {
    const stack = await shop({ settings: { maxRunningDeployments: 2 } })
    await stack.send('POST', '/v2/apps', { ...app, id: '/stuck/a', cmd: 'stuck' })
    await stack.send('POST', '/v2/apps', { ...app, id: '/stuck/b', cmd: 'stuck' })
    await stack.elapse(500)
    return prepared(stack)
  },
  /** The app and the pod are being changed. */
  deploying: async () => {
    const stack = await shop()
    await stack.send('PUT', `/v2/apps${app.id}`, { cmd: 'stuck' })
    await stack.send('PUT', `/v2/pods${pod.id}`, stuckPod)
    await stack.elapse(500)
    return prepared(stack)
  },
  /** Nothing runs, and everything that can be off is off. */
  bare: async () => bare({ options: { prometheus: false, schemas: false } }),
  /** Events are posted to nobody. */
  silent: async () => prepared(await startStack()),
  withoutLeader: async () => bare({ info: { leader: undefined as never } }),
  site: async () => bare({ publicDir: fileURLToPath(new URL('../../public', import.meta.url)) }),
  plugin: async () => {
    const serve: Parameters<typeof requestHandlerOf>[1]['serve'] = (_request, response) => {
      response.status(200)
      response.body('application/json', '"served"')
    }
    const handler = requestHandlerOf(
      'pages',
      { serve },
      { log: silentLogger, clock: new HandClock(startedAt) },
    )
    return bare({ plugins: { list: [], requestHandlers: new Map([['pages', handler]]) } })
  },
  logs: async () => withLogs(),
  /** The agent that has the output does not answer. */
  unreadable: async () =>
    bare({
      engine: {
        logs: {
          read: async () => {
            throw new UnreadableOutputError('agent S0 at http://10.0.0.1:5051 does not answer')
          },
        },
      },
    }),
  /** So many follow a log that nobody else may. */
  followed: async () => {
    const api = withLogs()
    const url = '/v2/tasks/web.1/logs/stdout?follow=true'
    await manyUnderWay(limits.logStreams, () => api.server.inject(url))
    return api
  },
  artifacts: async () => {
    const root = mkdtempSync(join(tmpdir(), 'marathon-every-answer-'))
    const api = bare({ artifacts: FolderArtifactStore.open(root) })
    for (const url of ['/v2/artifacts/a.txt', '/v2/artifacts/folder/b.txt', '/v2/artifacts/file'])
      await api.server.inject({ method: 'PUT', url, payload: 'text' })
    return {
      ...api,
      close: async () => {
        await api.close()
        rmSync(root, { recursive: true, force: true })
      },
    }
  },
  artifactsFull: async () => bare({ artifacts: failing('full') }),
  artifactsTooLarge: async () => bare({ artifacts: failing('too-large') }),
  /** So many upload that nobody else may. */
  artifactsBusy: async () => {
    const store: ArtifactStore = { ...failing('full'), write: () => new Promise(() => undefined) }
    const api = bare({ artifacts: store })
    const upload = { method: 'PUT' as const, url: '/v2/artifacts/x', payload: 'x' }
    await manyUnderWay(limits.artifactUploads, () => api.server.inject(upload))
    // Uploads that never end would hold the end of the server.
    return { ...api, close: async () => undefined }
  },
} satisfies Readonly<Record<string, Prepare>>

export type ServerName = keyof typeof servers
