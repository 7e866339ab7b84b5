import { describe, expect, it } from 'vitest'
import { isWithin, type PathId } from '../../lib/path-id.ts'
import { type Tree, validateRoot } from './root.ts'

interface Given {
  readonly apps: Readonly<Record<PathId, readonly PathId[]>>
  readonly groups?: Readonly<Record<PathId, readonly PathId[]>>
  readonly pods?: readonly PathId[]
}

function tree({ apps, groups = {}, pods = [] }: Given): Tree {
  const ids = [...Object.keys(apps), ...pods]
  const isGroup = (id: PathId): boolean =>
    Object.hasOwn(groups, id) || ids.some((app) => app !== id && isWithin(app, id))
  return {
    dependenciesOfApp: (id) => apps[id],
    dependenciesOfGroup: (id) => (isGroup(id) ? (groups[id] ?? []) : undefined),
    appsWithin: (group) => Object.keys(apps).filter((id) => id !== group && isWithin(id, group)),
    changesKind: (id) => pods.includes(id),
    hasMembers: (group) => ids.some((id) => id !== group && isWithin(id, group)),
  }
}

const errors = (given: Given, ...changed: PathId[]): string[] =>
  validateRoot(changed, tree(given)).flatMap((issue) => issue.errors)

const cyclic = ['Dependency graph has cyclic dependencies.']

describe('dependencies', () => {
  it.each([
    ['of an app on itself', { apps: { '/a': ['/a'] } }, '/a', cyclic],
    ['of two apps on each other', { apps: { '/a': ['/b'], '/b': ['/a'] } }, '/a', cyclic],
    ['along a chain', { apps: { '/a': ['/b'], '/b': ['/c'], '/c': [] } }, '/a', []],
    ['that meet again', { apps: { '/a': ['/b', '/c'], '/b': ['/d'], '/c': ['/d'], '/d': [] } }, '/a', []],
    ['on what does not exist', { apps: { '/a': ['/x', '/y'] } }, '/a', []],
    ['on a group that needs the app', { apps: { '/a': ['/g'], '/g/b': ['/a'] } }, '/a', cyclic],
    ['on the own group', { apps: { '/g/a': ['/g'] } }, '/g/a', cyclic],
    ['of a group on another', { apps: { '/g/a': [], '/h/b': [] }, groups: { '/g': ['/h'] } }, '/g/a', []],
    [
      'of two groups on each other',
      { apps: { '/g/a': [], '/h/b': [] }, groups: { '/g': ['/h'], '/h': ['/g'] } },
      '/g/a',
      cyclic,
    ],
    [
      'of a group on one whose app needs it',
      { apps: { '/g/s/a': [], '/h/b': ['/g/s/a'] }, groups: { '/g': ['/h'] } },
      '/h/b',
      cyclic,
    ],
    [
      'of groups on each other that hold no apps',
      { apps: { '/a': [] }, groups: { '/g': ['/h'], '/h': ['/g'] } },
      '/a',
      [],
    ],
    [
      'of a group on an app, which count for nothing',
      { apps: { '/g/a': [], '/b': ['/g'] }, groups: { '/g': ['/b'] } },
      '/b',
      [],
    ],
    ['of others, changed before', { apps: { '/a': [], '/x': ['/y'], '/y': ['/x'] } }, '/a', []],
  ] as const)('%s', (_, given, changed, expected) => expect(errors(given, changed)).toEqual(expected))

  it('may be as long as one likes', () => {
    const count = 20_000
    const graph: Tree = {
      ...tree({ apps: {} }),
      dependenciesOfApp: (id) => (id === `/a${count}` ? [] : [`/a${Number(id.slice(2)) + 1}`]),
    }
    expect(validateRoot(['/a0'], graph)).toEqual([])
    expect(
      validateRoot(['/a0'], {
        ...graph,
        dependenciesOfApp: (id) => [`/a${(Number(id.slice(2)) + 1) % count}`],
      }),
    ).toEqual([{ path: '/', errors: cyclic }])
  })
})

describe('the id of an app', () => {
  const shared = ['Groups and Applications may not have the same identifier.']
  it.each([
    ['of a group with members', { apps: { '/a': [], '/a/b': [] } }, '/a', shared],
    ['beneath an app', { apps: { '/a': [], '/a/b/c': [] } }, '/a/b/c', shared],
    ['of an empty group', { apps: { '/a': [] }, groups: { '/a': [] } }, '/a', []],
    [
      'of a pod',
      { apps: { '/a': [] }, pods: ['/a'] },
      '/a',
      ['Applications and Pods may not share the same id'],
    ],
    ['that was removed', { apps: { '/a/b': [] } }, '/a', []],
  ] as const)('%s', (_, given, changed, expected) => expect(errors(given, changed)).toEqual(expected))
})
