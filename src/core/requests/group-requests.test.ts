import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../../tests/support/hand-core.ts'
import type { Outcome } from '../requests.ts'

const app = (id: string, more: object = {}) => ({ id, cmd: 'serve', instances: 0, ...more })

class Tree extends HandCore {
  put(id: string, body: object, force = false): Outcome {
    this.run(1_000)
    return this.ask({ kind: 'update-group', id, body, force })
  }

  /** A server that starts from what this one stored. */
  restarted(options: HandCoreOptions = {}): Tree {
    const next = new Tree({ ...options, records: this.records })
    next.now = this.now
    return next
  }

  get ids(): { readonly groups: string[]; readonly runSpecs: string[] } {
    return {
      groups: [...this.view.groups()].map(({ id }) => id).sort(),
      runSpecs: this.view.runSpecs().map(({ id }) => id),
    }
  }
}

const pod = (id: string) => ({
  id,
  containers: [{ name: 'c', resources: { cpus: 0.1, mem: 32 }, exec: { command: { shell: 'serve' } } }],
  scaling: { kind: 'fixed', instances: 0 },
})
const origin = { clientIp: '10.0.0.99', uri: '/v2/pods' }

describe('an update of a group', () => {
  test('keeps its pods, also when apps and groups are replaced', () => {
    const core = new Tree()
    core.put('/g', { apps: [app('a')], groups: [{ id: 'in', apps: [app('b')] }] })
    core.ask({ kind: 'create-pod', body: pod('/g/in/pod'), force: false, origin })
    core.put('/g', { apps: [], groups: [{ id: 'in', apps: [] }] })
    expect(core.ids).toEqual({ groups: ['/g', '/g/in'], runSpecs: ['/g/in/pod'] })
  })

  test('that leaves a group out removes it with its pods', () => {
    const core = new Tree()
    core.put('/g/in', {})
    core.ask({ kind: 'create-pod', body: pod('/g/in/pod'), force: false, origin })
    core.put('/g', { groups: [] })
    expect(core.ids).toEqual({ groups: ['/g'], runSpecs: [] })
  })

  test('brings the groups around it, which enforce their role as the flag says', () => {
    const core = new Tree({ settings: { newGroupEnforceRole: 'top' } })
    core.put('/a/b/c', {})
    expect(core.ids.groups).toEqual(['/a', '/a/b', '/a/b/c'])
    expect(['/a', '/a/b'].map((id) => core.view.group(id)?.enforceRole)).toEqual([true, undefined])
  })

  test('gives an app the place of an empty group of its name, with all that was empty in it', () => {
    const core = new Tree()
    core.put('/g/x/y', {})
    core.put('/g', { apps: [app('x')] })
    expect(core.ids).toEqual({ groups: ['/g'], runSpecs: ['/g/x'] })
  })

  test('leaves apps alone that are as they were, locked or not', () => {
    const core = new Tree()
    core.put('/g', { apps: [app('a', { instances: 1 })] })
    const [version] = core.view.versions('/g/a')
    expect(core.view.deployments()).toHaveLength(1)
    const outcome = core.put('/g', { apps: [app('a', { instances: 1 }), app('b')] })
    expect(outcome).toMatchObject({ kind: 'deployed' })
    expect(core.view.versions('/g/a')).toEqual([version])
  })

  test('is told of under the id of the group, whether it is made or refused', () => {
    const core = new Tree()
    const told = (body: object, force = false) =>
      core
        .tell({ kind: 'update-group', id: '/g', body, force })
        .ready.notices.filter(({ type }) => type.startsWith('group_change'))
        .map(({ type, body }) => [type, body['groupId']])
    expect(told({ apps: [app('a', { instances: 1 })] })).toEqual([['group_change_success', '/g']])
    expect(told({ apps: [app('a', { instances: 2 })] })).toEqual([['group_change_failed', '/g']])
    expect(told({ version: '2031-01-01T00:00:00.000Z' })).toEqual([['group_change_failed', '/g']])
    expect(told({ apps: [app('a', { dependencies: ['a'] })] })).toEqual([['group_change_failed', '/g']])
    expect(told({ apps: [app('A')] })).toEqual([])
    expect(told({ apps: [app('b/c')] })).toEqual([])
  })

  test('cannot ask for more running deployments than are allowed', () => {
    const core = new Tree({ settings: { maxRunningDeployments: 1 } })
    core.put('/g', { apps: [app('a', { instances: 1 })] })
    expect(core.put('/h', {}, true)).toMatchObject({ refusal: { kind: 'too-many-deployments', limit: 1 } })
  })

  test('cannot scale an app beyond what its definition allows', () => {
    const core = new Tree()
    core.put('/g', {
      apps: [
        app('one', {
          instances: 1,
          labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' },
          upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
        }),
      ],
    })
    expect(core.put('/g', { scaleBy: 2 })).toMatchObject({
      refusal: {
        kind: 'invalid-object',
        issues: [{ path: '/apps//g/one', errors: ['Single instance app may only have one instance'] }],
      },
    })
    expect(core.put('/g', { scaleBy: 0 }, true)).toMatchObject({ kind: 'deployed' })
    expect(core.view.app('/g/one')?.instances).toBe(0)
  })

  test('rounds up what it scales, and leaves pods alone', () => {
    const core = new Tree()
    core.put('/g', {
      apps: [app('a', { instances: 3 })],
      groups: [{ id: 'in', apps: [app('b', { instances: 1 })] }],
    })
    core.ask({
      kind: 'create-pod',
      body: { ...pod('/g/pod'), scaling: { kind: 'fixed', instances: 1 } },
      force: false,
      origin,
    })
    core.put('/g', { scaleBy: 1.1 }, true)
    expect(core.view.runSpecs().map(({ id, instances }) => [id, instances])).toEqual([
      ['/g/a', 4],
      ['/g/in/b', 2],
      ['/g/pod', 1],
    ])
  })
})

describe('roles in the body of a group', () => {
  const roleOf = (core: HandCore, id: string) => core.view.app(id)?.role
  const refused = (errors: string) => ({
    refusal: { kind: 'invalid-object', issues: [{ path: '/role', errors: [errors] }] },
  })

  test('are by default those of the group that the body makes', () => {
    const core = new Tree()
    core.put('/prod', { enforceRole: true, apps: [app('a')], groups: [{ id: 'in', apps: [app('b')] }] })
    core.put('/dev', { apps: [app('a')] })
    expect(['/prod/a', '/prod/in/b', '/dev/a'].map((id) => roleOf(core, id))).toEqual(['prod', 'prod', '*'])
  })

  test('may be no others than those', () => {
    const core = new Tree()
    core.put('/prod', { enforceRole: true })
    expect(core.put('/prod/in', { apps: [app('a', { role: '*' })] })).toMatchObject(
      refused('got *, expected one of: [prod]'),
    )
    expect(core.put('/dev', { apps: [app('a', { role: 'dev' })] })).toMatchObject(
      refused('got dev, expected one of: [*]'),
    )
    // An app of its own may have the role that its group lends it, and keep it then.
    core.create(app('/dev/a', { role: 'dev' }))
    core.put('/dev', { apps: [app('a', { role: 'dev', cpus: 2 })] })
    expect(roleOf(core, '/dev/a')).toBe('dev')
  })

  test('are those of the flag where the top-level group comes with the change', () => {
    const core = new Tree({ settings: { newGroupEnforceRole: 'top' } })
    core.put('/new/in', { apps: [app('a')] })
    expect([roleOf(core, '/new/in/a'), core.view.group('/new')?.enforceRole]).toEqual(['new', true])
  })
})

describe('whether a group enforces its role', () => {
  test('is the default again after a PUT that does not say', () => {
    const core = new Tree()
    core.put('/g', { enforceRole: true })
    core.put('/g', {})
    expect(core.view.group('/g')?.enforceRole).toBe(false)
  })

  test('is changed by a patch at once: no version, no deployment, nobody told', () => {
    const core = new Tree()
    core.put('/g', {})
    const { rootVersion } = core.view
    const { outcome, ready } = core.tell({ kind: 'patch-group', id: '/g', body: { enforceRole: true } })
    expect(outcome).toEqual({ kind: 'done' })
    expect(ready.writes.map(({ table, key }) => [table, key])).toEqual([['group', '/g']])
    expect([ready.notices, core.view.rootVersion]).toEqual([[], rootVersion])
    expect(core.restarted().view.group('/g')?.enforceRole).toBe(true)
  })
})

describe('removing a group', () => {
  test('takes everything in it and nothing beside it', () => {
    const core = new Tree()
    core.put('/a', { apps: [app('x')], groups: [{ id: 'in', apps: [app('y')] }], dependencies: ['/b'] })
    core.put('/b', { apps: [app('z')] })
    core.ask({ kind: 'remove-group', id: '/a', force: false })
    expect(core.ids).toEqual({ groups: ['/b'], runSpecs: ['/b/z'] })
    core.put('/', { dependencies: ['/b'] })
    core.ask({ kind: 'remove-group', id: '/', force: false })
    expect([core.ids, core.view.group('/')?.dependencies ?? []]).toEqual([{ groups: [], runSpecs: [] }, []])
  })

  test('that is not there is told of', () => {
    const { outcome, ready } = new HandCore().tell({ kind: 'remove-group', id: '/no', force: true })
    expect(outcome).toEqual({ kind: 'refused', refusal: { kind: 'group-not-found', id: '/no' } })
    expect(ready.notices.map(({ type }) => type)).toEqual(['group_change_failed'])
  })
})

describe('changes of apps that come to nothing', () => {
  test.each([
    ['creating one that is there', { kind: 'create-app', body: app('/g/a'), force: false, origin }],
    ['removing one that is not', { kind: 'remove-app', id: '/g/no', force: false }],
    ['restarting one that is not', { kind: 'restart-app', id: '/g/no', force: false }],
    [
      'patching one that is not',
      { kind: 'update-app', id: '/g/no', body: { cmd: 'serve' }, mode: 'patch', force: false, origin },
    ],
  ] as const)('are told of: %s', (_, request) => {
    const core = new HandCore()
    core.create(app('/g/a'))
    const { notices } = core.tell(request).ready
    expect(notices.map(({ type, body }) => [type, body['groupId']])).toEqual([['group_change_failed', '/g']])
  })
})

describe('the versions of the tree', () => {
  /** Of v1 /g has a and in/b; of v2 a is another, in is gone and c is there; of v3 /g is gone. */
  function changed(): { readonly core: Tree; readonly versions: readonly string[] } {
    const core = new Tree()
    core.put('/g', { apps: [app('a')], groups: [{ id: 'in', apps: [app('b')] }], dependencies: ['/x'] })
    core.put('/g', { apps: [app('a', { cpus: 2 }), app('c')], groups: [], dependencies: [] })
    core.ask({ kind: 'remove-group', id: '/g', force: false })
    core.run(10_000)
    return { core, versions: core.view.rootVersionsOf('/g').toReversed() }
  }
  const shape = (core: HandCore, version: string) => {
    const tree = core.view.tree(version)!
    return [...['/g', '/g/in']].map((id) =>
      tree.has(id)
        ? [
            tree.group(id).dependencies,
            tree.runSpecsIn(id).map((each) => [each.id, 'cpus' in each && each.cpus]),
          ]
        : undefined,
    )
  }

  test('are shown as they were, also after a restart', () => {
    const { core, versions } = changed()
    expect(versions).toHaveLength(2)
    for (const each of [core, core.restarted()]) {
      expect(shape(each, versions[0]!)).toEqual([
        [['/x'], [['/g/a', 1]]],
        [[], [['/g/in/b', 1]]],
      ])
      expect(shape(each, versions[1]!)).toEqual([
        [
          [],
          [
            ['/g/a', 2],
            ['/g/c', 1],
          ],
        ],
        undefined,
      ])
      expect(shape(each, each.view.rootVersion)).toEqual([undefined, undefined])
    }
  })

  test('are gone back to, also when the group is gone and the server was restarted', () => {
    const { core, versions } = changed()
    const next = core.restarted()
    expect(next.put('/g', { version: versions[0] })).toMatchObject({ kind: 'deployed' })
    expect(next.ids).toEqual({ groups: ['/g', '/g/in'], runSpecs: ['/g/a', '/g/in/b'] })
    expect(shape(next, next.view.rootVersion)).toEqual(shape(core, versions[0]!))
    next.put('/g', { version: versions[1] })
    expect(next.ids).toEqual({ groups: ['/g'], runSpecs: ['/g/a', '/g/c'] })
  })

  test('are those of the whole tree, when the root goes back', () => {
    const core = new Tree()
    core.put('/', { groups: [{ id: 'a', apps: [app('x')] }] })
    const [first] = core.view.rootVersionsOf('/')
    core.put('/', { dependencies: ['/a'], groups: [{ id: 'b', apps: [app('y')] }] })
    core.run(10_000)
    core.put('/', { version: first })
    expect(core.ids.runSpecs).toEqual(['/a/x'])
    expect([core.view.tree()!.group('/').dependencies, core.view.tree()!.groupsIn('/')]).toEqual([[], ['/a']])
  })

  test('leave alone what lies beside the group', () => {
    const { core, versions } = changed()
    core.put('/h', { apps: [app('z')] })
    core.put('/g', { version: versions[0] })
    expect(core.ids.runSpecs).toEqual(['/g/a', '/g/in/b', '/h/z'])
  })

  test('are forgotten beyond the number that is kept, and with them what only they needed', () => {
    const core = new Tree({ settings: { versionsPerRunSpec: 3 } })
    core.put('/g', { apps: [app('a')] })
    const [first] = core.view.rootVersionsOf('/g')
    core.ask({ kind: 'remove-group', id: '/g', force: false })
    core.run(10_000)
    expect(core.view.versions('/g/a')).toHaveLength(1)
    for (let i = 0; i < 2; i++) core.put('/h', { dependencies: [`/${i}`] })
    expect(core.put('/g', { version: first })).toMatchObject({ kind: 'deployed' })
    core.ask({ kind: 'remove-group', id: '/g', force: false })
    core.run(10_000)
    for (let i = 0; i < 3; i++) core.put('/h', { dependencies: [`/${i}`] })
    expect(core.put('/g', { version: first })).toMatchObject({ kind: 'refused' })
    expect(core.view.versions('/g/a')).toEqual([])
    const kept = core.records.filter(({ table }) => table === 'root-version' || table === 'run-spec-version')
    expect(kept.map(({ table }) => table)).toEqual(['root-version', 'root-version', 'root-version'])
  })

  test('that need a definition which is gone say which', () => {
    const { core, versions } = changed()
    const lossy = core.records.filter(({ key }) => !key.startsWith('/g/in/b@'))
    const next = new Tree({ records: lossy })
    expect(next.put('/g', { version: versions[0] })).toMatchObject({
      refusal: {
        kind: 'unprocessable',
        message: `Group /g not available in version ${versions[0]}: the definition of /g/in/b in its version ${versions[0]} is no longer kept`,
      },
    })
  })
})

describe('a rolled back deployment', () => {
  test('restores groups it removed with what they depended on and whether they enforced their role', () => {
    const core = new Tree()
    core.put('/g', { enforceRole: true, apps: [app('a', { instances: 1 })], dependencies: ['/x'] })
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    core.ask({ kind: 'remove-group', id: '/g', force: false })
    expect(core.ids.groups).toEqual([])
    core.ask({ kind: 'cancel-deployment', id: core.view.deployments()[0]!.id, force: false })
    expect(core.view.group('/g')).toMatchObject({ dependencies: ['/x'], enforceRole: true })
    expect(core.ids.runSpecs).toEqual(['/g/a'])
  })
})

test('what a change costs does not grow with the tree', () => {
  const writesOf = (apps: number) => {
    const core = new HandCore()
    core.ask({
      kind: 'update-group',
      id: '/big',
      body: { apps: Array.from({ length: apps }, (_, i) => app(`a${i}`, { portDefinitions: [] })) },
      force: false,
    })
    const { writes } = core.tell({
      kind: 'create-app',
      body: app('/big/new', { portDefinitions: [] }),
      force: false,
      origin,
    }).ready
    // What is written of the log of events is its newest part, with events that were there before.
    const own = writes.filter(({ table }) => table !== 'event-log')
    return own.map((write) => [write.table, JSON.stringify(write).length])
  }
  expect(writesOf(1_000)).toEqual(writesOf(1))
})
