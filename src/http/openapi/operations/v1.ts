// The calls of the first releases (rest-api 12.1). Numbers may be given as text.

import * as Type from 'typebox'
import { Failure } from '../../../spec/schema/answers/errors.ts'
import {
  V1AppList,
  V1Endpoint,
  V1EndpointList,
  V1SearchResult,
  V1TaskList,
  V1TasksByApp,
  V1TasksOfApp,
} from '../../../spec/schema/answers/v1.ts'
import { AppV1, ScaleV1, StopV1 } from '../../../spec/schema/app-v1.ts'
import { type AnswerDescription, type Operation, scale, text } from '../operation.ts'

const done: AnswerDescription = { description: 'It is under way' }

export const v1Operations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v1/apps',
    tag: 'V1',
    summary: 'All apps',
    answers: { 200: { description: 'The apps', schema: V1AppList } },
  },
  {
    method: 'POST',
    path: '/v1/apps/start',
    tag: 'V1',
    summary: 'Run a new app',
    body: { schema: AppV1 },
    answers: { 204: { ...done, headers: ['Marathon-Warnings'] } },
    errors: [400, 403, 422],
  },
  {
    method: 'POST',
    path: '/v1/apps/scale',
    tag: 'V1',
    summary: 'Change the number of instances',
    body: { schema: ScaleV1 },
    answers: { 204: done },
    errors: [400, 403, 404, 422],
  },
  {
    method: 'POST',
    path: '/v1/apps/stop',
    tag: 'V1',
    summary: 'Stop an app and forget it',
    body: { schema: StopV1 },
    answers: { 204: done },
    errors: [400, 403, 422],
  },
  {
    method: 'GET',
    path: '/v1/apps/search',
    tag: 'V1',
    summary: 'Apps by a part of their id or command',
    parameters: [text('id', 'Part of the id, in any case'), text('cmd', 'Part of the command, in any case')],
    answers: { 200: { description: 'The apps', schema: V1SearchResult } },
  },
  {
    method: 'GET',
    path: '/v1/apps/{id}/tasks',
    tag: 'V1',
    summary: 'The tasks of an app',
    answers: { 200: { description: 'By its id', schema: V1TasksOfApp } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v1/endpoints',
    tag: 'V1',
    summary: 'Where apps answer',
    answers: { 200: { description: 'For load balancers', schema: V1EndpointList, text: 'text/plain' } },
  },
  {
    method: 'GET',
    path: '/v1/endpoints/{id}',
    tag: 'V1',
    summary: 'Where an app answers',
    answers: {
      200: { description: 'For load balancers', schema: V1Endpoint, text: 'text/plain' },
      404: { description: 'There is no such app', schema: Failure, text: 'text/plain' },
    },
  },
  {
    method: 'GET',
    path: '/v1/tasks',
    tag: 'V1',
    summary: 'All tasks',
    answers: { 200: { description: 'By app', schema: V1TasksByApp } },
  },
  {
    method: 'POST',
    path: '/v1/tasks/kill',
    tag: 'V1',
    summary: 'Kill tasks',
    parameters: [
      { ...text('appId', 'The app'), isRequired: true },
      text('host', 'Those on this host; `*`: all'),
      text('id', 'The one with this id'),
      scale,
    ],
    answers: { 200: { description: 'The tasks as they were', schema: V1TaskList } },
    errors: [403, 404],
  },
  {
    method: 'GET',
    path: '/v1/debug/isLeader',
    tag: 'V1',
    summary: 'Whether this server leads',
    answers: { 200: { description: 'true or false', schema: Type.Boolean() } },
  },
  {
    method: 'GET',
    path: '/v1/debug/leaderUrl',
    tag: 'V1',
    summary: 'Which server leads',
    answers: { 200: { description: '`host:port`', text: 'text/plain' } },
  },
]
