import { describe, expect, it } from 'vitest'
import { splitGroupPath } from './group-path.ts'

const at = '2031-04-02T09:15:20.480Z'

describe('reading beneath /v2/groups', () => {
  it.each([
    ['', { kind: 'group', id: '/' }],
    ['/', { kind: 'group', id: '/' }],
    ['a', { kind: 'group', id: '/a' }],
    ['//a///b/', { kind: 'group', id: '/a/b' }],
    ['a/../b', { kind: 'group', id: '/b' }],
    ['apps', { kind: 'apps', id: '/' }],
    ['a/b/apps', { kind: 'apps', id: '/a/b' }],
    ['a/apps/apps', { kind: 'apps', id: '/a/apps' }],
    ['apps/a', { kind: 'group', id: '/apps/a' }],
    ['myapps', { kind: 'group', id: '/myapps' }],
    ['versions', { kind: 'versions', id: '/' }],
    ['a/versions', { kind: 'versions', id: '/a' }],
    [`versions/${at}`, { kind: 'version', id: '/', version: at }],
    [`a/b/versions/${at}`, { kind: 'version', id: '/a/b', version: at }],
    ['a/versions/versions/x', { kind: 'version', id: '/a/versions', version: 'x' }],
    ['a/versions/b/c', { kind: 'version', id: '/a', version: 'b/c' }],
    ['versions/apps', { kind: 'apps', id: '/versions' }],
  ])('%j', (rest, expected) => {
    expect(splitGroupPath(rest).read).toEqual(expected)
  })
})

describe('changing beneath /v2/groups', () => {
  it.each([
    ['', '/'],
    ['a//b', '/a/b'],
    ['a/apps', '/a/apps'],
    ['a/versions', '/a/versions'],
    ['versions/x', '/versions/x'],
  ])('%j', (rest, expected) => {
    expect(splitGroupPath(rest).id).toBe(expected)
  })
})
