// Changes of groups as users send them (app-definition 4, rest-api 4). A group has groups in it, each of the same
// shape: `x-ref` stands for the schema of that name (answers/primitives.ts), here the one it lies in.

import * as Type from 'typebox'
import { App, type AppInput } from './app.ts'
import { PathId, Timestamp } from './primitives.ts'

const GroupUpdateItself = Type.Unsafe<GroupUpdateInput>({ 'x-ref': 'GroupUpdate' })

export const GroupUpdate = Type.Object(
  {
    /** Of groups within another group required. */
    id: Type.Optional(PathId),
    apps: Type.Optional(Type.Array(App, { uniqueItems: true })),
    groups: Type.Optional(Type.Array(GroupUpdateItself, { uniqueItems: true })),
    dependencies: Type.Optional(Type.Array(PathId, { uniqueItems: true })),
    scaleBy: Type.Optional(Type.Number({ minimum: 0 })),
    version: Type.Optional(Timestamp),
    enforceRole: Type.Optional(Type.Boolean()),
  },
  { 'x-name': 'GroupUpdate' },
)

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
