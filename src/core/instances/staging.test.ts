import { expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { seconds } from '../../lib/instant.ts'
import { conditionNames } from './condition.ts'
import { isLaunchOverdue, launchDeadline } from './staging.ts'

const timeouts = { taskLaunchConfirmTimeout: seconds(20), taskLaunchTimeout: seconds(300) }

test.each(conditionNames)('%s', (condition) => {
  const deadline = condition === 'Provisioned' ? 20 : /^Sta(ging|rting)$/.test(condition) ? 300 : undefined
  const instance = buildInstance(condition)
  expect(launchDeadline(instance, timeouts)).toBe(deadline === undefined ? undefined : at(deadline))
  if (deadline === undefined) {
    expect(isLaunchOverdue(instance, timeouts, at(1e6))).toBe(false)
    return
  }
  expect(isLaunchOverdue(instance, timeouts, at(deadline - 0.001))).toBe(false)
  expect(isLaunchOverdue(instance, timeouts, at(deadline))).toBe(true)
})

test('the time runs from the match, not from the last status', () => {
  const starting = buildInstance('Starting', {
    since: at(250),
    tasks: [buildTask('Starting', { stagedAt: at(100) })],
  })
  expect(launchDeadline(starting, timeouts)).toBe(at(400))
})

test('the first overdue task of a pod counts, and running ones do not', () => {
  const pod = buildInstance('Staging', {
    tasks: [
      buildTask('Staging', { stagedAt: at(50) }),
      buildTask('Starting', { stagedAt: at(20) }),
      buildTask('Running', { stagedAt: at(0) }),
    ],
  })
  expect(launchDeadline(pod, timeouts)).toBe(at(320))
})

test('one that is being killed already is not killed again for this', () => {
  const kill = { cause: 'launch-overdue', requestedAt: at(300) } as const
  expect(launchDeadline(buildInstance('Staging', { kill }), timeouts)).toBeUndefined()
})
