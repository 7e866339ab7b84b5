import { describe, expect, test } from 'vitest'
import { buildInstance, buildStatus, uuid } from '../../../tests/support/in-condition.ts'
import { taskStates } from '../mesos.ts'
import { decideUnknownStatus } from './unknown-status.ts'

const instanceId = `shop_web.instance-${uuid(1)}`

/** runtime 3. Not named: acknowledged and forgotten. */
const killed = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING'])
const silent = new Set([...killed, 'TASK_KILLING'])

describe.each(taskStates)('%s', (state) => {
  test('of an unknown instance', () => {
    const decision = decideUnknownStatus(undefined, buildStatus(state))
    expect(decision.kill).toBe(killed.has(state))
    if (silent.has(state)) expect(decision).not.toHaveProperty('event')
    else expect(decision.event).toMatchObject({ instanceId, runSpecId: '/shop/web' })
  })

  test('of a task that a known instance had before: never an event', () => {
    expect(decideUnknownStatus(buildInstance('Running'), buildStatus(state))).toEqual({
      kill: killed.has(state),
    })
  })

  test('of a task whose id is not ours: never an event', () => {
    expect(decideUnknownStatus(undefined, buildStatus(state, { taskId: 'chronos:42' }))).toEqual({
      kill: killed.has(state),
    })
  })
})

test('the event tells the condition', () => {
  expect(decideUnknownStatus(undefined, buildStatus('TASK_KILLED')).event).toEqual({
    instanceId,
    runSpecId: '/shop/web',
    condition: 'Killed',
  })
})
