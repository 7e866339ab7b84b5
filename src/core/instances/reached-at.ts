// Where a port of an app is reached from outside: what health checks and readiness checks ask (runtime 9, 10).

import type { App } from '../../spec/app.ts'
import { isHostNetwork } from '../../spec/run-spec.ts'
import type { Instance } from './instance.ts'

export interface ReachedAt {
  readonly address: string
  readonly port: number
}

/**
 * The port with this index among the app's port mappings, or its port definitions on the host's network. A port of the
 * agent is preferred; one without is reached at the container's own address. Undefined: not reachable (yet).
 */
export function reachedAt(app: App, instance: Instance, index: number): ReachedAt | undefined {
  const { agent, tasks } = instance
  const task = tasks[0]
  if (agent === undefined || task === undefined) return undefined
  const mappings = isHostNetwork(app) ? undefined : app.container?.portMappings
  if (mappings === undefined) return at(agent.address, task.hostPorts[index])
  const mapping = mappings[index]
  if (mapping === undefined) return undefined
  if (mapping.hostPort === undefined) return at(task.ipAddresses[0]?.ipAddress, mapping.containerPort)
  const before = mappings.slice(0, index).filter(({ hostPort }) => hostPort !== undefined).length
  return at(agent.address, task.hostPorts[before])
}

const at = (address: string | undefined, port: number | undefined): ReachedAt | undefined =>
  address === undefined || port === undefined ? undefined : { address, port }
