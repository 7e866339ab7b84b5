// The operator's side of a master: health, version, state and what else people and other programs read, and the calls
// that change agents.

import type { AgentTask } from './agent.ts'
import type { Framework } from './framework.ts'
import type { Window } from './maintenance.ts'
import type { Master } from './master.ts'
import type { Registered } from './membership.ts'
import { add, type Bundle, nothing, roleOf, toSummary, toWire } from './resources.ts'

interface Reply {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

const json = (body: unknown): Reply => ({
  status: 200,
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
})

const text = (status: number, body: string): Reply => ({
  status,
  body,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
})

const version = {
  version: '1.12.0',
  build_date: '2026-11-20 10:17:50 UTC',
  build_time: 1_795_169_870,
  build_user: '',
}

type Json = Readonly<Record<string, unknown>>

/** Reading calls: what is told under the call's own name in lower case. */
const readers: Readonly<Record<string, (master: Master) => Json>> = {
  GET_HEALTH: () => ({ healthy: true }),
  GET_VERSION: () => ({ version_info: version }),
  GET_MASTER: (master) => ({
    master_info: master.masterInfo,
    start_time: master.startTime,
    elected_time: master.startTime,
  }),
  GET_AGENTS: (master) => ({ agents: [...master.agents.values()].map(agentDetail), recovered_agents: [] }),
  GET_FRAMEWORKS: (master) => ({
    frameworks: [...master.frameworks.values()].map((framework) => ({
      framework_info: { ...framework.info, id: { value: framework.id } },
      active: framework.isConnected,
      connected: framework.isConnected,
      recovered: false,
    })),
  }),
  GET_TASKS: (master) => tasksOf(master),
  GET_STATE: (master) => ({
    get_tasks: tasksOf(master),
    get_agents: readers['GET_AGENTS']!(master),
    get_frameworks: readers['GET_FRAMEWORKS']!(master),
  }),
  GET_ROLES: (master) => ({
    roles: [...new Set([...master.frameworks.values()].flatMap(({ roles }) => roles))].map((name) => ({
      name,
      weight: 1,
    })),
  }),
  GET_QUOTA: () => ({ status: {} }),
  GET_FLAGS: () => ({ flags: [] }),
  GET_OPERATIONS: () => ({}),
  GET_EXECUTORS: () => ({ executors: [] }),
  GET_MAINTENANCE_SCHEDULE: (master) => ({
    schedule: master.maintenance.windows.length === 0 ? {} : { windows: master.maintenance.windows },
  }),
  GET_MAINTENANCE_STATUS: (master) => ({ status: master.maintenance.status() }),
}

/** POST /api/v1 */
export function operatorCall(master: Master, call: Json): Reply {
  const type = String(call['type'])
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (reader !== undefined) {
    const told = reader(master)
    return json(
      Object.keys(told).length === 0
        ? { type, [type.toLowerCase()]: {} }
        : { type, [type.toLowerCase()]: told },
    )
  }
  const body = call[type.toLowerCase()] as Json | undefined
  const agentId = (body?.['agent_id'] as { value?: string } | undefined)?.value ?? ''
  const registered = master.agents.get(agentId)
  switch (type) {
    case 'MARK_AGENT_GONE':
      if (registered === undefined) return text(404, `Agent '${agentId}' not found`)
      master.membership.markGone(registered.agent)
      return { status: 200 }
    case 'DRAIN_AGENT': {
      if (registered === undefined) return text(404, `Agent '${agentId}' not found`)
      const grace = (body?.['drain_agent'] ?? body)?.['max_grace_period' as never] as Grace | undefined
      const ms =
        grace === undefined ? undefined : 1_000 * (grace.seconds ?? 0) + (grace.nanoseconds ?? 0) / 1e6
      master.maintenance.drain(agentId, ms)
      return { status: 200 }
    }
    case 'REACTIVATE_AGENT':
      if (registered === undefined) return text(404, `Agent '${agentId}' not found`)
      master.maintenance.reactivate(agentId)
      return { status: 200 }
    case 'UPDATE_MAINTENANCE_SCHEDULE': {
      const schedule = body?.['schedule'] as { windows?: readonly Window[] } | undefined
      master.maintenance.schedule(schedule?.windows ?? [])
      return { status: 200 }
    }
    default:
      return text(400, "Failed to validate master::Call: Expecting 'type' to be present")
  }
}

interface Grace {
  readonly seconds?: number
  readonly nanoseconds?: number
}

/** GET of one of the older endpoints. */
export function operatorGet(master: Master, path: string): Reply {
  switch (path.replace(/^\/master\//, '/')) {
    case '/version':
      return json(version)
    case '/state':
      return json(state(master))
    case '/state-summary':
      return json(summary(master))
    case '/slaves':
      return json({ slaves: [...master.agents.values()].map(slaveDetail), recovered_slaves: [] })
    case '/frameworks':
      return json({
        frameworks: [...master.frameworks.values()].map((each) => frameworkState(master, each)),
        completed_frameworks: [],
        unregistered_frameworks: [],
      })
    case '/tasks':
      return json({
        tasks: [...master.frameworks.values()].flatMap((each) => [...each.tasks.values()].map(taskState)),
      })
    case '/roles':
      return json({ roles: readers['GET_ROLES']!(master)['roles'] })
    case '/quota':
      return json({})
    case '/flags':
      return json({ flags: {} })
    case '/metrics/snapshot':
      return json({})
    default:
      return text(404, '404 Not Found.')
  }
}

function state(master: Master): Json {
  const pid = `master@127.0.0.1:${master.port}`
  return {
    ...version,
    start_time: master.startTime,
    elected_time: master.startTime,
    id: master.id,
    pid,
    hostname: '127.0.0.1',
    capabilities: ['AGENT_UPDATE', 'AGENT_DRAINING', 'QUOTA_V2'],
    activated_slaves: [...master.agents.values()].filter(
      ({ isConnected, isActive }) => isConnected && isActive,
    ).length,
    deactivated_slaves: [...master.agents.values()].filter(
      ({ isConnected, isActive }) => !isConnected || !isActive,
    ).length,
    unreachable_slaves: master.membership.unreachable.size,
    leader: pid,
    leader_info: { id: master.id, pid, port: master.port, hostname: '127.0.0.1' },
    cluster: 'fake',
    flags: {},
    slaves: [...master.agents.values()].map(slaveDetail),
    recovered_slaves: [...master.membership.recovered],
    frameworks: [...master.frameworks.values()].map((framework) => frameworkState(master, framework)),
    completed_frameworks: [],
    unregistered_frameworks: [],
    orphan_tasks: [],
  }
}

const counted = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_LOST',
  'TASK_ERROR',
  'TASK_UNREACHABLE',
]

function counts(tasks: Iterable<AgentTask>): Json {
  const found = new Map(counted.map((name) => [name, 0]))
  for (const { told } of tasks) found.set(told, (found.get(told) ?? 0) + 1)
  return Object.fromEntries(found)
}

function summary(master: Master): Json {
  return {
    hostname: '127.0.0.1',
    cluster: 'fake',
    slaves: [...master.agents.values()].map((registered) => ({
      ...slave(registered),
      ...counts(registered.agent.tasks.values()),
      framework_ids: [...new Set([...registered.agent.tasks.values()].map(({ frameworkId }) => frameworkId))],
    })),
    frameworks: [...master.frameworks.values()].map((framework) => ({
      ...frameworkHead(framework),
      ...counts(framework.tasks.values()),
      slave_ids: [...new Set([...framework.tasks.values()].map(({ agentId }) => agentId))],
    })),
  }
}

const usedOf = ({ agent }: Registered): Bundle => {
  let used: Bundle = nothing
  for (const task of agent.tasks.values()) if (!task.isRecovered) used = add(used, task.resources)
  for (const executor of agent.executors.values()) used = add(used, executor.resources)
  return used
}

const offeredOf = ({ offers }: Registered): Bundle =>
  [...offers].reduce((sum: Bundle, { resources }) => add(sum, resources), nothing)

function slave(registered: Registered): Json {
  const { agent, isConnected, isActive, registeredTime } = registered
  const { id, hostname, port, attributes } = agent.info
  const reserved: Record<string, Json> = {}
  for (const role of new Set(agent.total.map(roleOf).filter((each) => each !== '*')))
    reserved[role] = toSummary(agent.total.filter((piece) => roleOf(piece) === role))
  return {
    id,
    hostname,
    port,
    attributes,
    pid: `slave(1)@127.0.0.1:${port}`,
    registered_time: registeredTime,
    resources: toSummary(agent.total),
    used_resources: toSummary(usedOf(registered)),
    offered_resources: toSummary(offeredOf(registered)),
    reserved_resources: reserved,
    unreserved_resources: toSummary(agent.total.filter((piece) => roleOf(piece) === '*')),
    active: isConnected && isActive,
    deactivated: !isActive,
    version: '1.12.0',
    capabilities: agentCapabilities,
  }
}

const agentCapabilities = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT', 'RESIZE_VOLUME']

function slaveDetail(registered: Registered): Json {
  const { total } = registered.agent
  const reserved: Record<string, unknown> = {}
  for (const role of new Set(total.map(roleOf).filter((each) => each !== '*')))
    reserved[role] = wire(total.filter((piece) => roleOf(piece) === role))
  return {
    ...slave(registered),
    reserved_resources_full: reserved,
    unreserved_resources_full: wire(total.filter((piece) => roleOf(piece) === '*')),
    used_resources_full: wire(usedOf(registered)),
    offered_resources_full: wire(offeredOf(registered)),
  }
}

const wire = (bundle: Bundle): unknown => toWire(bundle, { refined: true })

function agentDetail(registered: Registered): Json {
  const { agent, isConnected, isActive, registeredTime } = registered
  const { id, hostname, port, attributes } = agent.info
  return {
    agent_info: {
      hostname,
      port,
      resources: wire(agent.total.filter((piece) => roleOf(piece) === '*')),
      attributes: Object.entries(attributes).map(([name, value]) => ({
        name,
        type: 'TEXT',
        text: { value },
      })),
      id: { value: id },
      checkpoint: true,
    },
    active: isConnected && isActive,
    deactivated: !isActive,
    version: '1.12.0',
    pid: `slave(1)@127.0.0.1:${port}`,
    registered_time: { nanoseconds: registeredTime * 1e9 },
    total_resources: wire(agent.total),
    allocated_resources: wire(usedOf(registered)),
    offered_resources: wire(offeredOf(registered)),
    capabilities: agentCapabilities.map((type) => ({ type })),
  }
}

function frameworkHead(framework: Framework): Json {
  const { info } = framework
  return {
    id: framework.id,
    name: info.name,
    capabilities: framework.capabilities,
    hostname: info.hostname ?? '',
    webui_url: info.webui_url ?? '',
    active: framework.isConnected,
    connected: framework.isConnected,
    recovered: false,
  }
}

function frameworkState(master: Master, framework: Framework): Json {
  const { info } = framework
  let used: Bundle = nothing
  for (const task of framework.tasks.values()) if (!task.isRecovered) used = add(used, task.resources)
  let offered: Bundle = nothing
  for (const offer of framework.offers.values()) offered = add(offered, offer.resources)
  return {
    ...frameworkHead(framework),
    used_resources: toSummary(used),
    offered_resources: toSummary(offered),
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: framework.registeredTime,
    unregistered_time: 0,
    resources: toSummary(add(used, offered)),
    roles: framework.roles,
    tasks: [...framework.tasks.values()].map(taskState),
    unreachable_tasks: [...framework.unreachable.values()].map(taskState),
    completed_tasks: [],
    offers: [...framework.offers.values()].map(({ id, agentId, resources }) => ({
      id,
      framework_id: framework.id,
      slave_id: agentId,
      resources: toSummary(resources),
    })),
    executors: [...master.agents.values()].flatMap(({ agent }) =>
      [...agent.executors.values()]
        .filter(({ frameworkId }) => frameworkId === framework.id)
        .map(({ id, resources }) => ({
          executor_id: id,
          framework_id: framework.id,
          slave_id: agent.info.id,
          resources: toSummary(resources),
        })),
    ),
  }
}

const taskState = (task: AgentTask): Json => ({
  id: task.id,
  name: task.name,
  framework_id: task.frameworkId,
  executor_id: task.executor?.id ?? '',
  slave_id: task.agentId,
  state: task.told,
  resources: toSummary(task.resources),
  role: task.role,
  statuses: [],
  ...(task.labels === undefined ? {} : { labels: task.labels.labels }),
  container: { container_id: { value: task.containerId } },
})

function tasksOf(master: Master): Json {
  const wireTask = (task: AgentTask): Json => ({
    name: task.name,
    task_id: { value: task.id },
    framework_id: { value: task.frameworkId },
    agent_id: { value: task.agentId },
    ...(task.executor === undefined ? {} : { executor_id: { value: task.executor.id } }),
    state: task.told,
    resources: toWire(task.resources, { refined: true, role: task.role }),
  })
  const frameworks = [...master.frameworks.values()]
  return {
    tasks: frameworks.flatMap(({ tasks }) => [...tasks.values()].map(wireTask)),
    unreachable_tasks: frameworks.flatMap(({ unreachable }) => [...unreachable.values()].map(wireTask)),
    completed_tasks: [],
  }
}
