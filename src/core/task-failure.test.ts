import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { at, buildInstance, buildStatus } from '../../tests/support/in-condition.ts'
import { millis } from '../lib/instant.ts'
import { type TaskState, taskStates } from './mesos.ts'
import { taskFailureOf, unhealthyFailureOf } from './task-failure.ts'

const failures: readonly TaskState[] = [
  'TASK_FAILED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]

describe('what counts as a failure', () => {
  const instance = buildInstance('Running')

  test.each(taskStates.map((state) => [state, failures.includes(state)] as const))(
    '%s: %s',
    (state, isOne) => {
      expect(taskFailureOf(instance, buildStatus(state), at(9)) !== undefined).toBe(isOne)
    },
  )

  test('it is dated by the server, whatever time the engine says', () => {
    const status = buildStatus('TASK_FAILED', { message: 'Command exited with status 1', timestamp: at(99) })
    expect(taskFailureOf(instance, status, at(9))).toEqual({
      appId: '/shop/web',
      host: 'n3.example',
      message: 'Command exited with status 1',
      state: 'TASK_FAILED',
      taskId: instance.tasks[0]!.id,
      timestamp: at(9),
      version: instance.runSpecVersion,
      slaveId: 'S2',
    })
  })

  test('without a message it has an empty one', () => {
    expect(taskFailureOf(instance, buildStatus('TASK_GONE'), at(9))?.message).toBe('')
  })
})

describe('an instance that its health checks end', () => {
  const known = { consecutiveFailures: 3, lastFailure: at(7), lastFailureCause: '503 Service Unavailable' }

  test('fails with their reason, at the time they found it', () => {
    const instance = buildInstance('Running')
    expect(unhealthyFailureOf(instance, known, at(9))).toEqual({
      appId: instance.runSpecId,
      host: instance.agent!.address,
      slaveId: instance.agent!.agentId,
      message: 'Task was killed since health check failed. Reason: 503 Service Unavailable',
      state: 'TASK_KILLED',
      taskId: instance.tasks[0]!.id,
      timestamp: at(7),
      version: instance.runSpecVersion,
    })
  })

  test('for an unknown reason, when none is known', () => {
    expect(unhealthyFailureOf(buildInstance('Running'), { consecutiveFailures: 3 }, at(9))).toMatchObject({
      message: 'Task was killed since health check failed. Reason: unknown',
      timestamp: at(9),
    })
  })
})

describe('the last failure of an app', () => {
  const running = (): HandCore => {
    const core = new HandCore()
    core.create({ id: '/web', cmd: 'serve', cpus: 0.1, backoffSeconds: 1, backoffFactor: 1 })
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    return core
  }
  const taskOf = (core: HandCore): string => core.view.instancesOf('/web')[0]!.tasks[0]!.id
  /** Its task fails, and the next one runs. */
  const fail = (core: HandCore, message: string): void => {
    core.status(taskOf(core), 'TASK_FAILED', { message })
    core.run(millis(2_000))
    core.offers(offerOf('n2'))
    core.tellAll('TASK_RUNNING')
  }

  test('is the last one, stored, and there after a restart', () => {
    const core = running()
    expect(core.view.taskFailure('/web')).toBeUndefined()
    fail(core, 'first')
    fail(core, 'second')
    expect(core.view.taskFailure('/web')).toMatchObject({ message: 'second', state: 'TASK_FAILED' })
    expect(new HandCore({ records: core.records }).view.taskFailure('/web')).toEqual(
      core.view.taskFailure('/web'),
    )
  })

  test.each(['TASK_RUNNING', 'TASK_KILLING', 'TASK_KILLED', 'TASK_FINISHED', 'TASK_UNREACHABLE'] as const)(
    'stays when a task comes to %s',
    (state) => {
      const core = running()
      fail(core, 'only')
      const { taskId, message } = core.view.taskFailure('/web')!
      core.status(taskOf(core), state, { message: 'other' })
      expect(core.view.taskFailure('/web')).toMatchObject({ taskId, message })
    },
  )

  test('is not dated anew when its status is repeated', () => {
    const core = running()
    const taskId = taskOf(core)
    core.status(taskId, 'TASK_FAILED', { message: 'only' })
    const first = core.view.taskFailure('/web')
    core.run(millis(500))
    core.status(taskId, 'TASK_FAILED', { message: 'only' })
    expect(core.view.taskFailure('/web')).toEqual(first)
  })

  test('is forgotten with the app', () => {
    const core = running()
    fail(core, 'only')
    core.remove('/web')
    core.status(taskOf(core), 'TASK_KILLED')
    expect(core.view.taskFailure('/web')).toBeUndefined()
    expect(core.records.filter(({ table }) => table === 'task-failure')).toEqual([])
  })
})
