// Rules about health checks and readiness checks of an app in today's form (app-definition 10.2).

import { isMarathonProtocol } from '../health-protocols.ts'
import type { Issues } from '../parse/issues.ts'
import type { AppInput, HealthCheckInput } from '../schema/app.ts'
import { addressesPort, portCount } from './ports.ts'

type Protocol = HealthCheckInput['protocol']

const executorPortProtocols: readonly Protocol[] = ['MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP']

export const badPortIndex =
  'Health check port indices must address an element of the ports array or container port mappings.'

export function checkHealthChecks(app: AppInput, issues: Issues): void {
  const ports = portCount(app)
  for (const [index, check] of app.healthChecks.entries()) {
    const path = `/healthChecks(${index})`
    const isMarathons = check.command === undefined && isMarathonProtocol(check.protocol)
    if (isMarathons && !addressesPort(check, ports)) issues.add(path, badPortIndex)
    const mayUseIpv6 = executorPortProtocols.includes(check.protocol) && app.container?.type === 'DOCKER'
    if (check.ipProtocol !== 'IPv4' && !mayUseIpv6) {
      issues.add(
        path,
        'IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks',
      )
    }
  }
  // Several command checks were allowed once and stay so.
  const executorChecks = app.healthChecks.filter(
    ({ command, protocol }) => command === undefined && !isMarathonProtocol(protocol),
  )
  if (executorChecks.length > 1) issues.add('/', 'AppDefinition can contain at most one Mesos health check')
}

export function checkReadinessChecks(app: AppInput, issues: Issues): void {
  const count = app.readinessChecks.length
  if (count > 1) issues.add('/readinessChecks/size', `got ${count}, expected 1 or less`)
  const ports: readonly { readonly name?: string }[] =
    app.container?.portMappings ?? app.portDefinitions ?? []
  for (const [index, check] of app.readinessChecks.entries()) {
    const path = `/readinessChecks(${index})`
    const { portName, timeoutSeconds, intervalSeconds } = check
    if (!ports.some(({ name }) => name === portName)) {
      issues.add(`${path}/portName`, `No port definition reference for portName ${portName}`)
    }
    if (timeoutSeconds >= intervalSeconds) {
      issues.add(`${path}/timeoutSeconds`, `got ${timeoutSeconds}, expected less than ${intervalSeconds}`)
    }
  }
}
