import { describe, expect, test } from 'vitest'
import { agent, at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import type { Condition, Task } from '../../core/instances/instance.ts'
import { firstTaskJson, tasksJson } from './task.ts'

const unchecked = { healthOf: () => [] }

const shown = (condition: Condition, given: Partial<Task> = {}, more: object = {}) => {
  const instance = buildInstance(condition, { tasks: [buildTask(condition, given)], ...more })
  return JSON.parse(firstTaskJson(unchecked, instance)!)
}
const ipAddresses = [
  { ipAddress: '123.123.123.123', protocol: 'IPv4' as const },
  { ipAddress: '::7', protocol: 'IPv6' as const, network: 'overlay-1' },
]

describe('a task (app-definition 5)', () => {
  const staging = {
    appId: '/shop/web',
    healthCheckResults: [],
    host: 'n3.example',
    id: buildTask('Staging').id,
    ipAddresses: [],
    ports: [],
    servicePorts: [],
    slaveId: 'S2',
    state: 'TASK_STAGING',
    stagedAt: '2031-04-02T09:00:00.000Z',
    version: '2031-04-02T08:00:00.000Z',
    localVolumes: [],
    role: '*',
  }

  test('that stages, without addresses', () => {
    expect(shown('Staging', { hostPorts: [] })).toEqual(staging)
  })

  test('with several addresses: the networks they are in are not shown', () => {
    expect(shown('Staging', { hostPorts: [], ipAddresses })).toEqual({
      ...staging,
      ipAddresses: [
        { ipAddress: '123.123.123.123', protocol: 'IPv4' },
        { ipAddress: '::7', protocol: 'IPv6' },
      ],
    })
  })

  test('that runs, on an agent that says where it is', () => {
    const placed = { agent: { ...agent, region: 'r1', zone: 'z1' }, role: 'db' }
    expect(shown('Running', { startedAt: at(5), ipAddresses }, placed)).toEqual({
      ...staging,
      ipAddresses: [expect.anything(), expect.anything()],
      ports: [31544],
      state: 'TASK_RUNNING',
      startedAt: '2031-04-02T09:00:05.000Z',
      region: 'r1',
      zone: 'z1',
      role: 'db',
    })
  })

  test('has the state of its condition, also before the engine told of any', () => {
    const states = (['Provisioned', 'Killing', 'Unreachable', 'Gone', 'Unknown'] as const).map(
      (condition) => shown(condition).state,
    )
    expect(states).toEqual(['TASK_STAGING', 'TASK_KILLING', 'TASK_UNREACHABLE', 'TASK_GONE', 'TASK_UNKNOWN'])
  })

  test('that has ended has neither times nor ports nor version', () => {
    const { stagedAt: _stagedAt, version: _version, ...ended } = staging
    expect(shown('Finished', { startedAt: at(5) })).toEqual({ ...ended, state: 'TASK_FINISHED' })
  })

  test.each([
    [{ command: { exitCode: 1 } }, { command: { exitCode: 1 } }],
    [{ tcp: { succeeded: false } }, { tcp: { succeeded: false } }],
    [{ http: { statusCode: 503 } }, { http: { statusCode: 503 } }],
    [{}, undefined],
  ])('tells what its check found, if it did: %j', (check, checkResult) => {
    expect(shown('Running', { check }).checkResult).toEqual(checkResult)
  })

  test('shows what is known of each of its health checks, times only where there are some', () => {
    const instance = buildInstance('Running')
    const results = [
      { alive: true, consecutiveFailures: 0, firstSuccess: at(1), lastSuccess: at(3), lastFailure: at(2) },
      {
        alive: false,
        consecutiveFailures: 2,
        lastFailure: at(4),
        lastFailureCause: '"servicePorts":[ 503 "Unavailable"',
      },
      { alive: false, consecutiveFailures: 0 },
    ]
    const text = firstTaskJson({ healthOf: () => results }, instance)!
    const instanceId = `instance [${instance.id}]`
    const time = (s: number): string => `2031-04-02T09:00:0${s}.000Z`
    expect(text).toContain(
      `"healthCheckResults":[{"alive":true,"consecutiveFailures":0,"firstSuccess":"${time(1)}","instanceId":"${instanceId}","lastSuccess":"${time(3)}","lastFailure":"${time(2)}"},{`,
    )
    expect(JSON.parse(text).healthCheckResults.slice(1)).toEqual([
      {
        alive: false,
        consecutiveFailures: 2,
        instanceId,
        lastFailure: time(4),
        lastFailureCause: '"servicePorts":[ 503 "Unavailable"',
      },
      { alive: false, consecutiveFailures: 0, instanceId },
    ])
    expect(JSON.parse(tasksJson({ healthOf: () => results }, instance, [7])[0]!)).toMatchObject({
      servicePorts: [7],
      healthCheckResults: [{}, {}, {}],
    })
  })

  test('has the service ports of its app where they are asked for', () => {
    const [task] = tasksJson(unchecked, buildInstance('Running'), [10_001, 10_002])
    expect(JSON.parse(task!).servicePorts).toEqual([10_001, 10_002])
  })

  test('is none as long as nobody knows where it will run', () => {
    expect(tasksJson(unchecked, buildInstance('Scheduled'))).toEqual([])
  })

  test('shows the volumes its agent keeps for it, while it runs and afterwards', () => {
    const persistenceId = 'shop_web#data/db#9c1e8f00-0b1f-11ec-9a03-0242ac110002'
    const reservation = {
      id: buildInstance('Running').id,
      volumes: [{ name: 'data/db', persistenceId }],
      state: 'launched' as const,
    }
    const localVolumes = [
      {
        runSpecId: '/shop/web',
        containerPath: 'data/db',
        uuid: '9c1e8f00-0b1f-11ec-9a03-0242ac110002',
        persistenceId,
      },
    ]
    expect(shown('Running', {}, { reservation }).localVolumes).toEqual(localVolumes)
    const stopped = { goal: 'Stopped', reservation: { ...reservation, state: 'suspended' } }
    expect(shown('Killed', {}, stopped)).toMatchObject({ state: 'TASK_KILLED', ports: [], localVolumes })
  })
})
