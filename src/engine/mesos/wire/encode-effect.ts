// What the core wants of the engine, as calls to the master. Nothing is decided here: an effect is one call, or none
// where there is nothing the master could be told.

import type { Operation } from '../../../core/mesos.ts'
import type { EngineEffect } from '../../../core/ready.ts'
import type { Writable } from '../../../lib/writable.ts'
import type { Call, Id, InverseAnswer, WireOperation } from './calls.ts'
import { type CurrentRegistration, encodeRegistration, type Framework } from './registration.ts'
import { encodeResources } from './resource.ts'
import { encodeExecutor, encodeTask } from './task.ts'
import { inSeconds, nanoseconds } from './times.ts'

export interface CallContext {
  readonly framework: Framework
  /** As it is before the effect. */
  readonly registration: CurrentRegistration & { readonly frameworkId: string }
}

type UpdateFramework = Extract<EngineEffect, { kind: 'update-framework' }>

/**
 * The call for an effect. Undefined for an acknowledgement of a status without agent: the master would refuse it, and
 * what it makes itself needs none. UPDATE_FRAMEWORK is for masters since `sinceVersion.updateFramework`.
 */
export function encodeEffect(effect: EngineEffect, context: CallContext): Call | undefined {
  const { frameworkId } = context.registration
  const framework_id = { value: frameworkId }
  switch (effect.kind) {
    case 'accept':
      return {
        framework_id,
        type: 'ACCEPT',
        accept: {
          offer_ids: ids(effect.offerIds),
          operations: effect.operations.map((operation) => encodeOperation(operation, frameworkId)),
          // What is left over is offered again at once (runtime 5).
          filters: { refuse_seconds: 0 },
        },
      }
    case 'decline':
      return {
        framework_id,
        type: 'DECLINE',
        decline: {
          offer_ids: ids(effect.offerIds),
          filters: { refuse_seconds: inSeconds(effect.refuseFor) },
        },
      }
    case 'kill':
      return { framework_id, type: 'KILL', kill: encodeKill(effect) }
    case 'acknowledge': {
      const { agentId, taskId, uuid } = effect
      if (agentId === undefined) return undefined
      return {
        framework_id,
        type: 'ACKNOWLEDGE',
        acknowledge: { agent_id: { value: agentId }, task_id: { value: taskId }, uuid },
      }
    }
    case 'reconcile':
      return { framework_id, type: 'RECONCILE', reconcile: { tasks: effect.tasks.map(encodeReconciled) } }
    case 'revive':
      return { framework_id, type: 'REVIVE', revive: { roles: effect.roles } }
    case 'suppress':
      return { framework_id, type: 'SUPPRESS', suppress: { roles: effect.roles } }
    case 'update-framework': {
      const update_framework = encodeRegistration(
        context.framework,
        registrationAfter(effect, context.registration),
      )
      return { framework_id, type: 'UPDATE_FRAMEWORK', update_framework }
    }
    case 'answer-inverse-offers': {
      const { answer, offerIds, refuseFor } = effect
      const inverse: Writable<InverseAnswer> = { inverse_offer_ids: ids(offerIds) }
      if (refuseFor !== undefined) inverse.filters = { refuse_seconds: inSeconds(refuseFor) }
      return answer === 'accept'
        ? { framework_id, type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers: inverse }
        : { framework_id, type: 'DECLINE_INVERSE_OFFERS', decline_inverse_offers: inverse }
    }
  }
}

/** The registration that holds from then on, for the next SUBSCRIBE as well. */
export function registrationAfter<T extends CurrentRegistration>(effect: UpdateFramework, before: T): T {
  const { roles, suppressedRoles, offerConstraints } = effect
  const after = { ...before, roles, suppressedRoles }
  return offerConstraints === undefined ? after : { ...after, offerConstraints }
}

const ids = (values: readonly string[]): Id[] => values.map((value) => ({ value }))

function encodeKill({ taskId, agentId, gracePeriod }: Extract<EngineEffect, { kind: 'kill' }>) {
  const kill: Writable<Extract<Call, { type: 'KILL' }>['kill']> = { task_id: { value: taskId } }
  if (agentId !== undefined) kill.agent_id = { value: agentId }
  if (gracePeriod !== undefined) kill.kill_policy = { grace_period: nanoseconds(gracePeriod) }
  return kill
}

const encodeReconciled = ({ taskId, agentId }: { readonly taskId: string; readonly agentId?: string }) =>
  agentId === undefined
    ? { task_id: { value: taskId } }
    : { task_id: { value: taskId }, agent_id: { value: agentId } }

function encodeOperation(operation: Operation, frameworkId: string): WireOperation {
  switch (operation.type) {
    case 'LAUNCH':
      return {
        type: 'LAUNCH',
        launch: { task_infos: operation.tasks.map((task) => encodeTask(task, 'app')) },
      }
    case 'LAUNCH_GROUP':
      return {
        type: 'LAUNCH_GROUP',
        launch_group: {
          executor: encodeExecutor(operation.executor, frameworkId),
          task_group: { tasks: operation.tasks.map((task) => encodeTask(task, 'pod')) },
        },
      }
    case 'RESERVE':
      return { type: 'RESERVE', reserve: { resources: encodeResources(operation.resources) } }
    case 'UNRESERVE':
      return { type: 'UNRESERVE', unreserve: { resources: encodeResources(operation.resources) } }
    case 'CREATE':
      return { type: 'CREATE', create: { volumes: encodeResources(operation.volumes) } }
    case 'DESTROY':
      return { type: 'DESTROY', destroy: { volumes: encodeResources(operation.volumes) } }
  }
}
