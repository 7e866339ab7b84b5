// What the calls about schemas answer (rest-api 12).

import * as Type from 'typebox'

export const SchemaList = Type.Object(
  { schemas: Type.Array(Type.Object({ name: Type.String(), path: Type.String() })) },
  { 'x-name': 'SchemaList' },
)
