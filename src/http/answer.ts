// What a route gives back: a value, sent in one place. Routes never touch the socket, except those that keep it
// (`taken`).

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { shownAction } from '../core/deployments/deployment.ts'
import type { Outcome } from '../core/requests.ts'
import { limits } from '../lib/limits.ts'
import type { FieldWarning } from '../spec/field-warnings.ts'
import { type ApiError, answerError, fail } from './errors.ts'
import { warningHeaders } from './warnings.ts'

export type Headers = Readonly<Record<string, string>>

/** Whole, in slices that are all there, or in slices that come. */
export type Content = Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>

export type Answer =
  | {
      readonly kind: 'json'
      readonly status: number
      readonly headers: Headers
      readonly body: unknown
      /** As in `bytes`. */
      readonly tag?: string
    }
  | {
      readonly kind: 'bytes'
      readonly status: number
      readonly type: string
      readonly headers: Headers
      /** Of an answer to GET: its entity tag without quotes (etag.ts). Without one it is made from whole content. */
      readonly tag?: string
      /** A function is called when the content is needed, which it is not for a client that has it already. */
      readonly content: Content | (() => Content)
    }
  | { readonly kind: 'empty'; readonly status: number; readonly headers: Headers }
  /** The route keeps the connection and answers by itself. */
  | { readonly kind: 'taken' }

interface AnswerOptions {
  readonly status?: number
  readonly headers?: Headers
  readonly tag?: string
}

export const json = (body: unknown, options: AnswerOptions = {}): Answer => ({
  kind: 'json',
  status: 200,
  headers: {},
  ...options,
  body,
})

/** JSON already in bytes. */
export const jsonBytes = (content: Content | (() => Content), options: AnswerOptions = {}): Answer => ({
  kind: 'bytes',
  type: 'application/json',
  status: 200,
  headers: {},
  ...options,
  content,
})

export const text = (
  content: string | Content | (() => Content),
  options: AnswerOptions & { readonly type?: string } = {},
): Answer => ({
  kind: 'bytes',
  type: 'text/plain',
  status: 200,
  headers: {},
  ...options,
  content: typeof content === 'string' ? Buffer.from(content) : content,
})

export const empty = (status: number, headers: Headers = {}): Answer => ({ kind: 'empty', status, headers })

export const failure = (error: ApiError): Answer => {
  const { status, body } = answerError(error)
  return json(body, { status })
}

/** The outcome of a write without the refusals, which leave the route by the error table. */
export function accepted(outcome: Outcome): Exclude<Outcome, { kind: 'refused' }> {
  if (outcome.kind === 'refused') fail(outcome.refusal, warningHeaders(outcome))
  return outcome
}

/** The core broke its contract; a bug, reported as one. */
export function unexpected(kind: string): never {
  throw new Error(`the core answered with an outcome of kind '${kind}' where this request has no use for one`)
}

/** `{deploymentId, version}` with the plan id header (rest-api, conventions). */
export function deploymentResult(
  outcome: Extract<Outcome, { kind: 'deployed' }>,
  options: { status?: number; headers?: Headers } = {},
): Answer {
  return json(
    { deploymentId: outcome.deploymentId, version: outcome.version },
    { status: options.status ?? 200, headers: { ...planHeader(outcome), ...options.headers } },
  )
}

/** The deployment, and what was odd about the body that asked for it: on every answer to a change. */
export const planHeader = (outcome: {
  readonly deploymentId: string
  readonly warnings?: readonly FieldWarning[]
}): Headers => ({
  'marathon-deployment-id': outcome.deploymentId,
  ...warningHeaders(outcome),
})

/** What a change would do. `steps` as the original answers a dry run (rest-api 4); the rest is more than that. */
export function planResult(outcome: Extract<Outcome, { kind: 'planned' }>): Answer {
  const { steps, changes, conflicts } = outcome
  return json(
    {
      steps: steps.map(({ actions }) => ({ actions: actions.map(shownAction) })),
      changes: changes.map(({ id, kind, action, fields }) => ({ id, kind, action, fields })),
      ...(conflicts.length > 0 && { conflicts: conflicts.map((id) => ({ id })) }),
    },
    { headers: warningHeaders(outcome) },
  )
}

/** For an answer that is not sent: what its content keeps open, such as a file, is closed. */
export function letGo(answer: Answer): void {
  if (answer.kind === 'bytes' && answer.content instanceof Readable) answer.content.destroy()
}

export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.kind !== 'taken') reply.headers(withVary(reply, answer.headers))
  switch (answer.kind) {
    // Bytes, not text: for text the framework would add a charset, which clients of the original do not expect.
    case 'json':
      return reply
        .code(answer.status)
        .type('application/json')
        .send(Buffer.from(JSON.stringify(answer.body)))
    case 'bytes': {
      reply.code(answer.status).type(answer.type)
      return sendContent(reply, typeof answer.content === 'function' ? answer.content() : answer.content)
    }
    case 'empty':
      return reply.code(answer.status).send()
    case 'taken':
      return reply
  }
}

/** What an answer depends on adds to what all answers do (cors.ts). */
function withVary(reply: FastifyReply, headers: Headers): Headers {
  const before = reply.getHeader('vary')
  const { vary } = headers
  return typeof before !== 'string' || vary === undefined
    ? headers
    : { ...headers, vary: `${before}, ${vary}` }
}

function sendContent(reply: FastifyReply, content: Content): FastifyReply {
  if (content instanceof Uint8Array) return reply.send(content)
  // A stream as it is: one that is never read is let go of all the same.
  if (content instanceof Readable) return reply.send(content)
  if (Symbol.asyncIterator in content) return reply.send(Readable.from(content))
  const length = content.reduce((sum, slice) => sum + slice.length, 0)
  if (length <= limits.listSliceBytes) return reply.send(Buffer.concat(content))
  return reply.header('content-length', length).send(readableOf(content))
}

/** A stream of slices that are there: pushed as far as the reader takes them, without a turn in between. */
function readableOf(slices: readonly Uint8Array[]): Readable {
  let at = 0
  return new Readable({
    highWaterMark: limits.listSliceBytes,
    read() {
      while (at < slices.length) if (!this.push(slices[at++])) return
      this.push(null)
    },
  })
}
