// The health check of an app as the engine runs it, beside the task: a command, or a question asked from within the
// task's network (runtime 6.3, 9). An engine runs one check of a task.

import type { AppHealthCheck } from '../../spec/app.ts'
import { isMarathonProtocol } from '../../spec/health-protocols.ts'
import type { HealthCheckInfo } from '../mesos.ts'
import { portAsked } from './check-info.ts'
import { timesOf } from './pod-health-check.ts'
import type { ExposedPorts } from './ports.ts'

/** The first that is not Marathon's own and has a port to ask at, if it needs one; undefined when none is. */
export function appHealthCheckInfo(
  checks: readonly AppHealthCheck[],
  exposed: ExposedPorts,
  hostPorts: readonly (number | undefined)[],
): HealthCheckInfo | undefined {
  for (const check of checks) {
    const target = targetOf(check, exposed, hostPorts)
    if (target !== undefined) return { ...target, ...timesOf(check) }
  }
  return undefined
}

function targetOf(
  check: AppHealthCheck,
  exposed: ExposedPorts,
  hostPorts: readonly (number | undefined)[],
): Pick<HealthCheckInfo, 'http' | 'tcp' | 'command'> | undefined {
  const { protocol, command, path, ipProtocol } = check
  if (isMarathonProtocol(protocol)) return undefined
  if (protocol === 'COMMAND') {
    return command === undefined ? undefined : { command: { shell: true, value: command.value } }
  }
  const port = portAsked(check, exposed, hostPorts)
  if (port === undefined) return undefined
  if (protocol === 'MESOS_TCP') return { tcp: { port, ipProtocol } }
  const scheme = protocol === 'MESOS_HTTPS' ? 'https' : 'http'
  return { http: path === undefined ? { scheme, port, ipProtocol } : { scheme, port, path, ipProtocol } }
}
