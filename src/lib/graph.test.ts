import { expect, test } from 'vitest'
import { type Edge, longestPaths } from './graph.ts'

const graph = (edges: Record<string, string>, length = 1) => {
  return (node: string): Edge<string>[] => [...(edges[node] ?? '')].map((to) => ({ to, length }))
}

test('the longest path counts, not the shortest', () => {
  const lengths = longestPaths(['a'], graph({ a: 'bd', b: 'c', c: 'd' }))
  expect(lengths).toEqual({
    ok: true,
    value: new Map([
      ['a', 3],
      ['b', 2],
      ['c', 1],
      ['d', 0],
    ]),
  })
})

test('only what can be reached from the starts is explored', () => {
  const lengths = longestPaths(['b'], graph({ a: 'b', x: 'x', b: 'c' }))
  expect(lengths.ok && [...lengths.value.keys()].sort()).toEqual(['b', 'c'])
})

test('edges of length 0 lead on without counting', () => {
  expect(longestPaths(['a'], graph({ a: 'b', b: 'c' }, 0))).toMatchObject({
    ok: true,
    value: new Map([
      ['c', 0],
      ['b', 0],
      ['a', 0],
    ]),
  })
})

test('a cycle is named by its nodes in order, without the way that led to it', () => {
  expect(longestPaths(['z'], graph({ z: 'a', a: 'b', b: 'c', c: 'a' }))).toEqual({
    ok: false,
    error: ['a', 'b', 'c'],
  })
  expect(longestPaths(['a'], graph({ a: 'a' }))).toEqual({ ok: false, error: ['a'] })
})

test('two ways to the same node are no cycle', () => {
  expect(longestPaths(['a'], graph({ a: 'bc', b: 'd', c: 'd' })).ok).toBe(true)
})

test('a chain longer than the call stack is measured', () => {
  const lengths = longestPaths([0], (node) => (node < 100_000 ? [{ to: node + 1, length: 1 }] : []))
  expect(lengths.ok && lengths.value.get(0)).toBe(100_000)
})
