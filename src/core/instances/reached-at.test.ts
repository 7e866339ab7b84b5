import { expect, test } from 'vitest'
import { fakeInstance } from '../../../tests/support/fake-view.ts'
import { plainApp } from '../../../tests/support/plain-app.ts'
import type { App, PortMapping } from '../../spec/app.ts'
import { reachedAt } from './reached-at.ts'

const version = '2031-04-02T09:15:20.480Z'
const mapped = (...mappings: Partial<PortMapping>[]): Partial<App> => ({
  container: {
    type: 'MESOS',
    volumes: [],
    portMappings: mappings.map((mapping) => ({
      containerPort: 80,
      servicePort: 0,
      protocol: 'tcp',
      labels: {},
      networkNames: [],
      ...mapping,
    })),
  },
  networks: [{ mode: 'container', name: 'dcos', labels: {} }],
})

test.each<[string, Partial<App>, number[], string[], number, string | undefined]>([
  ['a port of the host', {}, [31_000, 31_001], [], 1, 'n1:31001'],
  ['a port that was not assigned', {}, [31_000], [], 1, undefined],
  ['a mapping to a port of the agent', mapped({ hostPort: 0 }), [31_007], ['172.16.0.2'], 0, 'n1:31007'],
  ['a mapping without one', mapped({ containerPort: 8080 }), [], ['172.16.0.2'], 0, '172.16.0.2:8080'],
  ['… whose container has no address yet', mapped({ containerPort: 8080 }), [], [], 0, undefined],
  [
    'mappings without a port of the agent leave no gap',
    mapped({ hostPort: 0 }, {}, { hostPort: 0 }),
    [31_007, 31_008],
    ['172.16.0.2'],
    2,
    'n1:31008',
  ],
  ['an index beyond the mappings', mapped({}), [], ['172.16.0.2'], 3, undefined],
])('%s', (_, change, hostPorts, addresses, index, expected) => {
  const app = plainApp({ id: '/web', version, ...change })
  const instance = fakeInstance({ appId: '/web', uuid: 'x', host: 'n1' })
  const ipAddresses = addresses.map((ipAddress) => ({ ipAddress, protocol: 'IPv4' as const }))
  const tasks = instance.tasks.map((task) => ({ ...task, hostPorts, ipAddresses }))
  const at = reachedAt(app, { ...instance, tasks }, index)
  expect(at === undefined ? undefined : `${at.address}:${at.port}`).toBe(expected)
})

test('nothing is reached before a launch', () => {
  const { agent: _agent, ...unplaced } = fakeInstance({ appId: '/web', uuid: 'x' })
  expect(reachedAt(plainApp({ id: '/web', version }), { ...unplaced, tasks: [] }, 0)).toBeUndefined()
})

/** Every port of an app in turn; `-` where nothing is reached. */
function allOf(change: Partial<App>, hostPorts: readonly number[], address?: string): string {
  const app = plainApp({ id: '/web', version, ...change })
  const instance = fakeInstance({ appId: '/web', uuid: 'x', host: 'host.some' })
  const ipAddresses = address === undefined ? [] : [{ ipAddress: address, protocol: 'IPv4' as const }]
  const tasks = instance.tasks.map((task) => ({ ...task, hostPorts, ipAddresses }))
  const count = (app.container?.portMappings ?? app.portDefinitions ?? []).length
  return Array.from({ length: count }, (_, index) => {
    const at = reachedAt(app, { ...instance, tasks }, index)
    return at === undefined ? '-' : `${at.address}:${at.port}`
  }).join(' ')
}

const onBridge = (change: Partial<App>): Partial<App> => ({
  ...change,
  networks: [{ mode: 'container/bridge' }],
})
const defined = (...names: string[]): Partial<App> => ({
  networks: [{ mode: 'host' }],
  portDefinitions: names.map((name) => ({ port: 0, protocol: 'udp,tcp', name, labels: {} })),
})
const three = [{ hostPort: 0 }, { hostPort: 123, protocol: 'udp' }, { containerPort: 0, hostPort: 0 }]
const fixed = [{ containerPort: 0, hostPort: 31_000 }, { containerPort: 80 }, { hostPort: 31_005 }]

test.each<[string, Partial<App>, number[], string | undefined, string]>([
  [
    'a bridge',
    onBridge(mapped(...three)),
    [20_001, 123, 20_002],
    undefined,
    'host.some:20001 host.some:123 host.some:20002',
  ],
  [
    'a bridge, whatever address is behind it',
    onBridge(mapped(...three)),
    [20_001, 123, 20_002],
    '10.0.0.42',
    'host.some:20001 host.some:123 host.some:20002',
  ],
  [
    'a network before the container has an address',
    mapped(...fixed),
    [31_000, 31_005],
    undefined,
    'host.some:31000 - host.some:31005',
  ],
  [
    'a network',
    mapped(...fixed),
    [31_000, 31_005],
    '10.0.0.42',
    'host.some:31000 10.0.0.42:80 host.some:31005',
  ],
  [
    'a network, with ports of the agent only behind others',
    mapped({}, { hostPort: 0 }),
    [30_000],
    '192.168.0.1',
    '192.168.0.1:80 host.some:30000',
  ],
  ['the host', defined('http', 'admin'), [31_000, 31_005], undefined, 'host.some:31000 host.some:31005'],
  ['the host, which is told no other address', defined('http'), [1], '192.168.0.1', 'host.some:1'],
  ['a bridge without ports', onBridge(mapped()), [], undefined, ''],
  ['a network without ports', mapped(), [], '192.168.0.1', ''],
  ['the host without ports', defined(), [], undefined, ''],
])('all ports on %s', (_, change, hostPorts, address, expected) => {
  expect(allOf(change, hostPorts, address)).toBe(expected)
})
