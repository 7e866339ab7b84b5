// What becomes of an instance that has several tasks: nothing of it is over before all of it is.

import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildStatus, buildTask, uuid } from '../../../tests/support/in-condition.ts'
import { plainContainer, plainPod } from '../../../tests/support/plain-pod.ts'
import { instanceId, taskId } from '../ids.ts'
import type { TaskState } from '../mesos.ts'
import { isEnding } from '../scaling/tally.ts'
import { isScheduled, isTerminalForWaiting } from './condition.ts'
import { changeGoal } from './goal.ts'
import type { Condition, Instance } from './instance.ts'
import { dueKill, requestKill } from './kill.ts'
import { applyStatus, type Transition } from './transition.ts'

const id = instanceId('/shop/pair', uuid(1))
const idOf = (name: string) => taskId(id, 1, name)

const pod = plainPod({
  id: '/shop/pair',
  version: '2031-04-02T08:00:00.000Z',
  unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 600 },
  containers: [plainContainer({ name: 'front' }), plainContainer({ name: 'side' })],
})

/** `front` and `side` in these conditions. */
const pair = (front: Condition, side: Condition, given: Partial<Instance> = {}): Instance => {
  const tasks = [
    buildTask(front, { id: idOf('front'), name: 'front' }),
    buildTask(side, { id: idOf('side'), name: 'side' }),
  ]
  return buildInstance('Running', { id, runSpecId: '/shop/pair', condition: front, tasks, ...given })
}

const report = (instance: Instance, name: string, state: TaskState, s = 1): Transition =>
  applyStatus(instance, buildStatus(state, { taskId: idOf(name), timestamp: at(s) }), pod, at(s))

/** The instance after these words of its tasks, one second apart. */
function told(start: Instance, ...words: readonly (readonly [name: string, state: TaskState])[]): Instance {
  return words.reduce((instance, [name, state], i) => {
    const transition = report(instance, name, state, i + 1)
    if (transition.kind !== 'updated') throw new Error(`${name} ${state}: ${transition.kind}`)
    return transition.instance
  }, start)
}

describe('a launch', () => {
  test('is as far as the slowest container: running when all run', () => {
    const conditions = [
      ['front', 'TASK_STARTING'],
      ['side', 'TASK_STARTING'],
      ['front', 'TASK_RUNNING'],
      ['side', 'TASK_RUNNING'],
    ] as const
    const seen = conditions.map(
      (_, i) => told(pair('Provisioned', 'Provisioned'), ...conditions.slice(0, i + 1)).condition,
    )
    expect(seen).toEqual(['Starting', 'Starting', 'Starting', 'Running'])
  })
})

describe('a container that fails', () => {
  const failed = told(pair('Running', 'Running'), ['front', 'TASK_FAILED'])

  test('gives the instance its condition at once, and ends the others', () => {
    expect(failed).toMatchObject({
      condition: 'Failed',
      kill: { cause: 'container-ended', requestedAt: at(1) },
    })
    expect(dueKill(failed)).toEqual({ taskIds: [idOf('side')], cause: 'container-ended' })
  })

  test('does not have the instance launched again while another may run', () => {
    expect(isScheduled(failed)).toBe(false)
    expect(isTerminalForWaiting(failed)).toBe(false)
    const ended = told(failed, ['side', 'TASK_KILLED'])
    expect(ended).toMatchObject({ condition: 'Failed', scheduledAt: at(1) })
    expect(ended).not.toHaveProperty('kill')
    expect(isScheduled(ended)).toBe(true)
    expect(isTerminalForWaiting(ended)).toBe(true)
  })

  test('leaves the cause of a kill that was wanted before', () => {
    const kill = { cause: 'scale-down', requestedAt: at(0) } as const
    expect(told(pair('Running', 'Running', { kill }), ['front', 'TASK_FAILED']).kill).toEqual(kill)
  })
})

describe('a container that finishes', () => {
  const finished = told(pair('Running', 'Running'), ['front', 'TASK_FINISHED'])

  test('leaves the others running, as the default executor does', () => {
    expect(finished.condition).toBe('Running')
    expect(finished).not.toHaveProperty('kill')
    expect(isScheduled(finished)).toBe(false)
  })

  test('ends the instance when it is the last', () => {
    const all = told(finished, ['side', 'TASK_FINISHED'])
    expect(all.condition).toBe('Finished')
    expect(isScheduled(all)).toBe(true)
  })
})

describe('a kill', () => {
  test('is for every container that may run', () => {
    const asked = requestKill(pair('Running', 'Finished'), 'api-request', at(2))
    expect(dueKill(asked.instance)?.taskIds).toEqual([idOf('front')])
    const both = changeGoal(pair('Running', 'Starting'), 'Decommissioned', 'scale-down', at(2))
    expect(dueKill(both.instance)?.taskIds).toEqual([idOf('front'), idOf('side')])
  })

  test('lasts until all of them have ended, and then the instance is gone', () => {
    const leaving = changeGoal(pair('Running', 'Running'), 'Decommissioned', 'scale-down', at(0)).instance
    const half = told(leaving, ['front', 'TASK_KILLED'])
    expect(half.kill).toBeDefined()
    expect(report(half, 'side', 'TASK_KILLED').kind).toBe('expunged')
  })
})

describe('a container nobody hears of', () => {
  test('makes the instance unreachable, also when another one had failed', () => {
    const lost = told(pair('Running', 'Running'), ['front', 'TASK_FAILED'], ['side', 'TASK_UNREACHABLE'])
    expect(lost.condition).toBe('Unreachable')
    expect(isScheduled(lost)).toBe(false)
    expect(isTerminalForWaiting(lost)).toBe(true)
    expect(report(lost, 'side', 'TASK_UNREACHABLE', 62)).toMatchObject({
      instance: { condition: 'UnreachableInactive' },
    })
    expect(report(lost, 'side', 'TASK_UNREACHABLE', 602).kind).toBe('expunged')
  })

  test('is ended when it comes back to an instance that has failed', () => {
    const back = told(
      pair('Running', 'Running'),
      ['front', 'TASK_FAILED'],
      ['side', 'TASK_UNREACHABLE'],
      ['side', 'TASK_RUNNING'],
    )
    expect(back.condition).toBe('Failed')
    expect(dueKill(back)?.taskIds).toEqual([idOf('side')])
  })

  test('does not spare one that answers: it is told to end, and waited for', () => {
    const torn = told(pair('Running', 'Running'), ['front', 'TASK_UNREACHABLE'])
    const leaving = changeGoal(torn, 'Decommissioned', 'app-removed', at(2)).instance
    expect(dueKill(leaving)?.taskIds).toEqual([idOf('side')])
    expect([isTerminalForWaiting(leaving), isEnding(leaving)]).toEqual([false, true])
    const left = told(leaving, ['side', 'TASK_KILLED'])
    expect([left.condition, isTerminalForWaiting(left), isEnding(left)]).toEqual(['Unreachable', true, false])
    expect(dueKill(left)).toBeUndefined()
  })

  test('is as good as gone when its agent is: the instance waits for a launch once all are', () => {
    const one = told(pair('Running', 'Running'), ['front', 'TASK_GONE'])
    expect(isScheduled(one)).toBe(false)
    expect(isScheduled(told(one, ['side', 'TASK_GONE']))).toBe(true)
  })
})
