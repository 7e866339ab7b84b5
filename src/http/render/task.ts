// The Task object (app-definition 5). An instance record never changes, so the JSON of its tasks is made once; only the
// service ports, which belong to the app, are put in afterwards, and only where lists show them.

import { conditions } from '../../core/instances/condition.ts'
import type { Instance, Task } from '../../core/instances/instance.ts'
import { addressesOf } from '../../core/notices/status.ts'
import { formatInstant } from '../../lib/instant.ts'
import { oncePer } from '../../lib/once.ts'
import type { App } from '../../spec/app.ts'
import { isEmpty } from '../../spec/defined.ts'

/** The JSON of a task around the members of its `servicePorts`. */
interface TaskJson {
  readonly before: string
  readonly after: string
}

/** The tasks of an instance; none while it has no agent (rest-api 2.2). */
export function tasksJson(instance: Instance, servicePorts: readonly number[] = []): string[] {
  const ports = servicePorts.join(',')
  return renderedTasks(instance).map(({ before, after }) => before + ports + after)
}

/** The first task of an instance, which is the only one of an app. */
export function firstTaskJson(instance: Instance): string | undefined {
  const first = renderedTasks(instance)[0]
  return first === undefined ? undefined : first.before + first.after
}

const renderedTasks = oncePer((instance: Instance): readonly TaskJson[] =>
  instance.agent === undefined ? [] : instance.tasks.map((task) => renderTask(instance, task)),
)

const marker = '"servicePorts":['

function renderTask(instance: Instance, task: Task): TaskJson {
  const text = JSON.stringify(taskBody(instance, task))
  // The marker cannot come from a value: quotes inside values are escaped.
  const at = text.indexOf(marker) + marker.length
  return { before: text.slice(0, at), after: text.slice(at) }
}

function taskBody(instance: Instance, task: Task): Readonly<Record<string, unknown>> {
  const { agent } = instance
  const { isActive, taskState } = conditions[task.condition]
  return {
    appId: instance.runSpecId,
    // Filled in when health checks are run.
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
    localVolumes: [],
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
