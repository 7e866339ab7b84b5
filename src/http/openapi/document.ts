// The API as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), made of the table of calls and of the
// schemas that bodies are read by and answers are checked against. Made when it is first asked for.

import type { TSchema } from 'typebox'
import { ErrorBody } from '../../spec/schema/answers/errors.ts'
import { Event } from '../../spec/schema/answers/events.ts'
import { type JsonSchema, type Publishing, publishedSchema } from '../../spec/schema/published.ts'
import { showsState } from '../event-position.ts'
import type { AnswerDescription, HeaderName, Operation, Parameter } from './operation.ts'
import { tags } from './operation.ts'
import { operations } from './operations.ts'

type Json = Readonly<Record<string, unknown>>

/** `version`: that of the server. */
export function openApiDocument(version: string): Json {
  const components = new Components()
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const item = paths[operation.path] ?? {}
    item[operation.method.toLowerCase()] = describe(operation, components)
    paths[operation.path] = item
  }
  components.refer(Event, 'answer')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Marathon',
      version,
      description:
        'Ids of apps, pods and groups contain slashes; in paths they stand as they are, with or without the first one. ' +
        'Fields of a body that nothing understands are ignored and named in the header Marathon-Warnings.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, { basic: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'Where --http_credentials is given' },
      },
      headers,
      responses: {
        Error: {
          description: 'Why not',
          content: { 'application/json': { schema: components.refer(ErrorBody, 'answer') } },
        },
      },
      schemas: components.all(),
    },
  }
}

/** Schemas with a name, each written out once. */
class Components {
  readonly #schemas = new Map<string, JsonSchema | undefined>()

  refer(schema: TSchema, of: Publishing['of']): JsonSchema {
    const publishing: Publishing = { of, refer: (name, named) => this.#add(name, named, of) }
    const name = (schema as JsonSchema)['x-name']
    return typeof name === 'string'
      ? { $ref: this.#add(name, schema as JsonSchema, of) }
      : publishedSchema(schema, publishing)
  }

  all(): Json {
    return Object.fromEntries([...this.#schemas].sort(([left], [right]) => (left < right ? -1 : 1)))
  }

  #add(shown: string, schema: JsonSchema, of: Publishing['of']): string {
    const name = of === 'body' ? nameOfBody(shown) : shown
    // Where it is only referred to, it is written out by what surrounds it.
    if (!this.#schemas.has(name) && schema['x-ref'] === undefined) {
      this.#schemas.set(name, undefined)
      this.#schemas.set(
        name,
        publishedSchema(schema as TSchema, { of, refer: (inner, named) => this.#add(inner, named, of) }),
      )
    }
    return `#/components/schemas/${name}`
  }
}

/** What users send and what they are shown differ: only of the one fields may be left out. */
const nameOfBody = (name: string): string => (name.endsWith('Update') ? name : `${name}Definition`)

function describe(operation: Operation, components: Components): Json {
  const { body } = operation
  const bodyType = body?.type ?? 'application/json'
  return {
    operationId: operationId(operation),
    tags: [operation.tag],
    summary: operation.summary,
    parameters: [...pathParameters(operation.path), ...(operation.parameters ?? []).map(describeParameter)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isRequired ?? true,
            content: { [bodyType]: { schema: components.refer(body.schema, 'body') } },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [
          status,
          describeAnswer(answer, components, positionOf(operation, status)),
        ]),
      ),
      ...Object.fromEntries(
        (operation.errors ?? []).map((status) => [status, { $ref: '#/components/responses/Error' }]),
      ),
      default:
        operation.otherwise === undefined
          ? { $ref: '#/components/responses/Error' }
          : describeAnswer(operation.otherwise, components),
    },
  }
}

/** `getV2AppsIdVersions`: unlike summaries, it never changes. */
export const operationId = ({ method, path }: Pick<Operation, 'method' | 'path'>): string =>
  method.toLowerCase() +
  path
    .replace('/*', '/all')
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')

const pathParameterWords: Readonly<Record<string, string>> = {
  id: 'An absolute id with its slashes, the first of which may be left out',
  version: 'A time, as 2031-04-02T09:15:20.480Z',
}

const pathParameters = (path: string): readonly Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...(pathParameterWords[name!] === undefined ? {} : { description: pathParameterWords[name!] }),
  }))

function describeParameter(parameter: Parameter): Json {
  const schema = {
    type: parameter.type,
    ...(parameter.values === undefined ? {} : { enum: parameter.values }),
    ...(parameter.default === undefined ? {} : { default: parameter.default }),
  }
  return {
    name: parameter.name,
    in: parameter.in,
    description: parameter.description,
    ...(parameter.isRequired === true ? { required: true } : {}),
    schema: parameter.isRepeatable === true ? { type: 'array', items: schema } : schema,
    ...(parameter.isRepeatable === true ? { style: 'form', explode: true } : {}),
  }
}

const headers: Readonly<Record<HeaderName, Json>> = {
  Location: { description: 'Where to go on', schema: { type: 'string' } },
  'Marathon-Deployment-Id': {
    description: 'The deployment that carries the change out',
    schema: { type: 'string', format: 'uuid' },
  },
  'Marathon-Warnings': {
    description: 'Fields of the body that nothing understands: a list of quoted strings (RFC 8941)',
    schema: { type: 'string' },
  },
  'Marathon-Event-Id': {
    description: 'The event after which /v2/events goes on from this answer without a gap',
    schema: { type: 'integer' },
  },
  'Marathon-Log-Start': { description: 'Byte offset of the first byte', schema: { type: 'integer' } },
  'Marathon-Log-End': { description: 'Where to go on', schema: { type: 'integer' } },
  'Marathon-Log-Size': { description: 'Bytes of the whole log by now', schema: { type: 'integer' } },
}

/** Comes with all that shows what events tell of, so no table lists it. */
const positionOf = ({ method, path }: Operation, status: string): readonly HeaderName[] =>
  status === '200' && showsState(method, path) ? ['Marathon-Event-Id'] : []

function describeAnswer(
  answer: AnswerDescription,
  components: Components,
  more: readonly HeaderName[] = [],
): Json {
  const names = [...(answer.headers ?? []), ...more]
  const content = {
    ...(answer.schema === undefined
      ? {}
      : { 'application/json': { schema: components.refer(answer.schema, 'answer') } }),
    ...(answer.text === undefined ? {} : { [answer.text]: { schema: { type: 'string' } } }),
  }
  return {
    description: answer.description,
    ...(names.length === 0
      ? {}
      : {
          headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
        }),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  }
}
