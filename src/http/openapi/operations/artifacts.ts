// The calls about artifacts (rest-api 12).

import * as Type from 'typebox'
import type { Method } from '../../resource.ts'
import type { AnswerDescription, Operation } from '../operation.ts'

const form = {
  type: 'multipart/form-data',
  schema: Type.Object({ file: Type.String({ format: 'binary' }) }),
} as const

const uploaded: { readonly [status: number]: AnswerDescription } = {
  200: { description: 'It replaces what was there' },
  201: { description: 'It is new', headers: ['Location'] },
}

const uploadTo = (method: Method): Operation => ({
  method,
  path: '/v2/artifacts/{file}',
  tag: 'Artifacts',
  summary: 'Store an artifact, from a form or from a body of any other type',
  body: form,
  answers: uploaded,
  errors: [400, 409, 413, 422, 503, 507],
})

export const artifactOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/v2/artifacts',
    tag: 'Artifacts',
    summary: 'Store an artifact under the name of its file',
    body: form,
    answers: uploaded,
    errors: [400, 409, 413, 415, 422, 503, 507],
  },
  {
    method: 'GET',
    path: '/v2/artifacts/{file}',
    tag: 'Artifacts',
    summary: 'An artifact',
    answers: { 200: { description: 'Its bytes, of a type by its name', text: '*/*' } },
    errors: [404, 422],
  },
  uploadTo('PUT'),
  uploadTo('POST'),
  {
    method: 'DELETE',
    path: '/v2/artifacts/{file}',
    tag: 'Artifacts',
    summary: 'Remove an artifact',
    answers: { 200: { description: 'It is not there' } },
    errors: [422],
  },
]
