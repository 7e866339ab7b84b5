// What a route gives back: a value, sent in one place. Routes never touch the socket, except those that keep it
// (`taken`).

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Outcome } from '../core/requests.ts'
import type { FieldWarning } from '../spec/field-warnings.ts'
import { type ApiError, answerError, fail } from './errors.ts'
import { warningHeaders } from './warnings.ts'

export type Headers = Readonly<Record<string, string>>

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly headers: Headers; readonly body: unknown }
  /** JSON already in bytes, whole or in slices. */
  | {
      readonly kind: 'json-bytes'
      readonly status: number
      readonly headers: Headers
      readonly bytes: Buffer | AsyncIterable<Buffer>
    }
  | {
      readonly kind: 'text'
      readonly status: number
      readonly type: string
      readonly headers: Headers
      readonly text: string | Uint8Array | AsyncIterable<Uint8Array>
    }
  | { readonly kind: 'empty'; readonly status: number; readonly headers: Headers }
  /** The route keeps the connection and answers by itself. */
  | { readonly kind: 'taken' }

export const json = (body: unknown, options: { status?: number; headers?: Headers } = {}): Answer => ({
  kind: 'json',
  status: options.status ?? 200,
  headers: options.headers ?? {},
  body,
})

export const jsonBytes = (
  bytes: Buffer | AsyncIterable<Buffer>,
  options: { status?: number; headers?: Headers } = {},
): Answer => ({
  kind: 'json-bytes',
  status: options.status ?? 200,
  headers: options.headers ?? {},
  bytes,
})

export const text = (
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: { status?: number; type?: string; headers?: Headers } = {},
): Answer => ({
  kind: 'text',
  status: options.status ?? 200,
  type: options.type ?? 'text/plain',
  headers: options.headers ?? {},
  text: content,
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

export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  switch (answer.kind) {
    // Bytes, not text: for text the framework would add a charset, which clients of the original do not expect.
    case 'json':
      return reply
        .code(answer.status)
        .headers(answer.headers)
        .type('application/json')
        .send(Buffer.from(JSON.stringify(answer.body)))
    case 'json-bytes':
      return reply
        .code(answer.status)
        .headers(answer.headers)
        .type('application/json')
        .send(Buffer.isBuffer(answer.bytes) ? answer.bytes : Readable.from(answer.bytes))
    case 'text':
      return reply
        .code(answer.status)
        .headers(answer.headers)
        .type(answer.type)
        .send(textPayload(answer.text))
    case 'empty':
      return reply.code(answer.status).headers(answer.headers).send()
    case 'taken':
      return reply
  }
}

function textPayload(content: string | Uint8Array | AsyncIterable<Uint8Array>): Buffer | Readable {
  if (typeof content === 'string') return Buffer.from(content)
  return content instanceof Uint8Array ? Buffer.from(content) : Readable.from(content)
}
