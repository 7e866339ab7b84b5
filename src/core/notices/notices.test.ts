// The bodies of examples 8, byte by byte: names, order and values of the fields.

import { describe, expect, test } from 'vitest'
import { buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { type Instant, parseInstant } from '../../lib/instant.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { Instance } from '../instances/instance.ts'
import type { TaskStatus } from '../mesos.ts'
import { apiPost, appTerminated } from './app.ts'
import {
  deploymentFailed,
  deploymentInfo,
  deploymentStepFailure,
  deploymentStepSuccess,
  deploymentSuccess,
} from './deployment.ts'
import { groupChangeFailed, groupChangeSuccess } from './group.ts'
import { instanceChanged, instanceHealthChanged } from './instance.ts'
import type { Notice } from './notice.ts'
import { podCreated, podDeleted, podUpdated } from './pod.ts'
import { schedulerDisconnected, schedulerRegistered, schedulerReregistered } from './scheduler.ts'
import { statusUpdate, unknownInstanceTerminated } from './status.ts'

const moment = (text: string): Instant => parseInstant(text)!
const version = '2031-04-02T09:15:20.480Z'
const slave = '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S2'
const id = 'shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501'
const now = moment('2031-04-02T09:15:24.871Z')

const shows = (notice: Notice, json: string): void => {
  expect(JSON.stringify(notice.body)).toBe(json)
  expect(notice.type).toBe(notice.body.eventType)
}

const running: Instance = buildInstance('Running', {
  id,
  runSpecVersion: version,
  agent: { agentId: slave, hostname: 'n3.example', address: '10.0.0.3', attributes: [] },
  tasks: [
    buildTask('Running', {
      id: `${id}._app.1`,
      hostPorts: [31544],
      ipAddresses: [{ ipAddress: '10.0.0.13', protocol: 'IPv4' }],
    }),
  ],
})

describe('status_update_event', () => {
  const status: TaskStatus = {
    taskId: `${id}._app.1`,
    state: 'TASK_RUNNING',
    timestamp: now,
    agentId: slave,
  }

  test('as in the example', () => {
    shows(
      statusUpdate(running, status, now),
      `{"slaveId":"${slave}","taskId":"${id}._app.1","taskStatus":"TASK_RUNNING","message":"","appId":"/shop/web","host":"n3.example","ipAddresses":[{"ipAddress":"10.0.0.13","protocol":"IPv4"}],"ports":[31544],"version":"${version}","eventType":"status_update_event","timestamp":"2031-04-02T09:15:24.871Z"}`,
    )
  })

  test('the agent is that of the status, empty if it names none; the message is passed on', () => {
    const { agentId: _agentId, ...anonymous } = status
    const { body } = statusUpdate(running, { ...anonymous, message: 'Command exited with status 1' }, now)
    expect(body).toMatchObject({ slaveId: '', message: 'Command exited with status 1' })
  })

  test('the state shown is that of the condition the task is in', () => {
    const gone = { ...running, tasks: [{ ...running.tasks[0]!, condition: 'Gone' as const }] }
    expect(statusUpdate(gone, { ...status, state: 'TASK_LOST' }, now).body.taskStatus).toBe('TASK_GONE')
  })

  test('a status of another task is a broken promise of the caller', () => {
    expect(() => statusUpdate(running, { ...status, taskId: 'other' }, now)).toThrow('other')
  })
})

describe('instance events', () => {
  test('instance_changed_event as in the example', () => {
    shows(
      instanceChanged(running, moment('2031-04-02T09:15:24.872Z')),
      `{"instanceId":"${id}","condition":"Running","runSpecId":"/shop/web","agentId":"${slave}","host":"n3.example","runSpecVersion":"${version}","timestamp":"2031-04-02T09:15:24.872Z","eventType":"instance_changed_event"}`,
    )
  })

  test('one that was never launched has no agent and no host', () => {
    expect(instanceChanged(buildInstance('Scheduled'), now).body).toMatchObject({ agentId: null, host: null })
  })

  test.each([
    [true, 'true'],
    [false, 'false'],
    [undefined, 'null'],
  ])('instance_health_changed_event, healthy %s', (healthy, shown) => {
    shows(
      instanceHealthChanged(healthy === undefined ? running : { ...running, healthy }, now),
      `{"instanceId":"${id}","runSpecId":"/shop/web","healthy":${shown},"runSpecVersion":"${version}","timestamp":"2031-04-02T09:15:24.871Z","eventType":"instance_health_changed_event"}`,
    )
  })

  test('unknown_instance_terminated_event', () => {
    shows(
      unknownInstanceTerminated({ instanceId: id, runSpecId: '/old/app', condition: 'Killed' }, now),
      `{"instanceId":"${id}","runSpecId":"/old/app","condition":"Killed","timestamp":"2031-04-02T09:15:24.871Z","eventType":"unknown_instance_terminated_event"}`,
    )
  })
})

describe('deployment events', () => {
  const deployment: Deployment = {
    id: '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10',
    version,
    steps: [
      { actions: [{ kind: 'StartApplication', runSpecId: '/shop/web' }] },
      { actions: [{ kind: 'ScaleApplication', runSpecId: '/shop/web' }] },
    ],
    changes: [{ id: '/shop/web', to: version }],
    currentStep: 0,
    startedAt: now,
  }
  const start = '{"actions":[{"action":"StartApplication","app":"/shop/web"}]}'
  const scale = '{"actions":[{"action":"ScaleApplication","app":"/shop/web"}]}'
  const plan = `{"id":"${deployment.id}","steps":[${start},${scale}],"version":"${version}"}`
  const tail = (type: string): string => `"eventType":"${type}","timestamp":"2031-04-02T09:15:24.871Z"`

  test.each([
    ['deployment_info', deploymentInfo],
    ['deployment_step_success', deploymentStepSuccess],
    ['deployment_step_failure', deploymentStepFailure],
  ] as const)('%s shows the plan and the step in progress', (type, notice) => {
    shows(notice(deployment, now), `{"plan":${plan},"currentStep":${start},${tail(type)}}`)
    shows(
      notice({ ...deployment, currentStep: 1 }, now),
      `{"plan":${plan},"currentStep":${scale},${tail(type)}}`,
    )
  })

  test('pods by their own key', () => {
    const steps = [{ actions: [{ kind: 'StopPod', runSpecId: '/shop/pair' }] }] as const
    expect(deploymentInfo({ ...deployment, steps }, now).body).toMatchObject({
      plan: { steps: [{ actions: [{ action: 'StopPod', pod: '/shop/pair' }] }] },
      currentStep: { actions: [{ action: 'StopPod', pod: '/shop/pair' }] },
    })
  })

  test('deployment_success', () => {
    shows(
      deploymentSuccess(deployment, now),
      `{"id":"${deployment.id}","plan":${plan},${tail('deployment_success')}}`,
    )
  })

  test('deployment_failed, with and without a reason', () => {
    const failed = `{"id":"${deployment.id}","plan":${plan},${tail('deployment_failed')}`
    shows(deploymentFailed(deployment, now), `${failed}}`)
    shows(
      deploymentFailed(deployment, now, 'The upgrade has been cancelled'),
      `${failed},"reason":"The upgrade has been cancelled"}`,
    )
  })
})

describe('group, app, pod and scheduler events', () => {
  const tail = (type: string): string => `"eventType":"${type}","timestamp":"2031-04-02T09:15:24.871Z"`

  test.each<readonly [Notice, string]>([
    [
      groupChangeSuccess({ groupId: '/shop', version }, now),
      `{"groupId":"/shop","version":"${version}",${tail('group_change_success')}}`,
    ],
    [
      groupChangeFailed({ groupId: '/shop', version, reason: 'App is locked' }, now),
      `{"groupId":"/shop","version":"${version}","reason":"App is locked",${tail('group_change_failed')}}`,
    ],
    [appTerminated('/shop/web', now), `{"appId":"/shop/web",${tail('app_terminated_event')}}`],
    [
      apiPost({ clientIp: '10.0.0.99', uri: '/v2/apps' }, { id: '/shop/web', cpus: 1 }, now),
      `{"clientIp":"10.0.0.99","uri":"/v2/apps","appDefinition":{"id":"/shop/web","cpus":1},${tail('api_post_event')}}`,
    ],
    ...([podCreated, podUpdated, podDeleted] as const).map((notice, i) => {
      const type = `pod_${['created', 'updated', 'deleted'][i]}_event`
      const origin = { clientIp: '10.0.0.99', uri: '/v2/pods' }
      return [notice(origin, now), `{"clientIp":"10.0.0.99","uri":"/v2/pods",${tail(type)}}`] as const
    }),
    [
      schedulerRegistered({ frameworkId: 'F-0000', master: 'mm1.example' }, now),
      `{"frameworkId":"F-0000","master":"mm1.example",${tail('scheduler_registered_event')}}`,
    ],
    [
      schedulerReregistered('mm1.example', now),
      `{"master":"mm1.example",${tail('scheduler_reregistered_event')}}`,
    ],
    [schedulerDisconnected(now), `{${tail('scheduler_disconnected_event')}}`],
  ])('$type', (notice, json) => {
    shows(notice, json)
  })
})
