import { describe, expect, it } from 'vitest'
import { splitAppPath } from './app-path.ts'

describe('a path beneath /v2/apps', () => {
  it.each([
    ['', { kind: 'collection' }],
    ['/', { kind: 'collection' }],
    ['a', { kind: 'app', id: '/a' }],
    ['/a//b/', { kind: 'app', id: '/a/b' }],
    ['*', { kind: 'apps-of', groupId: '/' }],
    ['a/b/*', { kind: 'apps-of', groupId: '/a/b' }],
    ['a/b*', { kind: 'app', id: '/a/b*' }],
    ['a/tasks', { kind: 'tasks', id: '/a' }],
    ['tasks', { kind: 'app', id: '/tasks' }],
    ['a/*/tasks', { kind: 'tasks-of', groupId: '/a' }],
    ['*/tasks', { kind: 'tasks-of', groupId: '/' }],
    ['a/tasks/t.1', { kind: 'task', id: '/a', taskId: 't.1' }],
    ['a/tasks/tasks/t', { kind: 'task', id: '/a/tasks', taskId: 't' }],
    ['a/tasks/b/c', { kind: 'app', id: '/a/tasks/b/c' }],
    ['a/b/restart', { kind: 'restart', id: '/a/b', literalId: '/a/b/restart' }],
    ['restart', { kind: 'app', id: '/restart' }],
    ['a/b/explain', { kind: 'explain', id: '/a/b', literalId: '/a/b/explain' }],
    ['a/explain/explain', { kind: 'explain', id: '/a/explain', literalId: '/a/explain/explain' }],
    ['explain', { kind: 'app', id: '/explain' }],
    ['a/versions', { kind: 'versions', id: '/a' }],
    [
      'a/versions/2031-04-02T09:15:20.480Z',
      { kind: 'version', id: '/a', version: '2031-04-02T09:15:20.480Z' },
    ],
    ['versions', { kind: 'app', id: '/versions' }],
    ['a/../b', { kind: 'app', id: '/b' }],
  ])('%j', (rest, expected) => {
    expect(splitAppPath(rest)).toEqual(expected)
  })
})
