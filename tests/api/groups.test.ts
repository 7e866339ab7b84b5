// Groups and dry runs over HTTP, with the whole server in one process: what needs more than one call to show, or
// another flag. Each call's answers are among the conversations in tests/compat/cases.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Stack, type StackOptions, startStack } from '../compat/stack.ts'

let stack: Stack

beforeEach(async () => {
  stack = await startStack()
})
afterEach(() => stack.close())

async function restartedWith(options: StackOptions): Promise<void> {
  await stack.close()
  stack = await startStack(options)
}

interface Group {
  readonly id: string
  readonly apps: readonly { readonly id: string; readonly role: string; readonly dependencies?: string[] }[]
  readonly pods: readonly Record<string, unknown>[]
  readonly groups: readonly Group[]
  readonly dependencies: readonly string[]
  readonly enforceRole?: boolean
}

const groupAt = async (path: string): Promise<Group> =>
  (await stack.send('GET', `/v2/groups${path}`)).body as Group
const app = (id: string, more: object = {}) => ({ id, cmd: 'sleep 600', instances: 0, ...more })
const pod = (id: string) => ({
  id,
  containers: [{ name: 'c', resources: { cpus: 0.1, mem: 32 }, exec: { command: { shell: 'sleep 600' } } }],
  scaling: { kind: 'fixed', instances: 1 },
})

describe('pods in a group', () => {
  test('are shown with how they are doing', async () => {
    await stack.send('POST', '/v2/pods', pod('/g/in/pod'))
    await stack.elapse(2_000)
    const group = await groupAt('/g')
    expect(group.groups[0]!.pods).toEqual([(await stack.send('GET', '/v2/pods/g/in/pod::status')).body])
    expect(group.groups[0]!.pods[0]).toMatchObject({ id: '/g/in/pod', status: 'STABLE' })
    expect((await groupAt('/g?embed=group.groups')).groups[0]!.pods).toEqual([])
    expect((await stack.send('GET', '/v2/groups/g/apps')).body).toEqual([])
  })

  test('go with it', async () => {
    await stack.send('POST', '/v2/pods', pod('/g/in/pod'))
    await stack.elapse(2_000)
    await stack.send('DELETE', '/v2/groups/g')
    await stack.elapse(5_000)
    expect((await stack.send('GET', '/v2/pods')).body).toEqual([])
    expect((await groupAt('')).groups).toEqual([])
  })

  test('clash with a group of their name', async () => {
    await stack.send('POST', '/v2/pods', pod('/g/pod'))
    expect(await stack.send('POST', '/v2/groups', { id: '/g/pod' })).toEqual({
      status: 422,
      body: {
        message: 'Object is not valid',
        details: [{ path: '/', errors: ['Groups and Pods may not have the same identifier.'] }],
      },
    })
  })
})

describe('groups created on the way', () => {
  test.each([
    ['off', false, '*'],
    ['top', true, 'shop'],
  ] as const)(
    'enforce their role as --new_group_enforce_role=%s says',
    async (newGroupEnforceRole, enforceRole, role) => {
      await restartedWith({ settings: { newGroupEnforceRole } })
      await stack.send('POST', '/v2/apps', app('/shop/in/web'))
      await stack.send('POST', '/v2/pods', pod('/shop/by/cache'))
      expect((await stack.send('GET', '/v2/pods/shop/by/cache')).body).toMatchObject({ role })
      const shop = await groupAt('/shop')
      expect([shop.enforceRole, shop.groups[1]!.enforceRole]).toEqual([enforceRole, undefined])
      expect(shop.groups[1]!.apps[0]!.role).toBe(role)
    },
  )

  test('take a PUT of the root as each of them says, or as the flag does', async () => {
    await restartedWith({ settings: { newGroupEnforceRole: 'top' } })
    const body = {
      groups: [{ id: 'dev' }, { id: 'prod', enforceRole: true }, { id: 'public', enforceRole: false }],
    }
    await stack.send('PUT', '/v2/groups', body)
    const { groups } = await groupAt('')
    expect(groups.map(({ id, enforceRole }) => [id, enforceRole])).toEqual([
      ['/dev', true],
      ['/prod', true],
      ['/public', false],
    ])
  })
})

describe('dependencies', () => {
  test('are relative to the group they stand in, of groups as of apps', async () => {
    await stack.send('PUT', '/v2/groups/t', {
      groups: [
        { id: 'db', apps: [app('db1')] },
        { id: 'service', apps: [app('service1', { dependencies: ['../db/db1', '/t/db'] })] },
        { id: 'front', apps: [app('front1')], dependencies: ['../service', 'x'] },
      ],
    })
    const { groups } = await groupAt('/t')
    expect(groups.map(({ id, dependencies, apps }) => [id, dependencies, apps[0]!.dependencies])).toEqual([
      ['/t/db', [], undefined],
      ['/t/front', ['/t/service', '/t/front/x'], undefined],
      ['/t/service', [], ['/t/db/db1', '/t/db']],
    ])
  })
})

describe('external volumes', () => {
  const using = (id: string, shared = false) =>
    app(id, {
      container: {
        type: 'MESOS',
        volumes: [
          {
            containerPath: 'data',
            mode: 'RW',
            external: { name: 'vol', provider: 'dvdi', options: { 'dvdi/driver': 'rexray' }, shared },
          },
        ],
      },
    })

  beforeEach(() => restartedWith({ settings: { enabledFeatures: new Set(['external_volumes']) } }))

  test('are used by one app alone', async () => {
    await stack.send('POST', '/v2/apps', using('/a/x'))
    const conflict = (app: string, other: string): string =>
      `Volume name 'vol' in ${app} conflicts with volume(s) of same name in app(s): ${other}`
    expect(await stack.send('PUT', '/v2/groups/b', { apps: [using('y')] })).toEqual({
      status: 422,
      body: {
        message: 'Object is not valid',
        details: [
          { path: '/groups(0)/apps(0)/container', errors: [conflict('/a/x', '/b/y')] },
          { path: '/groups(1)/apps(0)/container', errors: [conflict('/b/y', '/a/x')] },
        ],
      },
    })
    await stack.send('DELETE', '/v2/apps/a/x')
    await stack.elapse(1_000)
    expect((await stack.send('PUT', '/v2/groups/b', { apps: [using('y')] })).status).toBe(200)
  })

  test('are used by many when they are shared', async () => {
    const apps = [using('x', true), using('y', true)]
    expect((await stack.send('PUT', '/v2/groups/b', { apps })).status).toBe(200)
  })
})

describe('a dry run', () => {
  const planned = async (
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
  ): Promise<unknown> => {
    const before = await stack.send('GET', '/v2/groups')
    const answer = await stack.send(method, `${url}dryRun=true`, body)
    expect(await stack.send('GET', '/v2/groups')).toEqual(before)
    expect(answer.status).toBe(200)
    return answer.body
  }
  const steps = (...actions: readonly (readonly [string, string])[]) =>
    actions.map(([action, id]) => ({ actions: [{ action, [action.endsWith('Pod') ? 'pod' : 'app']: id }] }))
  const instancesTo = (to: number, kind = 'app', id = '/g/a') => ({
    id,
    kind,
    action: 'update',
    fields: [{ path: '/instances', from: 1, to }],
  })

  beforeEach(async () => {
    await stack.send('PUT', '/v2/groups/g', { apps: [app('a', { instances: 1, portDefinitions: [] })] })
    await stack.elapse(2_000)
  })

  test('of every call that changes apps answers the plan in one form', async () => {
    const scaled = { steps: steps(['ScaleApplication', '/g/a']), changes: [instancesTo(2)] }
    expect(await planned('PUT', '/v2/apps/g/a?', { instances: 2 })).toEqual(scaled)
    expect(await planned('PATCH', '/v2/apps/g/a?', { instances: 2 })).toEqual(scaled)
    expect(await planned('PUT', '/v2/apps?', [{ id: '/g/a', instances: 2 }])).toEqual(scaled)
    expect(await planned('PATCH', '/v2/apps?', [{ id: '/g/a', instances: 2 }])).toEqual(scaled)
    expect(await planned('PUT', '/v2/groups/g?', { scaleBy: 2 })).toEqual(scaled)
    const removed = {
      steps: steps(['StopApplication', '/g/a']),
      changes: [{ id: '/g/a', kind: 'app', action: 'remove', fields: [] }],
    }
    expect(await planned('DELETE', '/v2/apps/g/a?')).toEqual(removed)
    expect(await planned('PUT', '/v2/groups/g?', { apps: [] })).toEqual(removed)
    expect(await planned('DELETE', '/v2/groups?')).toMatchObject({ steps: removed.steps })
    expect(await planned('POST', '/v2/apps/g/a/restart?')).toEqual({
      steps: steps(['RestartApplication', '/g/a']),
      changes: [],
    })
    expect(await planned('POST', '/v2/apps?', app('/new'))).toMatchObject({
      steps: steps(['StartApplication', '/new'], ['ScaleApplication', '/new']),
      changes: [{ id: '/new', kind: 'app', action: 'create' }],
    })
    expect(await planned('POST', '/v2/groups?', { id: '/h' })).toEqual({
      steps: [],
      changes: [
        {
          id: '/h',
          kind: 'group',
          action: 'create',
          fields: [
            { path: '/id', to: '/h' },
            { path: '/dependencies', to: [] },
            { path: '/enforceRole', to: false },
          ],
        },
      ],
    })
  })

  test('of a kill that scales kills nothing', async () => {
    const tasks = (await stack.send('GET', '/v2/tasks')).body as {
      readonly tasks: readonly { readonly id: string }[]
    }
    const [{ id }] = tasks.tasks as [{ id: string }]
    const shrunk = { steps: steps(['ScaleApplication', '/g/a']), changes: [instancesTo(0)] }
    expect(await planned('DELETE', '/v2/apps/g/a/tasks?scale=true&')).toEqual(shrunk)
    expect(await planned('DELETE', `/v2/apps/g/a/tasks/${id}?scale=true&`)).toEqual(shrunk)
    expect(await planned('POST', '/v2/tasks/delete?scale=true&', { ids: [id] })).toEqual(shrunk)
    expect((await stack.send('GET', '/v2/tasks')).body).toEqual(tasks)
  })

  test('of pods says what becomes of them', async () => {
    await stack.send('POST', '/v2/pods', pod('/p'))
    await stack.elapse(2_000)
    const scaled = { ...pod('/p'), scaling: { kind: 'fixed', instances: 2 } }
    expect(await planned('PUT', '/v2/pods/p?', scaled)).toEqual({
      steps: steps(['ScalePod', '/p']),
      changes: [
        { id: '/p', kind: 'pod', action: 'update', fields: [{ path: '/scaling/instances', from: 1, to: 2 }] },
      ],
    })
    expect(await planned('DELETE', '/v2/pods/p?')).toMatchObject({ steps: steps(['StopPod', '/p']) })
    expect(await planned('POST', '/v2/pods?', pod('/q'))).toMatchObject({
      steps: steps(['StartPod', '/q'], ['ScalePod', '/q']),
    })
  })

  test('names the deployments in the way, and is refused for what force could not mend', async () => {
    await stack.send('PUT', '/v2/apps/g/a', { cpus: 1_000 })
    const [{ id }] = (await stack.send('GET', '/v2/deployments')).body as [{ id: string }]
    expect(await planned('DELETE', '/v2/groups/g?')).toMatchObject({ conflicts: [{ id }] })
    expect((await stack.send('PUT', '/v2/apps/g/a?dryRun=true', { cpus: -1 })).status).toBe(422)
    expect((await stack.send('DELETE', '/v2/apps/no?dryRun=true')).status).toBe(404)
    expect((await stack.send('POST', '/v2/apps?dryRun=true', app('/g/a'))).status).toBe(409)
  })
})

test('20,000 apps in one tree are one request, one deployment and one answer', async () => {
  const apps = Array.from({ length: 200 }, (_, n) => app(`app-${n}`, { portDefinitions: [] }))
  const groups = Array.from({ length: 100 }, (_, n) => ({ id: `group-${n}`, apps }))
  expect((await stack.send('PUT', '/v2/groups/big', { groups })).status).toBe(200)
  await stack.elapse(1_000)
  expect((await stack.send('GET', '/v2/deployments')).body).toEqual([])
  const shown = await groupAt('/big')
  expect(shown.groups).toHaveLength(100)
  expect(shown.groups.every((group) => group.apps.length === 200)).toBe(true)
  expect(await stack.send('PUT', '/v2/groups/big?dryRun=true', { groups })).toEqual({
    status: 200,
    body: { steps: [], changes: [] },
  })
})
