// The one error table: every way a request can fail, its status and its message. Bodies are those clients of Marathon
// know (rest-api 1.4); docs/reference/errors.md shows the same rows, and a test keeps the two equal.

import { describeRefusal } from '../core/requests/describe-refusal.ts'
import type { Refusal } from '../core/requests.ts'
import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import { noArtifactStore } from '../spec/validate/phrases.ts'

/** What can go wrong before or beside the core. */
export type HttpError =
  | { readonly kind: 'bad-request'; readonly message: string }
  | { readonly kind: 'bad-url'; readonly path: string }
  | { readonly kind: 'json-syntax'; readonly details: string }
  | { readonly kind: 'body-missing'; readonly details: string }
  | { readonly kind: 'body-too-large'; readonly limit: number }
  | { readonly kind: 'path-too-long'; readonly limit: number }
  | { readonly kind: 'invalid-argument'; readonly message: string }
  | { readonly kind: 'no-route'; readonly path: string }
  | { readonly kind: 'method-not-allowed' }
  | { readonly kind: 'unsupported-media-type' }
  | { readonly kind: 'not-acceptable' }
  | { readonly kind: 'other-entity-tag'; readonly tag: string }
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'cross-origin-write'; readonly origin: string }
  | { readonly kind: 'too-many-requests'; readonly limit: number }
  | { readonly kind: 'bad-event-id'; readonly given: string }
  | { readonly kind: 'too-many-streams'; readonly what: string; readonly limit: number }
  /** The core could not take the request: too much waits, or the server stops. */
  | { readonly kind: 'not-taken'; readonly message: string }
  | { readonly kind: 'server-error' }
  | { readonly kind: 'not-in-engine'; readonly engine: string; readonly what: string }
  | { readonly kind: 'app-unknown'; readonly id: PathId }
  | { readonly kind: 'no-such-pod'; readonly id: PathId }
  | { readonly kind: 'version-unknown'; readonly id: PathId; readonly version: Version }
  | { readonly kind: 'group-unknown'; readonly id: PathId }
  | { readonly kind: 'agent-unknown'; readonly id: string }
  | { readonly kind: 'no-output'; readonly taskId: string; readonly stream: string }
  | { readonly kind: 'no-such-stream'; readonly stream: string }
  | { readonly kind: 'unreadable-output'; readonly stream: string; readonly reason: string }
  | { readonly kind: 'no-tasks-matched' }
  | { readonly kind: 'no-leader' }
  | { readonly kind: 'plugin-unknown'; readonly id: string }
  | { readonly kind: 'plugin-failed'; readonly id: string }
  | { readonly kind: 'plugin-late'; readonly id: string; readonly limit: number }
  | { readonly kind: 'request-timeout' }
  | { readonly kind: 'head-too-large' }
  | { readonly kind: 'prometheus-off' }
  | { readonly kind: 'artifacts-off' }
  | { readonly kind: 'artifact-unknown'; readonly path: string }
  | { readonly kind: 'artifact-missing' }
  | { readonly kind: 'artifact-path'; readonly path: string; readonly reason: string }
  | { readonly kind: 'artifact-conflict'; readonly path: string; readonly reason: string }
  | { readonly kind: 'artifacts-full' }

export type ApiError = Refusal | HttpError

export interface ErrorAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

interface Row<E> {
  readonly status: number
  /** `{name}` stands for the field of that name. */
  readonly message: string
  /** Members of the body after `message`. */
  readonly more?: (error: E) => Readonly<Record<string, unknown>>
}

interface RefusalRow<E> extends Omit<Row<E>, 'message'> {
  /**
   * A refusal whose fields are their own names in braces: what the core says of it is the message shown in the docs.
   */
  readonly example: E
}

type HttpTable = { readonly [K in HttpError['kind']]: Row<Extract<HttpError, { kind: K }>> }
type RefusalTable = { readonly [K in Refusal['kind']]: RefusalRow<Extract<Refusal, { kind: K }>> }

/** Answers given by a reading resource carry an empty list of details, those raised by a write do not. */
const noDetails = () => ({ details: [] })
/** For numbers in examples. */
const numberNamed = (name: string) => `{${name}}` as unknown as number

/** What the core refuses. Its sentences are core/requests/describe-refusal's. */
export const refusalTable: RefusalTable = {
  'bad-task-id': { status: 400, example: { kind: 'bad-task-id', taskId: '{taskId}', reason: '{reason}' } },
  'too-many-deployments': {
    status: 403,
    example: { kind: 'too-many-deployments', limit: numberNamed('limit') },
  },
  'app-not-found': { status: 404, example: { kind: 'app-not-found', id: '{id}' } },
  'path-not-found': { status: 404, example: { kind: 'path-not-found', id: '{id}' } },
  'task-not-found': {
    status: 404,
    example: { kind: 'task-not-found', taskId: '{taskId}' },
    more: noDetails,
  },
  'deployment-not-found': {
    status: 404,
    example: { kind: 'deployment-not-found', id: '{id}' },
    more: noDetails,
  },
  'cannot-steer': { status: 409, example: { kind: 'cannot-steer', id: '{id}', why: 'is-not-paused' } },
  'not-in-queue': { status: 404, example: { kind: 'not-in-queue', id: '{id}' }, more: noDetails },
  'group-not-found': { status: 404, example: { kind: 'group-not-found', id: '{id}' } },
  'app-exists': { status: 409, example: { kind: 'app-exists', id: '{id}' } },
  'pod-not-found': { status: 404, example: { kind: 'pod-not-found', id: '{id}' }, more: noDetails },
  'pod-exists': { status: 409, example: { kind: 'pod-exists', id: '{id}' } },
  'id-mismatch': { status: 400, example: { kind: 'id-mismatch', id: '{id}', given: '{given}' } },
  'group-exists': { status: 409, example: { kind: 'group-exists', id: '{id}', as: 'group' } },
  'callbacks-off': { status: 400, example: { kind: 'callbacks-off' } },
  'too-many-subscriptions': {
    status: 403,
    example: { kind: 'too-many-subscriptions', limit: numberNamed('limit') },
  },
  locked: {
    status: 409,
    example: { kind: 'locked', deployments: [] },
    more: (error) => ({ deployments: error.deployments.map((id) => ({ id })) }),
  },
  'precondition-failed': {
    status: 412,
    example: { kind: 'precondition-failed', id: '{id}', version: '{version}' },
    more: ({ version }) => (version === undefined ? {} : { version }),
  },
  'invalid-json-shape': {
    status: 422,
    example: { kind: 'invalid-json-shape', issues: [] },
    more: (error) => ({ details: error.issues }),
  },
  'invalid-object': {
    status: 422,
    example: { kind: 'invalid-object', issues: [] },
    more: (error) => ({ details: error.issues }),
  },
  unprocessable: { status: 422, example: { kind: 'unprocessable', message: '{message}' } },
  'ports-exhausted': {
    status: 422,
    example: { kind: 'ports-exhausted', min: numberNamed('min'), max: numberNamed('max') },
  },
  'validator-failed': {
    status: 500,
    example: { kind: 'validator-failed', plugin: '{plugin}', reason: '{reason}' },
  },
  internal: { status: 500, example: { kind: 'internal', message: '{message}' } },
}

/** What fails on the way to the core or beside it. */
export const httpTable: HttpTable = {
  'bad-request': { status: 400, message: '{message}' },
  'bad-url': { status: 400, message: 'The path is not a valid URL path: {path}' },
  'bad-event-id': {
    status: 400,
    message: "Last-Event-ID is '{given}'; expected the number of an event, such as 1234.",
  },
  'json-syntax': { status: 400, message: 'Invalid JSON', more: (error) => ({ details: error.details }) },
  'body-missing': {
    status: 400,
    message: 'Please specify data in JSON format',
    more: (error) => ({ details: error.details }),
  },
  unauthenticated: { status: 401, message: 'Unauthorized' },
  'cross-origin-write': {
    status: 403,
    message:
      'A page from {origin} may not change anything here. Name the origin in --access_control_allow_origin if it should.',
  },
  'app-unknown': { status: 404, message: "App '{id}' does not exist", more: noDetails },
  // The original's message is itself JSON, and clients look into it.
  'no-such-pod': { status: 404, message: '{"message": "pod with {id} does not exist"}', more: noDetails },
  'version-unknown': {
    status: 404,
    message: "App '{id}' does not exist in version {version}",
    more: noDetails,
  },
  'group-unknown': { status: 404, message: "Group '{id}' does not exist", more: noDetails },
  'agent-unknown': { status: 404, message: "Agent '{id}' does not exist", more: noDetails },
  'no-output': {
    status: 404,
    message:
      "Task '{taskId}' has no {stream} here: it has not started yet, or its sandbox has been removed since it ended.",
    more: noDetails,
  },
  'no-such-stream': {
    status: 404,
    message: "A task has no stream '{stream}', expected stdout or stderr.",
    more: noDetails,
  },
  'no-tasks-matched': { status: 404, message: 'No tasks matched your filters' },
  'no-leader': { status: 404, message: 'There is no leader', more: noDetails },
  'plugin-unknown': { status: 404, message: 'No plugin with this pluginId: {id}', more: noDetails },
  'prometheus-off': { status: 404, message: 'Prometheus reporter is disabled', more: noDetails },
  'artifact-unknown': { status: 404, message: 'No artifact with path {path}' },
  'no-route': { status: 404, message: 'URI not found: {path}' },
  'method-not-allowed': { status: 405, message: 'Method Not Allowed' },
  'not-acceptable': { status: 406, message: 'Not Acceptable' },
  'other-entity-tag': {
    status: 412,
    message: 'If-Match does not name the entity tag of this answer, {tag}.',
  },
  'request-timeout': { status: 408, message: 'The request came too slowly to wait for its end.' },
  'artifact-conflict': { status: 409, message: "'{path}' cannot be an artifact: {reason}." },
  'body-too-large': { status: 413, message: 'The request body is larger than {limit} bytes.' },
  'path-too-long': { status: 414, message: 'The path is longer than {limit} bytes.' },
  'unsupported-media-type': { status: 415, message: 'Unsupported Media Type' },
  'head-too-large': { status: 431, message: 'The head of the request is too large.' },
  'invalid-argument': { status: 422, message: '{message}' },
  'artifacts-off': { status: 422, message: noArtifactStore },
  'artifact-missing': {
    status: 422,
    message: "requirement failed: Please use 'file' as form parameter name!",
  },
  'artifact-path': { status: 422, message: "'{path}' is no path of an artifact: {reason}." },
  'server-error': {
    status: 500,
    message: 'The server failed to carry out this request; its log has the reason.',
  },
  'plugin-failed': { status: 500, message: "The plugin '{id}' failed; the server's log has the reason." },
  'not-in-engine': { status: 501, message: "The engine '{engine}' does not offer {what}." },
  'unreadable-output': { status: 502, message: 'The {stream} of the task cannot be read: {reason}.' },
  'plugin-late': { status: 503, message: "The plugin '{id}' has not answered within {limit} ms." },
  'too-many-requests': { status: 503, message: 'Too many concurrent requests! Allowed: {limit}.' },
  'too-many-streams': { status: 503, message: 'Too many {what} are open. Allowed: {limit}.' },
  'artifacts-full': { status: 507, message: 'The disk of the artifact store is full.' },
  'not-taken': { status: 503, message: '{message}' },
}

export function answerError(error: ApiError): ErrorAnswer {
  if (isRefusal(error)) {
    const row = refusalTable[error.kind] as RefusalRow<Refusal>
    return { status: row.status, body: { message: describeRefusal(error), ...row.more?.(error) } }
  }
  const row = httpTable[error.kind] as Row<HttpError>
  const fields = error as unknown as Readonly<Record<string, unknown>>
  const message = row.message.replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name]))
  return { status: row.status, body: { message, ...row.more?.(error) } }
}

const isRefusal = (error: ApiError): error is Refusal => Object.hasOwn(refusalTable, error.kind)

/** Thrown by a route to leave it with an error of the table; caught in one place, the server's error handler. */
export class ApiException extends Error {
  override readonly name = 'ApiException'
  readonly error: ApiError
  readonly headers: Readonly<Record<string, string>>

  constructor(error: ApiError, headers: Readonly<Record<string, string>>) {
    super(`${error.kind}: ${answerError(error).body['message']}`)
    this.error = error
    this.headers = headers
  }
}

/** Leaves the route with this error. */
export function fail(error: ApiError, headers: Readonly<Record<string, string>> = {}): never {
  throw new ApiException(error, headers)
}
