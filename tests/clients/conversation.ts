// A listening server and a client's own requests: method, path, query, headers and body go over the socket as the
// client writes them, nothing is normalised on the way. Answers are held against the description of the API, too.
// Beside it how the decoders of clients read: some refuse members they do not know, some values of another type.

import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { type Stack, type StackOptions, startStack } from '../compat/stack.ts'
import { violations } from '../support/checked-answers.ts'

type Headers = Readonly<Record<string, string>>

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any
}

/** An event stream as it is read: everything that has come, undecoded. */
export interface Stream {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: () => string
  /** Waits until the text has `part`. */
  readonly until: (part: string) => Promise<void>
}

export interface Conversation extends Stack {
  readonly url: string
  readonly ask: (method: string, path: string, body?: string, headers?: Headers) => Promise<Answer>
  readonly listen: (path: string, headers: Headers) => Promise<Stream>
}

/** `headers` are those the client sends with every request. */
export async function converse(headers: Headers, options: StackOptions = {}): Promise<Conversation> {
  const stack = await startStack(options)
  await stack.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = stack.server.server.address() as AddressInfo
  const streams: IncomingMessage[] = []
  const send = (method: string, path: string, own: Headers, body?: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      // Without a length Node sends a body in chunks, as Go does with the contents of a file.
      const isChunked = body === undefined || own['transfer-encoding'] === 'chunked'
      const length = isChunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const call = request({ host: '127.0.0.1', port, method, path, headers: { ...own, ...length } }, resolve)
      call.on('error', reject)
      call.end(body)
    })
  return {
    ...stack,
    url: `http://127.0.0.1:${port}`,
    ask: async (method, path, body, own = headers) => {
      const response = await send(method, path, own, body)
      const pieces: Buffer[] = []
      for await (const piece of response) pieces.push(piece as Buffer)
      const sent = Buffer.concat(pieces)
      const rawPayload = response.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      const { 'content-encoding': _, ...plain } = response.headers
      const status = response.statusCode ?? 0
      expect(violations({ method, url: path }, { statusCode: status, headers: plain, rawPayload })).toEqual(
        [],
      )
      const text = rawPayload.toString()
      const isJson = response.headers['content-type']?.startsWith('application/json') === true
      return {
        status,
        headers: response.headers,
        text,
        body: isJson && text !== '' ? JSON.parse(text) : undefined,
      }
    },
    listen: async (path, own) => {
      const response = await send('GET', path, own)
      streams.push(response)
      let text = ''
      let wake = () => {}
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        wake()
      })
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        until: async (part) => {
          while (!text.includes(part)) await new Promise<void>((resolve) => (wake = resolve))
        },
      }
    },
    close: async () => {
      for (const stream of streams) stream.destroy()
      await stack.close()
    },
  }
}

/** What a decoder without room for the unknown would stumble over: members of `value` that `known` does not name. */
export function unknownMembers(value: object, known: string): readonly string[] {
  const names = new Set(known.split(/\s+/))
  return Object.keys(value).filter((name) => !names.has(name))
}

/**
 * What a statically typed decoder expects. Members that are not named are skipped, absent ones and null are fine
 * everywhere; `'*'` names all members, an array one shape for all its items.
 */
export type Shape =
  | 'string'
  | 'int'
  | 'number'
  | 'boolean'
  | readonly [Shape]
  | { readonly [member: string]: Shape }

/** Where `value` is of another type than `shape` says, as "path: expected". */
export function mismatches(shape: Shape, value: unknown, path = ''): readonly string[] {
  if (value === null || value === undefined) return []
  if (shape === 'int') return Number.isInteger(value) ? [] : [`${path}: int`]
  if (typeof shape === 'string') return typeof value === shape ? [] : [`${path}: ${shape}`]
  if (Array.isArray(shape)) {
    const [item] = shape as readonly [Shape]
    if (!Array.isArray(value)) return [`${path}: array`]
    return value.flatMap((each, index) => mismatches(item, each, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: object`]
  const members = shape as { readonly [member: string]: Shape }
  return Object.entries(value).flatMap(([name, each]) => {
    const expected = members[name] ?? members['*']
    return expected === undefined ? [] : mismatches(expected, each, `${path}/${name}`)
  })
}

/** The data of the frames of an event stream, one line each, and the type that the line before it names. */
export function framesOf(text: string): readonly { readonly type: string; readonly data: string }[] {
  return [...text.matchAll(/^event: (.*)\r\ndata: (.*)\r\n\r\n/gm)].map(([, type, data]) => ({
    type: type!,
    data: data!,
  }))
}
