// Changes of groups as users send them (app-definition 4, rest-api 4). A group has groups in it, each of the same shape:
// `$ref: '#'` stands for the schema as a whole.

import * as Type from 'typebox'
import { App, type AppInput } from './app.ts'
import { PathId, Timestamp } from './primitives.ts'

const GroupUpdateItself = Type.Unsafe<GroupUpdateInput>({ $ref: '#' })

export const GroupUpdate = Type.Object({
  /** Of groups within another group required. */
  id: Type.Optional(PathId),
  apps: Type.Optional(Type.Array(App, { uniqueItems: true })),
  groups: Type.Optional(Type.Array(GroupUpdateItself, { uniqueItems: true })),
  dependencies: Type.Optional(Type.Array(PathId, { uniqueItems: true })),
  scaleBy: Type.Optional(Type.Number({ minimum: 0 })),
  version: Type.Optional(Timestamp),
  enforceRole: Type.Optional(Type.Boolean()),
})

/** PATCH: the one thing about a group that changes without a deployment. */
export const GroupPatch = Type.Object({ enforceRole: Type.Optional(Type.Boolean()) }, { 'x-plain': true })

export interface GroupUpdateInput {
  readonly id?: string
  readonly apps?: readonly AppInput[]
  readonly groups?: readonly GroupUpdateInput[]
  readonly dependencies?: readonly string[]
  readonly scaleBy?: number
  readonly version?: string
  readonly enforceRole?: boolean
}

export type GroupPatchInput = Type.Static<typeof GroupPatch>
