// The bodies of events (events-metrics-flags 1.1, examples 8), by type. All of them have `eventType` and `timestamp`.

import * as Type from 'typebox'
import { AppHealthCheck } from '../checks.ts'
import { ShownApp } from './app.ts'
import { DeploymentStep } from './deployment.ts'
import { AbsoluteId, Count, Time } from './primitives.ts'
import { IpAddressOfTask } from './task.ts'

const NullableText = Type.Union([Type.String(), Type.Null()])

const event = <T extends string, P extends Record<string, Type.TSchema>>(type: T, fields: P) =>
  Type.Object({ ...fields, eventType: Type.Literal(type), timestamp: Time })

const plan = Type.Object(
  { id: Type.String({ format: 'uuid' }), steps: Type.Array(DeploymentStep), version: Time },
  { 'x-name': 'DeploymentPlan' },
)

const asked = { clientIp: Type.String(), uri: Type.String() }
const stepped = { plan, currentStep: DeploymentStep }
const ended = { id: Type.String({ format: 'uuid' }), plan }
const canaryPlace = {
  runSpecId: AbsoluteId,
  step: Type.Integer(),
  steps: Type.Integer(),
  /** Of the new version; absent: all. */
  instances: Type.Optional(Type.Integer()),
}
const changed = { groupId: AbsoluteId, version: Time }
const subscription = { clientIp: Type.String(), callbackUrl: Type.String() }
const instance = { instanceId: Type.String(), runSpecId: AbsoluteId }

const outage = { failingInstances: Count, checkedInstances: Count, failingApps: Count }

export const events = {
  api_post_event: event('api_post_event', { ...asked, appDefinition: ShownApp }),
  pod_created_event: event('pod_created_event', asked),
  pod_updated_event: event('pod_updated_event', asked),
  pod_deleted_event: event('pod_deleted_event', asked),
  app_terminated_event: event('app_terminated_event', { appId: AbsoluteId }),
  group_change_success: event('group_change_success', changed),
  group_change_failed: event('group_change_failed', { ...changed, reason: Type.String() }),
  deployment_info: event('deployment_info', stepped),
  deployment_step_success: event('deployment_step_success', stepped),
  deployment_step_failure: event('deployment_step_failure', stepped),
  deployment_success: event('deployment_success', ended),
  deployment_failed: event('deployment_failed', { ...ended, reason: Type.Optional(Type.String()) }),
  deployment_paused: event('deployment_paused', {
    ...ended,
    cause: Type.Enum(['request', 'canary']),
    ...Type.Partial(Type.Object(canaryPlace)).properties,
    until: Type.Optional(Time),
  }),
  deployment_resumed: event('deployment_resumed', ended),
  deployment_promoted: event('deployment_promoted', {
    ...ended,
    cause: Type.Enum(['request', 'pause-over']),
    ...canaryPlace,
  }),
  status_update_event: event('status_update_event', {
    slaveId: Type.String(),
    taskId: Type.String(),
    taskStatus: Type.String(),
    message: Type.String(),
    appId: AbsoluteId,
    host: Type.String(),
    ipAddresses: Type.Array(IpAddressOfTask),
    ports: Type.Array(Type.Integer()),
    version: Time,
  }),
  instance_changed_event: event('instance_changed_event', {
    ...instance,
    condition: Type.String(),
    agentId: NullableText,
    host: NullableText,
    runSpecVersion: Time,
  }),
  instance_health_changed_event: event('instance_health_changed_event', {
    ...instance,
    healthy: Type.Union([Type.Boolean(), Type.Null()]),
    runSpecVersion: Time,
  }),
  add_health_check_event: event('add_health_check_event', {
    appId: AbsoluteId,
    healthCheck: AppHealthCheck,
    version: Time,
  }),
  remove_health_check_event: event('remove_health_check_event', { appId: AbsoluteId }),
  failed_health_check_event: event('failed_health_check_event', {
    appId: AbsoluteId,
    healthCheck: AppHealthCheck,
    taskId: Type.String({ description: 'The id of the instance' }),
  }),
  health_status_changed_event: event('health_status_changed_event', {
    appId: AbsoluteId,
    instanceId: Type.String(),
    version: Time,
    alive: Type.Boolean(),
  }),
  unhealthy_instance_kill_event: event('unhealthy_instance_kill_event', {
    appId: AbsoluteId,
    taskId: Type.String(),
    instanceId: Type.String(),
    version: Time,
    reason: Type.String(),
    host: Type.String(),
    slaveId: Type.Optional(Type.String()),
  }),
  unhealthy_kills_suspended_event: event('unhealthy_kills_suspended_event', outage),
  unhealthy_kills_resumed_event: event('unhealthy_kills_resumed_event', outage),
  unknown_instance_terminated_event: event('unknown_instance_terminated_event', {
    ...instance,
    condition: Type.String(),
  }),
  scheduler_registered_event: event('scheduler_registered_event', {
    frameworkId: Type.String(),
    master: Type.String(),
  }),
  scheduler_reregistered_event: event('scheduler_reregistered_event', { master: Type.String() }),
  scheduler_disconnected_event: event('scheduler_disconnected_event', {}),
  framework_message_event: event('framework_message_event', {
    executorId: Type.String(),
    slaveId: Type.String(),
    message: Type.Array(Type.Integer({ minimum: -128, maximum: 127 }), { description: 'Its bytes' }),
  }),
  event_stream_attached: event('event_stream_attached', { remoteAddress: Type.String() }),
  event_stream_detached: event('event_stream_detached', { remoteAddress: Type.String() }),
  event_gap: event('event_gap', {
    after: Type.Integer(),
    next: Type.Union([Type.Integer(), Type.Null()]),
    reason: Type.Union([Type.Literal('dropped'), Type.Literal('unknown'), Type.Literal('no-log')]),
  }),
  subscribe_event: event('subscribe_event', subscription),
  unsubscribe_event: event('unsubscribe_event', subscription),
}

/** What the calls that subscribe and unsubscribe answer. */
export const SubscriptionEvent = Type.Union([events.subscribe_event, events.unsubscribe_event])

/** Any of them; `eventType` says which. */
export const Event = Type.Union(Object.values(events), { 'x-name': 'Event' })
