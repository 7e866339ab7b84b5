// /v2/plugins (rest-api 8): the plugins that are loaded, and what they answer by themselves. Everything about such an
// answer is the plugin's, but for its time and the headers that all our answers have, which it may replace.

import type { FastifyInstance } from 'fastify'
import {
  type PluginAnswer,
  PluginError,
  type PluginRequest,
  type RequestHandler,
} from '../../ports/plugins.ts'
import { type Answer, empty, json, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Endpoint, type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountPlugins(server: FastifyInstance, { plugins }: Api): void {
  const list = (plugins?.list ?? []).map(({ id, plugin, implementation, tags, info }) => ({
    id,
    plugin,
    implementation,
    ...(tags === undefined ? {} : { tags }),
    ...(info === undefined ? {} : { info }),
  }))
  mount(server, '/v2/plugins', () => ({ GET: { handle: () => json({ plugins: list }) } }))
  mount(server, '/v2/plugins/*', (rest) => {
    const [id = '', path = ''] = splitId(rest)
    if (path === '') return undefined
    const endpoint: Endpoint = {
      produces: 'any',
      consumes: 'any',
      answersConditions: true,
      handle: (exchange) => {
        const handler = plugins?.requestHandlers.get(id) ?? fail({ kind: 'plugin-unknown', id })
        return serve(exchange, { id, path, handler })
      },
    }
    return { GET: endpoint, PUT: endpoint, POST: endpoint, DELETE: endpoint }
  })
}

const splitId = (rest: string): readonly string[] => /^([^/]+)\/+(.+)$/.exec(rest)?.slice(1) ?? []

interface Addressed {
  readonly id: string
  readonly path: string
  readonly handler: RequestHandler
}

async function serve(exchange: Exchange, { id, path, handler }: Addressed): Promise<Answer> {
  let answer: PluginAnswer
  try {
    answer = await handler(requestOf(exchange, path))
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    const { problem } = error
    return fail(
      problem.kind === 'late'
        ? { kind: 'plugin-late', id, limit: problem.limitMs }
        : { kind: 'plugin-failed', id },
    )
  }
  const { status, headers, body } = answer
  for (const [name, values] of byName(headers)) exchange.reply.header(name, values)
  return body === undefined ? empty(status) : text(body.bytes, { status, type: body.mediaType })
}

function requestOf(exchange: Exchange, path: string): PluginRequest {
  const { method, raw, body } = exchange.request
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = raw.socket
  return {
    method,
    path,
    header: (name) => headerValues(raw.rawHeaders, name.toLowerCase()),
    queryParam: (name) => exchange.queryAll(name),
    body: body instanceof Uint8Array ? body : new Uint8Array(),
    remoteAddr: remoteAddress,
    remotePort,
    localAddr: localAddress,
    localPort,
  }
}

/** Names and values take turns. */
const headerValues = (raw: readonly string[], wanted: string): readonly string[] =>
  raw.filter((_, index) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === wanted)

/** A header of one value replaces ours; more are lines of their own. */
function byName(headers: PluginAnswer['headers']): ReadonlyMap<string, string | string[]> {
  const found = new Map<string, string | string[]>()
  for (const [given, value] of headers) {
    const name = given.toLowerCase()
    const known = found.get(name)
    found.set(name, known === undefined ? value : [known, value].flat())
  }
  return found
}
