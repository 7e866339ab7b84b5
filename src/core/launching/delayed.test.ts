import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { type Instant, instant } from '../../lib/instant.ts'
import { Delayed } from './delayed.ts'

const at = (ms: number): Instant => instant(ms)

describe('run specs that wait for the end of their delay', () => {
  test('come back when it ends, each once, the earliest first', () => {
    const delayed = new Delayed()
    delayed.set('/b', { until: at(2), isAll: true })
    delayed.set('/a', { until: at(1), isAll: true })
    delayed.set('/b', { until: at(3), isAll: true })
    expect(delayed.wakeAt).toBe(at(1))
    expect(delayed.takeDue(at(2))).toEqual(['/a'])
    expect(delayed.takeDue(at(3))).toEqual(['/b'])
    expect([delayed.takeDue(at(9)), delayed.wakeAt]).toEqual([[], undefined])
  })

  test('are counted while nothing else of them waits', () => {
    const delayed = new Delayed()
    delayed.set('/a', { until: at(1), isAll: true })
    delayed.set('/b', { until: at(1), isAll: true })
    delayed.set('/b', { until: at(2), isAll: false })
    expect(delayed.size).toBe(1)
    delayed.delete('/a')
    delayed.delete('/b')
    expect([delayed.size, delayed.takeDue(at(5))]).toEqual([0, []])
  })
})

/** The kinds of what the engine is told while `act` happens and in the time after. */
function told(core: HandCore, ms: number, act: () => void = () => undefined): string[] {
  const before = core.effects.length
  act()
  core.run(ms)
  return core.effects.slice(before).map(({ kind }) => kind)
}

describe('on a shared cluster, where offers that do not fit are given back', () => {
  /** `/huge` waits for an agent that is large enough all the time, so nothing is suppressed. */
  function failing(): HandCore {
    const core = new HandCore({ holdsOffers: false })
    core.create({ id: '/huge', cmd: 'serve', cpus: 64 })
    core.create({ id: '/web', cmd: 'serve', backoffSeconds: 10 })
    core.offers(offerOf('a'))
    core.run(1_000)
    core.tellAll('TASK_FAILED')
    core.run(1_000)
    core.offers(offerOf('b'))
    return core
  }

  test('the end of a delay asks for offers, those that were declined meanwhile among them', () => {
    expect(told(failing(), 10_000)).toContain('revive')
  })

  test('a delay that is reset asks for offers', () => {
    const core = failing()
    const reset = (): void => void core.ask({ kind: 'reset-delay', id: '/web' })
    expect(told(core, 1_000, reset)).toContain('revive')
  })

  test('room under a constraint asks for offers', () => {
    const core = new HandCore({ holdsOffers: false })
    const unreachableStrategy = { inactiveAfterSeconds: 100, expungeAfterSeconds: 200 }
    const constraints = [['hostname', 'UNIQUE']]
    core.create({ id: '/one', cmd: 'serve', instances: 2, constraints, unreachableStrategy })
    core.offers(offerOf('a'))
    core.tellAll('TASK_RUNNING')
    core.run(5_000)
    core.offers(offerOf('a', { id: 'another' }))
    const [running] = core.view.instancesOf('/one').filter((each) => each.condition === 'Running')
    const cutOff = (): void => void core.status(running!.tasks[0]!.id, 'TASK_UNREACHABLE')
    expect(told(core, 1_000, cutOff)).toContain('revive')
  })

  test('a version that may be launched is asked for while another of the same app is delayed', () => {
    const core = new HandCore({ holdsOffers: false })
    const upgradeStrategy = { minimumHealthCapacity: 1, maximumOverCapacity: 0.5 }
    core.create({ id: '/web', cmd: 'serve', instances: 2, backoffSeconds: 100, upgradeStrategy })
    core.offers(offerOf('a'))
    core.tellAll('TASK_RUNNING')
    core.update('/web', { cpus: 64 })
    const [deployment] = core.view.deployments()
    core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: true })
    const old = core.view.instancesOf('/web').find((each) => each.goal === 'Running' && each.attempt > 0)
    const fail = (): void => void core.status(old!.tasks[0]!.id, 'TASK_FAILED')
    expect(told(core, 1_000, fail)).toContain('revive')
    expect(core.view.queue()).toMatchObject([{ count: 2, waitingOn: [{ kind: 'backoff' }] }])
  })
})
