import { expect, it } from 'vitest'
import type { TaskState } from '../../core/mesos.ts'
import { instant } from '../../lib/instant.ts'
import { localLimits } from './limits.ts'
import { StatusStream } from './status-stream.ts'

const status = (state: TaskState, uuid: string) => ({ taskId: 't', state, timestamp: instant(0), uuid })
const { statusResendMs, statusResendMaxMs } = localLimits

it('sends one status at a time, in order, each once it is due', () => {
  const stream = new StatusStream()
  expect(stream.takeDue(0)).toBeUndefined()
  stream.push(status('TASK_RUNNING', 'a'))
  stream.push(status('TASK_FINISHED', 'b'))
  expect(stream.takeDue(0)?.uuid).toBe('a')
  expect(stream.takeDue(1)).toBeUndefined()
  expect(stream.acknowledge('b')).toBe(false)
  expect(stream.acknowledge('a')).toBe(true)
  expect(stream.takeDue(1)?.uuid).toBe('b')
  expect(stream.isEmpty).toBe(false)
  expect(stream.acknowledge('b')).toBe(true)
  expect(stream.isEmpty).toBe(true)
  expect(stream.latest?.state).toBe('TASK_FINISHED')
})

it('repeats what is not acknowledged, ever more rarely', () => {
  const stream = new StatusStream()
  stream.push(status('TASK_RUNNING', 'a'))
  const sent: number[] = []
  for (let now = 0; now <= 200 * statusResendMs; now += statusResendMs)
    if (stream.takeDue(now)) sent.push(now)
  const pauses = sent.slice(1).map((at, i) => at - sent[i]!)
  expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8].map((times) => times * statusResendMs))
  expect(Math.max(...pauses)).toBe(statusResendMaxMs)
})

it('sends nothing while it is held, and what has come meanwhile once it is released', () => {
  const stream = new StatusStream()
  stream.push(status('TASK_RUNNING', 'a'))
  expect(stream.takeDue(0)?.uuid).toBe('a')
  stream.hold(1)
  stream.push(status('TASK_GONE', 'b'))
  expect(stream.heldSince).toBe(1)
  expect(stream.acknowledge('a')).toBe(true)
  expect(stream.takeDue(200 * statusResendMs)).toBeUndefined()
  expect(stream.isEmpty).toBe(false)
  stream.release()
  expect(stream.heldSince).toBeUndefined()
  expect(stream.takeDue(200 * statusResendMs)?.uuid).toBe('b')
})

it('starts with short pauses again for the next status', () => {
  const stream = new StatusStream()
  stream.push(status('TASK_RUNNING', 'a'))
  stream.takeDue(0)
  stream.takeDue(statusResendMs)
  stream.acknowledge('a')
  stream.push(status('TASK_FINISHED', 'b'))
  expect(stream.takeDue(statusResendMs)?.uuid).toBe('b')
  expect(stream.takeDue(2 * statusResendMs)?.uuid).toBe('b')
})

it('keeps the newest of what checks tell while nobody acknowledges, and every change of state', () => {
  const stream = new StatusStream()
  for (let i = 1; i <= 1_000; i++) stream.push(status('TASK_RUNNING', `r${i}`))
  stream.push(status('TASK_KILLING', 'k'))
  stream.push(status('TASK_KILLED', 'e'))
  const sent: string[] = []
  for (let next = stream.takeDue(0); next !== undefined; next = stream.takeDue(0)) {
    sent.push(next.uuid)
    stream.acknowledge(next.uuid)
  }
  expect(sent).toHaveLength(localLimits.waitingStatuses + 2)
  expect(sent[0]).toBe('r1')
  expect(sent.slice(-3)).toEqual(['r1000', 'k', 'e'])
})
