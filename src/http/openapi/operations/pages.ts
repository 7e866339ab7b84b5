// Files for browsers (rest-api 10), and what describes the API itself.

import { Facts } from '../../../spec/schema/answers/primitives.ts'
import { SchemaList } from '../../../spec/schema/answers/schemas.ts'
import type { AnswerDescription, Operation } from '../operation.ts'

const elsewhere: AnswerDescription = { description: 'It is elsewhere', headers: ['Location'] }
const file: AnswerDescription = { description: 'The file', text: '*/*' }
const schema: AnswerDescription = { description: 'JSON Schema', schema: Facts }

const page = (path: string, summary: string, answers: Operation['answers']): Operation => ({
  method: 'GET',
  path,
  tag: 'Pages',
  summary,
  answers,
  // What leads elsewhere does so whether there are files or not.
  errors: answers[200] === undefined ? [] : [404],
})

export const pageOperations: readonly Operation[] = [
  page('/', 'Leads to the web UI', { 302: elsewhere }),
  page('/help', 'Leads to the API console', { 302: elsewhere }),
  page('/ui', 'Leads to the web UI', { 302: elsewhere }),
  page('/ui/{file}', 'The web UI', { 200: file, 302: elsewhere }),
  page('/api-console', 'Leads to the API console', { 302: elsewhere }),
  page('/api-console/{file}', 'The API console', { 200: file, 302: elsewhere }),
  page('/public/{file}', 'Files for browsers', { 200: file }),
  page('/public/api', 'Leads to the description of the API', { 302: elsewhere }),
  {
    method: 'GET',
    path: '/public/api/v2/openapi.json',
    tag: 'Schemas',
    summary: 'The description of the API: this document',
    answers: { 200: { description: 'OpenAPI 3.1', schema: Facts } },
  },
  {
    method: 'GET',
    path: '/v2/schemas',
    tag: 'Schemas',
    summary: 'What there are schemas of',
    answers: { 200: { description: 'Their paths', schema: SchemaList } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/schemas/{name}',
    tag: 'Schemas',
    summary: 'The schema of an app, a pod or a group, as it is sent here',
    answers: { 200: schema },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/schema/{name}',
    tag: 'Schemas',
    summary: 'The same',
    answers: { 200: schema },
    errors: [404],
  },
]
