// What the operator's own code makes of launches (events-metrics-flags 5.2).

import { expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../../tests/support/hand-core.ts'
import { residentPod } from '../../../tests/support/resident-core.ts'
import type { Operation } from '../mesos.ts'
import type { LaunchDraft, TaskProcessor } from './task-processors.ts'

const processor = (change: TaskProcessor['change']): TaskProcessor => ({ id: 'p', change })

const launchedBy = (core: HandCore): Operation =>
  core.effects.flatMap((effect) => (effect.kind === 'accept' ? effect.operations : [])).at(-1)!

function launching(options: HandCoreOptions, body: object = {}) {
  const core = new HandCore(options)
  core.create({ id: '/app', cmd: 'serve', env: { A: '1' }, labels: { a: '1' }, user: 'one', ...body })
  core.offers(offerOf('n1'))
  return { core, operation: launchedBy(core) }
}

const changed = (draft: LaunchDraft, change: Partial<LaunchDraft['tasks'][number]>): LaunchDraft => ({
  ...draft,
  tasks: draft.tasks.map((task) => ({ ...task, ...change })),
})

test('a task is launched as the processors leave it, one after the other', () => {
  const uri = { value: 'https://host/file', extract: true, executable: false, cache: false }
  const seen: unknown[] = []
  const { operation } = launching({
    taskProcessors: [
      processor((draft, definition, kind) => {
        seen.push(kind, definition['id'], draft.tasks[0]!.environment['A'])
        return changed(draft, { name: 'first', labels: { b: '2' }, uris: [uri], environment: { B: '2' } })
      }),
      processor((draft) => {
        const { user: _user, ...task } = draft.tasks[0]!
        return { tasks: [{ ...task, name: `${task.name}-extended` }] }
      }),
    ],
  })
  expect(seen).toEqual(['app', '/app', '1'])
  const [task] = operation.type === 'LAUNCH' ? operation.tasks : []
  expect(task).toMatchObject({
    name: 'first-extended',
    labels: { b: '2' },
    command: { value: 'serve', environment: [{ name: 'B', value: '2' }], uris: [uri] },
  })
  expect(task!.command).not.toHaveProperty('user')
})

test('what was matched stays: ids, agent, resources, ports, container', () => {
  const plain = launching({}).operation
  const { operation } = launching({ taskProcessors: [processor((draft) => draft)] })
  expect(operation).toEqual(plain)
})

test('the tasks of a pod and its executor are changed together', () => {
  const core = new HandCore({
    taskProcessors: [
      processor((draft) => ({
        tasks: draft.tasks.map((task) => ({ ...task, name: `${task.name}-extended` })),
        executor: { labels: { site: 'berlin' } },
      })),
    ],
  })
  const { volumes: _volumes, role: _role, ...pod } = residentPod()
  const containers = pod.containers.map(({ name, exec, resources }) => ({ name, exec, resources }))
  core.ask({
    kind: 'create-pod',
    body: { ...pod, containers },
    force: false,
    origin: { clientIp: '', uri: '' },
  })
  const plain = offerOf('n1')
  core.offers({ ...plain, resources: [...plain.resources, { name: 'disk', scalar: 100, role: '*' }] })
  const operation = launchedBy(core)
  if (operation.type !== 'LAUNCH_GROUP') throw new Error(`a pod is launched by ${operation.type}`)
  expect(operation.tasks.map(({ name }) => name)).toEqual(['store-extended', 'side-extended'])
  expect(operation.executor.labels).toEqual({ site: 'berlin' })
})

test('a variable whose value is a secret stays one', () => {
  const { operation } = launching(
    {
      settings: { enabledFeatures: new Set(['secrets']) },
      taskProcessors: [processor((draft) => changed(draft, { environment: { SECRET: 'seen', C: '3' } }))],
    },
    { env: { SECRET: { secret: 's' } }, secrets: { s: { source: '/vault/s' } } },
  )
  const [task] = operation.type === 'LAUNCH' ? operation.tasks : []
  expect(task!.command.environment).toEqual([{ name: 'C', value: '3' }])
  expect(task!.command.secrets).toEqual([{ name: 'SECRET', secret: '/vault/s' }])
})

test('one that throws keeps the app from being launched, and no other', () => {
  const core = new HandCore({
    quarantines: true,
    taskProcessors: [
      processor((draft, { id }) => {
        if (id === '/bad') throw new Error('no idea')
        return draft
      }),
    ],
  })
  core.create({ id: '/bad', cmd: 'serve' })
  core.create({ id: '/good', cmd: 'serve' })
  core.offers(offerOf('n1'))
  expect(core.launched.map(({ taskId }) => taskId.split('.')[0])).toEqual(['good'])
  expect([...core.view.quarantined().keys()]).toEqual(['/bad'])
})
