// What people see of a pod: each state an instance can be in, its containers, endpoints, health and networks.

import { describe, expect, test } from 'vitest'
import { fakeNow, fakeView } from '../../../tests/support/fake-view.ts'
import { agent, at, buildInstance, buildTask, uuid } from '../../../tests/support/in-condition.ts'
import { plainContainer, plainPod } from '../../../tests/support/plain-pod.ts'
import { instanceId, taskId } from '../../core/ids.ts'
import type { Condition, Instance, Task } from '../../core/instances/instance.ts'
import type { TaskFailure } from '../../core/records.ts'
import type { View } from '../../core/view.ts'
import type { Pod, PodHealthCheck } from '../../spec/pod.ts'
import { podStatusJson } from './pod-status.ts'

const version = '2031-04-02T08:00:00.000Z'
const podId = '/foo'
const id = instanceId(podId, uuid(1))

const checkTimes = {
  gracePeriodSeconds: 300,
  intervalSeconds: 60,
  maxConsecutiveFailures: 3,
  timeoutSeconds: 20,
  delaySeconds: 15,
}
const asksWeb: PodHealthCheck = { http: { endpoint: 'web', path: '/ping', scheme: 'HTTP' }, ...checkTimes }
const runsCommand: PodHealthCheck = { exec: { command: { shell: 'test -f up' } }, ...checkTimes }

/** One container with two endpoints, of which `admin` has a host port and `web` is checked. */
const onePod = (healthCheck?: PodHealthCheck): Pod =>
  plainPod({
    id: podId,
    version,
    containers: [
      plainContainer({
        name: 'ct1',
        resources: { cpus: 0.01, mem: 100, disk: 0, gpus: 0 },
        endpoints: [
          { name: 'web', containerPort: 80, protocol: [], labels: {}, networkNames: [] },
          { name: 'admin', containerPort: 90, hostPort: 0, protocol: [], labels: {}, networkNames: [] },
        ],
        ...(healthCheck && { healthCheck }),
      }),
    ],
    networks: [
      { mode: 'container', name: 'dcos' },
      { mode: 'container', name: 'bigdog' },
    ],
  })

const addresses = [
  { ipAddress: '1.2.3.4', protocol: 'IPv4', network: 'dcos' },
  { ipAddress: '2.3.4.5', protocol: 'IPv4', network: 'bigdog' },
] as const

const taskIn = (condition: Condition, given: Partial<Task> = {}): Task =>
  buildTask(condition, {
    id: taskId(id, 1, 'ct1'),
    name: 'ct1',
    hostPorts: [1001],
    runSpecVersion: version,
    ...given,
  })

const instanceIn = (condition: Condition, task: Task | undefined, given: Partial<Instance> = {}): Instance =>
  buildInstance(condition, {
    id,
    runSpecId: podId,
    runSpecVersion: version,
    tasks: task === undefined ? [] : [task],
    agent,
    since: at(10),
    ...given,
  })

function viewOf(pod: Pod, instances: readonly Instance[], failure?: TaskFailure): View {
  const view = fakeView({ instances, ...(failure && { failures: [failure] }) })
  return { ...view, pod: () => pod, runSpecVersion: () => pod }
}

const statusOf = (pod: Pod, ...instances: readonly Instance[]) =>
  JSON.parse(podStatusJson(pod, viewOf(pod, instances), fakeNow))

const instanceOf = (pod: Pod, instance: Instance) => statusOf(pod, instance).instances[0]

const executorAlone = { cpus: 0.1, mem: 32, disk: 10, gpus: 0 }
const everything = { cpus: 0.11, mem: 132, disk: 10, gpus: 0 }
const started = '2031-04-02T09:00:05.000Z'
const running = (given: Partial<Task> = {}): Instance =>
  instanceIn('Running', taskIn('Running', { startedAt: at(5), ipAddresses: addresses, ...given }))

describe('an instance', () => {
  test('that is launched and not heard of is pending, and takes what its executor does', () => {
    const seen = instanceOf(onePod(asksWeb), instanceIn('Provisioned', taskIn('Provisioned')))
    expect(seen).toMatchObject({
      id,
      status: 'PENDING',
      agentHostname: 'n3.example',
      agentId: 'S2',
      resources: executorAlone,
      networks: [],
      specReference: '/v2/pods/foo::versions/2031-04-02T08:00Z',
    })
    expect(seen.containers).toEqual([
      {
        name: 'ct1',
        status: 'TASK_STAGING',
        statusSince: '2031-04-02T09:00:00.000Z',
        conditions: [],
        containerId: `${id}.ct1.1`,
        endpoints: [{ name: 'admin', allocatedHostPort: 1001 }, { name: 'web' }],
        lastUpdated: '2031-04-02T09:00:00.000Z',
        lastChanged: '2031-04-02T09:00:00.000Z',
      },
    ])
  })

  test('that was stopped before it was ever launched is over', () => {
    const stopped = instanceIn('Scheduled', undefined, { goal: 'Stopped' })
    expect(instanceOf(onePod(), stopped).status).toBe('TERMINAL')
  })

  describe('with a volume', () => {
    const persistenceId = 'foo#pst#9c1e8f00-0b1f-11ec-9a03-0242ac110002'
    const resident = (condition: Condition, given: Partial<Instance> = {}): Instance =>
      instanceIn(condition, taskIn(condition, { startedAt: at(5) }), {
        reservation: { id, volumes: [{ name: 'pst', persistenceId }], state: 'launched' },
        ...given,
      })
    const localVolumes = [
      { runSpecId: podId, containerPath: 'pst', uuid: '9c1e8f00-0b1f-11ec-9a03-0242ac110002', persistenceId },
    ]

    test('names it', () => {
      expect(instanceOf(onePod(), resident('Running'))).toMatchObject({ status: 'STABLE', localVolumes })
    })

    test('is over when it is stopped, and still holds its volume and what its containers take', () => {
      const stopped = resident('Killed', { goal: 'Stopped' })
      expect(instanceOf(onePod(asksWeb), stopped)).toMatchObject({
        status: 'TERMINAL',
        localVolumes,
        resources: everything,
        containers: [{ status: 'TASK_KILLED', conditions: [] }],
      })
    })

    test('waits where it was for its next launch', () => {
      const waiting = resident('Failed')
      expect(instanceOf(onePod(), waiting)).toMatchObject({ status: 'PENDING', agentId: 'S2', localVolumes })
    })
  })

  test.each(['Staging', 'Starting'] as const)(
    'that is %s is staging, and takes all it asked for',
    (condition) => {
      const task = taskIn(condition, { ipAddresses: condition === 'Starting' ? addresses : [] })
      const seen = instanceOf(onePod(asksWeb), instanceIn(condition, task))
      expect(seen).toMatchObject({ status: 'STAGING', resources: everything })
      expect(seen.containers[0].conditions).toEqual([])
      expect(seen.networks).toEqual(
        condition === 'Starting'
          ? [
              { name: 'dcos', addresses: ['1.2.3.4'] },
              { name: 'bigdog', addresses: ['2.3.4.5'] },
            ]
          : [],
      )
    },
  )

  test.each([
    ['an endpoint, of which nothing is known yet', asksWeb, undefined, 'DEGRADED', 'false', 'unreported'],
    ['an endpoint that fails', asksWeb, false, 'DEGRADED', 'false', 'reported'],
    ['an endpoint that is well', asksWeb, true, 'STABLE', 'true', 'reported'],
    ['a command, of which nothing is known yet', runsCommand, undefined, 'DEGRADED', 'false', 'unreported'],
    ['a command that fails', runsCommand, false, 'DEGRADED', 'false', 'reported'],
    ['a command that is well', runsCommand, true, 'STABLE', 'true', 'reported'],
  ])('that runs, checked by %s', (_by, check, healthy, status, value, said) => {
    const seen = instanceOf(onePod(check), running(healthy === undefined ? {} : { healthy }))
    expect(seen.status).toBe(status)
    expect(seen.message).toBe(status === 'STABLE' ? undefined : 'at least one container is not healthy')
    const [container] = seen.containers
    expect(container.conditions).toEqual([
      {
        name: 'healthy',
        lastChanged: started,
        lastUpdated: started,
        value,
        reason: `health-${said}-by-mesos`,
      },
    ])
    // The endpoint that is checked comes last, and with what is known of it.
    const web = { name: 'web', ...(check === asksWeb && healthy !== undefined && { healthy }) }
    expect(container.endpoints).toEqual([{ name: 'admin', allocatedHostPort: 1001 }, web])
    expect(container.statusSince).toBe(started)
  })

  test('that runs without checks is stable', () => {
    expect(instanceOf(onePod(), running())).toMatchObject({ status: 'STABLE', resources: everything })
  })

  test.each(['Unreachable', 'UnreachableInactive'] as const)('that is %s is degraded', (condition) => {
    const cutOff = instanceIn(condition, taskIn('Unreachable', { startedAt: at(5) }))
    expect(instanceOf(onePod(), cutOff)).toMatchObject({
      status: 'DEGRADED',
      message: 'pod instance has become unreachable',
    })
  })

  test.each(['Killing', 'Finished', 'Killed', 'Error', 'Failed', 'Gone', 'Dropped', 'Unknown'] as const)(
    'that is %s is over',
    (condition) => {
      const ended = instanceIn(condition, taskIn(condition), { goal: 'Decommissioned' })
      const seen = instanceOf(onePod(asksWeb), ended)
      expect(seen.status).toBe('TERMINAL')
      expect(seen.containers[0].endpoints).toHaveLength(condition === 'Killing' ? 2 : 0)
    },
  )

  test('of several containers has the addresses of all of them once, by network', () => {
    const other = taskIn('Running', { name: 'ct2', id: taskId(id, 1, 'ct2'), ipAddresses: addresses })
    const instance = { ...running(), tasks: [...running().tasks, other] }
    expect(instanceOf(onePod(), instance).networks).toEqual([
      { name: 'dcos', addresses: ['1.2.3.4'] },
      { name: 'bigdog', addresses: ['2.3.4.5'] },
    ])
  })

  test("on the host's network has addresses without a name", () => {
    const hosts = [
      { ipAddress: '10.0.0.1', protocol: 'IPv4' },
      { ipAddress: '10.0.0.2', protocol: 'IPv4' },
    ] as const
    expect(instanceOf(onePod(), running({ ipAddresses: hosts })).networks).toEqual([
      { addresses: ['10.0.0.1', '10.0.0.2'] },
    ])
  })
})

describe('a pod', () => {
  test('is stable when as many instances are so as are wanted', () => {
    const second = { ...running(), id: instanceId(podId, uuid(2)) }
    const two = { ...onePod(), instances: 2 }
    expect(statusOf(two, running(), second).status).toBe('STABLE')
    expect(statusOf(two, running()).status).toBe('DEGRADED')
  })

  test('without instances has been as it is since now', () => {
    expect(statusOf(onePod())).toMatchObject({
      status: 'DEGRADED',
      statusSince: '2031-04-02T09:20:40.000Z',
      instances: [],
      lastUpdated: '2031-04-02T09:20:40.000Z',
    })
  })

  test('shows no instance that waits for its first agent, and one that waits for its next', () => {
    const { agent: _none, ...fresh } = instanceIn('Scheduled', undefined)
    const again = instanceIn('Failed', taskIn('Failed'))
    expect(statusOf(onePod(), fresh).instances).toEqual([])
    expect(statusOf(onePod(), again).instances).toMatchObject([{ status: 'PENDING' }])
  })

  test('shows each instance by the version it runs, and by the present one when that is gone', () => {
    const older = onePod(runsCommand)
    const newer = {
      ...onePod(),
      version: '2031-04-02T08:01:00.000Z',
      containers: [plainContainer({ name: 'ct2', resources: { cpus: 1, mem: 1, disk: 0, gpus: 0 } })],
    }
    const second = instanceIn('Running', taskIn('Running', { name: 'ct2', startedAt: at(5) }), {
      id: instanceId(podId, uuid(2)),
      runSpecVersion: newer.version,
    })
    const containersOf = (kept: readonly Pod[]) => {
      const instances = [running({ healthy: true }), second]
      const view = {
        ...viewOf(newer, instances),
        runSpecVersion: (_: string, wanted: string) => kept.find((pod) => pod.version === wanted),
      }
      const shown: { instances: { specReference: string; containers: object[] }[] } = JSON.parse(
        podStatusJson(newer, view, fakeNow),
      )
      return shown.instances.map(({ specReference, containers }) => ({ specReference, containers }))
    }
    expect(containersOf([older, newer])).toMatchObject([
      {
        specReference: '/v2/pods/foo::versions/2031-04-02T08:00Z',
        containers: [{ name: 'ct1', resources: { cpus: 0.01 } }],
      },
      {
        specReference: '/v2/pods/foo::versions/2031-04-02T08:01Z',
        containers: [{ name: 'ct2', resources: { cpus: 1 } }],
      },
    ])
    expect(containersOf([])).toMatchObject([
      { containers: [{ name: 'ct1' }] },
      { containers: [{ name: 'ct2' }] },
    ])
  })

  test('shows also an instance nobody knows of any more', () => {
    const unknown = instanceIn('Unknown', taskIn('Unknown', { startedAt: at(5) }))
    expect(statusOf(onePod(), unknown).instances).toMatchObject([{ id, containers: [{ name: 'ct1' }] }])
  })

  test('tells of its last failure while the task that failed is there', () => {
    const failed = instanceIn('Failed', taskIn('Failed', { startedAt: at(5) }))
    const failure: TaskFailure = {
      appId: podId,
      host: 'n3.example',
      message: 'Command exited with status 9',
      state: 'TASK_FAILED',
      taskId: `${id}.ct1.1`,
      timestamp: at(60),
      version,
    }
    const pod = onePod()
    const seen = JSON.parse(podStatusJson(pod, viewOf(pod, [failed], failure), fakeNow))
    expect(seen.terminationHistory).toEqual([
      {
        instanceID: id,
        startedAt: started,
        terminatedAt: '2031-04-02T09:01:00.000Z',
        message: 'Command exited with status 9',
        containers: [{ containerId: `${id}.ct1.1`, lastKnownState: 'TASK_FAILED' }],
      },
    ])
  })
})
