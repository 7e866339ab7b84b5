import { describe, expect, it } from 'vitest'
import { parseGroupUpdate } from '../parse/group.ts'
import { validateGroupId, validateGroupUpdate, validateTopLevel } from './group.ts'

const enforcing: Readonly<Record<string, boolean>> = { '/dev': false, '/prod': true }

function issues(body: object, id: string, enforceRoleByDefault = false) {
  const parsed = parseGroupUpdate(body)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return validateGroupUpdate(parsed.value, id, {
    enforceRole: (group) => enforcing[group],
    enforceRoleByDefault,
  }).map(({ path, errors }) => [path, ...errors])
}

const unchangeable =
  'enforceRole cannot be modified in a request that adds, removes or modifies services; please make these changes in separate requests.'
const tooLong = (length: number) => `has ${length} characters, expected 190 or fewer`
const alone = 'not allowed in conjunction with other properties.'
const at = '2031-04-02T09:00:00.000Z'

describe('a change of a group', () => {
  it.each([
    ['of nothing', {}, '/dev', []],
    ['of a version alone', { version: at }, '/dev', []],
    ['of a scale alone', { scaleBy: 2 }, '/dev', []],
    ['of a scale and an id', { scaleBy: 2, id: 'dev' }, '/dev', [['/scaleBy', alone]]],
    ['of a version and apps', { version: at, apps: [] }, '/x', [['/version', alone]]],
    ['of a scale within', { groups: [{ id: 'a', scaleBy: 2 }] }, '/x', [['/groups(0)/scaleBy', alone]]],
    ['with an app in it', { apps: [{ id: 'a' }, { id: '/dev/b' }, { id: '../dev/c' }] }, '/dev', []],
    [
      'with an app beside it',
      { apps: [{ id: '/a' }] },
      '/dev',
      [['/apps(0)/id', "Identifier is not child of '/dev'"]],
    ],
    [
      'with an app too deep in it',
      { groups: [{ id: 'in', apps: [{ id: 'a/b' }] }] },
      '/x',
      [['/groups(0)/apps(0)/id', "Identifier is not child of '/x/in'"]],
    ],
    [
      'with a group elsewhere',
      { groups: [{ id: 'a' }, { id: '/y' }, { id: 'b/c' }, { id: '..' }] },
      '/x',
      [
        ['/groups(1)', 'Group has to be child of groups with parent id'],
        ['/groups(2)', 'Group has to be child of groups with parent id'],
        [
          '/groups(3)/id',
          'must not end with any of the following reserved keywords: restart, tasks, versions, ., ..',
        ],
        ['/groups(3)', 'Group has to be child of groups with parent id'],
      ],
    ],
    ['whose path is too long to be kept', {}, `/${'a'.repeat(190)}`, [['/', tooLong(191)]]],
    [
      'with a group whose path is too long to be kept',
      { groups: [{ id: 'b' }] },
      `/${'a'.repeat(188)}`,
      [['/groups(0)/id', tooLong(191)]],
    ],
    ['that enforces its role', { enforceRole: true }, '/dev', []],
    [
      'that enforces it and changes services',
      { enforceRole: true, groups: [{ id: 'in', apps: [] }] },
      '/dev',
      [['/enforceRole', unchangeable]],
    ],
    ['that says what is so', { enforceRole: true, apps: [] }, '/prod', []],
    ['that is new and says so', { enforceRole: true, apps: [] }, '/new', []],
    [
      'named in the body, as by default',
      { id: '/prod', apps: [] },
      '/prod',
      [['/enforceRole', unchangeable]],
    ],
    ['named by the path, as by default', { apps: [] }, '/prod', []],
    [
      'beneath the top that enforces',
      { enforceRole: true },
      '/dev/in',
      [['/enforceRole', 'enforceRole can only be set for top-level groups, and /dev/in is not top-level']],
    ],
    ['beneath the top that does not', { enforceRole: false }, '/dev/in', []],
  ] as const)('%s', (_, body, id, expected) => expect(issues(body, id)).toEqual(expected))

  it('has another default with the flag', () => {
    expect(issues({ id: '/prod', apps: [] }, '/prod', true)).toEqual([])
    expect(issues({ id: '/dev', apps: [] }, '/dev', true)).toEqual([['/enforceRole', unchangeable]])
  })
})

describe('the id of a group', () => {
  it.each([
    ['/', []],
    ['a', []],
    ['../a', []],
    ['/a/b', []],
    ['/a/../b', ["Identifier is not child of '/a/..'"]],
    [
      'a/restart',
      ['must not end with any of the following reserved keywords: restart, tasks, versions, ., ..'],
    ],
  ])('%s', (path, errors) => expect(validateGroupId(path).flatMap((issue) => issue.errors)).toEqual(errors))

  it.each([
    ['/a', []],
    ['/', ['Path needs to be top-level']],
    ['/a/b', ['Path needs to be top-level']],
  ])('is top-level: %s', (id, errors) => {
    expect(validateTopLevel(id).flatMap((issue) => issue.errors)).toEqual(errors)
  })
})

describe('groups within a group', () => {
  it('need an id', () => {
    expect(parseGroupUpdate({ groups: [{ id: 'a', groups: [{}, { id: 'b' }] }, {}] })).toEqual({
      ok: false,
      error: [
        { path: '/groups(0)/groups(0)/id', errors: ['error.path.missing'] },
        { path: '/groups(1)/id', errors: ['error.path.missing'] },
      ],
    })
  })

  it('are read as deep as they go, with every error', () => {
    const deep = {
      groups: [{ id: 'a', groups: [{ id: 'B', apps: [{ id: 'c', cpus: -1 }], dependencies: 'd' }] }],
    }
    expect(parseGroupUpdate(deep)).toMatchObject({
      error: [
        { path: '/groups(0)/groups(0)/id', errors: ['error.pattern'] },
        { path: '/groups(0)/groups(0)/apps(0)/cpus', errors: ['error.min'] },
        { path: '/groups(0)/groups(0)/dependencies', errors: ['error.expected.jsarray'] },
      ],
    })
  })
})
