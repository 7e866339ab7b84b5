// Instances whose agents are cut off, while people scale down or wipe (runtime 8).

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { runningPod } from '../../tests/support/resident-core.ts'

const typesOf = (notices: readonly { readonly type: string }[]): string[] => notices.map(({ type }) => type)

const onNode = (node: number) =>
  offerOf(`n${node}`, { attributes: [{ name: 'node', scalar: node }] as const })

test('an app with constraints is scaled down while one of it is cut off: that one goes, and is forgotten in time', () => {
  const core = new HandCore()
  core.create({
    id: '/web',
    cmd: 'serve',
    instances: 2,
    constraints: [['node', 'MAX_PER', '1']],
    unreachableStrategy: { inactiveAfterSeconds: 180, expungeAfterSeconds: 240 },
  })
  core.offers(onNode(0), onNode(1))
  const [lost, kept] = core.launched.map(({ taskId }) => taskId)
  expect(typesOf(core.tellAll('TASK_RUNNING').notices)).toContain('deployment_success')
  core.run(600_000)
  core.status(lost!, 'TASK_UNREACHABLE')
  expect(core.view.instancesOf('/web')).toHaveLength(2)
  core.update('/web', { instances: 1 })
  expect(core.view.deployments()).toEqual([])
  expect(core.effects.filter(({ kind }) => kind === 'kill')).toEqual([])
  expect(core.view.instancesOf('/web').find(({ tasks }) => tasks[0]!.id === lost)).toMatchObject({
    condition: 'Unreachable',
    goal: 'Decommissioned',
  })
  core.run(241_000)
  expect(core.view.instancesOf('/web').map(({ tasks, condition }) => [tasks[0]!.id, condition])).toEqual([
    [kept, 'Running'],
  ])
})

describe('the instance of a pod that is cut off and wiped', () => {
  /** A pod without volumes that runs. */
  function plain(): HandCore {
    const core = new HandCore()
    const container = { name: 'a', exec: { command: { shell: 'serve' } }, resources: { cpus: 0.1, mem: 32 } }
    const body = { id: '/pods/db', containers: [container], scheduling: { unreachableStrategy: 'disabled' } }
    const origin = { clientIp: '10.0.0.99', uri: '/v2/pods' }
    core.ask({ kind: 'create-pod', body, force: false, origin })
    const offer = offerOf('n1')
    core.offers({ ...offer, resources: [...offer.resources, { name: 'disk', scalar: 100, role: '*' }] })
    core.tellAll('TASK_RUNNING')
    return core
  }

  test.each<[string, () => HandCore]>([
    ['with volumes', runningPod],
    ['without volumes', plain],
  ])('%s is forgotten at once and replaced, and ended when its agent is back', (_, make) => {
    const core = make()
    const [instance] = core.view.instancesOf('/pods/db')
    const taskIds = instance!.tasks.map(({ id }) => id)
    for (const taskId of taskIds) core.status(taskId, 'TASK_UNREACHABLE', { agentId: 'n1' })
    expect(core.view.instancesOf('/pods/db')).toMatchObject([{ condition: 'Unreachable' }])

    core.ask({
      kind: 'kill-tasks',
      selection: { kind: 'instances', runSpecId: '/pods/db', instanceIds: [instance!.id] },
      wipe: true,
    })
    const after = core.view.instancesOf('/pods/db')
    expect(after).toMatchObject([{ condition: 'Scheduled', goal: 'Running', attempt: 0, tasks: [] }])
    expect(after[0]!.id).not.toBe(instance!.id)
    expect(after[0]).not.toHaveProperty('reservation')

    for (const taskId of taskIds) {
      const { effects } = core.status(taskId, 'TASK_RUNNING', { agentId: 'n1' })
      expect(effects).toContainEqual({ kind: 'kill', taskId, cause: 'unknown-instance', agentId: 'n1' })
      expect(typesOf(core.status(taskId, 'TASK_KILLED', { agentId: 'n1' }).notices)).toEqual([
        'unknown_instance_terminated_event',
      ])
    }
  })
})
