import { describe, expect, it } from 'vitest'
import { localLimits } from './limits.ts'
import { clipMessage, verdictOf } from './verdicts.ts'

const mib = 1024 * 1024
const used = { kills: 0, peakBytes: 20 * mib, limitBytes: 32 * mib }
const overused = { kills: 1, peakBytes: 32.04 * mib, limitBytes: 32 * mib }

describe('the end of a task is told', () => {
  it.each([
    [{ kind: 'exit', status: 0 }, false, used, 'TASK_FINISHED', undefined, 'Command exited with status 0'],
    [
      { kind: 'exit', status: 3 },
      false,
      used,
      'TASK_FAILED',
      'REASON_COMMAND_EXECUTOR_FAILED',
      'Command exited with status 3',
    ],
    [
      { kind: 'signal', signal: 9 },
      false,
      used,
      'TASK_FAILED',
      'REASON_COMMAND_EXECUTOR_FAILED',
      'Command terminated with signal Killed',
    ],
    [
      { kind: 'signal', signal: 15 },
      true,
      used,
      'TASK_KILLED',
      undefined,
      'Command terminated with signal Terminated',
    ],
    // What was asked to stop was killed, however it took it.
    [{ kind: 'exit', status: 0 }, true, used, 'TASK_KILLED', undefined, 'Command exited with status 0'],
    [
      { kind: 'signal', signal: 9 },
      true,
      overused,
      'TASK_KILLED',
      undefined,
      'Command terminated with signal Killed',
    ],
    // It handled the loss of a process to its limit and ended well.
    [
      { kind: 'exit', status: 0 },
      false,
      overused,
      'TASK_FINISHED',
      undefined,
      'Command exited with status 0',
    ],
    [
      { kind: 'signal', signal: 9 },
      false,
      overused,
      'TASK_FAILED',
      'REASON_CONTAINER_LIMITATION_MEMORY',
      'Memory limit exceeded: the limit is 32 MiB, the most used was 32 MiB',
    ],
    [
      { kind: 'exit', status: 137 },
      false,
      { kills: 2, peakBytes: undefined, limitBytes: undefined },
      'TASK_FAILED',
      'REASON_CONTAINER_LIMITATION_MEMORY',
      'Memory limit exceeded: the limit is unknown, the most used was unknown',
    ],
    [
      { kind: 'unknown' },
      false,
      undefined,
      'TASK_FAILED',
      'REASON_EXECUTOR_TERMINATED',
      'Command ended while its supervisor was gone; its exit status is not known',
    ],
    [
      { kind: 'refused', reason: 'it could not enter its cgroup (/c/cgroup.procs)' },
      true,
      undefined,
      'TASK_FAILED',
      'REASON_CONTAINER_LAUNCH_FAILED',
      'The task was not started: it could not enter its cgroup (/c/cgroup.procs)',
    ],
    [
      { kind: 'signal', signal: 64 },
      false,
      undefined,
      'TASK_FAILED',
      'REASON_COMMAND_EXECUTOR_FAILED',
      'Command terminated with signal 64',
    ],
  ] as const)('%o, kill requested %s', (exit, isKilled, memory, state, reason, message) => {
    const verdict = verdictOf({ exit, isKilled, isUnhealthy: false, memory })
    expect(verdict).toEqual({ state, message, ...(reason ? { reason } : {}) })
  })
})

it('tells the end of what was killed for its health as unhealthy, unless it was none', () => {
  const end = { isKilled: true, isUnhealthy: true, memory: undefined }
  expect(verdictOf({ ...end, exit: { kind: 'signal', signal: 15 } })).toEqual({
    state: 'TASK_KILLED',
    message: 'Command terminated with signal Terminated',
    healthy: false,
  })
  expect(verdictOf({ ...end, exit: { kind: 'refused', reason: 'x' } })).not.toHaveProperty('healthy')
})

it('cuts a message that is too long for a status', () => {
  expect(clipMessage('short')).toBe('short')
  expect(clipMessage('x'.repeat(localLimits.statusMessageCharacters + 5)).length).toBe(
    localLimits.statusMessageCharacters + 1,
  )
})
