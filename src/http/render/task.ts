// The Task object (app-definition 5). An instance record never changes, so the JSON of its tasks is made once. Put in
// afterwards are the results of health checks, which change more often, and the service ports, which belong to the app,
// where lists show them.

import { conditions } from '../../core/instances/condition.ts'
import type { Instance, Task } from '../../core/instances/instance.ts'
import { addressesOf } from '../../core/notices/status.ts'
import type { View } from '../../core/view.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import { oncePer } from '../../lib/once.ts'
import type { App } from '../../spec/app.ts'
import { isEmpty } from '../../spec/defined.ts'
import { localVolumesOf } from './local-volumes.ts'

/** The JSON of a task around the members of its `healthCheckResults` and of its `servicePorts`. */
interface TaskJson {
  readonly before: string
  readonly between: string
  readonly after: string
}

/** What is known of health, which the records do not say. */
export type HealthView = Pick<View, 'healthOf'>

/** The tasks of an instance; none while it has no agent (rest-api 2.2). */
export function tasksJson(
  view: HealthView,
  instance: Instance,
  servicePorts: readonly number[] = [],
): string[] {
  const ports = servicePorts.join(',')
  const health = healthResultsJson(view, instance)
  return renderedTasks(instance).map(
    ({ before, between, after }) => before + health + between + ports + after,
  )
}

/** The first task of an instance, which is the only one of an app. */
export function firstTaskJson(view: HealthView, instance: Instance): string | undefined {
  const first = renderedTasks(instance)[0]
  if (first === undefined) return undefined
  return first.before + healthResultsJson(view, instance) + first.between + first.after
}

/** The members of `healthCheckResults`; here the original names the instance in the form of its log. */
const healthResultsJson = (view: HealthView, instance: Instance): string =>
  view
    .healthOf(instance)
    .map((health) =>
      JSON.stringify({
        alive: health.alive,
        consecutiveFailures: health.consecutiveFailures,
        firstSuccess: timeOf(health.firstSuccess),
        instanceId: `instance [${instance.id}]`,
        lastSuccess: timeOf(health.lastSuccess),
        lastFailure: timeOf(health.lastFailure),
        lastFailureCause: health.lastFailureCause,
      }),
    )
    .join(',')

const timeOf = (at: Instant | undefined): string | undefined =>
  at === undefined ? undefined : formatInstant(at)

const renderedTasks = oncePer((instance: Instance): readonly TaskJson[] =>
  instance.agent === undefined ? [] : instance.tasks.map((task) => renderTask(instance, task)),
)

// A marker cannot come from a value: quotes inside values are escaped.
const healthMarker = '"healthCheckResults":['
const portsMarker = '"servicePorts":['

function renderTask(instance: Instance, task: Task): TaskJson {
  const text = JSON.stringify(taskBody(instance, task))
  const health = text.indexOf(healthMarker) + healthMarker.length
  const ports = text.indexOf(portsMarker) + portsMarker.length
  return { before: text.slice(0, health), between: text.slice(health, ports), after: text.slice(ports) }
}

function taskBody(instance: Instance, task: Task): Readonly<Record<string, unknown>> {
  const { agent } = instance
  const { isActive, taskState } = conditions[task.condition]
  return {
    appId: instance.runSpecId,
    healthCheckResults: [],
    // Before its first answer a check has none, which some engines say in so many words.
    ...(task.check === undefined || isEmpty(task.check) ? {} : { checkResult: task.check }),
    // Where the task answers; the agent's own name may be a label only (virtual agents).
    host: agent?.address,
    id: task.id,
    ipAddresses: addressesOf(task),
    ports: isActive ? task.hostPorts : [],
    servicePorts: [],
    slaveId: agent?.agentId,
    state: taskState,
    ...(isActive
      ? {
          stagedAt: formatInstant(task.stagedAt),
          ...(task.startedAt === undefined ? {} : { startedAt: formatInstant(task.startedAt) }),
          version: task.runSpecVersion,
        }
      : {}),
    localVolumes: localVolumesOf(instance),
    region: agent?.region,
    zone: agent?.zone,
    role: instance.role,
  }
}

/** The ports by which load balancers know the app: those of its mappings, else those of its definitions. */
export function servicePortsOf(app: App): readonly number[] {
  const mappings = app.container?.portMappings
  if (mappings !== undefined) return mappings.map((mapping) => mapping.servicePort)
  return (app.portDefinitions ?? []).map((definition) => definition.port)
}
