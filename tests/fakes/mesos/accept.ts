// What becomes of an ACCEPT: its operations in order on the resources of its offers, each checked as Mesos does and
// refused in its words.

import { randomBytes, randomUUID } from 'node:crypto'
import { type Executor, keyOf } from './agent.ts'
import type { FakeOffer, Framework } from './framework.ts'
import type { Master } from './master.ts'
import type { Registered } from './membership.ts'
import {
  add,
  type Bundle,
  contains,
  internedResources,
  nothing,
  parseResources,
  quantity,
  roleOf,
  subtract,
  toText,
  withoutVolume,
  withReservations,
} from './resources.ts'
import type {
  WireCall,
  WireExecutor,
  WireHealthCheck,
  WireOperation,
  WireResource,
  WireTaskInfo,
} from './wire.ts'

/** Carries out an ACCEPT. */
export function accept(master: Master, framework: Framework, call: NonNullable<WireCall['accept']>): void {
  const ids = call.offer_ids.map(({ value }) => value)
  const offers = ids.flatMap((id) => framework.offers.get(id) ?? [])
  const problem = offersError(ids, framework, offers)
  if (problem !== undefined) {
    for (const offer of offers) master.takeBack(offer)
    dropAll(master, framework, call.operations ?? [], problem)
    return
  }
  const first = offers[0]
  if (first === undefined) return
  const registered = master.agents.get(first.agentId)!
  let pool: Bundle = nothing
  for (const offer of offers) {
    pool = add(pool, offer.resources)
    master.useUp(offer)
  }
  const context: Context = { master, framework, registered, role: first.role, pool }
  for (const operation of call.operations ?? []) perform(context, operation)
  master.recover(framework, registered, context.pool)
  master.refuse(framework, first.role, registered, context.pool, call.filters)
}

interface Context {
  readonly master: Master
  readonly framework: Framework
  readonly registered: Registered
  readonly role: string
  /** What of the offers is left for the operations to come. */
  pool: Bundle
}

function offersError(
  ids: readonly string[],
  framework: Framework,
  offers: readonly FakeOffer[],
): string | undefined {
  const missing = ids.find((id) => !framework.offers.has(id))
  if (missing !== undefined) return `Offer ${missing} is no longer valid`
  const agentId = offers[0]?.agentId
  const other = offers.find((offer) => offer.agentId !== agentId)
  if (other !== undefined)
    return `Aggregated offers must belong to one single agent. Offer ${other.id} uses agent ${other.agentId} and agent ${agentId}`
  return undefined
}

function dropAll(
  master: Master,
  framework: Framework,
  operations: readonly WireOperation[],
  problem: string,
): void {
  for (const operation of operations) {
    const tasks = operation.launch?.task_infos ?? operation.launch_group?.task_group.tasks
    if (tasks === undefined)
      operationError(framework, operation, `Operation attempted with invalid offers: ${problem}`)
    for (const { task_id, agent_id } of tasks ?? []) {
      master.tell(framework, {
        task_id,
        state: 'TASK_DROPPED',
        message: `Task launched with invalid offers: ${problem}`,
        reason: 'REASON_INVALID_OFFERS',
        agent_id,
      })
    }
  }
}

function perform(context: Context, operation: WireOperation): void {
  if (operation.launch !== undefined) for (const info of operation.launch.task_infos) launch(context, info)
  else if (operation.launch_group !== undefined) launchGroup(context, operation.launch_group)
  else convert(context, operation)
}

function launch(context: Context, info: WireTaskInfo): void {
  const resources = internedResources(info.resources)
  const known = info.executor && executorNamed(context, info.executor.executor_id.value)
  const executor = known ?? (info.executor && newExecutor(context, info.executor, false))
  const needed = known === undefined ? add(resources, executor?.resources ?? nothing) : resources
  const problem =
    taskError(context, info) ??
    (contains(context.pool, needed) && roleIn(info, context.role) === context.role
      ? undefined
      : `Total resources ${toText(needed, roleIn(info, context.role))} required by task and its executor is more than available ${toText(context.pool, context.role)}`)
  if (problem !== undefined) refuse(context, info, problem)
  else {
    context.pool = subtract(context.pool, needed)
    start(context, info, resources, executor)
  }
}

/** The role a task says its resources are allocated to; that of the offer when it says none. */
const roleIn = ({ resources = [] }: WireTaskInfo, role: string): string =>
  resources.find(({ allocation_info: allocation }) => allocation?.role !== undefined)?.allocation_info
    ?.role ?? role

function launchGroup(context: Context, group: NonNullable<WireOperation['launch_group']>): void {
  const executor =
    executorNamed(context, group.executor.executor_id.value) ?? newExecutor(context, group.executor, true)
  const parts = group.task_group.tasks.map((info) => ({ info, resources: parseResources(info.resources) }))
  let needed = executor.tasks.size === 0 ? executor.resources : nothing
  for (const { resources } of parts) needed = add(needed, resources)
  const wrong = parts.find(({ info }) => taskError(context, info) !== undefined)
  const problem =
    (wrong === undefined
      ? undefined
      : `Task '${wrong.info.task_id.value}' is invalid: ${taskError(context, wrong.info)}`) ??
    executorError(group.executor, executor) ??
    (contains(context.pool, needed)
      ? undefined
      : `Total resources ${toText(needed, context.role)} required by task group and its executor are more than available ${toText(context.pool, context.role)}`)
  if (problem !== undefined) {
    for (const { info } of parts) refuse(context, info, problem, 'REASON_TASK_GROUP_INVALID')
    return
  }
  context.pool = subtract(context.pool, needed)
  for (const { info, resources } of parts) start(context, info, resources, executor)
}

/** What the default executor needs at least. */
function executorError({ framework_id }: WireExecutor, { id, resources }: Executor): string | undefined {
  if (framework_id === undefined) return "'ExecutorInfo.framework_id' must be set"
  const [cpus, mem, disk] = ['cpus', 'mem', 'disk'].map((name) => quantity(resources, name))
  if (cpus! < 0.01)
    return `Executor '${id}' uses less CPUs (${cpus === 0 ? 'None' : cpus}) than the minimum required (0.01)`
  if (mem! < 32)
    return `Executor '${id}' uses less memory (${mem === 0 ? 'None' : `${mem}MB`}) than the minimum required (32MB)`
  return disk === 0 ? `Executor '${id}' uses no disk` : undefined
}

function executorNamed({ framework, registered }: Context, id: string): Executor | undefined {
  return registered.agent.executors.get(keyOf(framework.id, id))
}

function newExecutor({ framework, role }: Context, info: WireExecutor, isGroup: boolean): Executor {
  return {
    id: info.executor_id.value,
    frameworkId: framework.id,
    isGroup,
    resources: parseResources(info.resources),
    role,
    containerId: randomUUID(),
    tasks: new Set(),
    isEnding: false,
  }
}

function start(
  context: Context,
  info: WireTaskInfo,
  resources: Bundle,
  executor: Executor | undefined,
): void {
  const { framework, registered, role } = context
  const task = registered.agent.launch({
    info,
    frameworkId: framework.id,
    role,
    resources,
    executor,
    isCheckpointed: framework.info.checkpoint === true,
    tellsKilling: framework.has('TASK_KILLING_STATE'),
  })
  framework.tasks.set(task.id, task)
}

function refuse(context: Context, info: WireTaskInfo, message: string, reason = 'REASON_TASK_INVALID'): void {
  const { task_id, agent_id } = info
  context.master.tell(context.framework, { task_id, state: 'TASK_ERROR', message, reason, agent_id })
}

function taskError({ framework, registered }: Context, info: WireTaskInfo): string | undefined {
  const id = info.task_id.value
  if (/[\s/\\\0]/.test(id) || id === '.' || id === '..') return `'${id}' contains invalid characters`
  if (framework.tasks.has(id)) return `Task has duplicate ID: ${id}`
  const agentId = registered.agent.info.id
  if (info.agent_id.value !== agentId)
    return `Task uses invalid agent ${info.agent_id.value} while agent ${agentId} is expected`
  if ((info.resources ?? []).length === 0) return 'Task uses no resources'
  const invalid = (info.resources ?? []).find(({ scalar }) => scalar !== undefined && scalar.value <= 0)
  if (invalid !== undefined) {
    const allocated =
      invalid.allocation_info === undefined ? '' : `(allocated: ${invalid.allocation_info.role})`
    const text = `${invalid.name}${allocated}:${invalid.scalar?.value}`
    return `Resource '${text}' is invalid: Invalid scalar resource: value <= 0`
  }
  return healthCheckError(info.health_check) ?? commandError(info)
}

/** Tasks of a group have a command; single ones may have an executor in its place. */
function commandError({ command, executor }: WireTaskInfo): string | undefined {
  if ((command === undefined) === (executor === undefined))
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present'
  return undefined
}

function healthCheckError(check: WireHealthCheck | undefined): string | undefined {
  if (check === undefined) return undefined
  const problem = ((): string | undefined => {
    if (check.type === 'HTTP' && check.http === undefined)
      return "Expecting 'http' to be set for HTTP health check"
    if (check.type === 'COMMAND' && check.command === undefined)
      return "Expecting 'command' to be set for COMMAND health check"
    if (check.type === 'TCP' && check.tcp === undefined)
      return "Expecting 'tcp' to be set for TCP health check"
    const path = check.http?.path
    if (path !== undefined && !path.startsWith('/'))
      return `The path '${path}' of HTTP health check must start with '/'`
    for (const name of [
      'delay_seconds',
      'interval_seconds',
      'timeout_seconds',
      'grace_period_seconds',
    ] as const)
      if ((check[name] ?? 0) < 0) return `Expecting '${name}' to be non-negative`
    return undefined
  })()
  return problem === undefined ? undefined : `Task uses invalid health check: ${problem}`
}

function convert(context: Context, operation: WireOperation): void {
  const { framework, registered, pool, role } = context
  const outcome = conversionOf(context, operation)
  const { info } = registered.agent
  if (typeof outcome === 'string') {
    const where = `; on agent ${info.id} at slave(1)@127.0.0.1:${info.port} (${info.hostname})`
    operationError(framework, operation, `${outcome}${where}`)
    return
  }
  if (!contains(pool, outcome.from)) {
    operationError(
      framework,
      operation,
      `${toText(pool, role)} does not contain ${toText(outcome.from, role)}`,
    )
    return
  }
  const { from, to } = outcome
  context.pool = add(subtract(context.pool, from), to)
  registered.agent.total = add(subtract(registered.agent.total, from), to)
  if (operation.id === undefined) return
  framework.send({
    type: 'UPDATE_OPERATION_STATUS',
    update_operation_status: {
      status: {
        operation_id: operation.id,
        state: 'OPERATION_FINISHED',
        uuid: { value: randomBytes(16).toString('base64') },
        agent_id: { value: info.id },
      },
    },
  })
}

function operationError(framework: Framework, { id }: WireOperation, message: string): void {
  if (id === undefined) return
  framework.send({
    type: 'UPDATE_OPERATION_STATUS',
    update_operation_status: { status: { operation_id: id, state: 'OPERATION_ERROR', message } },
  })
}

interface Conversion {
  readonly from: Bundle
  readonly to: Bundle
}

/** What an operation makes of which resources, or why it makes no sense. */
function conversionOf(context: Context, operation: WireOperation): Conversion | string {
  const { registered } = context
  if (operation.reserve !== undefined) {
    const problem = reserveError(context, operation.reserve.resources)
    if (problem !== undefined) return problem
    const to = parseResources(operation.reserve.resources)
    return { from: to.map((piece) => withReservations(piece, piece.reservations.slice(0, -1))), to }
  }
  if (operation.unreserve !== undefined) {
    const from = parseResources(operation.unreserve.resources)
    for (const piece of from) {
      const text = toText([piece], context.role)
      if (piece.reservations.at(-1)?.type !== 'DYNAMIC') return `Resource ${text} is not dynamically reserved`
      if (piece.disk?.persistence !== undefined)
        return `A dynamically reserved persistent volume ${text} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource`
    }
    return { from, to: from.map((piece) => withReservations(piece, piece.reservations.slice(0, -1))) }
  }
  if (operation.create !== undefined) {
    const problem = createError(context, operation.create.volumes)
    if (problem !== undefined) return problem
    const to = parseResources(operation.create.volumes)
    return { from: to.map(withoutVolume), to }
  }
  if (operation.destroy !== undefined) {
    const from = parseResources(operation.destroy.volumes)
    if (!contains(registered.agent.total, from)) return 'Persistent volumes not found'
    if (!contains(context.pool, from)) return 'Persistent volumes in use'
    return { from, to: from.map(withoutVolume) }
  }
  return `Unsupported operation ${operation.type}`
}

function reserveError(context: Context, resources: readonly WireResource[]): string | undefined {
  const principal = context.framework.info.principal
  for (const piece of parseResources(resources)) {
    const last = piece.reservations.at(-1)
    if (last?.type !== 'DYNAMIC')
      return `Resource ${toText([piece], context.role)} is not dynamically reserved`
    if (principal !== undefined && last.principal === undefined)
      return `A reserve operation was attempted by principal '${principal}', but there is a reserved resource in the request with no principal set`
    if (principal !== undefined && last.principal !== principal)
      return `A reserve operation was attempted by authenticated principal '${principal}', which does not match a reserved resource in the request with principal '${last.principal}'`
    const role = roleOf(piece)
    if (role !== context.role)
      return `A reserve operation was attempted for a resource with role '${role}', but the resource was allocated to role '${context.role}'`
  }
  return undefined
}

function createError(context: Context, volumes: readonly WireResource[]): string | undefined {
  const principal = context.framework.info.principal
  for (const { disk, ...piece } of parseResources(volumes)) {
    const persistence = disk?.persistence
    const text = toText([{ ...piece }], context.role)
    if (disk === undefined) return `Not a persistent volume: Resource ${text} does not have DiskInfo`
    if (persistence === undefined) return "Not a persistent volume: 'persistence' is not set in DiskInfo"
    if (piece.reservations.length === 0)
      return 'Invalid resources: Invalid DiskInfo: Persistent volumes cannot be created from unreserved resources'
    const isTaken = context.registered.agent.total.some(
      (each) => each.disk?.persistence?.id === persistence.id,
    )
    if (isTaken) return `Persistence ID '${persistence.id}' is not unique`
    if (principal !== undefined && persistence.principal === undefined)
      return `Create volume operation attempted by principal '${principal}', but there is a volume in the operation with no principal set in 'disk.persistence'`
    if (principal !== undefined && persistence.principal !== principal)
      return `Create volume operation attempted by authenticated principal '${principal}', which does not match a volume in the operation with principal '${persistence.principal}' set in 'disk.persistence'`
  }
  return undefined
}
