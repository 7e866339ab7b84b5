// The calls about apps (rest-api 2).

import * as Type from 'typebox'
import {
  AppAnswer,
  AppInfo,
  AppList,
  AppsBeneath,
  ShownApp,
  VersionList,
} from '../../../spec/schema/answers/app.ts'
import { Plan } from '../../../spec/schema/answers/deployment.ts'
import { ExplanationAnswer } from '../../../spec/schema/answers/explanation.ts'
import { DeploymentResult } from '../../../spec/schema/answers/primitives.ts'
import { TaskAnswer, TaskList } from '../../../spec/schema/answers/task.ts'
import { App, AppUpdate } from '../../../spec/schema/app.ts'
import {
  type AnswerDescription,
  dryRun,
  embed,
  explained,
  force,
  forceByDefault,
  type Operation,
  partialUpdate,
  scale,
  text,
  wipe,
} from '../operation.ts'

const embeds = embed(
  [
    'app.tasks',
    'app.counts',
    'app.deployments',
    'app.readiness',
    'app.lastTaskFailure',
    'app.failures',
    'app.taskStats',
  ],
  'What is shown beside the definition; lists and single apps show some of it anyway. The prefix may be `apps.` or left out',
)

/** The answer to a change: the deployment that carries it out. */
export const deployment: AnswerDescription = {
  description: 'A deployment carries the change out; with `dryRun` its plan',
  schema: Type.Union([DeploymentResult, Plan]),
  headers: ['Marathon-Deployment-Id', 'Marathon-Warnings'],
}

export const created: AnswerDescription = {
  ...deployment,
  headers: ['Location', 'Marathon-Deployment-Id', 'Marathon-Warnings'],
}

/** The answer to a dry run where a change is answered otherwise. */
export const planned: AnswerDescription = {
  description: 'With `dryRun`: the plan',
  schema: Plan,
  headers: ['Marathon-Warnings'],
}

const killed: AnswerDescription = {
  description: 'The tasks as they were; with `scale` the deployment, or with `dryRun` its plan',
  schema: Type.Union([TaskList, DeploymentResult, Plan]),
  headers: ['Marathon-Deployment-Id'],
}

const containerNetworks = text(
  'containerNetworks',
  'For the text form: of tasks on these networks, or `*`, the address in the network is shown',
)

export const appOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v2/apps',
    tag: 'Apps',
    summary: 'All apps',
    parameters: [
      text('id', 'Part of the id, in any case'),
      text('cmd', 'Part of the command, in any case'),
      text('label', 'A label selector: `tier==front,owner`'),
      embeds,
    ],
    answers: { 200: { description: 'The apps', schema: AppList } },
    errors: [422],
  },
  {
    method: 'POST',
    path: '/v2/apps',
    tag: 'Apps',
    summary: 'Run a new app',
    parameters: [force, dryRun],
    body: { schema: App },
    answers: { 200: planned, 201: { ...created, description: 'The app as it was taken', schema: AppInfo } },
    errors: [400, 403, 409, 422],
  },
  {
    method: 'PUT',
    path: '/v2/apps',
    tag: 'Apps',
    summary: 'Change or create several apps in one deployment',
    parameters: [force, dryRun, partialUpdate],
    body: { schema: Type.Array(AppUpdate) },
    answers: { 200: deployment },
    errors: [400, 403, 404, 409, 422],
  },
  {
    method: 'PATCH',
    path: '/v2/apps',
    tag: 'Apps',
    summary: 'Change several apps in one deployment',
    parameters: [force, dryRun],
    body: { schema: Type.Array(AppUpdate) },
    answers: { 200: deployment },
    errors: [400, 403, 404, 409, 422],
  },
  {
    method: 'GET',
    path: '/v2/apps/{id}',
    tag: 'Apps',
    summary: 'An app with its tasks',
    parameters: [embeds],
    answers: { 200: { description: 'The app', schema: AppAnswer } },
    errors: [404],
  },
  {
    method: 'PUT',
    path: '/v2/apps/{id}',
    tag: 'Apps',
    summary: 'Change an app, or create it',
    parameters: [force, dryRun, partialUpdate],
    body: { schema: AppUpdate },
    answers: { 200: deployment, 201: created },
    errors: [400, 403, 404, 409, 422],
  },
  {
    method: 'PATCH',
    path: '/v2/apps/{id}',
    tag: 'Apps',
    summary: 'Change an app',
    parameters: [force, dryRun],
    body: { schema: AppUpdate },
    answers: { 200: deployment },
    errors: [400, 403, 404, 409, 422],
  },
  {
    method: 'DELETE',
    path: '/v2/apps/{id}',
    tag: 'Apps',
    summary: 'Stop an app and forget it',
    parameters: [forceByDefault, dryRun],
    answers: { 200: deployment },
    errors: [403, 404, 409],
  },
  {
    method: 'GET',
    path: '/v2/apps/{id}/*',
    tag: 'Apps',
    summary: 'All apps beneath a group',
    parameters: [embeds],
    answers: { 200: { description: 'The apps', schema: AppsBeneath } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/apps/*',
    tag: 'Apps',
    summary: 'All apps, as those beneath a group are answered',
    parameters: [embeds],
    answers: { 200: { description: 'The apps', schema: AppsBeneath } },
  },
  {
    method: 'POST',
    path: '/v2/apps/{id}/restart',
    tag: 'Apps',
    summary: 'Replace all instances by new ones',
    parameters: [force, dryRun],
    answers: { 200: deployment },
    errors: [403, 404, 409],
  },
  {
    method: 'GET',
    path: '/v2/apps/{id}/explain',
    tag: 'Apps',
    summary: 'Why an app is not (yet) running or well, and what would help',
    answers: {
      200: {
        ...explained,
        description:
          'A tree of causes, as text one sentence to a line; or the app whose own id ends in `explain`',
        schema: Type.Union([ExplanationAnswer, AppAnswer]),
      },
    },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/apps/{id}/versions',
    tag: 'Apps',
    summary: 'The versions of an app',
    answers: { 200: { description: 'Newest first', schema: VersionList } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/apps/{id}/versions/{version}',
    tag: 'Apps',
    summary: 'An app as it was',
    answers: { 200: { description: 'The app', schema: ShownApp } },
    errors: [404, 422],
  },
  {
    method: 'GET',
    path: '/v2/apps/{id}/tasks',
    tag: 'Tasks',
    summary: 'The tasks of an app, or with an id that ends in `/*` of all apps beneath a group',
    parameters: [containerNetworks],
    answers: { 200: { description: 'The tasks', schema: TaskList, text: 'text/plain' } },
    errors: [404],
  },
  {
    method: 'DELETE',
    path: '/v2/apps/{id}/tasks',
    tag: 'Tasks',
    summary: 'Kill tasks of an app',
    parameters: [text('host', 'Only those on this host; `*`: on any'), scale, force, dryRun, wipe],
    answers: { 200: killed },
    errors: [400, 403, 404, 409],
  },
  {
    method: 'DELETE',
    path: '/v2/apps/{id}/tasks/{taskId}',
    tag: 'Tasks',
    summary: 'Kill a task',
    parameters: [scale, force, dryRun, wipe],
    answers: {
      200: {
        description: 'The task as it was; with `scale` the deployment, or with `dryRun` its plan',
        schema: Type.Union([TaskAnswer, DeploymentResult, Plan]),
        headers: ['Marathon-Deployment-Id'],
      },
    },
    errors: [400, 403, 404, 409],
  },
  {
    method: 'GET',
    path: '/v2/tasks',
    tag: 'Tasks',
    summary: 'The tasks of all apps',
    parameters: [
      {
        name: 'status',
        in: 'query',
        description: 'Only those in this state',
        type: 'string',
        values: ['running', 'staging'],
        isRepeatable: true,
      },
      containerNetworks,
    ],
    answers: { 200: { description: 'The tasks', schema: TaskList, text: 'text/plain' } },
  },
  {
    method: 'POST',
    path: '/v2/tasks/delete',
    tag: 'Tasks',
    summary: 'Kill tasks by their ids',
    parameters: [scale, force, dryRun, wipe],
    body: { schema: Type.Object({ ids: Type.Array(Type.String()) }) },
    answers: { 200: killed },
    errors: [400, 403, 409, 422],
  },
  {
    method: 'GET',
    path: '/v2/tasks/{taskId}/logs/{stream}',
    tag: 'Tasks',
    summary: 'What a task wrote to `stdout` or `stderr`',
    parameters: [
      {
        name: 'offset',
        in: 'query',
        description: 'Bytes from the beginning; negative: from the end',
        type: 'integer',
        default: 0,
      },
      { name: 'limit', in: 'query', description: 'At most this many bytes', type: 'integer' },
      {
        name: 'follow',
        in: 'query',
        description: 'Goes on as the task writes, until it has ended',
        type: 'boolean',
        default: false,
      },
    ],
    answers: {
      200: {
        description: 'A piece of the log',
        text: 'text/plain',
        headers: ['Marathon-Log-Start', 'Marathon-Log-End', 'Marathon-Log-Size'],
      },
    },
    errors: [404, 422, 501, 502, 503],
  },
]
