// Every answer a test sees is held against the description of the API: the call has to be in the table of operations,
// and the body has to be what the schema of its status says, with no member more. So neither can drift.

import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import type { Operation } from '../../src/http/openapi/operation.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { ErrorBody } from '../../src/spec/schema/answers/errors.ts'
import { events } from '../../src/spec/schema/answers/events.ts'
import { type JsonSchema, publishedSchema } from '../../src/spec/schema/published.ts'

interface Injected {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly rawPayload: Buffer
}

/** The server, whose `inject` fails on answers that are not as described. */
export function checked(server: FastifyInstance): FastifyInstance {
  const inject = server.inject.bind(server) as (...args: unknown[]) => Promise<Injected>
  server.inject = (async (...args: unknown[]) => {
    const [asked] = args
    const answer = await inject(...args)
    const { method = 'GET', url } = (typeof asked === 'string' ? { url: asked } : asked) as {
      readonly method?: string
      readonly url: string
    }
    const wrong = violations({ method, url }, answer)
    if (wrong.length > 0) {
      throw new Error(
        `${method} ${url} answers ${answer.statusCode} other than described: ${wrong.join('; ')}`,
      )
    }
    return answer
  }) as typeof server.inject
  return server
}

/** What of the answer is not in the description. */
export function violations(
  call: { readonly method: string; readonly url: string },
  answer: Injected,
): string[] {
  const { method, url } = call
  const { statusCode: status, headers, rawPayload } = answer
  const isJson = headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined
  if (['HEAD', 'OPTIONS', 'TRACE'].includes(method) || status === 304) return []
  const operation = operationOf(method, url)
  if (operation?.otherwise !== undefined && operation.answers[status] === undefined) return []
  if (status >= 400 && operation?.answers[status] === undefined) {
    if (isJson) return mismatches(ErrorBody, rawPayload)
    // Long ones may come compressed.
    return headers['content-encoding'] === undefined ? ['an error is no JSON'] : []
  }
  if (operation === undefined) return ['the call is not in the table of operations']
  const described = operation.answers[status]
  if (described === undefined) return ['there is no such status in the table of operations']
  if (!isJson) {
    const isText = described.text !== undefined || described.schema === undefined
    return isText || headers['content-encoding'] !== undefined ? [] : ['it is no JSON']
  }
  if (described.schema === undefined) return described.text === '*/*' ? [] : ['there is a body']
  return mismatches(described.schema, rawPayload)
}

/** What of an event is not in its description. */
export function eventViolations(type: string, body: unknown): string[] {
  const schema = (events as Readonly<Record<string, TSchema>>)[type]
  if (schema === undefined) return [`no event ${type} is described`]
  return mismatches(schema, Buffer.from(JSON.stringify(body))).map((wrong) => `${type}: ${wrong}`)
}

/** The most literal path that fits. */
export function operationOf(method: string, url: string): Operation | undefined {
  const path = decoded(pathAsInjected(url))
  return patterns.find(({ operation, pattern }) => operation.method === method && pattern.test(path))
    ?.operation
}

const patterns = operations
  .map((operation) => ({ operation, pattern: patternOf(operation.path) }))
  .sort((left, right) => literals(right.operation.path) - literals(left.operation.path))

/** Ids contain slashes, other parameters do not, but that files lie in folders. Extra slashes count for nothing. */
function patternOf(path: string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part) => {
      if (part === '{id}') return '[^/].*'
      if (part === '{file}') return '[^]*'
      if (/^\{.*\}$/.test(part)) return '[^/]+'
      return part.replace(/[.*:]/g, '\\$&').replaceAll('/', '/+')
    })
    .join('')
  return new RegExp(`^${source}/*$`)
}

function literals(path: string): number {
  return path.replace(/\{\w+\}/g, '').length
}

/** Of a path with steps up in it, inject makes the one it leads to. */
function pathAsInjected(url: string): string {
  try {
    return new URL(url.startsWith('//') ? `http://x${url}` : url, 'http://x').pathname
  } catch {
    // No URL at all: answered by an error.
    return url.split('?', 1)[0]!
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // Answered by an error, whichever call it was.
    return path
  }
}

function mismatches(schema: TSchema, payload: Buffer): string[] {
  const validate = validatorOf(schema)
  const body: unknown = JSON.parse(payload.toString())
  if (validate(body)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  )
}

const validators = new WeakMap<TSchema, ValidateFunction>()

function validatorOf(schema: TSchema): ValidateFunction {
  const known = validators.get(schema)
  if (known !== undefined) return known
  const definitions: Record<string, JsonSchema> = {}
  const refer = (name: string, named: JsonSchema): string => {
    if (definitions[name] === undefined && named['x-ref'] === undefined) {
      definitions[name] = {}
      definitions[name] = closed(publishedSchema(named as TSchema, { of: 'answer', refer }))
    }
    return `#/$defs/${name}`
  }
  const name = (schema as JsonSchema)['x-name']
  const root =
    typeof name === 'string'
      ? { $ref: refer(name, schema as JsonSchema) }
      : closed(publishedSchema(schema, { of: 'answer', refer }))
  const validate = new Ajv({ strict: false, allErrors: true, formats }).compile({
    ...root,
    $defs: definitions,
  })
  validators.set(schema, validate)
  return validate
}

const formats = {
  int32: true,
  int64: true,
  // Tests name deployments shortly.
  uuid: true,
  // Always in UTC and with milliseconds (rest-api, conventions).
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
} as const

/** Objects have no members but those named; outside, more are allowed, so that answers may grow. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const out = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  if (out['type'] === 'object' && typeof out['properties'] === 'object' && !('additionalProperties' in out)) {
    out['additionalProperties'] = false
  }
  return out as T
}
