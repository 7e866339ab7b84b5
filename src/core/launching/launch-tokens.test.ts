import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { instant, millis } from '../../lib/instant.ts'
import type { TaskStatus } from '../mesos.ts'
import { LaunchTokens } from './launch-tokens.ts'

// worked-examples 8, the row on tokens.
test('100 launches use the tokens up, 40 seen running give 40 back, the refresh sets 100 again', () => {
  const tokens = new LaunchTokens({ full: 100, interval: millis(30_000), now: instant(0) })
  tokens.refresh(instant(3_000))
  tokens.take(100)
  expect(tokens.left).toBe(0)
  expect(tokens.wakeAt).toBe(30_000)
  for (let i = 0; i < 40; i++) tokens.giveBack()
  expect(tokens.left).toBe(40)
  expect(tokens.wakeAt).toBeUndefined()
  tokens.refresh(instant(30_000))
  expect(tokens.left).toBe(100)
  expect(tokens.nextRefresh).toBe(60_000)
})

test.each<[string, Partial<TaskStatus>, number]>([
  ['whose health nobody knows', {}, 1],
  ['that is healthy', { healthy: true }, 1],
  ['that is not', { healthy: false }, 0],
])('a task that runs, %s, gives back so many: %i', (_name, status, givenBack) => {
  const core = new HandCore({ settings: { launchTokens: 5 } })
  expect(core.view.gauges.launchTokens).toBe(5)
  core.create({ id: '/web', cmd: 'serve' })
  core.offers(offerOf('a'))
  expect(core.view.gauges.launchTokens).toBe(4)
  core.status(core.launched[0]!.taskId, 'TASK_RUNNING', status)
  expect(core.view.gauges.launchTokens).toBe(4 + givenBack)
})
