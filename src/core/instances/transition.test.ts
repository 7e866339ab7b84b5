import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildStatus, buildTask, webApp } from '../../../tests/support/in-condition.ts'
import type { TaskStatus } from '../mesos.ts'
import type { Instance } from './instance.ts'
import { applyStatus } from './transition.ts'

const forever = webApp({ unreachableStrategy: 'disabled' })

/** The instance after the statuses; each must change something. */
function told(start: Instance, ...statuses: readonly (readonly [number, TaskStatus])[]): Instance {
  let instance = start
  for (const [s, status] of statuses) {
    const transition = applyStatus(instance, status, forever, at(s))
    if (transition.kind !== 'updated') throw new Error(`${status.state} at ${s}: ${transition.kind}`)
    instance = transition.instance
  }
  return instance
}

const ip = (ipAddress: string) => [{ ipAddress, protocol: 'IPv4' as const }]

describe('the first Running', () => {
  test('sets start and addresses', () => {
    const running = told(buildInstance('Starting'), [
      5,
      buildStatus('TASK_RUNNING', { ipAddresses: ip('10.0.0.13') }),
    ])
    expect(running.tasks[0]).toMatchObject({ startedAt: at(5), ipAddresses: ip('10.0.0.13') })
    expect(running).toMatchObject({ activeSince: at(5), since: at(5) })
  })

  test('is the only one that counts as start: a task that comes back is as old as it was', () => {
    const back = told(
      buildInstance('Starting'),
      [5, buildStatus('TASK_RUNNING')],
      [60, buildStatus('TASK_UNREACHABLE')],
      [90, buildStatus('TASK_RUNNING', { ipAddresses: ip('10.0.0.14') })],
    )
    expect(back.tasks[0]).toMatchObject({ startedAt: at(5), ipAddresses: ip('10.0.0.14') })
    expect(back.tasks[0]!.unreachableSince).toBeUndefined()
    expect(back).toMatchObject({ condition: 'Running', activeSince: at(5), since: at(90) })
  })
})

describe('what the check of the task found', () => {
  const running = told(buildInstance('Starting'), [5, buildStatus('TASK_RUNNING')])
  const found = (exitCode: number) => buildStatus('TASK_RUNNING', { check: { command: { exitCode } } })

  test('is taken when it is new, has changed or is withdrawn; a repeated one changes nothing', () => {
    const first = told(running, [6, found(0)])
    expect(first.tasks[0]!.check).toEqual({ command: { exitCode: 0 } })
    expect(applyStatus(first, found(0), forever, at(7))).toEqual({ kind: 'unchanged' })
    const second = told(first, [8, found(1)])
    expect(second.tasks[0]!.check).toEqual({ command: { exitCode: 1 } })
    expect(told(second, [9, buildStatus('TASK_RUNNING')]).tasks[0]).not.toHaveProperty('check')
  })

  test('says nothing about health, and is no change of the instance itself', () => {
    const checked = told(running, [6, found(1)])
    expect(checked).not.toHaveProperty('healthy')
    expect(checked).toMatchObject({ condition: 'Running', since: running.since })
  })
})

describe('health', () => {
  const running = told(buildInstance('Starting'), [5, buildStatus('TASK_RUNNING')])

  test('a first, a changed and a withdrawn result change the instance; a repeated one does not', () => {
    const healthy = told(running, [6, buildStatus('TASK_RUNNING', { healthy: true })])
    expect(healthy).toMatchObject({ healthy: true, condition: 'Running', since: at(6) })
    expect(applyStatus(healthy, buildStatus('TASK_RUNNING', { healthy: true }), forever, at(7))).toEqual({
      kind: 'unchanged',
    })
    const sick = told(healthy, [8, buildStatus('TASK_RUNNING', { healthy: false })])
    expect(sick.healthy).toBe(false)
    expect(told(sick, [9, buildStatus('TASK_RUNNING')])).not.toHaveProperty('healthy')
  })

  test('is unknown from the moment the task ends', () => {
    const ended = told(
      running,
      [6, buildStatus('TASK_RUNNING', { healthy: true })],
      [9, buildStatus('TASK_KILLED')],
    )
    expect(ended).not.toHaveProperty('healthy')
    expect(ended.tasks[0]).not.toHaveProperty('healthy')
  })
})

test('what has ended keeps its addresses, its start and its ports', () => {
  const ended = told(
    buildInstance('Starting'),
    [5, buildStatus('TASK_RUNNING', { ipAddresses: ip('10.0.0.13') })],
    [
      9,
      buildStatus('TASK_FAILED', { ipAddresses: ip('10.9.9.9'), reason: 'REASON_COMMAND_EXECUTOR_FAILED' }),
    ],
  )
  expect(ended.tasks[0]).toMatchObject({
    ipAddresses: ip('10.0.0.13'),
    startedAt: at(5),
    hostPorts: [31544],
    reason: 'REASON_COMMAND_EXECUTOR_FAILED',
  })
  expect(ended).toMatchObject({ condition: 'Failed', goal: 'Running', scheduledAt: at(9) })
})

test('a status without addresses leaves those known', () => {
  const running = told(
    buildInstance('Starting', { tasks: [buildTask('Starting', { ipAddresses: ip('10.0.0.13') })] }),
    [5, buildStatus('TASK_RUNNING', { ipAddresses: [] })],
  )
  expect(running.tasks[0]!.ipAddresses).toEqual(ip('10.0.0.13'))
})

test('the end of the task ends the request to kill it, its silence does not', () => {
  const kill = { cause: 'api-request', requestedAt: at(1) } as const
  const asked = buildInstance('Running', { kill })
  expect(told(asked, [5, buildStatus('TASK_UNREACHABLE')]).kill).toEqual(kill)
  expect(told(asked, [5, buildStatus('TASK_KILLING')]).kill).toEqual(kill)
  expect(told(asked, [5, buildStatus('TASK_KILLED')]).kill).toBeUndefined()
})

describe('since when a task is unreachable', () => {
  const since = (given: Partial<TaskStatus>, now: number): number | undefined =>
    told(buildInstance('Running'), [now, buildStatus('TASK_UNREACHABLE', given)]).tasks[0]!.unreachableSince

  test('as the engine says', () => {
    expect(since({ unreachableSince: at(3.25), timestamp: at(9) }, 10)).toBe(at(3.25))
  })
  test('else since its status, in whole seconds', () => {
    expect(since({ timestamp: at(9.9) }, 10)).toBe(at(9))
  })
  test('never in our future', () => {
    expect(since({ unreachableSince: at(60) }, 10)).toBe(at(10))
  })
})

test('a status of a task the instance does not have is a broken promise of the caller', () => {
  const stranger = buildStatus('TASK_RUNNING', { taskId: 'other' })
  for (const condition of ['Running', 'Scheduled'] as const) {
    expect(() => applyStatus(buildInstance(condition), stranger, forever, at(5))).toThrow('other')
  }
})

test('a decommissioned pod goes with its last task', () => {
  const second = buildStatus('TASK_KILLED').taskId.replace('_app', 'side')
  const pod = buildInstance('Running', {
    goal: 'Decommissioned',
    tasks: [buildTask('Running'), buildTask('Running', { id: second, name: 'side' })],
  })
  const one = told(pod, [5, buildStatus('TASK_KILLED')])
  expect(one.condition).toBe('Running')
  expect(applyStatus(one, buildStatus('TASK_KILLED', { taskId: second }), forever, at(6))).toMatchObject({
    kind: 'expunged',
    instance: { condition: 'Killed' },
  })
})
