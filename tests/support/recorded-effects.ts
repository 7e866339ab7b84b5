// What a recorded call meant, in the words of the core: the way back from a call to the effect it could have come from,
// which only tests go. What the core has no words for is told by its reason.

import type {
  CheckInfo,
  CommandInfo,
  HealthCheckInfo,
  Operation,
  Resource,
  TaskInfo,
} from '../../src/core/mesos.ts'
import type { EngineEffect } from '../../src/core/ready.ts'
import type { CurrentRegistration, Framework } from '../../src/engine/mesos/wire/registration.ts'
import { decodeResource } from '../../src/engine/mesos/wire/resource.ts'
import { millis, seconds } from '../../src/lib/instant.ts'

/** The core would never want this. */
export class Unmapped extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of any shape; what is missing fails the test
type Recorded = any

const unmapped = (reason: string): never => {
  throw new Unmapped(reason)
}

export interface RecordedRegistration {
  readonly framework: Framework
  readonly registration: CurrentRegistration
}

/** The effect of a call that is none of a registration. */
export function effectOf(call: Recorded): EngineEffect {
  if (typeof call === 'string') return unmapped('a body is not compressed')
  switch (call.type) {
    case 'ACCEPT':
      return {
        kind: 'accept',
        offerIds: call.accept.offer_ids.map(idOf),
        agentId: '',
        operations: call.accept.operations.map(operationOf),
      }
    case 'DECLINE':
      return {
        kind: 'decline',
        offerIds: call.decline.offer_ids.map(idOf),
        refuseFor: seconds(
          call.decline.filters?.refuse_seconds ?? unmapped('the default filter is always said'),
        ),
      }
    case 'ACCEPT_INVERSE_OFFERS':
      return {
        kind: 'answer-inverse-offers',
        answer: 'accept',
        offerIds: call.accept_inverse_offers.inverse_offer_ids.map(idOf),
        refuseFor: seconds(call.accept_inverse_offers.filters.refuse_seconds),
      }
    case 'REVIVE':
      return { kind: 'revive', roles: call.revive?.roles ?? [] }
    case 'SUPPRESS':
      return { kind: 'suppress', roles: call.suppress?.roles ?? [] }
    case 'KILL': {
      const { task_id, agent_id, kill_policy } = call.kill
      return {
        kind: 'kill',
        taskId: textOf(task_id.value),
        cause: 'api-request',
        ...(agent_id && { agentId: agent_id.value }),
        ...(kill_policy && { gracePeriod: millis(kill_policy.grace_period.nanoseconds / 1e6) }),
      }
    }
    case 'ACKNOWLEDGE': {
      const { task_id, agent_id, uuid } = call.acknowledge
      return { kind: 'acknowledge', taskId: task_id.value, agentId: agent_id.value, uuid }
    }
    case 'RECONCILE':
      return {
        kind: 'reconcile',
        tasks: (call.reconcile.tasks ?? []).map(({ task_id, agent_id }: Recorded) => ({
          taskId: task_id.value,
          ...(agent_id && { agentId: agent_id.value }),
        })),
      }
    default:
      return unmapped(`${call.type} is no effect`)
  }
}

/** As whom a SUBSCRIBE or UPDATE_FRAMEWORK registers. */
export function registrationOf(call: Recorded): RecordedRegistration {
  const { framework_info, suppressed_roles } = call.subscribe ?? call.update_framework
  const { name, user, id, roles, role, principal, failover_timeout, checkpoint } = framework_info
  if (role !== undefined || roles === undefined) unmapped('frameworks of one role are of old')
  const types = new Set((framework_info.capabilities ?? []).map(({ type }: Recorded) => type))
  if (!types.has('MULTI_ROLE')) unmapped('a framework has many roles')
  return {
    framework: {
      name,
      user: textOf(user),
      failoverTimeout: seconds(failover_timeout ?? 0),
      checkpoint: checkpoint ?? false,
      features: { taskKilling: types.has('TASK_KILLING_STATE'), gpuResources: types.has('GPU_RESOURCES') },
      ...(principal !== undefined && { principal }),
    },
    registration: {
      roles,
      suppressedRoles: suppressed_roles ?? [],
      ...(id && { frameworkId: id.value }),
    },
  }
}

const idOf = ({ value }: Recorded): string => textOf(value)

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : unmapped('ids and users are texts')

function operationOf({ type, launch, launch_group, ...operation }: Recorded): Operation {
  switch (type) {
    case 'LAUNCH':
      return { type, tasks: launch.task_infos.map(taskOf) }
    case 'LAUNCH_GROUP': {
      const { executor_id, resources } = launch_group.executor
      return {
        type,
        executor: { executorId: executor_id.value, resources: resources.map(resourceOf), labels: {} },
        tasks: launch_group.task_group.tasks.map(taskOf),
      }
    }
    case 'RESERVE':
    case 'UNRESERVE':
      return { type, resources: operation[type.toLowerCase()].resources.map(resourceOf) }
    case 'CREATE':
    case 'DESTROY':
      return { type, volumes: operation[type.toLowerCase()].volumes.map(resourceOf) }
    default:
      return unmapped(`${type} is no operation`)
  }
}

/** The format of old is understood and never sent. */
const resourceOf = (resource: Recorded): Resource =>
  'role' in resource ? unmapped('resources are sent in the newer format') : decodeResource(resource)!

function taskOf(task: Recorded): TaskInfo {
  const { health_check, check, kill_policy, labels, command, executor, discovery } = task
  if (command === undefined && executor === undefined) unmapped('a task has a command')
  if (command !== undefined && executor !== undefined) unmapped('a command is the executor or the task')
  if (executor?.type === 'DEFAULT') unmapped('the default executor runs groups alone')
  const isCustom = executor !== undefined
  const own: TaskInfo = {
    name: task.name,
    taskId: task.task_id.value,
    agentId: task.agent_id.value,
    resources: (task.resources ?? []).map(resourceOf),
    command: commandOf(isCustom ? executor.command : command),
    labels: Object.fromEntries((labels?.labels ?? []).map(({ key, value }: Recorded) => [key, value])),
    discovery: {
      visibility: 'FRAMEWORK',
      name: discovery?.name ?? task.name,
      ports: discovery?.ports?.ports ?? [],
    },
  }
  return {
    ...own,
    ...(isCustom && { executor: '/somewhere', executorResources: executor.resources.map(resourceOf) }),
    ...(kill_policy && { killGracePeriod: millis(kill_policy.grace_period.nanoseconds / 1e6) }),
    ...(health_check && { healthCheck: healthCheckOf(health_check) }),
    ...(check && { check: checkOf(check) }),
  }
}

function commandOf({
  shell = true,
  value,
  arguments: words,
  user,
  uris,
  environment,
}: Recorded): CommandInfo {
  return {
    shell,
    ...(value !== undefined && { value }),
    ...(words !== undefined && { arguments: words }),
    ...(user !== undefined && { user }),
    environment: environment?.variables ?? [],
    uris: uris ?? [],
  }
}

function healthCheckOf(check: Recorded): HealthCheckInfo {
  const { http, tcp, command, grace_period_seconds, consecutive_failures } = check
  if (consecutive_failures === undefined) unmapped('a health check says all its times')
  return {
    ...timesOf(check),
    gracePeriod: seconds(grace_period_seconds),
    consecutiveFailures: consecutive_failures,
    ...(http && { http: { ...http, scheme: http.scheme ?? 'http' } }),
    ...(tcp && { tcp }),
    ...(command && { command }),
  }
}

const checkOf = (check: Recorded): CheckInfo => ({ ...timesOf(check), command: check.command.command })

const timesOf = ({ delay_seconds, interval_seconds, timeout_seconds }: Recorded) => ({
  delay: seconds(delay_seconds),
  interval: seconds(interval_seconds),
  timeout: seconds(timeout_seconds),
})
