import { describe, expect, test } from 'vitest'
import {
  agent,
  at,
  buildInstance,
  buildStatus,
  buildTask,
  uuid,
  webApp,
} from '../../../tests/support/in-condition.ts'
import { instanceId, taskId } from '../ids.ts'
import type { TaskState } from '../mesos.ts'
import { changeGoal } from './goal.ts'
import type { Condition, Goal, Instance, InstanceReservation } from './instance.ts'
import { requestKill } from './kill.ts'
import { awaitsCleanup, goalOfSurplus, isReusable, reuse } from './resident.ts'
import { applyStatus, type Transition } from './transition.ts'

const app = webApp({ unreachableStrategy: 'disabled' })

const reservation = (state: InstanceReservation['state']): InstanceReservation => ({
  id: instanceId('/shop/web', uuid(1)),
  volumes: [{ name: 'data', persistenceId: 'shop_web#data#81b80000-0b1f-11ec-9a03-0242ac110002' }],
  state,
})

const resident = (condition: Condition, given: Partial<Instance> = {}): Instance =>
  buildInstance(condition, { agent, reservation: reservation('launched'), ...given })

const idle = (given: Partial<Instance> = {}): Instance =>
  resident('Killed', { reservation: reservation('suspended'), ...given })

/** An instance of a pod, its containers in these conditions. */
const pod = (first: Condition, second: Condition): Instance => {
  const id = instanceId('/shop/web', uuid(1))
  const tasks = [
    buildTask(first, { id: taskId(id, 1, 'first'), name: 'first' }),
    buildTask(second, { id: taskId(id, 1, 'second'), name: 'second' }),
  ]
  return resident('Running', { tasks })
}

const tell = (instance: Instance, state: TaskState, name = '_app', s = 5): Transition =>
  applyStatus(instance, buildStatus(state, { taskId: taskId(instance.id, 1, name) }), app, at(s))

/** The instance after a status that changes it. */
function told(instance: Instance, state: TaskState, name?: string, s?: number): Instance {
  const transition = tell(instance, state, name, s)
  if (transition.kind !== 'updated') throw new Error(`${state}: ${transition.kind}`)
  return transition.instance
}

describe('the end of a task', () => {
  test.each<TaskState>([
    'TASK_FINISHED',
    'TASK_FAILED',
    'TASK_KILLED',
    'TASK_ERROR',
    'TASK_GONE',
    'TASK_DROPPED',
    'TASK_LOST',
  ])('by %s suspends the reservation and leaves everything else of it', (state) => {
    const next = told(resident('Running'), state)
    expect(next).toMatchObject({ agent, goal: 'Running', reservation: reservation('suspended') })
  })

  test.each<TaskState>(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_UNREACHABLE'])(
    'is not %s',
    (state) => {
      expect(told(resident('Provisioned'), state).reservation).toEqual(reservation('launched'))
    },
  )

  test('of one container is not that of the pod', () => {
    const half = told(pod('Running', 'Running'), 'TASK_FINISHED', 'first')
    expect(half).toMatchObject({ condition: 'Running', reservation: reservation('launched') })
    expect(told(half, 'TASK_FINISHED', 'second').reservation).toEqual(reservation('suspended'))
  })

  test.each<[Goal, Transition['kind']]>([
    ['Stopped', 'updated'],
    ['Decommissioned', 'updated'],
  ])(
    'is not that of an instance with the goal %s, whose volumes are kept or taken back first',
    (goal, kind) => {
      expect(tell(resident('Running', { goal }), 'TASK_KILLED').kind).toBe(kind)
    },
  )

  test('with the goal Stopped is not that of an instance without a reservation either', () => {
    expect(tell(buildInstance('Provisioned', { goal: 'Stopped' }), 'TASK_KILLED').kind).toBe('updated')
  })
})

describe('an agent that is gone by an operator’s word', () => {
  test('takes its reservation with it: the instance waits for an offer of any agent', () => {
    const transition = tell(resident('Running'), 'TASK_GONE_BY_OPERATOR')
    expect(transition).toMatchObject({
      kind: 'updated',
      instance: { condition: 'Scheduled', goal: 'Running', attempt: 1, scheduledAt: at(5) },
      shown: { condition: 'Gone', agent },
    })
    const next = told(resident('Running'), 'TASK_GONE_BY_OPERATOR')
    expect(next).not.toHaveProperty('reservation')
    expect(next).not.toHaveProperty('agent')
  })

  test('takes nothing with it from another agent: a status of then that is heard again changes nothing', () => {
    const anew = told(resident('Running'), 'TASK_GONE_BY_OPERATOR')
    const elsewhere = { ...anew, agent: { ...agent, agentId: 'S9' }, reservation: reservation('new') }
    expect(tell(elsewhere, 'TASK_GONE_BY_OPERATOR')).toEqual({ kind: 'unchanged' })
  })

  test('is no end while a container of the pod may still run', () => {
    const half = told(pod('Running', 'Running'), 'TASK_GONE_BY_OPERATOR', 'first')
    expect(half).toMatchObject({ agent, reservation: reservation('launched') })
    const whole = told(half, 'TASK_GONE_BY_OPERATOR', 'second')
    expect(whole).toMatchObject({ condition: 'Scheduled' })
    expect(whole).not.toHaveProperty('reservation')
  })

  test('is so also for a pod whose other container had ended before', () => {
    const half = told(pod('Running', 'Running'), 'TASK_FINISHED', 'first')
    expect(half).toMatchObject({ condition: 'Running', agent, reservation: reservation('launched') })
    const whole = told(half, 'TASK_GONE_BY_OPERATOR', 'second')
    expect(whole).toMatchObject({ condition: 'Scheduled' })
    expect(whole).not.toHaveProperty('reservation')
    expect(whole).not.toHaveProperty('agent')
  })

  test.each<Goal>(['Stopped', 'Decommissioned'])('ends an instance with the goal %s for good', (goal) => {
    expect(tell(resident('Running', { goal }), 'TASK_GONE_BY_OPERATOR')).toMatchObject({
      kind: 'expunged',
      instance: { condition: 'Gone' },
    })
  })

  test('is not meant by TASK_GONE, after which the agent may come back with its volumes', () => {
    expect(told(resident('Running'), 'TASK_GONE')).toMatchObject({
      condition: 'Gone',
      agent,
      reservation: reservation('suspended'),
    })
  })
})

describe('another goal', () => {
  test('Decommissioned with something reserved: the record stays until that is taken back', () => {
    const update = changeGoal(idle(), 'Decommissioned', 'app-removed', at(9))
    expect(update).toMatchObject({ kind: 'updated', instance: { goal: 'Decommissioned' } })
    expect(awaitsCleanup(update.instance)).toBe(true)
  })

  test('Decommissioned while it runs: it is killed first', () => {
    const { instance } = changeGoal(resident('Running'), 'Decommissioned', 'app-removed', at(9))
    expect(instance.kill).toEqual({ cause: 'app-removed', requestedAt: at(9) })
    expect(awaitsCleanup(instance)).toBe(false)
    expect(awaitsCleanup(told(instance, 'TASK_KILLED'))).toBe(true)
  })

  test('Stopped: it is killed, and can be used again once it has ended', () => {
    const { instance } = changeGoal(resident('Running'), 'Stopped', 'scale-down', at(9))
    expect(instance).toMatchObject({ goal: 'Stopped', kill: { cause: 'scale-down' } })
    expect(isReusable(instance)).toBe(false)
    expect(isReusable(told(instance, 'TASK_KILLED'))).toBe(true)
  })
})

describe('a kill with the goal kept', () => {
  test.each<Condition>(['Unknown', 'Unreachable', 'UnreachableInactive', 'Dropped', 'Gone'])(
    'does nothing to a resident instance that is %s, where another would be given up',
    (condition) => {
      const instance = resident(condition)
      expect(requestKill(instance, 'api-request', at(9))).toEqual({ kind: 'updated', instance })
      const { goal } = requestKill(buildInstance(condition), 'api-request', at(9)).instance
      expect(goal).toBe('Decommissioned')
    },
  )

  test('ends the task of one that can hear of it', () => {
    const { instance } = requestKill(resident('Running'), 'api-request', at(9))
    expect(instance).toMatchObject({ goal: 'Running', kill: { cause: 'api-request' } })
  })
})

test.each<[string, Instance, Goal]>([
  ['without a reservation', buildInstance('Running'), 'Decommissioned'],
  [
    'with one that nothing was launched on',
    resident('Scheduled', { reservation: reservation('new') }),
    'Decommissioned',
  ],
  ['with one in use', resident('Running'), 'Stopped'],
  ['with one that waits', idle(), 'Stopped'],
])('one too many, %s', (_, instance, goal) => {
  expect(goalOfSurplus(instance)).toBe(goal)
})

test.each<[string, Instance, boolean]>([
  ['stopped, its task ended', idle({ goal: 'Stopped' }), true],
  [
    'stopped, never launched since it was taken up again',
    idle({ goal: 'Stopped', condition: 'Scheduled' }),
    true,
  ],
  ['stopped, still running', resident('Running', { goal: 'Stopped' }), false],
  ['stopped, cut off', resident('Unreachable', { goal: 'Stopped' }), false],
  ['waiting for its relaunch', idle(), false],
  ['to be removed', idle({ goal: 'Decommissioned' }), false],
  ['stopped, with nothing reserved', buildInstance('Killed', { goal: 'Stopped' }), false],
])('one that is %s may be taken up again: %#', (_, instance, may) => {
  expect(isReusable(instance)).toBe(may)
})

test('one that is taken up again keeps what it is and where it is, and takes the version that is wanted now', () => {
  const stopped = idle({
    goal: 'Stopped',
    role: 'db',
    checkedBy: 'marathon',
    alive: true,
    activeSince: at(1),
  })
  const next = reuse(stopped, webApp({ version: '2031-04-02T08:30:00.000Z', role: 'other' }), at(60))
  expect(next).toEqual({
    ...idle({ role: 'db' }),
    runSpecVersion: '2031-04-02T08:30:00.000Z',
    goal: 'Running',
    condition: 'Scheduled',
    since: at(60),
    scheduledAt: at(60),
  })
})

test('what is cut off for too long is forgotten; what was reserved for it is found by its label', () => {
  const strategy = { unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 } }
  const status = buildStatus('TASK_UNREACHABLE')
  expect(applyStatus(resident('Running'), status, strategy, at(9)).kind).toBe('expunged')
  expect(applyStatus(resident('Running'), status, app, at(9)).kind).toBe('updated')
})
