// What waits for a launch, from the first wish to the first word of a task (runtime 4): what counts as waiting, and
// that a launch that comes to nothing is made again.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'

const web = { id: '/web', cmd: 'serve', cpus: 1 }
const waiting = (core: HandCore): number => core.view.queue().reduce((sum, item) => sum + item.count, 0)
const conditions = (core: HandCore): string[] => [...core.view.instances()].map(({ condition }) => condition)

function running(body: object = web): HandCore {
  const core = new HandCore()
  core.create(body)
  core.offers(offerOf('a', {}, 1))
  core.tellAll('TASK_RUNNING')
  return core
}

describe('waiting for a launch', () => {
  test('is what is scheduled, and what was launched until something is heard of it', () => {
    const core = new HandCore()
    core.create({ ...web, instances: 2 })
    expect(waiting(core)).toBe(2)
    core.offers(offerOf('a', {}, 1))
    expect(conditions(core)).toEqual(['Provisioned', 'Scheduled'])
    expect(waiting(core)).toBe(2)
    core.tellAll('TASK_STARTING')
    expect(waiting(core)).toBe(1)
  })

  test('is not an instance that runs, is cut off, or has ended for good', () => {
    const core = running({
      ...web,
      unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 90 },
    })
    expect(waiting(core)).toBe(0)
    const [task] = core.view.instancesOf('/web')[0]!.tasks
    core.status(task!.id, 'TASK_UNREACHABLE')
    expect(conditions(core)).toEqual(['Unreachable'])
    expect(waiting(core)).toBe(0)
    core.update('/web', { instances: 0 }, true)
    core.status(task!.id, 'TASK_FINISHED')
    expect(conditions(core)).toEqual([])
    expect(waiting(core)).toBe(0)
  })

  test('a changed app has delays of its own: its new version is launched while the old one waits', () => {
    const core = running({ ...web, backoffSeconds: 3_600 })
    core.status(core.view.instancesOf('/web')[0]!.tasks[0]!.id, 'TASK_FAILED')
    expect(core.view.queue()).toMatchObject([{ waitingOn: [{ kind: 'backoff' }] }])
    core.update('/web', { cmd: 'serve --better' }, true)
    core.offers(offerOf('b', {}, 1))
    const newest = core.view.instancesOf('/web').find(({ condition }) => condition === 'Provisioned')
    expect(newest?.runSpecVersion).toBe(core.view.app('/web')!.version)
  })

  test('offers that are held already are tried for a new version', () => {
    const core = running()
    core.offers(offerOf('b', {}, 1))
    core.update('/web', { cmd: 'serve --better' })
    expect(core.launched).toHaveLength(1)
    expect(core.view.instancesOf('/web').map(({ agent }) => agent?.agentId)).toEqual(['a', 'b'])
  })
})

describe('a launch that comes to nothing', () => {
  test('is made again when the engine drops it', () => {
    const core = new HandCore()
    core.create({ ...web, backoffSeconds: 0 })
    core.offers(offerOf('a', {}, 1))
    core.tellAll('TASK_DROPPED')
    expect(waiting(core)).toBe(1)
    core.offers(offerOf('b', {}, 1))
    expect(core.launched).toMatchObject([{ agentId: 'b' }])
    expect(core.view.instancesOf('/web')).toMatchObject([{ attempt: 2, condition: 'Provisioned' }])
  })

  test('is given up when nothing is heard of it in time, and made again', () => {
    const core = new HandCore({ settings: { taskLaunchConfirmTimeout: 20_000 as never } })
    core.create(web)
    core.offers(offerOf('a', {}, 1))
    core.run(19_999)
    expect(core.view.gauges.launchOverdue).toBe(0)
    core.run(1)
    expect(core.effects.at(-1)).toMatchObject({ kind: 'kill', cause: 'launch-overdue' })
    expect(core.view.gauges.launchOverdue).toBe(1)
    core.tellAll('TASK_KILLED')
    expect(core.view.gauges.launchOverdue).toBe(0)
    expect(conditions(core)).toEqual(['Killed'])
    expect(waiting(core)).toBe(1)
  })

  test('has no time running any more once its task has failed', () => {
    const core = new HandCore({ settings: { taskLaunchConfirmTimeout: 20_000 as never } })
    core.create({ ...web, backoffSeconds: 3_600 })
    core.offers(offerOf('a', {}, 1))
    core.tellAll('TASK_FAILED')
    core.run(60_000)
    expect(core.effects.filter(({ kind }) => kind === 'kill')).toEqual([])
  })

  test('is taken for what it is by the next process: what is stored says whether it was launched', () => {
    const core = new HandCore()
    core.create({ ...web, instances: 2 })
    core.offers(offerOf('a', {}, 1))
    const next = new HandCore({ records: core.records })
    expect(conditions(next).sort()).toEqual(['Provisioned', 'Scheduled'])
    next.offers(offerOf('b', {}, 2))
    expect(next.launched).toHaveLength(1)
  })
})

describe('overdue', () => {
  test.each<[string, 'TASK_STAGING' | 'TASK_STARTING' | 'TASK_RUNNING' | undefined, boolean]>([
    ['nothing was heard of', undefined, true],
    ['stages', 'TASK_STAGING', true],
    ['starts', 'TASK_STARTING', true],
    ['runs', 'TASK_RUNNING', false],
  ])('after five minutes is a task that %s: %s', (_name, state, isOverdue) => {
    const core = new HandCore()
    core.create(web)
    core.offers(offerOf('a', {}, 1))
    if (state !== undefined) core.tellAll(state)
    core.run(299_999)
    expect(core.effects.some(({ kind }) => kind === 'kill')).toBe(false)
    core.run(1)
    expect(core.effects.some(({ kind }) => kind === 'kill')).toBe(isOverdue)
    expect(core.view.gauges.launchOverdue).toBe(isOverdue ? 1 : 0)
  })
})
