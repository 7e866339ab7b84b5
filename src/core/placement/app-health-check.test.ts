import { expect, test } from 'vitest'
import type { AppHealthCheck } from '../../spec/app.ts'
import type { HealthCheckInfo } from '../mesos.ts'
import { appHealthCheckInfo } from './app-health-check.ts'
import type { ExposedPorts } from './ports.ts'

const onHost: ExposedPorts = {
  networks: [{ mode: 'host' }],
  mappings: undefined,
  definitions: [{ port: 80, protocol: 'tcp' }],
}
const mapping = { servicePort: 0, protocol: 'tcp', labels: {} }
const onBridge: ExposedPorts = {
  networks: [{ mode: 'container/bridge' }],
  mappings: [
    { ...mapping, containerPort: 8080, hostPort: 0 },
    { ...mapping, containerPort: 0, hostPort: 0 },
    { ...mapping, containerPort: 0 },
  ],
  definitions: [],
}
const hostPorts = [31_000, 31_001, undefined]

const check = (given: Partial<AppHealthCheck>): AppHealthCheck => ({
  protocol: 'MESOS_HTTP',
  gracePeriodSeconds: 300,
  intervalSeconds: 60,
  timeoutSeconds: 20,
  maxConsecutiveFailures: 3,
  delaySeconds: 15,
  ipProtocol: 'IPv4',
  ...given,
})
const command = check({ protocol: 'COMMAND', command: { value: 'test -f up' } })
const tcp = check({ protocol: 'MESOS_TCP', port: 7 })

test.each<readonly [string, readonly AppHealthCheck[], ExposedPorts, Partial<HealthCheckInfo> | undefined]>([
  ['none', [], onHost, undefined],
  [
    'only what Marathon asks itself',
    [check({ protocol: 'HTTP' }), check({ protocol: 'TCP' })],
    onHost,
    undefined,
  ],
  ['a shell line', [command], onHost, { command: { shell: true, value: 'test -f up' } }],
  [
    'HTTP at the port assigned',
    [check({ path: '/up', portIndex: 0 })],
    onHost,
    { http: { scheme: 'http', port: 31_000, path: '/up', ipProtocol: 'IPv4' } },
  ],
  [
    'HTTPS, by IPv6, at the port named',
    [check({ protocol: 'MESOS_HTTPS', port: 443, ipProtocol: 'IPv6' })],
    onBridge,
    { http: { scheme: 'https', port: 443, ipProtocol: 'IPv6' } },
  ],
  ['TCP', [tcp], onHost, { tcp: { port: 7, ipProtocol: 'IPv4' } }],
  [
    'in a network the port inside',
    [check({ protocol: 'MESOS_TCP', portIndex: 0 })],
    onBridge,
    { tcp: { port: 8080, ipProtocol: 'IPv4' } },
  ],
  [
    'which may be the host’s',
    [check({ protocol: 'MESOS_TCP', portIndex: 1 })],
    onBridge,
    { tcp: { port: 31_001, ipProtocol: 'IPv4' } },
  ],
  ['one without a port is left out', [check({ portIndex: 2 })], onBridge, undefined],
  [
    '… and the next one counts',
    [check({ portIndex: 2 }), tcp],
    onBridge,
    { tcp: { port: 7, ipProtocol: 'IPv4' } },
  ],
  [
    'the first of several',
    [check({ protocol: 'HTTP' }), command, tcp],
    onHost,
    { command: { shell: true, value: 'test -f up' } },
  ],
])('the check an engine runs: %s', (_, checks, exposed, target) => {
  const times = {
    interval: 60_000,
    timeout: 20_000,
    delay: 15_000,
    gracePeriod: 300_000,
    consecutiveFailures: 3,
  }
  expect(appHealthCheckInfo(checks, exposed, hostPorts)).toEqual(
    target === undefined ? undefined : { ...target, ...times },
  )
})
