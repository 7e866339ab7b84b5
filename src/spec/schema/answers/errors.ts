// What a refused or failed request is told (rest-api 1.4).

import * as Type from 'typebox'
import { V1Violations } from './v1.ts'

const Details = Type.Union([
  Type.Array(Type.Object({ path: Type.String(), errors: Type.Array(Type.String()) }), {
    description: 'What is wrong where',
  }),
  Type.String({ description: 'What is wrong with the JSON' }),
])

export const Failure = Type.Object(
  {
    message: Type.String(),
    details: Type.Optional(Details),
    version: Type.Optional(Type.String({ description: 'The version in force, where another was expected' })),
    deployments: Type.Optional(
      Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }), {
        description: 'Those that are in the way',
      }),
    ),
  },
  { 'x-name': 'Failure' },
)

export const ErrorBody = Type.Union([Failure, V1Violations], { 'x-name': 'Error' })
