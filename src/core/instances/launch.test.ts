import { expect, test } from 'vitest'
import { agent, at, buildInstance, buildTask, webApp } from '../../../tests/support/in-condition.ts'
import type { Launch } from '../actions.ts'
import type { Resource } from '../mesos.ts'
import { isScheduled } from './condition.ts'
import type { Instance } from './instance.ts'
import { provision, schedule, takenResources } from './launch.ts'

const scalar = (name: string, amount: number, role = '*'): Resource => ({ name, scalar: amount, role })

const launchOf = (instance: Instance): Launch => ({
  instance,
  runSpec: webApp(),
  agent: { ...agent, agentId: 'S9', hostname: 'n9.example', address: '10.0.0.9' },
  tasks: [
    {
      name: '_app',
      hostPorts: [31005],
      info: {
        name: 'web.shop',
        taskId: `${instance.id}._app.${instance.attempt + 1}`,
        agentId: 'S9',
        resources: [
          scalar('cpus', 0.2, 'prod'),
          scalar('cpus', 0.1),
          scalar('mem', 64),
          { name: 'ports', ranges: [{ begin: 31005, end: 31005 }], role: '*' },
        ],
        command: { shell: true, value: 'sleep 600', environment: [], uris: [] },
        labels: {},
        discovery: { visibility: 'FRAMEWORK', name: 'web.shop', ports: [] },
      },
    },
  ],
})

test('a new instance waits, with the version and role of its run spec', () => {
  const instance = schedule(webApp({ role: 'prod' }), 'shop_web.instance-x', at(3))
  expect(isScheduled(instance)).toBe(true)
  expect(instance).toEqual({
    id: 'shop_web.instance-x',
    runSpecId: '/shop/web',
    runSpecVersion: webApp().version,
    role: 'prod',
    goal: 'Running',
    condition: 'Scheduled',
    since: at(3),
    scheduledAt: at(3),
    attempt: 0,
    tasks: [],
  })
})

test('a launch gives it its first task', () => {
  const scheduled = schedule(webApp(), 'shop_web.instance-x', at(3))
  expect(provision(scheduled, launchOf(scheduled), at(5))).toEqual({
    ...scheduled,
    condition: 'Provisioned',
    since: at(5),
    attempt: 1,
    agent: { agentId: 'S9', hostname: 'n9.example', address: '10.0.0.9', attributes: [] },
    tasks: [
      {
        id: 'shop_web.instance-x._app.1',
        name: '_app',
        runSpecVersion: webApp().version,
        condition: 'Provisioned',
        stagedAt: at(5),
        hostPorts: [31005],
        ipAddresses: [],
        resources: { cpus: 0.3, mem: 64, disk: 0, gpus: 0 },
      },
    ],
  })
})

test('a relaunch in place leaves nothing of the task before', () => {
  const failed = buildInstance('Failed', {
    activeSince: at(1),
    healthy: false,
    tasks: [buildTask('Failed', { startedAt: at(1) })],
  })
  const again = provision(failed, launchOf(failed), at(5))
  expect(again).toMatchObject({ id: failed.id, attempt: 2, scheduledAt: failed.scheduledAt })
  expect(again).not.toHaveProperty('activeSince')
  expect(again).not.toHaveProperty('healthy')
  expect(again.tasks.map((task) => task.id)).toEqual([`${failed.id}._app.2`])
})

test('amounts from several entries add up without rounding dust', () => {
  expect(takenResources([scalar('cpus', 0.1), scalar('cpus', 0.2), scalar('gpus', 1)])).toEqual({
    cpus: 0.3,
    mem: 0,
    disk: 0,
    gpus: 1,
  })
})
