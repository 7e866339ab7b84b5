// One task, ready to be sent to an engine: everything decided, nothing left to choose (runtime 6.3). The parts that are
// the same for every launch of a version are made once.

import { type Duration, seconds } from '../../lib/instant.ts'
import { hostnameForm } from '../../lib/path-id.ts'
import type { Rng } from '../../lib/rng.ts'
import type { Writable } from '../../lib/writable.ts'
import type { App, Artifact } from '../../spec/app.ts'
import type { AgentInfo } from '../instances/instance.ts'
import type { CommandInfo, CommandUri, Resource, TaskId, TaskInfo } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { appHealthCheckInfo } from './app-health-check.ts'
import { checkInfo } from './check-info.ts'
import { containerOf } from './container.ts'
import { discoveryOf } from './discovery.ts'
import { type EnvironmentPlan, environmentOf, planEnvironment } from './environment.ts'
import { type ExposedPorts, portsOfApp } from './ports.ts'

/** The launch-independent part of the tasks of one version. */
export interface TaskTemplate {
  readonly kind: 'app'
  readonly runSpec: App
  readonly settings: Settings
  readonly name: string
  /** Without environment. */
  readonly command: Omit<CommandInfo, 'environment'>
  readonly environment: EnvironmentPlan
  readonly exposed: ExposedPorts
  readonly executor: string | undefined
  readonly limits: TaskInfo['limits']
  readonly killGracePeriod: Duration | undefined
}

/** What only the launch knows. */
export interface TaskLaunch {
  readonly taskId: TaskId
  readonly agent: AgentInfo
  readonly resources: readonly Resource[]
  readonly executorResources: readonly Resource[]
  /** The host port of each definition or mapping; undefined for mappings without one. */
  readonly hostPorts: readonly (number | undefined)[]
  readonly enforceGroupRole: boolean
  readonly rng: Rng
}

export function planTask(runSpec: App, settings: Settings): TaskTemplate {
  const executor = customExecutor(runSpec, settings)
  const command = commandOf(runSpec, executor)
  const environment = planEnvironment(runSpec, settings)
  return {
    kind: 'app',
    runSpec,
    settings,
    name: hostnameForm(runSpec.id),
    command: environment.secrets.length === 0 ? command : { ...command, secrets: environment.secrets },
    environment,
    exposed: portsOfApp(runSpec),
    executor,
    limits: limitsOf(runSpec.resourceLimits),
    killGracePeriod:
      runSpec.taskKillGracePeriodSeconds === undefined
        ? undefined
        : seconds(runSpec.taskKillGracePeriodSeconds),
  }
}

export function launchTask(template: TaskTemplate, launch: TaskLaunch): TaskInfo {
  const { runSpec, settings, command } = template
  const { taskId, agent, hostPorts, enforceGroupRole, rng } = launch
  const host = agent.address
  const environment = environmentOf(template.environment, { taskId, host, hostPorts, enforceGroupRole, rng })
  const task: Writable<TaskInfo> = {
    name: template.name,
    taskId,
    agentId: agent.agentId,
    resources: launch.resources,
    command: { ...command, environment },
    labels: runSpec.labels,
    discovery: discoveryOf(template.exposed, settings, { name: template.name, hostPorts }),
  }
  const container = containerOf(runSpec, settings, { taskId, hostPorts })
  if (container !== undefined) task.container = container
  if (template.limits !== undefined) task.limits = template.limits
  if (template.killGracePeriod !== undefined) task.killGracePeriod = template.killGracePeriod
  if (template.executor !== undefined) task.executor = template.executor
  if (launch.executorResources.length > 0) task.executorResources = launch.executorResources
  const check =
    runSpec.check === undefined ? undefined : checkInfo(runSpec.check, template.exposed, hostPorts)
  if (check !== undefined) task.check = check
  const healthCheck = appHealthCheckInfo(runSpec.healthChecks, template.exposed, hostPorts)
  if (healthCheck !== undefined) task.healthCheck = healthCheck
  return task
}

/** The path of a custom executor; `//cmd` is the engine's own command executor. */
export function customExecutor(runSpec: Pick<App, 'executor'>, settings: Settings): string | undefined {
  const executor = runSpec.executor === '' ? settings.executor : runSpec.executor
  return executor === '//cmd' ? undefined : executor
}

function commandOf(runSpec: App, executor: string | undefined): TaskTemplate['command'] {
  const command: Writable<TaskTemplate['command']> = {
    shell: runSpec.cmd !== undefined,
    uris: runSpec.fetch.map(uriOf),
  }
  if (runSpec.user !== undefined) command.user = runSpec.user
  if (executor !== undefined) {
    // Always a shell line, also for args, which the original left to be run without one (worked-examples 9.1).
    command.shell = true
    command.value = executorLine(executor, runSpec)
  } else if (runSpec.cmd !== undefined) {
    command.value = runSpec.cmd
  } else if (runSpec.args !== undefined && runSpec.args.length > 0) {
    command.arguments = runSpec.args
    // Inside a container the image's entry point takes the arguments; without one the first names the program.
    if (runSpec.container === undefined) command.value = runSpec.args[0]!
  }
  return command
}

/** What the engine fetches before the command runs. */
export const uriOf = ({ uri: value, extract, executable, cache, destPath }: Artifact): CommandUri =>
  destPath === undefined
    ? { value, extract, executable, cache }
    : { value, extract, executable, cache, outputFile: destPath }

function executorLine(path: string, runSpec: App): string {
  const quoted = `'${path.replaceAll("'", "'\\''")}'`
  const line = runSpec.cmd ?? runSpec.args?.join(' ') ?? ''
  return `chmod ug+rx ${quoted} && exec ${quoted} ${line}`.trimEnd()
}

export function limitsOf(resourceLimits: App['resourceLimits']): TaskInfo['limits'] {
  if (resourceLimits === undefined) return undefined
  const limits: { cpus?: number; mem?: number } = {}
  if (resourceLimits.cpus !== undefined) limits.cpus = bound(resourceLimits.cpus)
  if (resourceLimits.mem !== undefined) limits.mem = bound(resourceLimits.mem)
  return limits
}

const bound = (limit: number | 'unlimited'): number =>
  limit === 'unlimited' ? Number.POSITIVE_INFINITY : limit
