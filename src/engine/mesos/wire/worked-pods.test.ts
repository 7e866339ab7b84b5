// Pods as they leave for the master (worked-examples 9.4): one group of tasks in the default executor.

import { describe, expect, test } from 'vitest'
import { plainContainer, plainEndpoint, plainPod } from '../../../../tests/support/plain-pod.ts'
import { launchedPod, ordered, variables } from '../../../../tests/support/sent-launch.ts'
import type { Pod } from '../../../spec/pod.ts'

const podId = 'shop_pair.instance-7a20c3f4-0b1f-11ec-9a03-0242ac110002'
const executorId = 'instance-shop_pair.7a20c3f4-0b1f-11ec-9a03-0242ac110002'

const pair = (change: Partial<Pod> = {}): Pod =>
  plainPod({
    id: '/shop/pair',
    version: '2021-09-01T08:20:00.000Z',
    labels: { team: 'blue' },
    networks: [{ mode: 'container', name: 'overlay-1', labels: {} }],
    volumes: [{ name: 'tmp' }],
    containers: [
      plainContainer({
        name: 'front',
        exec: { command: { shell: 'exec ./front' } },
        resources: { cpus: 0.5, mem: 64, disk: 0, gpus: 0 },
        image: { kind: 'DOCKER', id: 'registry.invalid/front:2', labels: {} },
        endpoints: [plainEndpoint('http', { containerPort: 8080 })],
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp/x', readOnly: false }],
      }),
      plainContainer({
        name: 'side',
        exec: { command: { argv: ['./side', '-q'] } },
        resources: { cpus: 0.1, mem: 16, disk: 0, gpus: 0 },
      }),
    ],
    ...change,
  })

const only = (container: Parameters<typeof plainContainer>[0], change: Partial<Pod> = {}) =>
  launchedPod(pair({ containers: [plainContainer(container)], ...change })).task_group.tasks[0]!

describe('a pod with two containers on a container network (worked-examples 9.4)', () => {
  const { executor, task_group } = launchedPod(pair(), 31010, { id: podId })
  const [front, side] = task_group.tasks

  test('has an executor with the ports, the networks and the labels of the pod', () => {
    expect(executor).toEqual({
      type: 'DEFAULT',
      executor_id: { value: executorId },
      framework_id: { value: '5d0c-0001' },
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
        { name: 'mem', type: 'SCALAR', scalar: { value: 32.0 } },
        { name: 'disk', type: 'SCALAR', scalar: { value: 10.0 } },
        { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31010, end: 31010 }] } },
      ],
      container: {
        type: 'MESOS',
        linux_info: { share_cgroups: false },
        network_infos: [
          {
            name: 'overlay-1',
            labels: {},
            port_mappings: [{ host_port: 31010, container_port: 8080, protocol: 'tcp' }],
          },
        ],
      },
      labels: { labels: [{ key: 'team', value: 'blue' }] },
    })
  })

  const environment = (name: string, cpus: string, mem: string) =>
    variables({
      HOST: 'node7.example',
      MESOS_TASK_ID: `${podId}.${name}.1`,
      MESOS_EXECUTOR_ID: executorId,
      MARATHON_APP_ID: '/shop/pair',
      MARATHON_APP_VERSION: '2021-09-01T08:20:00.000Z',
      MARATHON_CONTAINER_ID: name,
      MARATHON_CONTAINER_RESOURCE_CPUS: cpus,
      MARATHON_CONTAINER_RESOURCE_MEM: mem,
      MARATHON_CONTAINER_RESOURCE_DISK: '0.0',
      MARATHON_CONTAINER_RESOURCE_GPUS: '0',
      MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
      MARATHON_APP_LABELS: 'TEAM',
      MARATHON_APP_LABEL_TEAM: 'blue',
      ENDPOINT_HTTP: '8080',
      EP_HOST_HTTP: '31010',
      EP_CONTAINER_HTTP: '8080',
    })

  test('has a task with an image', () => {
    expect(ordered(front!)).toEqual(
      ordered({
        name: 'front',
        task_id: { value: `${podId}.front.1` },
        agent_id: { value: '5d0c-S4' },
        resources: [
          { name: 'cpus', type: 'SCALAR', scalar: { value: 0.5 } },
          { name: 'mem', type: 'SCALAR', scalar: { value: 64.0 } },
        ],
        command: {
          shell: true,
          value: 'exec ./front',
          environment: { variables: environment('front', '0.5', '64.0') },
        },
        container: {
          type: 'MESOS',
          mesos: { image: { type: 'DOCKER', docker: { name: 'registry.invalid/front:2' } } },
          volumes: [
            {
              container_path: '/tmp/x',
              mode: 'RW',
              source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'PARENT', path: 'volumes/tmp' } },
            },
          ],
          linux_info: { share_cgroups: false },
        },
        discovery: {
          visibility: 'FRAMEWORK',
          name: 'pair.shop',
          ports: {
            ports: [
              {
                number: 31010,
                name: 'http',
                protocol: 'tcp',
                labels: { labels: [{ key: 'network-scope', value: 'host' }] },
              },
            ],
          },
        },
      }),
    )
  })

  test('has a task without one', () => {
    expect(ordered(side!)).toEqual(
      ordered({
        name: 'side',
        task_id: { value: `${podId}.side.1` },
        agent_id: { value: '5d0c-S4' },
        resources: [
          { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
          { name: 'mem', type: 'SCALAR', scalar: { value: 16.0 } },
        ],
        command: {
          shell: false,
          arguments: ['./side', '-q'],
          environment: { variables: environment('side', '0.1', '16.0') },
        },
        container: { type: 'MESOS', linux_info: { share_cgroups: false } },
        discovery: { visibility: 'FRAMEWORK', name: 'pair.shop', ports: {} },
      }),
    )
  })

  test('relaunched: the next number, in the same executor', () => {
    const again = launchedPod(pair(), 31010, { id: podId, attempt: 1 })
    expect(again.task_group.tasks.map(({ task_id }) => task_id.value)).toEqual([
      `${podId}.front.2`,
      `${podId}.side.2`,
    ])
    expect(again.executor.executor_id.value).toBe(executorId)
  })

  test('says that cgroups are shared, if they are, on the executor and on each task', () => {
    const { executor, task_group } = launchedPod(pair({ legacySharedCgroups: true }))
    const infos = [executor, ...task_group.tasks].map(({ container }) => container?.linux_info)
    expect(infos).toEqual([{ share_cgroups: true }, { share_cgroups: true }, { share_cgroups: true }])
  })

  test('has IPC and shared memory of the pod on the executor, of a container on its task', () => {
    const { executor, task_group } = launchedPod(
      pair({
        linuxInfo: { ipcInfo: { mode: 'PRIVATE', shmSize: 32 } },
        containers: [
          plainContainer({
            linuxInfo: {
              ipcInfo: { mode: 'SHARE_PARENT' },
              seccomp: { profileName: 'strict', unconfined: false },
            },
          }),
        ],
      }),
    )
    expect(executor.container?.linux_info).toEqual({
      share_cgroups: false,
      ipc_mode: 'PRIVATE',
      shm_size: 32,
    })
    expect(task_group.tasks[0]?.container?.linux_info).toEqual({
      share_cgroups: false,
      ipc_mode: 'SHARE_PARENT',
      seccomp: { profile_name: 'strict', unconfined: false },
    })
  })

  test('on the host network joins none, and without labels says so', () => {
    const { executor } = launchedPod(pair({ networks: [{ mode: 'host' }], labels: {} }))
    expect(executor.container).toEqual({ type: 'MESOS', linux_info: { share_cgroups: false } })
    expect(executor.labels).toEqual({})
  })

  test('has mappings of each protocol', () => {
    const endpoints = [plainEndpoint('dns', { containerPort: 53, protocol: ['udp', 'tcp'] })]
    const { executor } = launchedPod(pair({ containers: [plainContainer({ endpoints })] }))
    expect(executor.container?.network_infos?.[0]?.port_mappings?.map(({ protocol }) => protocol)).toEqual([
      'udp',
      'tcp',
    ])
  })
})

describe('a container of a pod', () => {
  const image = { kind: 'DOCKER', id: 'i', labels: {} } as const

  test.each([
    [undefined, undefined],
    [true, false],
    [false, true],
  ])('with forcePull %s has an image that is cached: %s', (forcePull, cached) => {
    const pulled = forcePull === undefined ? image : { ...image, forcePull }
    expect(only({ image: pulled }).container?.mesos?.image?.cached).toBe(cached)
  })

  test('has the credentials of its registry by name', () => {
    const { container } = only({ image: { ...image, pullConfig: { secret: 'pull' } } })
    expect(container?.mesos?.image?.docker.config).toEqual({
      type: 'REFERENCE',
      reference: { name: 'pull' },
    })
  })

  test('with overrideEntrypoint names its program', () => {
    const command = { argv: ['./a', '-b'] }
    expect(only({ exec: { command, overrideEntrypoint: true } }).command).toMatchObject({
      shell: false,
      value: './a',
      arguments: ['./a', '-b'],
    })
    expect(only({ exec: { command } }).command).not.toHaveProperty('value')
  })

  test('without exec runs what its image says', () => {
    const { exec, ...container } = plainContainer({ image })
    expect(exec).toBeDefined()
    const { command } = launchedPod(pair({ containers: [container] })).task_group.tasks[0]!
    expect(command).toMatchObject({ shell: false })
    expect(command).not.toHaveProperty('arguments')
  })

  test('has its own user, labels, limits, time to end and terminal', () => {
    const task = only(
      {
        user: 'svc',
        labels: { tier: 'front' },
        resourceLimits: { cpus: 'unlimited', mem: 512 },
        lifecycle: { killGracePeriodSeconds: 2.5 },
        tty: true,
      },
      { user: 'nobody' },
    )
    expect(task.command?.user).toBe('svc')
    expect(task.labels).toEqual({ labels: [{ key: 'tier', value: 'front' }] })
    expect(task.limits).toEqual({ cpus: { value: 'Infinity' }, mem: { value: 512 } })
    expect(task.kill_policy).toEqual({ grace_period: { nanoseconds: 2_500_000_000 } })
    expect(task.container?.tty_info).toEqual({})
  })

  test('is checked at the port it has in its network', () => {
    const times = {
      delaySeconds: 1,
      intervalSeconds: 2,
      timeoutSeconds: 3,
      gracePeriodSeconds: 4,
      maxConsecutiveFailures: 5,
    }
    const endpoints = [plainEndpoint('http', { containerPort: 8080 })]
    const times5 = {
      delay_seconds: 1,
      interval_seconds: 2,
      timeout_seconds: 3,
      grace_period_seconds: 4,
      consecutive_failures: 5,
    }
    expect(
      only({ endpoints, healthCheck: { http: { endpoint: 'http', path: '/up', scheme: 'HTTPS' }, ...times } })
        .health_check,
    ).toEqual({ type: 'HTTP', http: { scheme: 'https', port: 8080, path: '/up' }, ...times5 })
    expect(
      only(
        { endpoints, healthCheck: { tcp: { endpoint: 'http' }, ...times } },
        { networks: [{ mode: 'host' }] },
      ).health_check,
    ).toEqual({ type: 'TCP', tcp: { port: 31010 }, ...times5 })
    expect(only({ healthCheck: { exec: { command: { argv: ['a', 'b'] } }, ...times } }).health_check).toEqual(
      {
        type: 'COMMAND',
        command: { shell: false, value: 'a', arguments: ['a', 'b'] },
        ...times5,
      },
    )
  })

  test('mounts folders of the host, volumes of the pod and secrets', () => {
    const { container } = only(
      {
        volumeMounts: [
          { name: 'host', mountPath: '/h', readOnly: true },
          { name: 'data', mountPath: '/data', readOnly: false },
          { name: 'key', mountPath: '/key', readOnly: true },
        ],
      },
      {
        volumes: [{ name: 'host', host: '/srv' }, { name: 'key', secret: 'key' }, { name: 'data' }],
        secrets: { key: { source: '/pair/key' } },
      },
    )
    expect(container?.volumes).toEqual([
      { container_path: '/h', mode: 'RO', host_path: '/srv' },
      {
        container_path: '/data',
        mode: 'RW',
        source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'PARENT', path: 'volumes/data' } },
      },
      {
        container_path: '/key',
        mode: 'RO',
        source: { type: 'SECRET', secret: { type: 'REFERENCE', reference: { name: '/pair/key' } } },
      },
    ])
  })
})
