// The calls about groups (rest-api 4).

import * as Type from 'typebox'
import { AppInfo } from '../../../spec/schema/answers/app.ts'
import { Group } from '../../../spec/schema/answers/group.ts'
import { Time } from '../../../spec/schema/answers/primitives.ts'
import { GroupPatch, GroupUpdate } from '../../../spec/schema/group.ts'
import { dryRun, embed, force, type Operation } from '../operation.ts'
import { created, deployment, planned } from './apps.ts'

const embeds = embed(
  [
    'group.groups',
    'group.apps',
    'group.pods',
    'group.apps.tasks',
    'group.apps.counts',
    'group.apps.deployments',
    'group.apps.readiness',
    'group.apps.lastTaskFailure',
    'group.apps.failures',
    'group.apps.taskStats',
  ],
  'What is shown of the group; without any, its groups, apps and pods',
)

const shown = { 200: { description: 'The group', schema: Group } }
const listed = {
  200: { description: 'The apps, also those of groups within', schema: Type.Array(AppInfo) },
}
const versions = { 200: { description: 'Newest first', schema: Type.Array(Time) } }
const changeErrors = [400, 403, 409, 422]

/** Of the root, which is always there, and of any other group. */
const both = (operations: readonly Operation[]): Operation[] =>
  operations.flatMap((operation) => [
    {
      ...operation,
      path: operation.path.replace('/{id}', ''),
      summary: `${operation.summary}, of the root`,
      errors: (operation.errors ?? []).filter((status) => status !== 404 || isOfVersion(operation)),
    },
    operation,
  ])

const isOfVersion = ({ path }: Operation): boolean => path.endsWith('/{version}')

export const groupOperations: readonly Operation[] = [
  ...both([
    {
      method: 'GET',
      path: '/v2/groups/{id}',
      tag: 'Groups',
      summary: 'A group with what is in it',
      parameters: [embeds],
      answers: shown,
      errors: [404],
    },
    {
      method: 'POST',
      path: '/v2/groups/{id}',
      tag: 'Groups',
      summary: 'Create a group, by the path or by an id in the body relative to it',
      parameters: [force, dryRun],
      body: { schema: GroupUpdate },
      answers: { 200: planned, 201: created },
      errors: changeErrors,
    },
    {
      method: 'PUT',
      path: '/v2/groups/{id}',
      tag: 'Groups',
      summary: 'Change a group and what is in it, scale it, take it back to a version, or create it',
      parameters: [force, dryRun],
      body: { schema: GroupUpdate },
      answers: { 200: deployment },
      errors: changeErrors,
    },
    {
      method: 'DELETE',
      path: '/v2/groups/{id}',
      tag: 'Groups',
      summary: 'Stop everything in a group and forget it',
      parameters: [force, dryRun],
      answers: { 200: deployment },
      errors: [403, 404, 409],
    },
    {
      method: 'GET',
      path: '/v2/groups/{id}/apps',
      tag: 'Groups',
      summary: 'All apps in a group',
      parameters: [embeds],
      answers: listed,
    },
    {
      method: 'GET',
      path: '/v2/groups/{id}/versions',
      tag: 'Groups',
      summary: 'The versions of the root in which there was this group',
      answers: versions,
      errors: [404],
    },
    {
      method: 'GET',
      path: '/v2/groups/{id}/versions/{version}',
      tag: 'Groups',
      summary: 'A group as it was',
      parameters: [embeds],
      answers: shown,
      errors: [404, 422],
    },
  ]),
  {
    method: 'PATCH',
    path: '/v2/groups/{id}',
    tag: 'Groups',
    summary: 'Whether the services in a top-level group must have its role',
    body: { schema: GroupPatch },
    answers: { 200: { description: 'It is so; nothing that runs changes' } },
    errors: [400, 404, 422],
  },
]
