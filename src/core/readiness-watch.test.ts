import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import type { ProbeEffect, ProbeOutcome } from './health/probe.ts'
import type { Ready } from './ready.ts'

const definition = (more: object = {}) => ({
  id: '/web',
  cmd: 'serve',
  instances: 1,
  portDefinitions: [{ port: 0, name: 'http' }],
  readinessChecks: [{ portName: 'http', intervalSeconds: 5, timeoutSeconds: 1 }],
  ...more,
})

const yes: ProbeOutcome = { kind: 'answered', status: 200, statusText: 'OK' }
const no: ProbeOutcome = { kind: 'answered', status: 503, statusText: 'no' }

const probesOf = ({ probes }: Ready): string[] =>
  probes.map((effect: ProbeEffect) =>
    effect.kind === 'begin-probe' ? `begin ${effect.probe.id}` : `end ${effect.id}`,
  )

/** The app runs, and its deployment waits for it to be ready. */
function waiting(): { core: HandCore; task: string; begun: string[] } {
  const core = new HandCore()
  core.create(definition())
  core.offers(offerOf('n1'))
  const task = core.launched[0]!.taskId
  return { core, task, begun: probesOf(core.tellAll('TASK_RUNNING')) }
}

const answer = (core: HandCore, taskId: string, outcome: ProbeOutcome): Ready =>
  core.step({ kind: 'probe-results', results: [{ id: `readiness/${taskId}`, outcome }] })

test('a task is asked from when it runs until it is ready, and its instance keeps that', () => {
  const { core, task, begun } = waiting()
  expect(begun).toEqual([`begin readiness/${task}`])
  expect(probesOf(answer(core, task, no))).toEqual([])
  expect(core.view.readinessOf('/web')).toEqual([{ name: 'readinessCheck', taskId: task, ready: false }])
  const last = answer(core, task, yes)
  expect(probesOf(last)).toEqual([`end readiness/${task}`])
  expect(last.writes).toContainEqual(
    expect.objectContaining({ table: 'instance', value: expect.objectContaining({ ready: true }) }),
  )
  expect(core.view.deployments()).toEqual([])
  expect(core.view.readinessOf('/web')).toEqual([])
})

test('each answer is a change that people see', () => {
  const { core, task } = waiting()
  const before = core.view.revision
  answer(core, task, no)
  expect(core.view.changedSince(before)).toContain('/web')
})

test('answers after the task has ended, or of nobody that is asked, mean nothing', () => {
  const { core, task } = waiting()
  expect(probesOf(core.status(task, 'TASK_FAILED'))).toEqual([`end readiness/${task}`])
  answer(core, task, yes)
  answer(core, 'web.instance-none._app.1', yes)
  answer(core, 'no task', yes)
  expect(core.view.instancesOf('/web')[0]).not.toHaveProperty('ready')
  expect(core.view.readinessOf('/web')).toEqual([])
})

test('a task that is cut off is not asked; when it is back it is', () => {
  const core = new HandCore()
  core.create(definition({ unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 120 } }))
  core.offers(offerOf('n1'))
  const task = core.launched[0]!.taskId
  core.tellAll('TASK_RUNNING')
  expect(probesOf(core.status(task, 'TASK_UNREACHABLE'))).toEqual([`end readiness/${task}`])
  expect(probesOf(core.status(task, 'TASK_RUNNING'))).toEqual([`begin readiness/${task}`])
})

test('a deployment that is cancelled asks nothing more', () => {
  const { core, task } = waiting()
  const { id } = core.view.deployments()[0]!
  const { ready } = core.tell({ kind: 'cancel-deployment', id, force: true })
  expect(probesOf(ready)).toEqual([`end readiness/${task}`])
})

test('nobody is asked while nothing is deployed, not even a task that is launched again', () => {
  const { core, task } = waiting()
  answer(core, task, yes)
  expect(probesOf(core.status(task, 'TASK_FAILED'))).toEqual([])
  core.run(5_000)
  core.offers(offerOf('n2'))
  expect(probesOf(core.tellAll('TASK_RUNNING'))).toEqual([])
  expect(core.view.instancesOf('/web')[0]).not.toHaveProperty('ready')
})

test('when an app is scaled the new instances are asked, and not those that were there', () => {
  const { core, task } = waiting()
  answer(core, task, yes)
  core.update('/web', { instances: 2 })
  core.offers(offerOf('n2'))
  const begun = probesOf(core.tellAll('TASK_RUNNING'))
  expect(begun).toHaveLength(1)
  expect(begun[0]).not.toContain(task)
})

test('a new process asks those that are not ready, and shows those that are', () => {
  const { core, task } = waiting()
  const next = new HandCore({ records: core.records })
  expect(next.view.readinessOf('/web')).toEqual([])
  answer(next, task, no)
  expect(next.view.readinessOf('/web')).toMatchObject([{ taskId: task, ready: false }])
  answer(next, task, yes)
  expect(next.view.deployments()).toEqual([])
})
