// Apps and instances for tests of deployments and scaling: short ids, and versions that agree with the app's
// versionInfo.

import { haveAllTasksEnded } from '../../src/core/instances/condition.ts'
import type {
  AgentInfo,
  Condition,
  Instance,
  InstanceReservation,
  Task,
} from '../../src/core/instances/instance.ts'
import { type Instant, instant } from '../../src/lib/instant.ts'
import type { App } from '../../src/spec/app.ts'
import { plainApp } from './plain-app.ts'

export const firstVersion = '2031-01-01T00:00:00.000Z'

/** `/app` with one instance, at `firstVersion` unless the change says otherwise, configured at that version. */
export const buildApp = (change: Partial<App> = {}): App =>
  plainApp({ id: '/app', version: firstVersion, ...change })

/** What makes an app resident: one persistent volume. */
export const residentContainer: NonNullable<App['container']> = {
  type: 'MESOS',
  volumes: [{ containerPath: 'data', mode: 'RW', persistent: { type: 'root', size: 10, constraints: [] } }],
}

/** An instance of `/app`, running by default, with one task unless it is scheduled. */
export function buildInstance(change: Partial<Instance> & { readonly id: string }): Instance {
  const condition = change.condition ?? 'Running'
  const since = change.since ?? instant(0)
  return {
    runSpecId: '/app',
    runSpecVersion: firstVersion,
    role: '*',
    goal: 'Running',
    since,
    ...(condition === 'Running' && { activeSince: since }),
    scheduledAt: since,
    attempt: condition === 'Scheduled' ? 0 : 1,
    tasks: condition === 'Scheduled' ? [] : [buildTask(change.id, condition, since)],
    ...change,
    condition,
  }
}

/** The same instance, with a volume on its agent. */
export function reserved(
  instance: Instance,
  state: InstanceReservation['state'] = haveAllTasksEnded(instance) ? 'suspended' : 'launched',
): Instance {
  const volumes = [{ name: 'data', persistenceId: `app#data#${instance.id}` }]
  return { agent: agentInfo, ...instance, reservation: { id: instance.id, volumes, state } }
}

const agentInfo: AgentInfo = { agentId: 'A1', hostname: 'n1.example', address: 'n1.example', attributes: [] }

/** The same instance with a task in another condition. */
export function inCondition(instance: Instance, condition: Condition, since: Instant): Instance {
  const { healthy: _healthy, ...rest } = instance
  const tasks = condition === 'Scheduled' ? [] : [buildTask(instance.id, condition, since)]
  return { ...rest, condition, since, tasks, ...(condition === 'Running' && { activeSince: since }) }
}

const buildTask = (instanceId: string, condition: Condition, stagedAt: Instant): Task => ({
  id: `${instanceId}._app.1`,
  name: '_app',
  runSpecVersion: firstVersion,
  condition: condition === 'UnreachableInactive' ? 'Unreachable' : condition,
  stagedAt,
  hostPorts: [],
  ipAddresses: [],
  resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
})
