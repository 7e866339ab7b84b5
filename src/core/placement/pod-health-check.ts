// The health check of a pod's container as the engine runs it (runtime 9): those of pods are never Marathon's own.

import { seconds } from '../../lib/instant.ts'
import type { PodEndpoint, PodHealthCheck } from '../../spec/pod.ts'
import type { HealthCheckInfo } from '../mesos.ts'
import { checkCommand } from './check-info.ts'

export interface CheckedEndpoints {
  readonly endpoints: readonly PodEndpoint[]
  /** Of these endpoints, undefined for those without one. */
  readonly hostPorts: readonly (number | undefined)[]
  /** The check sees the host's network, and not one of the container's. */
  readonly isOnHost: boolean
}

/** Undefined when the port to ask at cannot be found: such a check is left out (runtime 6.3). */
export function healthCheckInfo(
  check: PodHealthCheck,
  checked: CheckedEndpoints,
): HealthCheckInfo | undefined {
  const target = targetOf(check, checked)
  if (target === undefined) return undefined
  return { ...target, ...timesOf(check) }
}

/** What checks of apps and of pods say in the same words. */
export const timesOf = (
  check: Omit<PodHealthCheck, 'http' | 'tcp' | 'exec'>,
): Omit<HealthCheckInfo, 'http' | 'tcp' | 'command'> => ({
  delay: seconds(check.delaySeconds),
  interval: seconds(check.intervalSeconds),
  timeout: seconds(check.timeoutSeconds),
  gracePeriod: seconds(check.gracePeriodSeconds),
  consecutiveFailures: check.maxConsecutiveFailures,
})

function targetOf(
  { http, tcp, exec }: PodHealthCheck,
  checked: CheckedEndpoints,
): Pick<HealthCheckInfo, 'http' | 'tcp' | 'command'> | undefined {
  if (exec !== undefined) return { command: checkCommand(exec.command) }
  const endpoint = http?.endpoint ?? tcp?.endpoint
  const port = endpoint === undefined ? undefined : portOf(endpoint, checked)
  if (port === undefined) return undefined
  if (http === undefined) return { tcp: { port } }
  const scheme = http.scheme === 'HTTPS' ? 'https' : 'http'
  return { http: http.path === undefined ? { scheme, port } : { scheme, port, path: http.path } }
}

/** A container port of 0 means the port of the host, as in the mapping. */
function portOf(name: string, { endpoints, hostPorts, isOnHost }: CheckedEndpoints): number | undefined {
  const at = endpoints.findIndex((endpoint) => endpoint.name === name)
  const hostPort = hostPorts[at]
  return isOnHost ? hostPort : endpoints[at]?.containerPort || hostPort
}
