import { describe, expect, test } from 'vitest'
import { plainPod } from '../../../tests/support/plain-pod.ts'
import { buildApp, firstVersion } from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { App } from '../../spec/app.ts'
import type { Pod } from '../../spec/pod.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { dependencyLevels } from './dependency-order.ts'
import { affectedBy, shownAction } from './deployment.ts'
import { type PlanInput, planDeployment } from './plan.ts'

const next = '2031-01-02T00:00:00.000Z'
const now = instant(1000)

/** As versionInfo has it (app-definition 2): a scaled app keeps the time of its last config change. */
const scaled = (app: App, instances: number): App => ({
  ...app,
  instances,
  version: next,
  versionInfo: { ...app.versionInfo, lastScalingAt: next },
})
const changed = (app: App, change: Partial<App> = {}): App => ({
  ...app,
  cmd: 'sleep 1200',
  ...change,
  version: next,
  versionInfo: { lastScalingAt: next, lastConfigChangeAt: next },
})
const restarted = (app: App): App => ({
  ...app,
  version: next,
  versionInfo: { ...app.versionInfo, lastConfigChangeAt: next },
})

const byId = (apps: readonly App[]): ReadonlyMap<PathId, App> => new Map(apps.map((app) => [app.id, app]))

function plan(original: readonly App[], target: readonly App[], more: Partial<PlanInput> = {}) {
  const ids = new Set([...original, ...target].map((app) => app.id))
  return planDeployment({
    id: 'd',
    version: next,
    original: byId(original),
    target: byId(target),
    changed: ids,
    now,
    ...more,
  })
}

/** One line per step, actions by their first word. */
const stepsOf = (...args: Parameters<typeof plan>): string[] =>
  plan(...args).steps.map((step) =>
    step.actions.map((action) => `${action.kind.replace('Application', '')} ${action.runSpecId}`).join(', '),
  )

const a = buildApp({ id: '/a' })
const b = buildApp({ id: '/b' })
const c = buildApp({ id: '/c' })
const dependsOn = (app: App, ...dependencies: PathId[]): App => ({ ...app, dependencies })

test.each<[string, readonly App[], readonly App[], string[]]>([
  ['nothing changed', [a, b], [a, b], []],
  ['a new app is started with none and scaled', [], [a], ['Start /a', 'Scale /a']],
  ['a new app without instances is planned alike', [], [{ ...a, instances: 0 }], ['Start /a', 'Scale /a']],
  ['an app is removed', [a, b], [b], ['Stop /a']],
  ['only the number changed', [a], [scaled(a, 5)], ['Scale /a']],
  ['scaled to none', [a], [scaled(a, 0)], ['Scale /a']],
  ['scaled up from none', [{ ...a, instances: 0 }], [scaled(a, 3)], ['Scale /a']],
  ['the configuration changed', [a], [changed(a)], ['Restart /a']],
  ['configuration and number changed', [a], [changed(a, { instances: 7 })], ['Restart /a']],
  ['changed, and no instance wanted', [a], [changed(a, { instances: 0 })], ['Scale /a']],
  ['changed, and none was wanted before', [{ ...a, instances: 0 }], [changed(a)], ['Restart /a']],
  ['restarted without a change', [a], [restarted(a)], ['Restart /a']],
  [
    'several without dependencies share a step',
    [a, b, c],
    [changed(a), scaled(b, 2), c],
    ['Restart /a, Scale /b'],
  ],
  [
    'removed, new and changed: in this order',
    [a, b],
    [changed(b), c],
    ['Stop /a', 'Start /c', 'Restart /b, Scale /c'],
  ],
  [
    'dependencies first',
    [],
    [dependsOn(a, '/b'), dependsOn(b, '/c'), c],
    ['Start /a, Start /b, Start /c', 'Scale /c', 'Scale /b', 'Scale /a'],
  ],
  [
    'the longest way of dependencies decides',
    [],
    [dependsOn(a, '/b', '/c'), dependsOn(b, '/c'), c],
    ['Start /a, Start /b, Start /c', 'Scale /c', 'Scale /b', 'Scale /a'],
  ],
  [
    'ordered through an app that does not change',
    [dependsOn(a, '/b'), dependsOn(b, '/c'), c],
    [changed(dependsOn(a, '/b')), dependsOn(b, '/c'), changed(c)],
    ['Restart /c', 'Restart /a'],
  ],
  [
    'a dependency that is not there orders nothing',
    [],
    [dependsOn(a, '/gone'), b],
    ['Start /a, Start /b', 'Scale /a, Scale /b'],
  ],
])('%s', (_, original, target, steps) => {
  expect(stepsOf(original, target)).toEqual(steps)
})

const web = buildApp({ id: '/shop/web' })
const cache = buildApp({ id: '/shop/front/cache' })
const db = buildApp({ id: '/infra/db' })
const queue = buildApp({ id: '/infra/mq/queue' })

test.each<[string, ReadonlyMap<PathId, readonly PathId[]>, readonly App[], string[]]>([
  [
    'a group that depends on a group: all of the one after all of the other',
    new Map([['/shop', ['/infra']]]),
    [web, cache, db, queue],
    ['Scale /infra/db, Scale /infra/mq/queue', 'Scale /shop/front/cache, Scale /shop/web'],
  ],
  [
    'dependencies inside the other group come on top',
    new Map([['/shop', ['/infra']]]),
    [web, dependsOn(db, '/infra/mq/queue'), queue],
    ['Scale /infra/mq/queue', 'Scale /infra/db', 'Scale /shop/web'],
  ],
  [
    'an app may depend on a group',
    new Map(),
    [dependsOn(web, '/infra'), db],
    ['Scale /infra/db', 'Scale /shop/web'],
  ],
  [
    'what a group says to depend on an app counts for nothing',
    new Map([['/shop', ['/infra/db']]]),
    [web, db],
    ['Scale /infra/db, Scale /shop/web'],
  ],
  [
    'a group without members orders nothing',
    new Map([['/shop', ['/nobody']]]),
    [web, db],
    ['Scale /infra/db, Scale /shop/web'],
  ],
  [
    'they bind what is within the group, not what is beside it',
    new Map([['/shop/front', ['/infra']]]),
    [web, cache, db],
    ['Scale /infra/db, Scale /shop/web', 'Scale /shop/front/cache'],
  ],
])('%s', (_, groupDependencies, target, steps) => {
  expect(stepsOf([], target, { groupDependencies }).slice(1)).toEqual(steps)
})

test('a cycle is refused with the run specs in it, also through groups', () => {
  const order = (apps: readonly App[], groupDependencies = new Map<PathId, PathId[]>()) =>
    dependencyLevels({ runSpecs: byId(apps), groupDependencies, affected: apps.map((app) => app.id) })
  expect(order([dependsOn(a, '/b'), dependsOn(b, '/a')])).toEqual({ ok: false, error: ['/a', '/b'] })
  expect(order([web, dependsOn(db, '/shop/web')], new Map([['/shop', ['/infra']]]))).toEqual({
    ok: false,
    error: ['/shop/web', '/infra/db'],
  })
  expect(() => plan([], [dependsOn(a, '/b'), dependsOn(b, '/a')])).toThrow('cycle: /a → /b')
})

test('the record names what changes from which version to which, sorted, and nothing else', () => {
  expect(plan([b, a, c], [c, changed(b), buildApp({ id: '/d', version: next })])).toMatchObject({
    id: 'd',
    version: next,
    currentStep: 0,
    startedAt: now,
    changes: [
      { id: '/a', from: firstVersion },
      { id: '/b', from: firstVersion, to: next },
      { id: '/d', to: next },
    ],
  })
})

test('an app to be restarted is a change although its version stays', () => {
  const deployment = plan([a, b], [a, b], { changed: [], restarted: new Set(['/b', '/not-there']) })
  expect(deployment.changes).toEqual([{ id: '/b', from: firstVersion, to: firstVersion }])
  expect(deployment.steps).toEqual([{ actions: [{ kind: 'RestartApplication', runSpecId: '/b' }] }])
})

test('what is not named as changed is not looked at', () => {
  expect(
    plan([a, b], [changed(a), changed(b)], { changed: ['/b'] }).changes.map((change) => change.id),
  ).toEqual(['/b'])
})

test('ten thousand apps of two groups that depend on each other are planned in one go', () => {
  const apps = Array.from({ length: 10_000 }, (_, i) =>
    buildApp({ id: `/${i % 2 === 0 ? 'even' : 'odd'}/a${i}` }),
  )
  const deployment = plan([], apps, { groupDependencies: new Map([['/odd', ['/even']]]) })
  expect(deployment.steps.map((step) => step.actions.length)).toEqual([10_000, 5_000, 5_000])
})

describe('pods', () => {
  const pod = (change: Partial<Pod> & { readonly id: string }): Pod =>
    plainPod({ version: firstVersion, ...change })
  const newer = { version: next, versionInfo: { lastScalingAt: next, lastConfigChangeAt: next } }
  const kinds = (original: readonly RunSpec[], target: readonly RunSpec[], more: Partial<PlanInput> = {}) => {
    const map = (runSpecs: readonly RunSpec[]) => new Map(runSpecs.map((each) => [each.id, each]))
    const deployment = planDeployment({
      id: 'd',
      version: next,
      original: map(original),
      target: map(target),
      changed: new Set([...original, ...target].map(({ id }) => id)),
      now,
      ...more,
    })
    return {
      deployment,
      steps: deployment.steps.map(({ actions }) =>
        actions.map((action) => Object.values(shownAction(action))),
      ),
    }
  }

  test('have actions of their own', () => {
    const { steps, deployment } = kinds(
      [pod({ id: '/gone' }), pod({ id: '/changed' }), pod({ id: '/scaled' }), buildApp({ id: '/app' })],
      [
        pod({ id: '/new', ...newer }),
        pod({ id: '/changed', ...newer }),
        pod({
          id: '/scaled',
          instances: 3,
          version: next,
          versionInfo: { lastScalingAt: next, lastConfigChangeAt: firstVersion },
        }),
        changed(buildApp({ id: '/app' })),
      ],
    )
    expect(steps).toEqual([
      [['StopPod', '/gone']],
      [['StartPod', '/new']],
      [
        ['RestartApplication', '/app'],
        ['RestartPod', '/changed'],
        ['ScalePod', '/new'],
        ['ScalePod', '/scaled'],
      ],
    ])
    expect(affectedBy(deployment)).toEqual({
      apps: ['/app'],
      pods: ['/changed', '/gone', '/new', '/scaled'],
    })
  })

  test('wait for what the groups around them depend on, and others for them', () => {
    const { steps } = kinds(
      [],
      [
        pod({ id: '/shop/cart', ...newer }),
        pod({ id: '/data/db', ...newer }),
        buildApp({ id: '/web/app', version: next }),
      ],
      {
        groupDependencies: new Map([
          ['/shop', ['/data']],
          ['/web', ['/shop']],
        ]),
      },
    )
    expect(steps.slice(1)).toEqual([
      [['ScalePod', '/data/db']],
      [['ScalePod', '/shop/cart']],
      [['ScaleApplication', '/web/app']],
    ])
  })
})

test('a change of the number alone is a restart where instances of another configuration are left, unless to none', () => {
  const halfReplaced = new Set(['/a', '/b'])
  expect(stepsOf([a, b, c], [scaled(a, 5), scaled(b, 0), scaled(c, 5)], { halfReplaced })).toEqual([
    'Restart /a, Scale /b, Scale /c',
  ])
})
