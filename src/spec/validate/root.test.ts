import { describe, expect, it } from 'vitest'
import { plainApp } from '../../../tests/support/plain-app.ts'
import { isWithin, type PathId } from '../../lib/path-id.ts'
import type { AppSpec } from '../app.ts'
import type { RunSpecDraft } from '../run-spec.ts'
import { type Tree, validateRoot } from './root.ts'

interface Given {
  readonly apps: Readonly<Record<PathId, readonly PathId[]>>
  readonly groups?: Readonly<Record<PathId, readonly PathId[]>>
  /** What was a pod before, or is one now. */
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
    runSpec: (id) =>
      Object.hasOwn(apps, id)
        ? app(id)
        : pods.includes(id)
          ? ({ kind: 'pod', id } as RunSpecDraft)
          : undefined,
    changesKind: (id) => Object.hasOwn(apps, id) && pods.includes(id),
    volumeUsers: () => new Map(),
    pathTo: (id) => id,
    hasMembers: (group) => ids.some((id) => id !== group && isWithin(id, group)),
  }
}

const version = '2031-01-01T00:00:00.000Z'
const app = (id: PathId): RunSpecDraft => plainApp({ id, version })
const runSpecs = (...ids: PathId[]) => ({ runSpecs: ids, groups: [], dependentGroups: [] })
const errors = (given: Given, ...changed: PathId[]): string[] =>
  validateRoot(runSpecs(...changed), tree(given)).flatMap((issue) => issue.errors)

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
      runSpec: (id) => app(id),
      dependenciesOfApp: (id) => (id === `/a${count}` ? [] : [`/a${Number(id.slice(2)) + 1}`]),
    }
    expect(validateRoot(runSpecs('/a0'), graph)).toEqual([])
    expect(
      validateRoot(runSpecs('/a0'), {
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

describe('the id of a group', () => {
  const groups = (given: Given, ...ids: PathId[]) =>
    validateRoot({ runSpecs: [], groups: ids, dependentGroups: [] }, tree(given)).flatMap(
      ({ errors }) => errors,
    )
  it.each([
    [
      'of an app',
      { apps: { '/a': [] } },
      '/a',
      ['Groups and Applications may not have the same identifier.'],
    ],
    ['of a pod', { apps: {}, pods: ['/a'] }, '/a', ['Groups and Pods may not have the same identifier.']],
    [
      'beneath a pod',
      { apps: {}, pods: ['/a'] },
      '/a/b',
      ['Groups and Pods may not have the same identifier.'],
    ],
    ['of its own', { apps: { '/a/b': [] } }, '/a', []],
  ] as const)('%s', (_, given, id, expected) => expect(groups(given, id)).toEqual(expected))

  it('closes a cycle through what is in it', () => {
    const given = { apps: { '/g/a': ['/h'], '/h/b': [] }, groups: { '/h': ['/g'] } }
    const changed = { runSpecs: [], groups: ['/h'], dependentGroups: ['/h'] }
    expect(validateRoot(changed, tree(given))).toEqual([{ path: '/', errors: cyclic }])
  })
})

describe('an external volume', () => {
  const volume = (shared: boolean): NonNullable<AppSpec['container']> => ({
    type: 'MESOS',
    volumes: [
      {
        containerPath: '/data',
        mode: 'RW',
        external: { name: 'v', provider: 'dvdi', options: {}, shared },
      },
    ],
  })
  const using = (users: Readonly<Record<PathId, boolean>>): Tree => ({
    ...tree({ apps: {} }),
    runSpec: (id) => plainApp({ id, version, container: volume(users[id] === false) }),
    hasMembers: () => false,
    volumeUsers: () => new Map(Object.entries(users)),
  })
  it.each([
    ['is one app’s', { '/a': true }, []],
    ['may be shared', { '/a': false, '/b': false }, []],
    [
      'is nobody else’s',
      { '/a': true, '/b': true },
      [
        "Volume name 'v' in /a conflicts with volume(s) of same name in app(s): /b",
        "Volume name 'v' in /b conflicts with volume(s) of same name in app(s): /a",
      ],
    ],
    [
      'is not shared with who wants it alone',
      { '/a': false, '/b': true },
      ["Volume name 'v' in /a conflicts with volume(s) of same name in app(s): /b"],
    ],
  ] as const)('%s', (_, users, expected) =>
    expect(validateRoot(runSpecs('/a'), using(users)).flatMap(({ errors }) => errors)).toEqual(expected),
  )
})
