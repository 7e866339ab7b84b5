// What a deadline for progress leads to, beyond the scenarios progress-*.txt: what is good, what comes back, what is
// never taken back.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { instant } from '../lib/instant.ts'
import type { Notice } from './notices/notice.ts'

const strategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1, progressDeadlineSeconds: 30 }
const app = (more: object = {}) => ({ id: '/web', cmd: 'v1', cpus: 0.1, upgradeStrategy: strategy, ...more })
const commandOf = (core: HandCore): string | undefined => core.view.app('/web')?.cmd

/** Lets everything launched run, and everything told to end end. */
function work(core: HandCore): void {
  for (let round = 0; round < 4; round++) {
    core.offers(offerOf(`n${round}`))
    core.tellAll('TASK_RUNNING')
    for (const effect of core.effects.splice(0)) {
      if (effect.kind === 'kill') core.status(effect.taskId, 'TASK_KILLED')
    }
  }
}

/** Version v1 runs. */
function running(more: object = {}): HandCore {
  const core = new HandCore()
  core.create(app(more))
  work(core)
  expect(core.view.deployments()).toEqual([])
  return core
}

const goodVersion = (core: HandCore): unknown =>
  core.records.flatMap((record) => (record.table === 'run-spec' ? [record.value.goodVersion] : []))[0]

describe('what is good', () => {
  test('is nothing before a deployment has succeeded, then its version', () => {
    const core = new HandCore()
    core.create(app())
    expect(goodVersion(core)).toBe('none')
    work(core)
    expect(goodVersion(core)).toBe(core.view.app('/web')!.version)
  })

  test('stays, while another version is tried, and is kept however many versions come', () => {
    const core = running()
    const good = core.view.app('/web')!.version
    for (let i = 0; i < 60; i++) core.update('/web', { cmd: `v${i + 2}` }, true)
    expect(goodVersion(core)).toBe(good)
    expect(core.view.runSpecVersion('/web', good)?.id).toBe('/web')
    core.run(31_000)
    expect(commandOf(core)).toBe('v1')
  })

  test('is no more than a removed app, and starts anew with the next one of that name', () => {
    const core = running()
    core.remove('/web')
    work(core)
    core.create(app({ cmd: 'new' }))
    expect(goodVersion(core)).toBe('none')
  })

  test('in a store that does not say so it is what was before', () => {
    const records = running().records.map((record) =>
      record.table === 'run-spec'
        ? { ...record, value: { id: record.value.id, version: record.value.version } }
        : record,
    )
    const core = new HandCore({ records })
    core.update('/web', { cmd: 'v2' })
    core.run(31_000)
    expect(commandOf(core)).toBe('v1')
  })
})

describe('a deployment that gets no further', () => {
  test('fails with what it waited for and what failed last, and the one that takes it back says so', () => {
    const core = running()
    core.update('/web', { cmd: 'v2' })
    const { id } = core.view.deployments()[0]!
    core.offers(offerOf('n9'))
    core.status(core.launched.pop()!.taskId, 'TASK_FAILED', { message: 'Command exited with status 3' })
    core.now = (core.now + 31_000) as typeof core.now
    const { notices } = core.step({ kind: 'woke' })
    const failed = notices.find(({ type }: Notice) => type === 'deployment_failed')!.body as {
      reason: string
    }
    expect(failed.reason).toMatch(
      /^\/web made no progress for 31 s: 0 of 1 instances .* were up at most; .*TASK_FAILED .*status 3$/,
    )
    expect(core.view.deployments()).toEqual([])
    expect(commandOf(core)).toBe('v1')
    expect(notices.map(({ type }) => type).slice(0, 2)).toEqual([
      'deployment_step_failure',
      'deployment_failed',
    ])
    expect(id).toBeDefined()
  })

  test('is taken back by one that is never taken back itself, and tries nothing out', () => {
    const allAtOnce = { ...strategy, minimumHealthCapacity: 0, maximumOverCapacity: 0 }
    const core = running({ instances: 2, upgradeStrategy: allAtOnce })
    core.update('/web', { cmd: 'v2', upgradeStrategy: { ...allAtOnce, canarySteps: [{ instances: 1 }] } })
    const { id } = core.view.deployments()[0]!
    for (const effect of core.effects.splice(0))
      if (effect.kind === 'kill') core.status(effect.taskId, 'TASK_KILLED')
    core.run(31_000)
    const [back] = core.view.deployments()
    expect(back).toMatchObject({ isRevert: true, failed: { id, reason: expect.stringContaining('/web') } })
    expect(back).not.toHaveProperty('canaries')
    core.run(10 * 60_000)
    expect(core.view.deployments().map((each) => each.id)).toEqual([back!.id])
  })

  test('whose way back is taken back is tried as the first time: with its canaries, and its deadline', () => {
    const core = running({ instances: 2 })
    core.update('/web', { cmd: 'v2', upgradeStrategy: { ...strategy, canarySteps: [{ instances: 1 }] } })
    core.run(31_000)
    expect(core.view.deployments()).toMatchObject([{ isRevert: true }])
    core.ask({ kind: 'cancel-deployment', id: core.view.deployments()[0]!.id, force: false })
    expect(commandOf(core)).toBe('v2')
    const [again] = core.view.deployments()
    expect(again).toMatchObject({ canaries: [{ step: 0 }] })
    expect(again).not.toHaveProperty('isRevert')
    core.run(31_000)
    expect(commandOf(core)).toBe('v1')
    expect(core.view.deployments()).toMatchObject([{ isRevert: true, failed: { id: again!.id } }])
  })

  test('is not failed while it pauses', () => {
    const core = running()
    core.update('/web', { cmd: 'v2' })
    const { id } = core.view.deployments()[0]!
    core.ask({ kind: 'pause-deployment', id })
    core.run(10 * 60_000)
    expect(core.view.deployments()[0]?.id).toBe(id)
    core.ask({ kind: 'resume-deployment', id })
    core.run(29_000)
    expect(core.view.deployments()[0]?.id).toBe(id)
    core.run(2_000)
    expect(commandOf(core)).toBe('v1')
  })

  test('is not failed while nothing can be heard of the engine, and has all its time when it is back', () => {
    const core = running()
    core.update('/web', { cmd: 'v2' })
    const { id } = core.view.deployments()[0]!
    core.run(20_000)
    core.engine({ kind: 'engine-disconnected' })
    core.run(10 * 60_000)
    core.engine({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: true })
    core.run(29_000)
    expect(core.view.deployments()[0]?.id).toBe(id)
    core.run(2_000)
    expect(commandOf(core)).toBe('v1')
  })

  test('is not failed when it is heard together with the end of its time that it got on', () => {
    const core = running()
    core.update('/web', { cmd: 'v2' })
    core.offers(offerOf('n9'))
    core.now = instant(core.now + 31_000)
    core.tellAll('TASK_RUNNING')
    expect(commandOf(core)).toBe('v2')
    expect(core.view.deployments()[0]).not.toHaveProperty('isRevert')
  })

  test('goes back to what was before where what is new is in the way of what comes back', () => {
    const core = running()
    const body = { apps: [], groups: [{ id: '/web', apps: [app({ id: '/web/a' })] }] }
    core.ask({ kind: 'update-group', id: '/', body, force: false })
    for (const effect of core.effects.splice(0))
      if (effect.kind === 'kill') core.status(effect.taskId, 'TASK_KILLED')
    core.run(31_000)
    expect(commandOf(core)).toBe('v1')
    expect(core.view.app('/web/a')).toBeUndefined()
    work(core)
    expect(core.view.deployments()).toEqual([])
    expect(core.view.instancesOf('/web')).toHaveLength(1)
  })

  test('is taken back also where more deployments go on than may meanwhile', () => {
    const before = running()
    before.create(app({ id: '/other' }))
    before.update('/web', { cmd: 'v2' })
    const core = new HandCore({ records: before.records, settings: { maxRunningDeployments: 1 } })
    core.run(31_000)
    expect(commandOf(core)).toBe('v1')
    expect(core.view.app('/other')?.instances).toBe(0)
  })

  test('for want of instances goes back to as many as there were', () => {
    const core = running()
    core.update('/web', { instances: 50, cpus: 0.1 })
    core.run(31_000)
    expect(core.view.deployments()[0]?.failed?.reason).toMatch(/: \d+ of 49 instances of version/)
    expect(core.view.app('/web')?.instances).toBe(1)
    expect(core.view.instancesOf('/web').filter(({ goal }) => goal === 'Running')).toHaveLength(1)
  })
})
