import { expect, test } from 'vitest'
import { buildApp, firstVersion } from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { App } from '../../spec/app.ts'
import type { Group } from '../records.ts'
import type { Deployment } from './deployment.ts'
import { revertOf } from './revert.ts'

const next = '2031-01-02T00:00:00.000Z'
const later = '2031-01-03T00:00:00.000Z'

function root({
  inForce,
  kept = [],
  groups = [],
}: {
  inForce: App[]
  kept?: App[]
  groups?: [PathId, PathId[]][]
}) {
  return {
    runSpec: (id: PathId) => inForce.find((app) => app.id === id),
    runSpecVersion: (id: PathId, version: string) =>
      [...inForce, ...kept].find((app) => app.id === id && app.version === version),
    group: (id: PathId): Group | undefined => {
      const found = groups.find(([each]) => each === id)
      return found && { id, dependencies: found[1], version: next }
    },
  }
}

const deployment = (change: Partial<Deployment>): Deployment => ({
  id: 'd',
  version: next,
  steps: [],
  changes: [],
  currentStep: 0,
  startedAt: instant(0),
  ...change,
})

const old = buildApp({ instances: 2 })
const changed = buildApp({ instances: 5, version: next })

test('a changed app comes back as it was', () => {
  const revert = revertOf(
    deployment({ changes: [{ id: '/app', from: firstVersion, to: next }] }),
    root({ inForce: [changed], kept: [old] }),
  )
  expect(revert).toEqual({ ok: true, value: { restored: [old], removed: [], groupChanges: [] } })
})

test('a removed app comes back, an added one goes', () => {
  const added = buildApp({ id: '/new', version: next })
  const revert = revertOf(
    deployment({
      changes: [
        { id: '/app', from: firstVersion },
        { id: '/new', to: next },
      ],
    }),
    root({ inForce: [added], kept: [old] }),
  )
  expect(revert).toEqual({ ok: true, value: { restored: [old], removed: ['/new'], groupChanges: [] } })
})

test('what was changed again since is left alone', () => {
  const revert = revertOf(
    deployment({
      changes: [
        { id: '/app', from: firstVersion, to: next },
        { id: '/new', to: next },
      ],
    }),
    root({ inForce: [{ ...changed, version: later }], kept: [old] }),
  )
  expect(revert).toEqual({ ok: true, value: { restored: [], removed: [], groupChanges: [] } })
})

test('a restart without a change has nothing to take back', () => {
  const revert = revertOf(
    deployment({ changes: [{ id: '/app', from: firstVersion, to: firstVersion }] }),
    root({ inForce: [old] }),
  )
  expect(revert).toMatchObject({ ok: true, value: { restored: [], removed: [] } })
})

test('a version that is no longer kept is named', () => {
  const revert = revertOf(
    deployment({ changes: [{ id: '/app', from: firstVersion, to: next }] }),
    root({ inForce: [changed] }),
  )
  expect(revert).toEqual({ ok: false, error: { kind: 'app-not-found', id: '/app', version: firstVersion } })
})

test('groups: created ones go, inner before outer; dependencies come back; what changed again stays', () => {
  const revert = revertOf(
    deployment({
      groupChanges: [
        { id: '/shop', to: [] },
        { id: '/shop/front', to: [] },
        { id: '/infra', from: ['/net'], to: ['/net', '/dns'] },
        { id: '/old', from: [] },
        { id: '/busy', from: [], to: ['/a'] },
      ],
    }),
    root({
      inForce: [],
      groups: [
        ['/shop', []],
        ['/shop/front', []],
        ['/infra', ['/net', '/dns']],
        ['/busy', ['/b']],
      ],
    }),
  )
  expect(revert.ok && revert.value.groupChanges).toEqual([
    { id: '/old', to: [] },
    { id: '/infra', from: ['/net', '/dns'], to: ['/net'] },
    { id: '/shop/front', from: [] },
    { id: '/shop', from: [] },
  ])
})
