import { expect, it } from 'vitest'
import type { TaskInfo } from '../../core/mesos.ts'
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
    { container: { type: 'MESOS', volumes: [{ containerPath: 'data' }] } },
    'The local engine cannot mount volumes yet (containerPath "data")',
  ],
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
