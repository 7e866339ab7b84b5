import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { limits } from '../lib/limits.ts'

const typesOf = (notices: readonly { readonly type: string }[]): string[] => notices.map(({ type }) => type)

test('a chain of dependencies longer than a step has rounds goes through in one step where nothing is to be waited for', () => {
  const core = new HandCore()
  const length = limits.roundsPerStep + 10
  const outcome = core.updateAll(
    Array.from({ length }, (_, i) => ({
      id: `/chain-${i}`,
      cmd: 'serve',
      instances: 0,
      ...(i === 0 ? {} : { dependencies: [`/chain-${i - 1}`] }),
    })),
  )
  expect(outcome).toMatchObject({ kind: 'deployed' })
  expect(core.view.runSpecs()).toHaveLength(length)
  expect(core.view.deployments()).toEqual([])
})

test('one app of a deployment after the other is done, in whatever order they run, and the last one ends the step', () => {
  const core = new HandCore()
  core.updateAll(['/a', '/b', '/c'].map((id) => ({ id, cmd: 'serve' })))
  core.offers(offerOf('n1'))
  const [a, b, c] = core.launched.map(({ taskId }) => taskId)
  const [deployment] = core.view.deployments()
  const waitingFor = (): string[] =>
    core.view
      .deploymentWaitingOn(deployment!.id)
      .map((waiting) => ('runSpecId' in waiting ? waiting.runSpecId : ''))
  expect(waitingFor()).toEqual(['/a', '/b', '/c'])
  core.status(c!, 'TASK_RUNNING')
  core.status(a!, 'TASK_RUNNING')
  expect(waitingFor()).toEqual(['/b'])
  core.status(a!, 'TASK_FAILED')
  expect(waitingFor().sort()).toEqual(['/a', '/b'])
  expect(typesOf(core.status(b!, 'TASK_RUNNING').notices)).not.toContain('deployment_success')
  core.run(2_000)
  core.offers(offerOf('n2'))
  expect(typesOf(core.tellAll('TASK_RUNNING').notices)).toContain('deployment_success')
})

describe('an app of more instances than one decision stops', () => {
  const many = limits.instancesPerDecision + 1_000

  function waiting(): HandCore {
    const core = new HandCore()
    core.create({ id: '/big', cmd: 'serve', cpus: 0.1, instances: many })
    core.run(0)
    expect(core.view.instancesOf('/big')).toHaveLength(many)
    return core
  }

  test('is removed step by step, and none that is left is launched meanwhile', () => {
    const core = waiting()
    core.remove('/big', true)
    expect(core.view.instancesOf('/big')).toHaveLength(1_000)
    core.offers(offerOf('n1'))
    core.run(0)
    expect([core.view.instancesOf('/big'), core.launched, core.view.deployments()]).toEqual([[], [], []])
  })

  test('is scaled down step by step, and what stays is launched', () => {
    const core = waiting()
    core.update('/big', { instances: 1 }, true)
    expect(core.view.instancesOf('/big')).toHaveLength(1_000)
    core.offers(offerOf('n1'))
    core.run(0)
    expect(core.view.instancesOf('/big')).toHaveLength(1)
    expect(core.launched).toHaveLength(1)
  })
})

describe('a definition that cannot be decided about', () => {
  /** Two apps that run, and the change of both; the process that goes on with it finds one of them spoilt. */
  function spoilt(): HandCore {
    const core = new HandCore()
    const both = (cmd: string) => ['/bad', '/good'].map((id) => ({ id, cmd, cpus: 0.1 }))
    core.updateAll(both('serve'))
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    core.run(1_000)
    core.updateAll(both('serve --new'))
    const version = core.view.app('/bad')!.version
    const records = core.records.flatMap((record) => {
      if (record.table === 'instance' && record.value.runSpecVersion === version) return []
      return record.table === 'run-spec-version' && record.key === `/bad@${version}`
        ? { ...record, value: { ...record.value, upgradeStrategy: undefined as never } }
        : record
    })
    return new HandCore({ records, quarantines: true })
  }

  test('is set aside, and the others of its deployment are replaced', () => {
    const core = spoilt()
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    const versionOf = (id: string) => core.view.app(id)!.version
    const isNew = (id: string) =>
      core.view.instancesOf(id).some(({ runSpecVersion }) => runSpecVersion === versionOf(id))
    expect([isNew('/good'), isNew('/bad')]).toEqual([true, false])
    expect([...core.view.quarantined().keys()]).toEqual(['/bad'])
    const [deployment] = core.view.deployments()
    expect(core.view.deploymentWaitingOn(deployment!.id)).toContainEqual({
      kind: 'quarantine',
      runSpecId: '/bad',
    })
  })

  test('goes on when it is sound again', () => {
    const core = spoilt()
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    const body = { cmd: 'serve --newest', cpus: 0.1 }
    const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
    const update = { kind: 'update-app', id: '/bad', body, mode: 'complete', force: true, origin } as const
    expect(core.ask(update)).toMatchObject({ kind: 'deployed' })
    expect([...core.view.quarantined().keys()]).toEqual([])
    core.offers(offerOf('n2'))
    core.tellAll('TASK_RUNNING')
    expect(core.view.instancesOf('/bad').map(({ condition }) => condition)).toContain('Running')
    expect(core.view.deploymentsOf('/good')).toEqual([])
  })
})
