import { expect, test } from 'vitest'
import { appOf, versioned } from '../../tests/support/normalise.ts'
import { instant } from '../lib/instant.ts'
import { schedule } from './instances/launch.ts'
import { loadRecords } from './load.ts'
import type { StoredRecord } from './records.ts'
import { State } from './state.ts'

const app = versioned(appOf({ id: '/shop/web', cmd: 'serve' }))
const instance = schedule(app, 'shop_web.instance-1', instant(5))
const inForce: StoredRecord = { table: 'run-spec', key: app.id, value: { id: app.id, version: app.version } }
const definition: StoredRecord = { table: 'run-spec-version', key: `${app.id}@${app.version}`, value: app }
const stored: StoredRecord = { table: 'instance', key: instance.id, value: instance }

test('tables and indexes are as the records say, whatever order they come in', () => {
  const state = new State()
  const root: StoredRecord = { table: 'meta', key: 'root', value: { version: app.version } }
  loadRecords(state, [stored, inForce, root, definition])
  expect(state.runSpec('/shop/web')).toBe(app)
  expect(state.instancesOf('/shop/web')).toEqual([instance])
  expect(state.scheduledCount('/shop/web')).toBe(1)
  expect([...state.waiting]).toEqual(['/shop/web'])
  expect(state.groups.memberCount('/shop')).toBe(1)
  expect(state.rootVersion).toBe(app.version)
})

test('deployments are in the order they started, and each is locked by the one that changes it', () => {
  const state = new State()
  const deployment = (id: string, version: string, changed: string): StoredRecord => ({
    table: 'deployment',
    key: id,
    value: { id, version, steps: [], changes: [{ id: changed }], currentStep: 0, startedAt: instant(0) },
  })
  const [early, late] = ['2031-01-01T00:00:00.000Z', '2031-01-01T00:00:00.001Z']
  loadRecords(state, [deployment('a', late!, '/x'), deployment('b', early!, '/y')])
  expect(state.deployments().map(({ id }) => id)).toEqual(['b', 'a'])
  expect([state.lockOf('/x'), state.lockOf('/y')]).toEqual(['a', 'b'])
})

test.each([
  ['a version in force that is not stored', [inForce], /names version .* of \/shop\/web as the one in force/],
  ['an instance of a version that is not stored', [stored], /instance shop_web.instance-1 refers to version/],
])('%s stops the start', (_name, records, message) => {
  expect(() => loadRecords(new State(), records as StoredRecord[])).toThrow(message)
})
