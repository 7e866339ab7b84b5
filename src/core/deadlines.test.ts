import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { millis } from '../lib/instant.ts'

test('a launch that is overdue by the shorter timeout is found though an older one has longer to go', () => {
  const settings = { taskLaunchTimeout: millis(10_000), taskLaunchConfirmTimeout: millis(300_000) }
  const core = new HandCore({ settings })
  core.create({ id: '/silent', cmd: 'serve' })
  core.offers(offerOf('n1'))
  core.run(1_000)
  core.create({ id: '/slow', cmd: 'serve' })
  core.offers(offerOf('n2'))
  const slow = core.launched[1]!.taskId
  core.status(slow, 'TASK_STAGING')
  core.run(10_000)
  expect(core.effects).toContainEqual(
    expect.objectContaining({ kind: 'kill', taskId: slow, cause: 'launch-overdue' }),
  )
  core.run(280_000)
  expect(core.effects.filter((effect) => effect.kind === 'kill' && effect.taskId !== slow)).toEqual([])
})
