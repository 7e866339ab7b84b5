// The text/plain task list that load balancer scripts read (rest-api 5.1, the form of 1.10): one line per app and
// service port, fields ended by tabs.

import { conditions } from '../../core/instances/condition.ts'
import type { Instance, Task } from '../../core/instances/instance.ts'
import { safePath } from '../../lib/path-id.ts'
import type { App, PortMapping } from '../../spec/app.ts'
import { servicePortsOf } from './task.ts'

/** Container networks whose addresses are wanted: `containerNetworks=name,name` or `*`. */
export type NetworkSelection = ReadonlySet<string>

export const selectNetworks = (query: string | undefined): NetworkSelection =>
  new Set(
    (query ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )

/** The lines of one app; none running gives lines without entries. */
export function renderTaskText(
  app: App,
  instances: readonly Instance[],
  networks: NetworkSelection = new Set(),
): string {
  const key = safePath(app.id)
  const running = instances.filter(
    (instance) => instance.condition === 'Running' && instance.agent !== undefined,
  )
  const ports = servicePortsOf(app)
  if (ports.length === 0) return `${key}\t \t${running.map((instance) => `${hostOf(instance)}\t`).join('')}\n`
  return ports
    .map((port, index) => {
      const entries = running.flatMap((instance) =>
        instance.tasks
          .filter((task) => conditions[task.condition].isActive)
          .map((task) => endpoint({ app, instance, task, index, networks }))
          .filter((address) => address !== undefined),
      )
      return `${key}\t${port}\t${entries.map((entry) => `${entry}\t`).join('')}\n`
    })
    .join('')
}

const hostOf = (instance: Instance): string => instance.agent!.address

interface Place {
  readonly app: App
  readonly instance: Instance
  readonly task: Task
  /** Of the service port. */
  readonly index: number
  readonly networks: NetworkSelection
}

/** `host:port` where the task answers for this service port, or undefined: nowhere that is asked for. */
function endpoint({ app, instance, task, index, networks }: Place): string | undefined {
  const mappings = app.container?.portMappings
  const mapping = mappings?.[index]
  if (mappings !== undefined && mapping !== undefined && mapping.hostPort === undefined) {
    const address = task.ipAddresses[0]?.ipAddress
    if (address === undefined || !isSelected(app, mapping, networks)) return undefined
    return `${address}:${mapping.containerPort}`
  }
  // Only mappings with a host port have one among the task's ports.
  const hostIndex =
    mappings === undefined
      ? index
      : mappings.slice(0, index).filter((earlier) => earlier.hostPort !== undefined).length
  const hostPort = task.hostPorts[hostIndex]
  return hostPort === undefined ? undefined : `${hostOf(instance)}:${hostPort}`
}

function isSelected(app: App, mapping: PortMapping, networks: NetworkSelection): boolean {
  const own = mapping.networkNames ?? []
  const names =
    own.length > 0
      ? own
      : app.networks
          .filter((network) => network.mode === 'container')
          .map((network) => network.name)
          .filter((name) => name !== undefined)
  return names.length > 0 && (networks.has('*') || names.some((name) => networks.has(name)))
}
