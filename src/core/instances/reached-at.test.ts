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
