// The calls about what is under way, the machines and the server itself (rest-api 6 to 10).

import * as Type from 'typebox'
import { Deployment, DeploymentList, Queue } from '../../../spec/schema/answers/deployment.ts'
import { events, SubscriptionEvent } from '../../../spec/schema/answers/events.ts'
import { DeploymentResult, Facts, Message } from '../../../spec/schema/answers/primitives.ts'
import {
  AgentAnswer,
  AgentList,
  EventSubscriptions,
  Info,
  Leader,
  LoggerLevel,
  LoggerLevels,
  Metrics,
  Plugins,
} from '../../../spec/schema/answers/server.ts'
import {
  type AnswerDescription,
  embed,
  explained,
  flag,
  force,
  type Operation,
  type Parameter,
  text,
} from '../operation.ts'

const agent: AnswerDescription = { description: 'The agent as it is now', schema: AgentAnswer }

const callbackUrl: Parameter = {
  ...text('callbackUrl', 'Where events are posted'),
  isRequired: true,
}

/** Status, headers and body are the plugin's own; 404, 500 and 503 may also be ours. */
const ofPlugin: Pick<Operation, 'path' | 'tag' | 'summary' | 'answers' | 'otherwise'> = {
  path: '/v2/plugins/{pluginId}/{file}',
  tag: 'Server',
  summary: 'What a plugin answers by itself',
  answers: { 200: { description: 'Whatever it is', text: '*/*' } },
  otherwise: {
    description:
      'Whatever it is; 401 when it sets no status, 404 when there is no such plugin, 500 and 503 when it fails',
    text: '*/*',
  },
}

export const serverOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/v2/deployments',
    tag: 'Deployments',
    summary: 'What is being changed, and what it waits for',
    parameters: [embed(['waitingOn'], 'What to add to each: why it is not done yet')],
    answers: { 200: { description: 'In the order in which they began', schema: DeploymentList } },
  },
  {
    method: 'GET',
    path: '/v2/deployments/{deploymentId}/explain',
    tag: 'Deployments',
    summary: 'Why a deployment is not done yet',
    answers: { 200: explained },
    errors: [404],
  },
  {
    method: 'DELETE',
    path: '/v2/deployments/{deploymentId}',
    tag: 'Deployments',
    summary: 'Take the changes of a deployment back, or with `force` leave things as they are',
    parameters: [force],
    answers: {
      200: {
        description: 'A deployment takes the changes back',
        schema: DeploymentResult,
        headers: ['Marathon-Deployment-Id'],
      },
      202: { description: 'It is cancelled' },
    },
    errors: [404],
  },
  {
    method: 'POST',
    path: '/v2/deployments/{deploymentId}/pause',
    tag: 'Deployments',
    summary: 'Start and stop nothing more, until it is resumed',
    answers: { 200: { description: 'As it is now', schema: Deployment } },
    errors: [404, 409],
  },
  {
    method: 'POST',
    path: '/v2/deployments/{deploymentId}/resume',
    tag: 'Deployments',
    summary: 'Go on with what was paused',
    answers: { 200: { description: 'As it is now', schema: Deployment } },
    errors: [404, 409],
  },
  {
    method: 'POST',
    path: '/v2/deployments/{deploymentId}/promote',
    tag: 'Deployments',
    summary: 'Leave a canary step for the next one',
    parameters: [flag('all', 'To the end, through all canary steps', false)],
    answers: { 200: { description: 'As it is now', schema: Deployment } },
    errors: [404, 409],
  },
  {
    method: 'GET',
    path: '/v2/queue',
    tag: 'Queue',
    summary: 'What waits to be launched',
    parameters: [embed(['lastUnusedOffers'], 'Shows the last offers that were not used as well')],
    answers: { 200: { description: 'One item for each app or pod and role', schema: Queue } },
  },
  {
    method: 'DELETE',
    path: '/v2/queue/{id}/delay',
    tag: 'Queue',
    summary: 'Launch without waiting for the delay after failures to end',
    answers: { 204: { description: 'It is launched as soon as there is an offer' } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/v2/agents',
    tag: 'Agents',
    summary: 'The agents of the engine',
    answers: { 200: { description: 'The agents', schema: AgentList } },
    errors: [501],
  },
  {
    method: 'GET',
    path: '/v2/agents/{agentId}',
    tag: 'Agents',
    summary: 'An agent',
    answers: { 200: agent },
    errors: [404, 501],
  },
  {
    method: 'POST',
    path: '/v2/agents/{agentId}/unplug',
    tag: 'Agents',
    summary: 'Its tasks die at once, as if someone tripped over the cord',
    answers: { 200: agent },
    errors: [404, 501],
  },
  {
    method: 'POST',
    path: '/v2/agents/{agentId}/plug',
    tag: 'Agents',
    summary: 'It offers its resources again',
    answers: { 200: agent },
    errors: [404, 501],
  },
  {
    method: 'GET',
    path: '/v2/events',
    tag: 'Events',
    summary: 'Events from now on, or from where the client left off',
    parameters: [
      {
        name: 'event_type',
        in: 'query',
        description: 'Only events of this type',
        type: 'string',
        isRepeatable: true,
        values: Object.keys(events),
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The id of the last event the client has: it gets all that follow',
        type: 'integer',
      },
      {
        name: 'last_event_id',
        in: 'query',
        description: 'The same, for those who cannot send the header',
        type: 'integer',
      },
    ],
    answers: {
      200: {
        description: 'Frames of `id:`, `event:` and `data:` lines; the data is an Event',
        text: 'text/event-stream',
      },
    },
    errors: [400, 405, 503],
  },
  {
    method: 'GET',
    path: '/v2/eventSubscriptions',
    tag: 'Events',
    summary: 'Where events are posted',
    answers: { 200: { description: 'The URLs', schema: EventSubscriptions } },
    errors: [400],
  },
  {
    method: 'POST',
    path: '/v2/eventSubscriptions',
    tag: 'Events',
    summary: 'Post events there from now on',
    parameters: [callbackUrl],
    answers: { 200: { description: 'The event that listeners are told', schema: SubscriptionEvent } },
    errors: [400, 403, 422],
  },
  {
    method: 'DELETE',
    path: '/v2/eventSubscriptions',
    tag: 'Events',
    summary: 'Post events there no longer',
    parameters: [callbackUrl],
    answers: { 200: { description: 'The event that listeners are told', schema: SubscriptionEvent } },
    errors: [400, 422],
  },
  {
    method: 'GET',
    path: '/v2/info',
    tag: 'Server',
    summary: 'Version and configuration',
    parameters: [embed(['isolation'], 'What to add: how tasks are kept apart')],
    answers: { 200: { description: 'What is not set is null', schema: Info } },
  },
  {
    method: 'GET',
    path: '/v2/leader',
    tag: 'Server',
    summary: 'Which server leads',
    answers: { 200: { description: 'Its address', schema: Leader } },
    errors: [404],
  },
  {
    method: 'DELETE',
    path: '/v2/leader',
    tag: 'Server',
    summary: 'Give the leadership up',
    parameters: [
      text('backup', 'Where the next leader shall write a backup; refused in this version'),
      text('restore', 'What the next leader shall restore; refused in this version'),
    ],
    answers: { 200: { description: 'It ends', schema: Message } },
    errors: [404, 422],
  },
  {
    method: 'GET',
    path: '/v2/plugins',
    tag: 'Server',
    summary: 'The plugins that are loaded',
    answers: { 200: { description: 'The plugins', schema: Plugins } },
  },
  { ...ofPlugin, method: 'GET' },
  { ...ofPlugin, method: 'PUT' },
  { ...ofPlugin, method: 'POST' },
  { ...ofPlugin, method: 'DELETE' },
  {
    method: 'GET',
    path: '/ping',
    tag: 'Server',
    summary: 'Whether it is there',
    answers: {
      200: { description: 'pong', schema: Type.Literal('pong'), text: 'text/plain' },
      204: { description: 'It is there, but cannot say so in a form that is accepted' },
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    tag: 'Server',
    summary: 'Metrics in the form of Dropwizard',
    answers: { 200: { description: 'The metrics', schema: Metrics } },
  },
  {
    method: 'GET',
    path: '/metrics/prometheus',
    tag: 'Server',
    summary: 'Metrics for Prometheus',
    answers: { 200: { description: 'The metrics', text: 'text/plain' } },
    errors: [404],
  },
  {
    method: 'GET',
    path: '/config',
    tag: 'Server',
    summary: 'The configuration as it was given',
    answers: { 200: { description: 'By flag', schema: Facts } },
  },
  {
    method: 'GET',
    path: '/logging',
    tag: 'Server',
    summary: 'How much each part of the server logs',
    answers: { 200: { description: '`INFO`, or `INFO (inherited)`', schema: LoggerLevels } },
  },
  {
    method: 'POST',
    path: '/logging',
    tag: 'Server',
    summary: 'Change how much a part of the server logs',
    body: { schema: LoggerLevel },
    answers: { 200: { description: 'What was asked for', schema: LoggerLevel } },
    errors: [400, 422],
  },
]
