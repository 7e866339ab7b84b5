// Changes that come while a restart has replaced only some of the instances: what is left of the old configuration is
// replaced in the end, whoever interrupted it.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { isApp } from '../spec/run-spec.ts'
import { workOf } from './deployments/deployment.ts'

const half = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }
const trial = { minimumHealthCapacity: 1, maximumOverCapacity: 1, canarySteps: [{ instances: 1 }] }

/** Lets everything launched run, and everything told to end end. */
function work(core: HandCore): void {
  for (let round = 0; round < 12; round++) {
    core.offers(offerOf(`n${round}`))
    core.tellAll('TASK_RUNNING')
    for (const effect of core.effects.splice(0)) {
      if (effect.kind === 'kill') core.status(effect.taskId, 'TASK_KILLED')
    }
  }
}

function running(upgradeStrategy: object): HandCore {
  const core = new HandCore()
  const unreachableStrategy = { inactiveAfterSeconds: 300, expungeAfterSeconds: 600 }
  core.create({ id: '/web', cmd: 'v1', cpus: 0.1, instances: 4, upgradeStrategy, unreachableStrategy })
  work(core)
  expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v1'])
  return core
}

const commands = (core: HandCore): (string | undefined)[] =>
  core.view
    .instancesOf('/web')
    .map(({ runSpecVersion }) => {
      const runSpec = core.view.runSpecVersion('/web', runSpecVersion)
      return runSpec !== undefined && isApp(runSpec) ? runSpec.cmd : undefined
    })
    .sort()

const works = (core: HandCore): string[] =>
  core.view.deployments().flatMap(({ steps }) => steps.flatMap(({ actions }) => actions.map(workOf)))

describe('a change of the number of instances by force', () => {
  test('in the middle of a restart goes on with it', () => {
    const core = running(half)
    core.update('/web', { cmd: 'v2' })
    core.update('/web', { instances: 5 }, true)
    expect(works(core)).toEqual(['restart'])
    work(core)
    expect(core.view.deployments()).toEqual([])
    expect(commands(core)).toEqual(['v2', 'v2', 'v2', 'v2', 'v2'])
  })

  test('by killing and scaling goes on with it, too', () => {
    const core = running(half)
    core.update('/web', { cmd: 'v2' })
    const [{ id } = { id: '' }] = core.view.instancesOf('/web').filter(({ goal }) => goal === 'Running')
    const selection = { kind: 'instances', runSpecId: '/web', instanceIds: [id] } as const
    core.ask({ kind: 'kill-and-scale', selection, force: true })
    work(core)
    expect(core.view.deployments()).toEqual([])
    expect(commands(core)).toEqual(['v2', 'v2', 'v2'])
  })

  test('when all have been replaced is to scale', () => {
    const core = running(half)
    core.update('/web', { cmd: 'v2' })
    work(core)
    core.update('/web', { instances: 5 })
    core.update('/web', { instances: 6 }, true)
    expect(works(core)).toEqual(['scale'])
  })

  test('to none is to scale', () => {
    const core = running(half)
    core.update('/web', { cmd: 'v2' })
    core.update('/web', { instances: 0 }, true)
    expect(works(core)).toEqual(['scale'])
  })

  test('while a canary pauses keeps the canary: the old version gets the others', () => {
    const core = running(trial)
    core.update('/web', { cmd: 'v2' })
    work(core)
    core.update('/web', { instances: 6 }, true)
    work(core)
    expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v1', 'v1', 'v2'])
    const [deployment] = core.view.deployments()
    expect(deployment!.canaries).toMatchObject([{ step: 0, reachedAt: core.now }])
    core.ask({ kind: 'promote-deployment', id: deployment!.id, all: false })
    work(core)
    expect(core.view.deployments()).toEqual([])
    expect(commands(core)).toEqual(['v2', 'v2', 'v2', 'v2', 'v2', 'v2'])
  })

  test('does not set a trial back', () => {
    const core = running({ ...trial, canarySteps: [{ instances: 1 }, { instances: 3 }] })
    core.update('/web', { cmd: 'v2' })
    work(core)
    core.ask({ kind: 'promote-deployment', id: core.view.deployments()[0]!.id, all: false })
    work(core)
    expect(commands(core)).toEqual(['v1', 'v2', 'v2', 'v2'])
    core.update('/web', { instances: 5 }, true)
    work(core)
    expect(commands(core)).toEqual(['v1', 'v1', 'v2', 'v2', 'v2'])
  })
})

test('what a forced change of another app left half done is finished by the next change', () => {
  const core = running(half)
  core.create({ id: '/other', cmd: 'v1', cpus: 0.1 })
  work(core)
  core.updateAll([
    { id: '/web', cmd: 'v2' },
    { id: '/other', cmd: 'v2' },
  ])
  core.update('/other', { cmd: 'v3' }, true)
  work(core)
  expect(core.view.deployments()).toEqual([])
  expect(commands(core)).toEqual(['v1', 'v1', 'v2', 'v2'])
  core.update('/web', { instances: 5 })
  expect(works(core)).toEqual(['restart'])
  work(core)
  expect(commands(core)).toEqual(['v2', 'v2', 'v2', 'v2', 'v2'])
})

test('to take back what came while a canary paused does not spread the canary', () => {
  const changes: readonly { instances?: number; cmd?: string }[] = [{ instances: 5 }, { cmd: 'v3' }]
  for (const change of changes) {
    const core = running(trial)
    core.update('/web', { cmd: 'v2' })
    work(core)
    core.update('/web', change, true)
    work(core)
    if (change.cmd === 'v3') expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v3'])
    core.ask({ kind: 'cancel-deployment', id: core.view.deployments()[0]!.id, force: false })
    work(core)
    expect(core.view.app('/web')).toMatchObject({ cmd: 'v2', instances: 4 })
    expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v2'])
  }
})

test('an old instance that is given up while a canary pauses is replaced by an old one', () => {
  const core = running(trial)
  core.update('/web', { cmd: 'v2' })
  work(core)
  core.run(3_600_000)
  const { version } = core.view.app('/web')!
  const old = core.view.instancesOf('/web').find(({ runSpecVersion }) => runSpecVersion !== version)!
  core.status(old.tasks[0]!.id, 'TASK_UNREACHABLE')
  core.run(1_200_000)
  work(core)
  expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v2'])
  expect(core.view.instancesOf('/web').map(({ condition }) => condition)).not.toContain('Unreachable')
})

test('who goes back to a configuration that is only partly there replaces the rest', () => {
  const core = running({ ...half, progressDeadlineSeconds: 30 })
  core.update('/web', { cmd: 'v2' })
  core.ask({ kind: 'cancel-deployment', id: core.view.deployments()[0]!.id, force: false })
  core.update('/web', { instances: 5 }, true)
  core.run(31_000)
  work(core)
  expect(core.view.deployments()).toEqual([])
  expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v1'])
})

test('what waits for a launch in a pause by hand is taken back whichever version it has', () => {
  const core = running(trial)
  core.update('/web', { cmd: 'v2' })
  work(core)
  core.engine({ kind: 'engine-disconnected' })
  core.update('/web', { instances: 6 }, true)
  const { id } = core.view.deployments()[0]!
  expect(core.view.instancesOf('/web')).toHaveLength(6)
  core.ask({ kind: 'pause-deployment', id })
  expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v2'])
  core.ask({ kind: 'resume-deployment', id })
  core.engine({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: true })
  work(core)
  expect(commands(core)).toEqual(['v1', 'v1', 'v1', 'v1', 'v1', 'v2'])
})
