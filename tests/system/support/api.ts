// Calls to a server's HTTP API as a client makes them: one connection per call, so that no call inherits the
// fate of a connection to a server that was killed.

import http from 'node:http'
import { until } from './until.ts'

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** The body as JSON, undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests that know their shape.
  readonly body: any
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is when text, as JSON otherwise. */
  readonly body?: unknown
  readonly timeoutMs?: number
}

/** Where a server is reached: by its URL, or through a socket file when it lives in a network of its own. */
export interface Place {
  readonly url: string
  readonly socketPath?: string
}

export class Api {
  readonly #place: () => Place

  constructor(place: () => Place) {
    this.#place = place
  }

  /** Rejects when no whole answer comes. */
  call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const { url, socketPath } = this.#place()
    const { body } = options
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const request = http.request(
        new URL(path, url),
        {
          method,
          agent: false,
          ...(socketPath === undefined ? {} : { socketPath }),
          headers: {
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...options.headers,
          },
          timeout: options.timeoutMs ?? 20_000,
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            resolve({ status: response.statusCode!, headers: response.headers, text, body: parse(text) })
          })
        },
      )
      request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path}`)))
      request.on('error', reject)
      request.end(payload)
    })
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.call('GET', path, { headers })
  }

  post(path: string, body?: unknown): Promise<Reply> {
    return this.call('POST', path, { body })
  }

  put(path: string, body: unknown): Promise<Reply> {
    return this.call('PUT', path, { body })
  }

  delete(path: string): Promise<Reply> {
    return this.call('DELETE', path)
  }

  /** Creates an app. @throws with the answer when it is refused */
  async create(definition: object | string): Promise<void> {
    const reply = await this.post('/v2/apps', definition)
    if (reply.status !== 201) throw new Error(`POST /v2/apps: ${reply.status} ${reply.text}`)
  }

  /** The tasks of an app, of all apps when none is named. */
  async tasks(appId?: string): Promise<readonly Task[]> {
    const reply = await this.get(appId === undefined ? '/v2/tasks' : `/v2/apps${appId}/tasks`)
    return reply.body?.tasks ?? []
  }

  /** Waits until an app has this many running tasks and no others, and returns them. */
  async running(appId: string, count: number, withinMs?: number): Promise<readonly Task[]> {
    let seen: unknown
    return until(
      `${count} running tasks of ${appId}`,
      async () => {
        const tasks = await this.tasks(appId)
        seen = tasks.map((task) => `${task.id} ${task.state}`)
        return tasks.length === count && tasks.every((task) => task.state === 'TASK_RUNNING') && tasks
      },
      {
        ...(withinMs === undefined ? {} : { withinMs }),
        seen: async () => [seen, (await this.get('/v2/queue')).body],
      },
    )
  }

  /** Waits until no deployment is under way. */
  async settled(withinMs?: number): Promise<void> {
    await until(
      'the deployments to end',
      async () => {
        const reply = await this.get('/v2/deployments')
        return Array.isArray(reply.body) && reply.body.length === 0
      },
      {
        ...(withinMs === undefined ? {} : { withinMs }),
        seen: async () => (await this.get('/v2/deployments')).body,
      },
    )
  }
}

export interface Task {
  readonly id: string
  readonly appId: string
  readonly host: string
  readonly ports: readonly number[]
  readonly state: string
  readonly slaveId: string
  readonly version: string
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
