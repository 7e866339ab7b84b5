import { describe, expect, it } from 'vitest'
import type { LaunchDraft } from '../core/placement/task-processors.ts'
import { type Logger, silentLogger } from '../logging/logger.ts'
import { type ProcessorInstance, taskProcessorOf } from './task-processor.ts'

const task: LaunchDraft['tasks'][number] = {
  taskId: 't.1',
  agentId: 'n1',
  name: 'web',
  labels: { a: '1' },
  environment: { A: '1' },
  user: 'one',
  uris: [{ value: 'https://host/a', extract: true, executable: false, cache: false }],
}
const app: LaunchDraft = { tasks: [task] }
const pod: LaunchDraft = { tasks: [task, { ...task, taskId: 't.2' }], executor: { labels: {} } }

// biome-ignore lint/suspicious/noExplicitAny: what a plugin gets has no types there
type Change = (...given: any[]) => unknown

function processing(change: Change, draft = app, options: { log?: Logger; turnMs?: number } = {}) {
  const instance: ProcessorInstance = { taskInfo: change, taskGroup: change }
  const processor = taskProcessorOf('site', instance, { log: silentLogger, ...options })
  return processor.change(draft, { id: '/a' }, draft.executor === undefined ? 'app' : 'pod')
}

describe('a task processor', () => {
  it('changes a copy of the task of an app, in place', () => {
    const before = structuredClone(app)
    const left = processing((definition, given) => {
      given.name = `${given.name}-extended`
      given.labels.site = definition.id
      given.environment = { B: '2' }
      given.uris.push({ value: 'file:///b', extract: false, executable: true, cache: false, outputFile: 'b' })
      delete given.user
    })
    const { user: _user, ...kept } = task
    expect(left.tasks).toEqual([
      {
        ...kept,
        name: 'web-extended',
        labels: { a: '1', site: '/a' },
        environment: { B: '2' },
        uris: [
          ...task.uris,
          { value: 'file:///b', extract: false, executable: true, cache: false, outputFile: 'b' },
        ],
      },
    ])
    expect(app).toEqual(before)
  })

  it('changes the tasks of a pod and the executor around them', () => {
    const left = processing((_definition, executor, tasks) => {
      executor.labels.site = 'berlin'
      for (const each of tasks) each.name = `${each.name}-extended`
    }, pod)
    expect(left.executor).toEqual({ labels: { site: 'berlin' } })
    expect(left.tasks.map(({ name }) => name)).toEqual(['web-extended', 'web-extended'])
  })

  it('may leave all as it is', () => {
    expect(processing(() => undefined)).toEqual(app)
    expect(processing(() => undefined, pod)).toEqual(pod)
  })

  it.each<[string, Change, string]>([
    [
      'another id',
      (_, given) => (given.taskId = 'x'),
      "task 0.taskId is 'x', and cannot be another than 't.1'",
    ],
    ['another agent', (_, given) => (given.agentId = 'x'), "task 0.agentId is 'x'"],
    ['no name', (_, given) => (given.name = ''), "task 0.name is '', expected a text"],
    ['a number as label', (_, given) => (given.labels.a = 5), 'task 0.labels.a is number, expected a text'],
    ['no labels', (_, given) => delete given.labels, 'task 0.labels is missing'],
    [
      'a list of variables',
      (_, given) => (given.environment = []),
      'task 0.environment is object, expected an object',
    ],
    ['a variable without value', (_, given) => (given.environment.B = null), 'task 0.environment.B is null'],
    ['half a file', (_, given) => (given.uris[0] = { value: 'x' }), 'task 0.uris[0].extract is missing'],
    ['resources', (_, given) => (given.resources = []), 'task 0.resources is nothing that can be set'],
  ])('that leaves %s has failed', (_what, change, message) => {
    expect(() => processing(change)).toThrow(`the plugin 'site' failed to change a task: ${message}`)
  })

  it('that takes a container away has failed', () => {
    expect(() => processing((_definition, _executor, tasks) => tasks.pop(), pod)).toThrow(
      'it left 1 tasks, expected the 2 it was given',
    )
  })

  it('that throws, promises or does not come to an end has failed, and the log has it', () => {
    const told: unknown[] = []
    const log: Logger = { ...silentLogger, error: (_message, fields) => void told.push(fields?.['plugin']) }
    const fails = (change: Change) => () => processing(change, app, { log, turnMs: 20 })
    expect(
      fails(() => {
        throw new Error('no idea')
      }),
    ).toThrow('no idea')
    expect(fails(async () => Promise.reject(new Error('later')))).toThrow('it returned a promise')
    expect(
      fails(() => {
        for (;;);
      }),
    ).toThrow('longer than 20 ms')
    expect(told).toEqual(['site', 'site', 'site'])
  })
})
