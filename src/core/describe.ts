// The stable text of what goes into the core and what comes out of it, for scenarios, timelines and logs. Ids that mean
// nothing to a reader get short names in the order in which they appear: /web#1 is the first instance of /web seen,
// /web#1.2 its second task (of a pod /pair#1.front.2 that of a container), D1 a deployment, v1 a version.

import { unreachable } from '../lib/assert.ts'
import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { DeploymentId } from './deployments/deployment.ts'
import type { Event } from './events.ts'
import type { ProbeEffect, ProbeId, ProbeResult } from './health/probe.ts'
import { parseProbeId } from './health/probe-id.ts'
import { appTaskName, parseTaskId, runSpecIdOf } from './ids.ts'
import type { Instance, InstanceId } from './instances/instance.ts'
import type { Operation, Resource, TaskId } from './mesos.ts'
import type { Notice } from './notices/notice.ts'
import type { EngineEffect } from './ready.ts'
import type { WaitingOn } from './reasons.ts'
import type { Write } from './records.ts'
import { describeRefusal } from './requests/describe-refusal.ts'
import type { Outcome, Request, TaskSelection } from './requests.ts'

/** Short names, and the way back. */
export class Names {
  readonly #instances = new Map<InstanceId, string>()
  readonly #counts = new Map<PathId, number>()
  readonly #deployments = new Map<DeploymentId, string>()
  readonly #versions = new Map<Version, string>()

  instance(id: InstanceId): string {
    const known = this.#instances.get(id)
    if (known !== undefined) return known
    const path = runSpecIdOf(id) ?? id
    const count = (this.#counts.get(path) ?? 0) + 1
    this.#counts.set(path, count)
    const name = `${path}#${count}`
    this.#instances.set(id, name)
    return name
  }

  task(id: TaskId): string {
    const parsed = parseTaskId(id)
    if (parsed === undefined) return id
    const { instanceId, name = appTaskName, attempt = 0 } = parsed
    return [this.instance(instanceId), ...(name === appTaskName ? [] : [name]), attempt].join('.')
  }

  deployment(id: DeploymentId): string {
    return named(this.#deployments, id, 'D')
  }

  version(version: Version): string {
    return named(this.#versions, version, 'v')
  }

  instanceNamed(name: string): InstanceId | undefined {
    return keyOf(this.#instances, name)
  }

  deploymentNamed(name: string): DeploymentId | undefined {
    return keyOf(this.#deployments, name)
  }
}

function named(names: Map<string, string>, id: string, prefix: string): string {
  let name = names.get(id)
  if (name === undefined) {
    name = `${prefix}${names.size + 1}`
    names.set(id, name)
  }
  return name
}

function keyOf(names: ReadonlyMap<string, string>, wanted: string): string | undefined {
  for (const [key, name] of names) if (name === wanted) return key
  return undefined
}

export function describeEvent(event: Event, names: Names): string {
  switch (event.kind) {
    case 'engine-connected':
      return `engine-connected ${event.master}`
    case 'engine-disconnected':
    case 'woke':
      return event.kind
    case 'offers':
      return `offers ${event.offers.map((offer) => `${offer.id} of ${offer.agentId}`).join(', ')}`
    case 'offer-rescinded':
      return `offer-rescinded ${event.offerId}`
    case 'agent-lost':
      return `agent-lost ${event.agentId}`
    case 'executor-lost':
      return `executor-lost ${event.executorId} of ${event.agentId}`
    case 'framework-message':
      return `framework-message of ${event.executorId} of ${event.agentId}`
    case 'inverse-offers':
      return `inverse-offers ${event.offers.map((offer) => `${offer.id} of ${offer.agentId}`).join(', ')}`
    case 'inverse-offer-rescinded':
      return `inverse-offer-rescinded ${event.offerId}`
    case 'engine-failed':
      return `engine-failed ${event.message}`
    case 'status': {
      const { taskId, state, reason, healthy } = event.status
      const extra = [reason, healthy === undefined ? undefined : healthy ? 'healthy' : 'unhealthy']
      return ['status', names.task(taskId), state, ...extra].filter((part) => part !== undefined).join(' ')
    }
    case 'statuses-missed':
      return 'statuses-missed'
    case 'artifact-stored':
      return `artifact-stored ${event.path}`
    case 'artifact-failed':
      return `artifact-failed ${event.path}: ${event.reason}`
    case 'probe-results':
      return event.results.map((result) => describeProbeResult(result, names)).join('\n')
    case 'request':
      return describeRequest(event.request, names)
    default:
      return unreachable(event)
  }
}

function describeProbeResult({ id, outcome }: ProbeResult, names: Names): string {
  const asked = describeProbeId(id, names)
  switch (outcome.kind) {
    case 'answered':
      return `probe ${asked} answered ${outcome.status}`
    case 'connected':
      return `probe ${asked} connected`
    case 'failed':
      return `probe ${asked} failed: ${outcome.name}: ${outcome.message}`
    default:
      return unreachable(outcome)
  }
}

function describeProbeId(id: ProbeId, names: Names): string {
  const subject = parseProbeId(id)
  return subject === undefined ? id : `${subject.kind} ${names.task(subject.taskId)}`
}

export function describeProbeEffect(effect: ProbeEffect, names: Names): string {
  if (effect.kind === 'end-probe') return `end probe ${describeProbeId(effect.id, names)}`
  const { id, target, interval } = effect.probe
  const path = target.protocol === 'TCP' ? '' : target.path
  const place = `${target.protocol} ${target.address}:${target.port}${path}`
  return `begin probe ${describeProbeId(id, names)}: ${place} every ${interval / 1000} s`
}

function describeRequest(request: Request, names: Names): string {
  switch (request.kind) {
    case 'create-app':
      return `create-app ${JSON.stringify(request.body)}${forced(request)}`
    case 'update-app':
      return `update-app ${request.id} ${JSON.stringify(request.body)} ${request.mode}${forced(request)}`
    case 'update-apps':
      return `update-apps ${JSON.stringify(request.body)} ${request.mode}${forced(request)}`
    case 'remove-app':
    case 'restart-app':
      return `${request.kind} ${request.id}${forced(request)}`
    case 'create-pod':
      return `create-pod ${JSON.stringify(request.body)}${forced(request)}`
    case 'update-pod':
      return `update-pod ${request.id} ${JSON.stringify(request.body)}${forced(request)}`
    case 'remove-pod':
      return `remove-pod ${request.id}${forced(request)}`
    case 'kill-tasks':
      return `kill-tasks ${describeSelection(request.selection, names)}${request.wipe ? ' wipe' : ''}`
    case 'kill-and-scale':
      return `kill-and-scale ${describeSelection(request.selection, names)}${forced(request)}`
    case 'reset-delay':
      return `reset-delay ${request.id}`
    case 'cancel-deployment':
      return `cancel-deployment ${names.deployment(request.id)}${forced(request)}`
    case 'pause-deployment':
    case 'resume-deployment':
      return `${request.kind} ${names.deployment(request.id)}`
    case 'promote-deployment':
      return `promote-deployment ${names.deployment(request.id)}${request.all ? ' all' : ''}`
    case 'create-group':
    case 'update-group':
      return `${request.kind} ${request.id} ${JSON.stringify(request.body)}${forced(request)}`
    case 'patch-group':
      return `patch-group ${request.id} ${JSON.stringify(request.body)}`
    case 'remove-group':
      return `remove-group ${request.id}${forced(request)}`
    case 'subscribe':
    case 'unsubscribe':
      return `${request.kind} ${request.callbackUrl ?? 'nothing'}`
    default:
      return unreachable(request)
  }
}

const forced = ({ force }: { readonly force: boolean }): string => (force ? ' force' : '')

function describeSelection(selection: TaskSelection, names: Names): string {
  if (selection.kind === 'app')
    return `${selection.id}${selection.host === undefined ? '' : ` on ${selection.host}`}`
  if (selection.kind === 'instances') return selection.instanceIds.map((id) => names.instance(id)).join(', ')
  const ids = selection.kind === 'task' ? [selection.taskId] : selection.taskIds
  return ids.map((id) => names.task(id)).join(', ')
}

function describeOperation(operation: Operation, names: Names): string {
  switch (operation.type) {
    case 'LAUNCH':
      return `launch ${operation.tasks.map((task) => names.task(task.taskId)).join(', ')}`
    case 'LAUNCH_GROUP':
      return `launch together ${operation.tasks.map((task) => names.task(task.taskId)).join(', ')}`
    case 'RESERVE':
    case 'UNRESERVE':
      return `${operation.type.toLowerCase()} ${operation.resources.map(describeResource).join(', ')}`
    case 'CREATE':
    case 'DESTROY':
      return `${operation.type.toLowerCase()} ${operation.volumes.map(describeResource).join(', ')}`
  }
}

const describeResource = ({ name, scalar, ranges, role, disk }: Resource): string => {
  const amount = scalar ?? ranges?.map(({ begin, end }) => `${begin}-${end}`).join(',') ?? ''
  const volume = disk?.volume === undefined ? '' : ` at ${disk.volume.containerPath}`
  return `${name} ${amount} for ${role}${volume}`
}

export function describeEffect(effect: EngineEffect, names: Names): string {
  switch (effect.kind) {
    case 'accept': {
      const operations = effect.operations.map((operation) => describeOperation(operation, names))
      return `accept ${effect.agentId}: ${operations.join('; ')}`
    }
    case 'decline':
      return `decline ${effect.offerIds.join(', ')} for ${effect.refuseFor / 1000} s`
    case 'kill':
      return `kill ${names.task(effect.taskId)} (${effect.cause})`
    case 'acknowledge':
      return `acknowledge ${names.task(effect.taskId)}`
    case 'reconcile':
      return effect.tasks.length === 0
        ? 'reconcile all'
        : `reconcile ${effect.tasks.map((task) => names.task(task.taskId)).join(', ')}`
    case 'revive':
    case 'suppress':
      return `${effect.kind} ${effect.roles.join(', ')}`
    case 'update-framework': {
      const constrained = Object.keys(effect.offerConstraints ?? {}).join(', ')
      const suppressed = effect.suppressedRoles.join(', ') || 'none'
      const end = constrained === '' ? '' : `; constraints for ${constrained}`
      return `update-framework ${effect.roles.join(', ')}; suppressed: ${suppressed}${end}`
    }
    case 'answer-inverse-offers':
      return `${effect.answer} inverse offers ${effect.offerIds.join(', ')}`
    default:
      return unreachable(effect)
  }
}

type Body = Readonly<Record<string, unknown>>
interface Plan {
  readonly id: string
}
interface PlannedStep {
  readonly actions: readonly { readonly action: string; readonly app?: string; readonly pod?: string }[]
}

const describeStep = (step: unknown): string =>
  (step as PlannedStep).actions.map(({ action, app, pod }) => `${action} ${app ?? pod}`).join(', ')

const withStep = (body: Body, names: Names): string =>
  `${names.deployment((body['plan'] as Plan).id)} ${describeStep(body['currentStep'])}`

const withReason = (body: Body, names: Names): string =>
  `${names.deployment(String(body['id']))}${body['reason'] === undefined ? '' : ` ${String(body['reason'])}`}`

const withCanary = (body: Body, names: Names): string =>
  [
    names.deployment(String(body['id'])),
    ...(body['runSpecId'] === undefined
      ? []
      : [`${body['runSpecId']} step ${body['step']} of ${body['steps']}, ${body['instances'] ?? 'all'} new`]),
  ].join(' ')

const protocolOf = (body: Body): string => String((body['healthCheck'] as { protocol: string }).protocol)

const outageOf = (body: Body): string =>
  `${body['failingInstances']} of ${body['checkedInstances']} instances, ${body['failingApps']} apps`

/** What of each event's body a reader wants; an event that is not here is told by its name. */
const noticeTexts: Readonly<Record<string, (body: Body, names: Names) => string>> = {
  instance_changed_event: (body, names) =>
    `${names.instance(String(body['instanceId']))} ${String(body['condition'])}`,
  instance_health_changed_event: (body, names) =>
    `${names.instance(String(body['instanceId']))} ${String(body['healthy'])}`,
  add_health_check_event: (body) => `${body['appId']} ${protocolOf(body)}`,
  remove_health_check_event: (body) => String(body['appId']),
  failed_health_check_event: (body, names) => `${names.instance(String(body['taskId']))} ${protocolOf(body)}`,
  health_status_changed_event: (body, names) =>
    `${names.instance(String(body['instanceId']))} ${body['alive'] === true ? 'alive' : 'not alive'}`,
  unhealthy_instance_kill_event: (body, names) =>
    `${names.task(String(body['taskId']))} ${String(body['reason'])}`,
  unhealthy_kills_suspended_event: outageOf,
  unhealthy_kills_resumed_event: outageOf,
  status_update_event: (body, names) => `${names.task(String(body['taskId']))} ${String(body['taskStatus'])}`,
  unknown_instance_terminated_event: (body, names) =>
    `${names.instance(String(body['instanceId']))} ${String(body['condition'])}`,
  deployment_info: withStep,
  deployment_step_success: withStep,
  deployment_step_failure: withStep,
  deployment_success: withReason,
  deployment_failed: withReason,
  deployment_paused: withCanary,
  deployment_resumed: withReason,
  deployment_promoted: withCanary,
  group_change_success: (body, names) =>
    `${String(body['groupId'])} ${names.version(String(body['version']))}`,
  group_change_failed: (body) => `${String(body['groupId'])} ${String(body['reason'])}`,
  app_terminated_event: (body) => String(body['appId']),
  api_post_event: (body) => String((body['appDefinition'] as Body)['id']),
  pod_created_event: (body) => String(body['uri']),
  pod_updated_event: (body) => String(body['uri']),
  pod_deleted_event: (body) => String(body['uri']),
}

export function describeNotice({ type, body }: Notice, names: Names): string {
  const text = noticeTexts[type]?.(body, names)
  return text === undefined ? type : `${type} ${text}`
}

export function describeWrite(write: Write, names: Names): string {
  const key = describeKey(write, names)
  return write.kind === 'put' && write.table === 'instance'
    ? `put instance ${describeInstance(write.value, names)}`
    : `${write.kind} ${write.table} ${key}`
}

function describeKey({ table, key }: Write, names: Names): string {
  if (table === 'instance') return names.instance(key)
  if (table === 'deployment') return names.deployment(key)
  if (table !== 'run-spec-version') return key
  const at = key.lastIndexOf('@')
  return `${key.slice(0, at)} ${names.version(key.slice(at + 1))}`
}

/** One line: name, version, condition, goal unless Running, agent, what is decided about it. */
export function describeInstance(instance: Instance, names: Names): string {
  const { id, runSpecVersion, condition, goal, attempt, agent, kill } = instance
  return [
    names.instance(id),
    names.version(runSpecVersion),
    condition,
    ...(goal === 'Running' ? [] : [goal]),
    ...(attempt === 0 ? [] : [`launch ${attempt}`]),
    ...(agent === undefined ? [] : [`on ${agent.agentId}`]),
    ...(kill === undefined ? [] : [`to be killed (${kill.cause})`]),
  ].join(' ')
}

export function describeOutcome(outcome: Outcome, names: Names): string {
  switch (outcome.kind) {
    case 'deployed':
      return `deployed by ${names.deployment(outcome.deploymentId)}, ${names.version(outcome.version)}${outcome.wasCreated ? ', created' : ''}`
    case 'killed':
      return `killed ${outcome.instances.map((instance) => names.instance(instance.id)).join(', ') || 'nothing'}`
    case 'done':
      return 'done'
    case 'steered':
      return `${names.deployment(outcome.deployment.id)} ${outcome.deployment.pausedAt === undefined ? 'goes on' : 'is paused'}`
    case 'planned':
      return `planned ${outcome.changes.map(({ id, action }) => `${action} ${id}`).join(', ') || 'nothing'}`
    case 'subscription-changed':
      return outcome.notice.type
    case 'refused': {
      const { refusal } = outcome
      const of =
        refusal.kind === 'locked'
          ? ` by ${refusal.deployments.map((id) => names.deployment(id)).join(', ')}`
          : ''
      return `refused, ${refusal.kind}${of}: ${describeRefusal(refusal)}`
    }
    default:
      return unreachable(outcome)
  }
}

export function describeWaitingOn(waiting: WaitingOn, names: Names): string {
  switch (waiting.kind) {
    case 'backoff':
    case 'launch-tokens':
      return `${waiting.runSpecId} waits for ${waiting.kind}`
    case 'offers':
      return `${waiting.count} of ${waiting.runSpecId} wait for offers`
    case 'no-match':
      return `${waiting.count} of ${waiting.runSpecId} fit no offer: ${waiting.reasons.join(', ')}`
    case 'running':
      return `${waiting.count} of ${waiting.runSpecId} are launched and do not run yet`
    case 'health':
      return `${waiting.count} of ${waiting.runSpecId} run and are not healthy`
    case 'readiness':
      return `${waiting.count} of ${waiting.runSpecId} are not ready yet`
    case 'promotion':
      return `${waiting.runSpecId} pauses at ${waiting.instances} of the new version, step ${waiting.step} of ${waiting.steps}${waiting.until === undefined ? ', until it is promoted' : ''}`
    case 'paused':
      return `${names.deployment(waiting.deploymentId)} is paused`
    case 'ending':
      return `${waiting.count} of ${waiting.runSpecId} are told to end and have not ended`
    case 'capacity':
      return `${waiting.runSpecId} keeps at least ${waiting.minHealthy} healthy and at most ${waiting.maxCapacity} in all`
    case 'next-slice':
      return `${waiting.count} more of ${waiting.runSpecId} in the next slice`
    case 'artifacts':
      return `${waiting.count} files of ${waiting.runSpecId} are not in the artifact store yet`
    case 'engine':
      return 'the engine is not connected'
    case 'deployment':
      return `${names.deployment(waiting.deploymentId)} has to end first`
    case 'quarantine':
      return `${waiting.runSpecId} is quarantined`
    default:
      return unreachable(waiting)
  }
}
