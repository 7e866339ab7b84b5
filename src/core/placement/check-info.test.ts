import { expect, test } from 'vitest'
import type { AppCheck } from '../../spec/app.ts'
import type { CheckInfo } from '../mesos.ts'
import { checkInfo } from './check-info.ts'
import type { ExposedPorts } from './ports.ts'

const mapping = { servicePort: 0, protocol: 'tcp', labels: {} }
const onHost: ExposedPorts = {
  networks: [{ mode: 'host' }],
  mappings: undefined,
  definitions: [
    { port: 80, protocol: 'tcp' },
    { port: 90, protocol: 'tcp' },
  ],
}
const onBridge: ExposedPorts = {
  networks: [{ mode: 'container/bridge' }],
  mappings: [
    { ...mapping, containerPort: 8080, hostPort: 0 },
    { ...mapping, containerPort: 0, hostPort: 0 },
    { ...mapping, containerPort: 0 },
  ],
  definitions: [],
}
const hostPorts = [31_000, 31_001]

const http = (more: object): Partial<AppCheck> => ({ http: { scheme: 'HTTP', ...more } })

test.each<readonly [string, Partial<AppCheck>, ExposedPorts, Partial<CheckInfo> | undefined]>([
  ['the port named', http({ port: 100 }), onHost, { http: { port: 100 } }],
  ['with a path', http({ port: 100, path: '/up' }), onHost, { http: { port: 100, path: '/up' } }],
  ['the port named, although there are others', { tcp: { port: 100 } }, onBridge, { tcp: { port: 100 } }],
  ['on the host: the port assigned', http({ portIndex: 1 }), onHost, { http: { port: 31_001 } }],
  ['by TCP the same', { tcp: { portIndex: 1 } }, onHost, { tcp: { port: 31_001 } }],
  ['in a network: the port inside', { tcp: { portIndex: 0 } }, onBridge, { tcp: { port: 8080 } }],
  ['which may be the host’s', { tcp: { portIndex: 1 } }, onBridge, { tcp: { port: 31_001 } }],
  ['no port at all: no check', { tcp: { portIndex: 2 } }, onBridge, undefined],
  ['neither port nor index: the only one', { tcp: {} }, onHost, { tcp: { port: 31_000 } }],
  [
    'a shell line',
    { exec: { command: { shell: 'test -f up' } } },
    onHost,
    { command: { shell: true, value: 'test -f up' } },
  ],
  [
    'words',
    { exec: { command: { argv: ['test', '-f', 'up'] } } },
    onHost,
    { command: { shell: false, value: 'test', arguments: ['test', '-f', 'up'] } },
  ],
])('what is asked: %s', (_, kind, exposed, target) => {
  const check = { intervalSeconds: 60, timeoutSeconds: 20, delaySeconds: 15, ...kind }
  const times = { interval: 60_000, timeout: 20_000, delay: 15_000 }
  expect(checkInfo(check, exposed, hostPorts)).toEqual(
    target === undefined ? undefined : { ...target, ...times },
  )
})
