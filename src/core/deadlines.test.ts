import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { instant, millis } from '../lib/instant.ts'

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

test('a launch that is heard to run together with the end of its time is not overdue', () => {
  const core = new HandCore({ settings: { taskLaunchConfirmTimeout: millis(10_000) } })
  core.create({ id: '/web', cmd: 'serve' })
  core.offers(offerOf('n1'))
  core.now = instant(core.now + 11_000)
  core.tellAll('TASK_RUNNING')
  expect(core.effects.filter(({ kind }) => kind === 'kill')).toEqual([])
})

test('an instance that is back together with the end of its time is not given up', () => {
  const core = new HandCore()
  const unreachableStrategy = { inactiveAfterSeconds: 600, expungeAfterSeconds: 900 }
  core.create({ id: '/web', cmd: 'serve', unreachableStrategy })
  core.offers(offerOf('n1'))
  const [{ taskId } = { taskId: '' }] = core.launched
  core.status(taskId, 'TASK_RUNNING')
  core.run(3_600_000)
  core.status(taskId, 'TASK_UNREACHABLE')
  core.now = instant(core.now + 601_000)
  core.status(taskId, 'TASK_RUNNING')
  expect(core.view.instancesOf('/web')).toMatchObject([{ condition: 'Running' }])
})

test('a launch that is told to end for being overdue is not looked at with every event until it has ended', () => {
  const core = new HandCore({ settings: { taskLaunchConfirmTimeout: millis(10_000) } })
  core.create({ id: '/web', cmd: 'serve', instances: 3 })
  core.offers(offerOf('n1'))
  const { state } = core.scheduler.core
  expect([...state.awaitedInOrder()]).toHaveLength(3)
  core.run(11_000)
  expect(core.effects.filter(({ kind }) => kind === 'kill')).toHaveLength(3)
  expect([[...state.awaitedInOrder()], state.launching.size]).toEqual([[], 3])
  core.tellAll('TASK_KILLED')
  core.offers(offerOf('n2'))
  expect([...state.awaitedInOrder()]).toHaveLength(3)
})
