// A server for tests of the command line: a table of calls and answers on a socket of its own, and a record of
// what was asked. It knows nothing of Marathon; the bodies stand in the tests (examples 1 to 10).

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runCli } from '../main.ts'

export interface Reply {
  readonly status?: number
  /** Sent as it is when it is text, as JSON otherwise. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Pieces written one after the other, then the end, or a broken connection. */
  readonly pieces?: readonly (string | Uint8Array)[]
  readonly isCut?: boolean
}

export interface Asked {
  readonly call: string
  readonly query: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers by `METHOD /path`. A list is used up one by one, its last member stays. */
export type Script = Readonly<Record<string, Reply | readonly Reply[] | ((asked: Asked) => Reply)>>

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
  /** The body of the last such call, parsed. */
  bodyOf(call: string): unknown
}

export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const used = new Map<string, number>()
  const reply = (one: Asked): Reply => {
    const entry = script[one.call]
    if (entry === undefined) return { status: 404, body: { message: `not in the script: ${one.call}` } }
    if (typeof entry === 'function') return entry(one)
    if (!isList(entry)) return entry
    const turn = used.get(one.call) ?? 0
    used.set(one.call, turn + 1)
    return entry[Math.min(turn, entry.length - 1)]!
  }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://test')
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const one = {
      call: `${request.method} ${url.pathname}`,
      query: url.search,
      headers: request.headers,
      body,
    }
    asked.push(one)
    await send(response, reply(one))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    bodyOf: (call) => JSON.parse(asked.findLast((one) => one.call === call)?.body ?? 'null'),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const isList = (entry: unknown): entry is readonly Reply[] => Array.isArray(entry)

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
  for (const piece of reply.pieces ?? []) await new Promise((resolve) => response.write(piece, resolve))
  if (reply.isCut) response.destroy()
  else
    response.end(
      reply.body === undefined || typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body),
    )
}

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
  readonly columns?: number
  readonly stdin?: string
  readonly nowMs?: number
  readonly signal?: AbortSignal
}

/** One command in-process, on a clock that jumps ahead instead of sleeping. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  let [out, err] = ['', '']
  let now = options.nowMs ?? Date.parse('2031-04-02T09:20:00.000Z')
  const text = (chunk: string | Uint8Array): string =>
    typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
  const code = await runCli(argv, {
    stdout: { write: (chunk) => (out += text(chunk)) },
    stderr: { write: (chunk) => (err += text(chunk)) },
    env: { ...(options.url === undefined ? {} : { MARATHON_URL: options.url }), ...options.env },
    isTTY: options.isTTY ?? false,
    columns: options.columns,
    ...(options.stdin === undefined ? {} : { stdin: once(options.stdin) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    clock: {
      now: () => now,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted()
        now += ms
      },
    },
  })
  return { code, out, err }
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

/** An address where nothing listens: a port that was free a moment ago. */
export async function deadUrl(): Promise<string> {
  await using server = await scriptedServer({})
  return server.url
}
