// /v2/schemas (rest-api 12), and the OpenAPI document beneath /public/api: what definitions look like, and the API.
// Both are made from the schemas that bodies are read by, when they are first asked for.

import type { FastifyInstance } from 'fastify'
import { App } from '../../spec/schema/app.ts'
import { GroupUpdate } from '../../spec/schema/group.ts'
import { Pod } from '../../spec/schema/pod.ts'
import { type JsonSchema, publishedSchema } from '../../spec/schema/published.ts'
import { empty, json, jsonBytes } from '../answer.ts'
import { type Endpoints, mount } from '../resource.ts'
import type { Api } from './api.ts'

const dialect = 'https://json-schema.org/draft/2020-12/schema'

const schemas = {
  app: { title: 'App', schema: App },
  pod: { title: 'Pod', schema: Pod },
  group: { title: 'Group', schema: GroupUpdate },
} as const

export function mountSchemas(server: FastifyInstance, api: Api): void {
  const whenOn = (endpoints: Endpoints | undefined) => (api.options.schemas ? endpoints : undefined)
  mount(server, '/v2/schemas', () => whenOn(list))
  mount(server, '/v2/schemas/*', (rest) => whenOn(rest === '' ? list : one(rest)))
  // So it was called in the documentation of that time.
  mount(server, '/v2/schema/*', (rest) => whenOn(one(rest)))
  mount(server, '/public/api', () => ({
    GET: { produces: 'any', handle: () => empty(302, { location: documentPath }) },
  }))
  let document: Promise<Buffer> | undefined
  mount(server, documentPath, () => ({
    GET: {
      handle: async () => {
        document ??= makeDocument(api.info.version)
        return jsonBytes(await document)
      },
    },
  }))
}

export const documentPath = '/public/api/v2/openapi.json'

const list: Endpoints = {
  GET: {
    handle: () =>
      json({ schemas: Object.keys(schemas).map((name) => ({ name, path: `/v2/schemas/${name}` })) }),
  },
}

function one(name: string): Endpoints | undefined {
  if (!Object.hasOwn(schemas, name)) return undefined
  const { title, schema } = schemas[name as keyof typeof schemas]
  const published: JsonSchema = { $schema: dialect, title, ...publishedSchema(schema) }
  return { GET: { handle: () => json(published) } }
}

async function makeDocument(version: string): Promise<Buffer> {
  // A server nobody asks for it does not load what it is made of.
  const { openApiDocument } = await import('../openapi/document.ts')
  return Buffer.from(JSON.stringify(openApiDocument(version)))
}
