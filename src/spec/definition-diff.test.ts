import { describe, expect, it } from 'vitest'
import { diffDefinitions } from './definition-diff.ts'

describe('the difference between two definitions', () => {
  it.each([
    ['none', { cmd: 'a' }, { cmd: 'a' }, []],
    ['in a field', { cpus: 1 }, { cpus: 2 }, [{ path: '/cpus', from: 1, to: 2 }]],
    ['a field more', {}, { user: 'root' }, [{ path: '/user', to: 'root' }]],
    ['a field less', { user: 'root' }, {}, [{ path: '/user', from: 'root' }]],
    [
      'within a field',
      { env: { A: '1', B: '2', C: '3' } },
      { env: { A: '1', B: '4', D: '5' } },
      [
        { path: '/env/B', from: '2', to: '4' },
        { path: '/env/C', from: '3' },
        { path: '/env/D', to: '5' },
      ],
    ],
    [
      'within an item of a list',
      { container: { volumes: [{ mode: 'RO' }, { mode: 'RW' }] } },
      { container: { volumes: [{ mode: 'RO' }, { mode: 'RO' }] } },
      [{ path: '/container/volumes(1)/mode', from: 'RW', to: 'RO' }],
    ],
    [
      'in the length of a list',
      { args: ['a'] },
      { args: ['a', 'b'] },
      [{ path: '/args', from: ['a'], to: ['a', 'b'] }],
    ],
    [
      'of a kind',
      { unreachableStrategy: 'disabled' },
      { unreachableStrategy: { inactiveAfterSeconds: 1 } },
      [{ path: '/unreachableStrategy', from: 'disabled', to: { inactiveAfterSeconds: 1 } }],
    ],
    ['of versions, which is what a change makes', { version: 'a', versionInfo: {} }, { version: 'b' }, []],
    [
      'in a key like any other',
      {},
      JSON.parse('{"labels": {"__proto__": "x"}}'),
      [{ path: '/labels', to: JSON.parse('{"__proto__": "x"}') }],
    ],
  ])('%s', (_, from, to, expected) => expect(diffDefinitions(from, to)).toEqual(expected))
})
