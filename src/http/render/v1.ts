// Apps, tasks and endpoints in the words of the v1 API (rest-api 12.1), for clients that still speak them.

import type { Instance, Task } from '../../core/instances/instance.ts'
import { formatInstant } from '../../lib/instant.ts'
import { type PathId, safePath } from '../../lib/path-id.ts'
import type { App, Container } from '../../spec/app.ts'
import { type HealthView, servicePortsOf } from './task.ts'
import { countTasks } from './task-counts.ts'

/** Ids had no leading slash then. */
export const v1Id = (id: PathId): string => id.slice(1)

export function renderV1App(app: App): Readonly<Record<string, unknown>> {
  return {
    id: v1Id(app.id),
    cmd: app.cmd ?? '',
    env: Object.fromEntries(Object.entries(app.env).filter(([, value]) => typeof value === 'string')),
    instances: app.instances,
    cpus: app.cpus,
    mem: app.mem,
    disk: app.disk,
    executor: app.executor,
    constraints: app.constraints,
    uris: app.fetch.map((artifact) => artifact.uri),
    ports: servicePortsOf(app),
    taskRateLimit: 1,
    container: renderV1Container(app.container),
    healthChecks: app.healthChecks
      .filter((check) => check.protocol === 'HTTP' || check.protocol === 'TCP')
      .map((check) => ({
        path: check.path ?? '/',
        protocol: check.protocol,
        portIndex: check.portIndex ?? 0,
        gracePeriodSeconds: check.gracePeriodSeconds,
        intervalSeconds: check.intervalSeconds,
        timeoutSeconds: check.timeoutSeconds,
        maxConsecutiveFailures: check.maxConsecutiveFailures,
      })),
    version: app.version,
  }
}

export function renderV1AppWithCounts(
  view: HealthView,
  app: App,
  instances: readonly Instance[],
): Readonly<Record<string, unknown>> {
  const counts = countTasks(view, instances)
  return { ...renderV1App(app), tasksStaged: counts.staged, tasksRunning: counts.running }
}

function renderV1Container(container: Container | undefined): { image: string; options: string[] } | null {
  if (container?.docker === undefined) return null
  return {
    image: `docker:///${container.docker.image}`,
    options: container.docker.parameters.flatMap(({ key, value }) => [
      key.length === 1 ? `-${key}` : `--${key}`,
      value,
    ]),
  }
}

/** One object per task that has an agent; unset times are null. */
export const renderV1Tasks = (instances: readonly Instance[]): Readonly<Record<string, unknown>>[] =>
  instances.flatMap((instance) =>
    instance.agent === undefined ? [] : instance.tasks.map((task) => renderV1Task(instance, task)),
  )

const renderV1Task = (instance: Instance, task: Task) => ({
  id: task.id,
  host: instance.agent!.address,
  ports: task.hostPorts,
  startedAt: task.startedAt === undefined ? null : formatInstant(task.startedAt),
  stagedAt: formatInstant(task.stagedAt),
  version: task.runSpecVersion,
})

export const renderV1Endpoints = (app: App, instances: readonly Instance[]) => ({
  id: v1Id(app.id),
  ports: servicePortsOf(app),
  instances: renderV1Tasks(instances),
})

/**
 * `<key>_<port> <port> host:port host:port ` per service port, of every known task in any state; separators are spaces,
 * also at the end of a line (rest-api 12.1).
 */
export function renderV1EndpointText(app: App, instances: readonly Instance[]): string {
  const key = safePath(app.id).replace(/\s+/g, '_')
  const ports = servicePortsOf(app)
  const placed = instances.flatMap((instance) =>
    instance.agent === undefined
      ? []
      : instance.tasks.map((task) => ({ host: instance.agent!.address, ports: task.hostPorts })),
  )
  if (ports.length === 0) return `${key}   ${placed.map(({ host }) => `${host} `).join('')}\n`
  return ports
    .map((port, index) => {
      const entries = placed.map(({ host, ports: hostPorts }) => `${host}:${hostPorts[index] ?? 0} `)
      return `${key}_${port} ${port} ${entries.join('')}\n`
    })
    .join('')
}
