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
  expect(state.memberCount('/shop')).toBe(1)
  expect(state.rootVersion).toBe(app.version)
})

test.each([
  ['a version in force that is not stored', [inForce], /names version .* of \/shop\/web as the one in force/],
  ['an instance of a version that is not stored', [stored], /instance shop_web.instance-1 refers to version/],
])('%s stops the start', (_name, records, message) => {
  expect(() => loadRecords(new State(), records as StoredRecord[])).toThrow(message)
})
