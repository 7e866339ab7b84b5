import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import type { Outcome, Request } from '../requests.ts'

const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
const common = { force: false, isDryRun: true } as const
const web = { id: '/g/web', cmd: 'serve', cpus: 0.1, portDefinitions: [] }
const pod = (instances: number) => ({
  id: '/g/pod',
  containers: [{ name: 'c', resources: { cpus: 0.1, mem: 32 }, exec: { command: { shell: 'serve' } } }],
  scaling: { kind: 'fixed', instances },
})

/** /g with a running app and a pod. */
function running(): HandCore {
  const core = new HandCore()
  core.create(web)
  core.ask({ kind: 'create-pod', body: pod(0), force: false, origin })
  core.offers(offerOf('n1'))
  core.tellAll('TASK_RUNNING')
  expect(core.view.deployments()).toEqual([])
  return core
}

const actions = (outcome: Outcome): string[] =>
  outcome.kind === 'planned'
    ? outcome.steps.map((step) =>
        step.actions.map(({ kind, runSpecId }) => `${kind} ${runSpecId}`).join(', '),
      )
    : [`not planned but ${JSON.stringify(outcome)}`]
const changes = (outcome: Outcome): string[] =>
  outcome.kind === 'planned'
    ? outcome.changes.map(
        ({ action, kind, id, fields }) =>
          `${action} ${kind} ${id}${action === 'update' ? ` ${JSON.stringify(fields)}` : ''}`,
      )
    : []

const tasks = (core: HandCore) => core.view.instancesOf('/g/web').map(({ tasks }) => tasks[0]!.id)

const cases: readonly (readonly [string, (core: HandCore) => Request, string[], string[]])[] = [
  [
    'an app that is created',
    () => ({ kind: 'create-app', body: { id: '/new/a', cmd: 'serve' }, origin, ...common }),
    ['StartApplication /new/a', 'ScaleApplication /new/a'],
    ['create group /new', 'create app /new/a'],
  ],
  [
    'an app that is changed',
    () => ({
      kind: 'update-app',
      id: '/g/web',
      body: { cpus: 0.2, env: { A: 'b' } },
      mode: 'partial',
      origin,
      ...common,
    }),
    ['RestartApplication /g/web'],
    ['update app /g/web [{"path":"/cpus","from":0.1,"to":0.2},{"path":"/env","to":{"A":"b"}}]'],
  ],
  [
    'apps that are changed together',
    () => ({
      kind: 'update-apps',
      body: [
        { id: '/g/web', instances: 3 },
        { id: '/b', cmd: 'serve' },
      ],
      mode: 'partial',
      ...common,
    }),
    ['StartApplication /b', 'ScaleApplication /b, ScaleApplication /g/web'],
    ['update app /g/web [{"path":"/instances","from":1,"to":3}]', 'create app /b'],
  ],
  [
    'an app that is removed',
    () => ({ kind: 'remove-app', id: '/g/web', ...common }),
    ['StopApplication /g/web'],
    ['remove app /g/web'],
  ],
  ['a restart', () => ({ kind: 'restart-app', id: '/g/web', ...common }), ['RestartApplication /g/web'], []],
  [
    'a kill that scales',
    (core) => ({ kind: 'kill-and-scale', selection: { kind: 'tasks', taskIds: tasks(core) }, ...common }),
    ['ScaleApplication /g/web'],
    ['update app /g/web [{"path":"/instances","from":1,"to":0}]'],
  ],
  [
    'a pod that is created',
    () => ({ kind: 'create-pod', body: { ...pod(1), id: '/p' }, origin, ...common }),
    ['StartPod /p', 'ScalePod /p'],
    ['create pod /p'],
  ],
  [
    'a pod that is changed',
    () => ({ kind: 'update-pod', id: '/g/pod', body: pod(2), origin, ...common }),
    ['ScalePod /g/pod'],
    ['update pod /g/pod [{"path":"/scaling/instances","from":0,"to":2}]'],
  ],
  [
    'a pod that is removed',
    () => ({ kind: 'remove-pod', id: '/g/pod', origin, ...common }),
    ['StopPod /g/pod'],
    ['remove pod /g/pod'],
  ],
  [
    'a group that is created',
    () => ({ kind: 'create-group', id: '/', body: { id: '/h', dependencies: ['/g'] }, ...common }),
    [],
    ['create group /h'],
  ],
  [
    'a group that is changed',
    () => ({ kind: 'update-group', id: '/g', body: { apps: [], dependencies: ['/h'] }, ...common }),
    ['StopApplication /g/web'],
    ['update group /g [{"path":"/dependencies","from":[],"to":["/h"]}]', 'remove app /g/web'],
  ],
  [
    'a group that is removed',
    () => ({ kind: 'remove-group', id: '/g', ...common }),
    ['StopPod /g/pod, StopApplication /g/web'],
    ['remove group /g', 'remove app /g/web', 'remove pod /g/pod'],
  ],
]

test.each(cases)('a dry run of %s gives the plan and leaves no trace', (_, requestOf, steps, changed) => {
  const core = running()
  const before = { records: core.records, effects: core.effects.length, version: core.view.rootVersion }
  const { outcome, ready } = core.tell(requestOf(core))
  expect(actions(outcome)).toEqual(steps)
  expect(changes(outcome).sort()).toEqual([...changed].sort())
  expect([ready.writes, ready.effects, ready.notices]).toEqual([[], [], []])
  expect({ records: core.records, effects: core.effects.length, version: core.view.rootVersion }).toEqual(
    before,
  )
  expect(core.view.deployments()).toEqual([])
})

test.each(cases)('what a dry run of %s plans is what is done', (_, requestOf, steps) => {
  const core = running()
  const request = requestOf(core)
  const { ready } = core.tell({ ...request, isDryRun: false } as Request)
  const told = ready.notices.find(({ type }) => type === 'deployment_info' || type === 'deployment_success')
  const plan = told?.body['plan'] as {
    readonly steps: readonly { readonly actions: readonly Record<string, string>[] }[]
  }
  expect(
    plan.steps.map((step) =>
      step.actions.map(({ action, app, pod }) => `${action} ${app ?? pod}`).join(', '),
    ),
  ).toEqual(steps)
})

test('a dry run takes no id from those that come later', () => {
  const deployed = (core: HandCore) => core.update('/g/web', { cpus: 0.3 })
  const core = running()
  core.ask({ kind: 'remove-group', id: '/g', ...common })
  expect(deployed(core)).toEqual(deployed(running()))
})

test('a refused dry run says why, and nobody is told', () => {
  const core = running()
  const { outcome, ready } = core.tell({
    kind: 'update-group',
    id: '/g',
    body: { apps: [{ ...web, dependencies: ['/g'] }] },
    ...common,
  })
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'invalid-object' } })
  expect([ready.notices, ready.writes]).toEqual([[], []])
})

test('what stands in the way of a change is named in its plan, and is not the end of it', () => {
  const core = running()
  core.update('/g/web', { cpus: 0.5 })
  const [deployment] = core.view.deployments()
  expect(core.ask({ kind: 'remove-app', id: '/g/web', ...common })).toMatchObject({
    kind: 'planned',
    conflicts: [deployment!.id],
  })
  expect(core.view.deployments()).toEqual([deployment])
})

test('fields that nothing understands are named beside the plan', () => {
  const outcome = running().ask({
    kind: 'create-app',
    body: { id: '/x', cmd: 'serve', instnaces: 2 },
    origin,
    ...common,
  })
  expect(outcome).toMatchObject({ kind: 'planned', warnings: [{ path: '/instnaces', nearest: 'instances' }] })
})
