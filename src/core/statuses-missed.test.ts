// What nobody repeats and could not be taken is asked for, after a while, and not again for every word that was missed.

import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'

function running(): HandCore {
  const core = new HandCore()
  core.create({ id: '/web', cmd: 'serve' })
  core.offers(offerOf('n1'))
  core.tellAll('TASK_RUNNING')
  core.run(30_000)
  core.effects.length = 0
  return core
}

const asked = (core: HandCore): number =>
  core.effects.filter((effect) => effect.kind === 'reconcile' && effect.tasks.length > 0).length

test('missed statuses are asked for soon, once for all of them', () => {
  const core = running()
  core.step({ kind: 'statuses-missed' })
  core.run(10_000)
  core.step({ kind: 'statuses-missed' })
  expect(asked(core)).toBe(0)
  core.run(6_000)
  expect(asked(core)).toBe(1)
  core.run(60_000)
  expect(asked(core)).toBe(1)
})

test('without an engine nothing is asked: the next connection asks about everything', () => {
  const core = running()
  core.step({ kind: 'engine-disconnected' })
  core.step({ kind: 'statuses-missed' })
  core.run(60_000)
  expect(asked(core)).toBe(0)
})
