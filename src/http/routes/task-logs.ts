// /v2/tasks/{taskId}/logs/{stdout|stderr}: what a task wrote, from any offset, and on demand as it is written. Not
// known to the original, whose users had to find the machine and the sandbox first.

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { parseTaskId } from '../../core/ids.ts'
import type { AgentId } from '../../core/mesos.ts'
import { limits } from '../../lib/limits.ts'
import { type LogChunk, UnreadableOutputError } from '../../ports/engine.ts'
import { type Answer, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Endpoints, type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

type StreamName = 'stdout' | 'stderr'

export function mountTaskLogs(server: FastifyInstance, api: Api): void {
  const open = { followers: 0 }
  mount(server, '/v2/tasks/*', (rest) => endpointsAt(api, rest, open), { compress: false })
}

const logPath = /^(?<taskId>.+)\/logs\/(?<stream>[^/]+)$/

function endpointsAt(api: Api, rest: string, open: { followers: number }): Endpoints | undefined {
  const groups = logPath.exec(rest)?.groups
  if (groups === undefined) return undefined
  return {
    GET: {
      produces: ['text/plain'],
      handle: (exchange) =>
        read(api, exchange, { taskId: groups['taskId']!, stream: groups['stream']!, open }),
    },
  }
}

async function read(
  api: Api,
  exchange: Exchange,
  target: { readonly taskId: string; readonly stream: string; readonly open: { followers: number } },
): Promise<Answer> {
  const { taskId, stream, open } = target
  if (stream !== 'stdout' && stream !== 'stderr') return fail({ kind: 'no-such-stream', stream })
  const { logs } = api.engine
  if (logs === undefined) {
    return fail({ kind: 'not-in-engine', engine: api.engine.name, what: 'the output of tasks' })
  }
  const offset = integer(exchange, 'offset', 0)
  const limit = Math.min(positive(exchange, 'limit', limits.logReadBytes), limits.logReadBytes)
  const isFollowing = exchange.flag('follow', false)
  if (isFollowing && open.followers >= limits.logStreams) {
    return fail({ kind: 'too-many-streams', what: 'log streams', limit: limits.logStreams })
  }
  // Looked up each time: a task that is followed may be lost, and its instance be run elsewhere.
  const readFrom: ReadFrom = (at) => logs.read(taskId, stream, at, limit, agentOf(api, taskId))
  const first = await orRefused(readFrom(offset), stream)
  if (first === undefined) return fail({ kind: 'no-output', taskId, stream })
  const headers = {
    'marathon-log-start': String(first.start),
    'marathon-log-end': String(first.end),
    'marathon-log-size': String(first.size),
  }
  if (!isFollowing || exchange.request.method === 'HEAD') return text(first.bytes, { headers })
  const ended = new AbortController()
  exchange.reply.raw.once('close', () => ended.abort())
  const signal = AbortSignal.any([api.stopping, ended.signal])
  const pollMs = api.options.logPollMs
  return text(follow({ readFrom, open, signal, pollMs }, first), { headers })
}

type ReadFrom = (offset: number) => Promise<LogChunk | undefined>

/** The agent a task is on, as long as its instance has this task. */
function agentOf(api: Api, taskId: string): AgentId | undefined {
  const parsed = parseTaskId(taskId)
  const instance = parsed === undefined ? undefined : api.view().instance(parsed.instanceId)
  const isCurrent = instance?.tasks.some(({ id }) => id === taskId) ?? false
  return isCurrent ? instance?.agent?.agentId : undefined
}

async function orRefused(
  chunk: Promise<LogChunk | undefined>,
  stream: StreamName,
): Promise<LogChunk | undefined> {
  try {
    return await chunk
  } catch (error) {
    if (error instanceof UnreadableOutputError) {
      return fail({ kind: 'unreadable-output', stream, reason: error.message })
    }
    throw error
  }
}

interface Followed {
  readonly readFrom: ReadFrom
  readonly open: { followers: number }
  /**
   * Aborted when the client has gone or the server stops. A generator cannot be ended from outside while it waits,
   * and one that has nothing to give waits for ever.
   */
  readonly signal: AbortSignal
  readonly pollMs: number
}

/** Everything from the first chunk on, until the task has ended and all it wrote is sent. */
async function* follow(followed: Followed, first: LogChunk): AsyncGenerator<Uint8Array> {
  const { readFrom, open } = followed
  open.followers++
  try {
    let chunk: LogChunk | undefined = first
    while (chunk !== undefined) {
      if (chunk.bytes.length > 0) yield chunk.bytes
      if (!chunk.isOpen && chunk.end >= chunk.size) return
      if (chunk.end >= chunk.size && !(await pause(followed))) return
      // Undefined: the sandbox is gone, and with it the rest.
      chunk = await readFrom(chunk.end)
    }
  } finally {
    open.followers--
  }
}

/** False when there is no reason to go on. */
async function pause({ signal, pollMs }: Followed): Promise<boolean> {
  try {
    await sleep(pollMs, undefined, { signal })
    return true
  } catch {
    // The only way a sleep fails is by its signal.
    return false
  }
}

function integer(exchange: Exchange, name: string, whenAbsent: number): number {
  const value = exchange.query(name)
  if (value === undefined) return whenAbsent
  if (/^[+-]?\d{1,15}$/.test(value)) return Number(value)
  return fail({
    kind: 'invalid-argument',
    message: `Query parameter '${name}' is '${value}', expected a whole number of bytes.`,
  })
}

function positive(exchange: Exchange, name: string, whenAbsent: number): number {
  const value = integer(exchange, name, whenAbsent)
  if (value > 0) return value
  return fail({
    kind: 'invalid-argument',
    message: `Query parameter '${name}' is '${value}', expected more than 0 bytes.`,
  })
}
