import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { limits } from '../../lib/limits.ts'
import type { Request } from '../requests.ts'

const typesOf = (notices: readonly { readonly type: string }[]): string[] => notices.map(({ type }) => type)

/** `instances` of an app that run. */
function running(body: object = {}): HandCore {
  const core = new HandCore()
  core.create({ id: '/web', cmd: 'serve', cpus: 0.1, ...body })
  core.offers(offerOf('n1'))
  core.tellAll('TASK_RUNNING')
  expect(core.view.deployments()).toEqual([])
  return core
}

const kill = (wipe: boolean): Request => ({
  kind: 'kill-tasks',
  selection: { kind: 'app', id: '/web' },
  wipe,
})

describe('killing tasks', () => {
  test('a wiped task whose kill got lost is ended when it is heard of again', () => {
    const core = running()
    const [instance] = core.view.instancesOf('/web')
    const taskId = instance!.tasks[0]!.id
    const { ready } = core.tell(kill(true))
    expect(ready.effects).toContainEqual(expect.objectContaining({ kind: 'kill', taskId }))
    expect(ready.writes).toContainEqual({ kind: 'delete', table: 'instance', key: instance!.id })
    expect(core.view.instance(instance!.id)).toBeUndefined()
    const { effects } = core.status(taskId, 'TASK_RUNNING', { reason: 'REASON_RECONCILIATION' })
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: 'kill', taskId, cause: 'unknown-instance' }),
    )
  })

  test.each(['TASK_DROPPED', 'TASK_GONE', 'TASK_FAILED'] as const)(
    'an instance that waits for its relaunch after %s is told of and left alone',
    (state) => {
      const core = running({ backoffSeconds: 100 })
      const [before] = core.view.instancesOf('/web')
      core.status(before!.tasks[0]!.id, state)
      const [waiting] = core.view.instancesOf('/web')
      const { outcome, ready } = core.tell(kill(false))
      expect(outcome).toEqual({ kind: 'killed', instances: [waiting] })
      expect(core.view.instancesOf('/web')).toEqual([waiting])
      expect(ready.notices).toEqual([])
    },
  )

  test.each([false, true])('by their ids leaves those of pods alone, with scale: %s', (scale) => {
    const core = new HandCore()
    const body = {
      id: '/pod',
      containers: [{ name: 'c', resources: { cpus: 0.1, mem: 32 }, exec: { command: { shell: 'serve' } } }],
    }
    core.ask({ kind: 'create-pod', body, force: false, origin: { clientIp: '', uri: '' } })
    const { resources } = offerOf('n1')
    core.offers(offerOf('n1', { resources: [...resources, { name: 'disk', scalar: 100, role: '*' }] }))
    core.tellAll('TASK_RUNNING')
    const [instance] = core.view.instancesOf('/pod')
    const selection = { kind: 'tasks', taskIds: [instance!.tasks[0]!.id] } as const
    const outcome = core.ask(
      scale
        ? { kind: 'kill-and-scale', selection, force: false }
        : { kind: 'kill-tasks', selection, wipe: false },
    )
    expect(outcome).toMatchObject(scale ? { kind: 'deployed' } : { kind: 'killed', instances: [] })
    expect(core.view.instancesOf('/pod')).toEqual([instance])
    expect(core.view.pod('/pod')?.instances).toBe(1)
  })

  test('an instance that was given up as unreachable may still come back after a kill', () => {
    const unreachableStrategy = { inactiveAfterSeconds: 0, expungeAfterSeconds: 1_000 }
    const core = running({ unreachableStrategy })
    const [before] = core.view.instancesOf('/web')
    core.status(before!.tasks[0]!.id, 'TASK_UNREACHABLE')
    core.tell(kill(false))
    expect(core.view.instance(before!.id)).toMatchObject({
      condition: 'UnreachableInactive',
      goal: 'Running',
    })
  })
})

describe('changes that are refused change nothing', () => {
  const snapshot = ({ view }: HandCore) => ({
    apps: view.runSpecs(),
    groups: [...view.groups()],
    deployments: view.deployments(),
    rootVersion: view.rootVersion,
    versions: view.runSpecs().map(({ id }) => view.versions(id)),
  })

  test('an unknown app in a bulk PATCH refuses all of it', () => {
    const core = running()
    const before = snapshot(core)
    const outcome = core.updateAll(
      [
        { id: '/web', cpus: 1 },
        { id: '/new/one', cmd: 'serve' },
      ],
      'patch',
    )
    expect(outcome).toEqual({ kind: 'refused', refusal: { kind: 'app-not-found', id: '/new/one' } })
    expect(snapshot(core)).toEqual(before)
  })

  test('one locked app in a bulk update refuses the others, and their tasks go on', () => {
    const core = running()
    core.create({ id: '/locked', cmd: 'serve', cpus: 64 })
    const [deployment] = core.view.deployments()
    const before = snapshot(core)
    const outcome = core.updateAll([
      { id: '/web', cpus: 1 },
      { id: '/locked', cpus: 2 },
      { id: '/new/one', cmd: 'serve' },
    ])
    const refusal = { kind: 'locked', deployments: [deployment!.id] }
    expect(outcome).toEqual({ kind: 'refused', refusal })
    expect(snapshot(core)).toEqual(before)
  })

  test('kill-and-scale of a locked app kills nothing', () => {
    const core = running({ instances: 2 })
    core.update('/web', { cpus: 64 })
    const before = core.view.instancesOf('/web')
    const selection = { kind: 'app', id: '/web' } as const
    expect(core.ask({ kind: 'kill-and-scale', selection, force: false })).toMatchObject({ kind: 'refused' })
    expect(core.view.instancesOf('/web')).toEqual(before)
  })
})

test('a PUT that changes nothing is a deployment that is over, and makes no version', () => {
  const core = running()
  const versions = core.view.versions('/web')
  const instances = core.view.instancesOf('/web')
  const { outcome, ready } = core.tell({
    kind: 'update-app',
    id: '/web',
    body: { cpus: 0.1 },
    mode: 'partial',
    force: false,
    origin: { clientIp: 'c', uri: 'u' },
  })
  expect(outcome).toMatchObject({ kind: 'deployed', wasCreated: false })
  expect(typesOf(ready.notices)).toEqual(['group_change_success', 'deployment_success', 'api_post_event'])
  expect(core.view.versions('/web')).toEqual(versions)
  expect(core.view.instancesOf('/web')).toEqual(instances)
  expect(core.view.deployments()).toEqual([])
})

test('an app that is removed with force while it is deployed takes its tasks, versions and failures with it', () => {
  const core = running()
  core.update('/web', { cmd: 'crash', cpus: 0.2 })
  core.offers(offerOf('n2'))
  core.tellAll('TASK_FAILED')
  core.remove('/web', true)
  for (const { tasks } of core.view.instancesOf('/web')) core.status(tasks[0]!.id, 'TASK_KILLED')
  core.run(1_000)
  const { state, statistics, unfinished, delays, kills, settings } = core.scheduler.core
  expect(core.view.deployments()).toEqual([])
  // Until then a group can go back to how it was.
  expect(core.view.versions('/web')).toHaveLength(2)
  for (let i = 0; i <= settings.versionsPerRunSpec; i++) core.update('/other', { cmd: `v${i}`, instances: 0 })
  expect([core.view.instanceCount, core.view.versions('/web'), core.view.taskFailure('/web')]).toEqual([
    0,
    [],
    undefined,
  ])
  expect([statistics.size, unfinished.size, delays.size, kills.inFlight]).toEqual([0, 0, 0, 0])
  expect([state.waiting.size, state.launching.size, state.lockOf('/web')]).toEqual([0, 0, undefined])
})

test('an app scaled to nothing and back during its restart ends up with instances of the new definition alone', () => {
  const core = running({ instances: 3 })
  core.update('/web', { cmd: 'serve better' })
  core.offers(offerOf('n2'))
  core.update('/web', { instances: 0 }, true)
  core.update('/web', { instances: 2 }, true)
  for (const { tasks, goal } of core.view.instancesOf('/web')) {
    if (goal !== 'Running') core.status(tasks[0]!.id, 'TASK_KILLED')
  }
  core.launched = []
  core.offers(offerOf('n3'))
  core.tellAll('TASK_RUNNING')
  expect(core.view.deployments()).toEqual([])
  const { version } = core.view.runSpec('/web')!
  expect(core.view.instancesOf('/web').map((each) => [each.condition, each.runSpecVersion])).toEqual([
    ['Running', version],
    ['Running', version],
  ])
})

test('service ports of a removed app are given to the next one', () => {
  const core = new HandCore({ settings: { localPortMin: 10_000, localPortMax: 10_001 } })
  const ports = (id: string) => core.view.app(id)?.portDefinitions?.map(({ port }) => port)
  for (const id of ['/a', '/b']) core.create({ id, cmd: 'serve', instances: 0 })
  expect([ports('/a'), ports('/b')]).toEqual([[10_000], [10_001]])
  expect(core.create({ id: '/c', cmd: 'serve' })).toMatchObject({ refusal: { kind: 'ports-exhausted' } })
  core.remove('/a')
  core.create({ id: '/c', cmd: 'serve', instances: 0 })
  expect(ports('/c')).toEqual([10_000])
})

test('more instances than can be kept track of are refused, and nobody is harmed', () => {
  const core = running()
  expect(core.update('/web', { instances: limits.instances + 1 })).toMatchObject({
    kind: 'refused',
    refusal: { kind: 'unprocessable' },
  })
  expect(
    core.updateAll(['/a', '/b'].map((id) => ({ id, cmd: 'serve', instances: limits.instances / 2 }))),
  ).toMatchObject({ kind: 'refused', refusal: { message: expect.stringContaining('1 exist') } })
  expect(core.update('/web', { instances: 2 })).toMatchObject({ kind: 'deployed' })
})

describe('a request that provokes a defect', () => {
  const defect = (): never => {
    throw new Error('no such thing')
  }
  const poison = new Proxy(
    {},
    { get: defect, has: defect, ownKeys: defect, getOwnPropertyDescriptor: defect },
  )
  const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
  const body = { body: poison, force: false, origin }
  const internal = { kind: 'refused', refusal: { kind: 'internal', message: 'no such thing' } }

  test.each([
    { kind: 'create-app', ...body },
    { kind: 'update-app', id: '/a', mode: 'partial', ...body },
    { kind: 'update-apps', mode: 'partial', ...body, body: [poison] },
    { kind: 'create-pod', ...body },
    { kind: 'update-pod', id: '/p', ...body },
    { kind: 'create-group', id: '/g', ...body },
    { kind: 'update-group', id: '/g', ...body },
    { kind: 'patch-group', id: '/g', body: poison },
  ] as const)('is refused, and the core goes on: $kind', (request) => {
    const core = new HandCore({ quarantines: true })
    expect(core.ask(request)).toEqual(internal)
    expect(core.create({ id: '/a', cmd: 'serve' })).toMatchObject({ kind: 'deployed' })
  })

  test('is refused also when only the plan does', () => {
    const before = new HandCore()
    before.create({ id: '/a', cmd: 'serve', instances: 0 })
    const records = before.records.map((record) =>
      record.table === 'run-spec-version'
        ? { ...record, value: { ...record.value, env: null as never } }
        : record,
    )
    const core = new HandCore({ records, quarantines: true })
    const update = { kind: 'update-app', id: '/a', mode: 'complete', force: false, origin } as const
    const asked = { ...update, body: { cmd: 'serve', instances: 0 } }
    expect(core.ask({ ...asked, isDryRun: true })).toMatchObject({ refusal: { kind: 'internal' } })
    expect(core.ask(asked)).toMatchObject({ kind: 'deployed' })
  })
})
