import { expect, it } from 'vitest'
import type { TaskInfo } from '../../core/mesos.ts'
import { seconds } from '../../lib/instant.ts'
import { describePod, describeUnsupported } from './refusals.ts'

const info = (more: Partial<TaskInfo>): TaskInfo => ({
  name: 'x',
  taskId: 'x',
  agentId: 'agent-1',
  resources: [],
  command: { shell: true, value: 'true', environment: [], uris: [] },
  labels: {},
  discovery: { visibility: 'FRAMEWORK', name: 'x', ports: [] },
  ...more,
})

it.each<[Partial<TaskInfo>, string | undefined]>([
  [{}, undefined],
  [{ container: { type: 'MESOS' } }, undefined],
  [{ container: { type: 'MESOS', network: 'HOST', volumes: [], portMappings: [] } }, undefined],
  [{ executor: '/opt/exec' }, 'The local engine cannot run custom executors yet (executor "/opt/exec")'],
  [
    { container: { type: 'DOCKER', image: 'a:1' } },
    'The local engine cannot run Docker containers yet (image "a:1")',
  ],
  [
    { container: { type: 'MESOS', image: 'a:1' } },
    'The local engine cannot run container images yet (image "a:1")',
  ],
  [
    { container: { type: 'DOCKER' } },
    'The local engine cannot run Docker containers yet (container type DOCKER)',
  ],
  [
    { container: { type: 'MESOS', volumes: [{ containerPath: 'data', mode: 'RW', hostPath: '/srv' }] } },
    'The local engine cannot mount volumes yet (containerPath "data")',
  ],
  [
    {
      container: {
        type: 'MESOS',
        volumes: [
          {
            containerPath: 'data',
            mode: 'RW',
            source: { type: 'DOCKER_VOLUME', dockerVolume: { driver: 'rexray', name: 'v' } },
          },
        ],
      },
    },
    'The local engine cannot mount external volumes yet (containerPath "data")',
  ],
  [
    {
      container: {
        type: 'MESOS',
        volumes: [{ containerPath: 'key', mode: 'RO', source: { type: 'SECRET', secret: '/tls' } }],
      },
    },
    'The local engine cannot look up secrets yet (containerPath "key")',
  ],
  [
    { command: { ...info({}).command, secrets: [{ name: 'PASSWORD', secret: '/db' }] } },
    'The local engine cannot look up secrets yet (environment variable "PASSWORD")',
  ],
  [{ container: { type: 'MESOS', tty: true } }, 'The local engine cannot give a task a terminal yet (tty)'],
  [{ check: { tcp: { port: 80 }, delay: seconds(1), interval: seconds(1), timeout: seconds(1) } }, undefined],
  [
    { container: { type: 'MESOS', network: 'BRIDGE' } },
    'The local engine cannot give a task a network of its own yet (network BRIDGE)',
  ],
  [
    { container: { type: 'MESOS', portMappings: [{ hostPort: 1, containerPort: 80, protocol: 'tcp' }] } },
    'The local engine cannot map ports yet (containerPort 80)',
  ],
])('%o: %s', (more, message) => {
  expect(describeUnsupported(info(more))).toBe(message)
})

it('refuses the containers of a pod one by one, with their names', () => {
  expect(describePod(info({ name: 'front' }))).toBe(
    'The local engine cannot run pods yet (container "front")',
  )
})
