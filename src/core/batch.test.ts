import { expect, test } from 'vitest'
import { Batch } from './batch.ts'

test('writes to one record coalesce to the last, everything else keeps its order', () => {
  const batch = new Batch()
  batch.put('run-spec', '/a', { id: '/a', version: '1' })
  batch.put('meta', 'root', { version: '1' })
  batch.put('run-spec', '/a', { id: '/a', version: '2' })
  batch.delete('meta', 'root')
  batch.effect({ kind: 'reconcile', tasks: [] })
  batch.download({ kind: 'abandon-artifact', path: 'a' })
  batch.probe({ kind: 'end-probe', id: 'p' })
  batch.reply(7, { kind: 'done' })
  expect(batch.take()).toEqual({
    writes: [
      { kind: 'put', table: 'run-spec', key: '/a', value: { id: '/a', version: '2' } },
      { kind: 'delete', table: 'meta', key: 'root' },
    ],
    effects: [{ kind: 'reconcile', tasks: [] }],
    downloads: [{ kind: 'abandon-artifact', path: 'a' }],
    probes: [{ kind: 'end-probe', id: 'p' }],
    notices: [],
    replies: [{ requestId: 7, outcome: { kind: 'done' } }],
  })
})

test('what was taken is not handed out again', () => {
  const batch = new Batch()
  batch.put('meta', 'root', { version: '1' })
  batch.take()
  expect(batch.take()).toEqual({
    writes: [],
    effects: [],
    downloads: [],
    probes: [],
    notices: [],
    replies: [],
  })
})
