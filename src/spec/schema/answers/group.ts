// Groups as answers show them (app-definition 4, examples 3). A group is shown with those of its members that were
// asked for, all of them if nothing was.

import * as Type from 'typebox'
import { AppInfo } from './app.ts'
import { PodStatus } from './pod.ts'
import { AbsoluteId, Time } from './primitives.ts'

const fields = {
  id: AbsoluteId,
  apps: Type.Array(AppInfo),
  pods: Type.Array(PodStatus),
  dependencies: Type.Array(AbsoluteId),
  version: Time,
  enforceRole: Type.Optional(Type.Boolean({ description: 'On top-level groups only' })),
}

export interface Group extends Type.Static<Type.TObject<typeof fields>> {
  readonly groups: readonly Group[]
}

export const Group = Type.Unsafe<Group>(
  Type.Object(
    { ...fields, groups: Type.Array(Type.Unsafe<Group>({ 'x-ref': 'Group' })) },
    { 'x-name': 'Group' },
  ),
)
