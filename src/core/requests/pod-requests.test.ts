import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../../tests/support/hand-core.ts'
import type { Outcome } from '../requests.ts'

const origin = { clientIp: '10.0.0.99', uri: '/v2/pods' }
const smallest = { id: '/p', containers: [{ name: 'c', resources: {} }] }
const persistent = {
  containers: [{ name: 'c', resources: {}, volumeMounts: [{ name: 'v', mountPath: 'm' }] }],
  volumes: [{ name: 'v', persistent: { size: 1 } }],
}

interface More {
  readonly force?: boolean
  readonly isDryRun?: boolean
}

class Pods extends HandCore {
  post(body: object, more: More = {}) {
    return this.ask({ kind: 'create-pod', body: { ...smallest, ...body }, force: false, origin, ...more })
  }

  put(id: string, body: unknown, more: More & { readonly ifMatch?: readonly string[] } = {}) {
    const { ifMatch, ...rest } = more
    const preconditions = ifMatch === undefined ? {} : { preconditions: { ifMatch } }
    return this.tell({ kind: 'update-pod', id, body, force: false, origin, ...rest, ...preconditions })
  }

  drop(id: string, more: More = {}) {
    return this.tell({ kind: 'remove-pod', id, force: false, origin, ...more })
  }
}

const withPod = (body: object = {}, options?: HandCoreOptions): Pods => {
  const core = new Pods(options)
  expect(core.post(body)).toMatchObject({ kind: 'deployed' })
  return core
}

const refusalOf = (outcome: Outcome): unknown => (outcome.kind === 'refused' ? outcome.refusal : outcome.kind)
const typesOf = (notices: readonly { readonly type: string }[]): string[] => notices.map(({ type }) => type)

describe('creating a pod', () => {
  test('makes a deployment, a record and the groups above it, and tells of it', () => {
    const core = new Pods()
    const body = { ...smallest, id: '/a/b/p' }
    const { outcome, ready } = core.tell({ kind: 'create-pod', body, force: false, origin })
    const pod = core.view.pod('/a/b/p')
    expect(outcome).toMatchObject({ kind: 'deployed', wasCreated: true, pod, version: pod!.version })
    expect(pod!.versionInfo).toEqual({ lastScalingAt: pod!.version, lastConfigChangeAt: pod!.version })
    expect(core.view.app('/a/b/p')).toBeUndefined()
    expect(ready.writes.filter(({ table }) => table === 'run-spec')).toHaveLength(1)
    expect(ready.writes.filter(({ table }) => table === 'group').map(({ key }) => key)).toEqual([
      '/a',
      '/a/b',
    ])
    expect(typesOf(ready.notices)).toContain('group_change_success')
    expect(ready.notices.find(({ type }) => type === 'pod_created_event')?.body).toMatchObject(origin)
  })

  test('is refused where there is one, sound or not', () => {
    const core = withPod()
    expect(refusalOf(core.post({}))).toEqual({ kind: 'pod-exists', id: '/p' })
    expect(refusalOf(core.post({ id: '//p/' }))).toEqual({ kind: 'pod-exists', id: '/p' })
    expect(refusalOf(core.post({ user: '' }))).toMatchObject({ kind: 'invalid-object' })
  })

  test('is refused where an app is, and an app where a pod is', () => {
    const shared = [{ path: '/', errors: ['Applications and Pods may not share the same id'] }]
    const core = withPod()
    const app = { id: '/p', cmd: 'serve' }
    const refused = core.ask({ kind: 'create-app', body: app, force: false, origin })
    expect(refusalOf(refused)).toEqual({ kind: 'invalid-object', issues: shared })
    core.ask({ kind: 'create-app', body: { ...app, id: '/web' }, force: false, origin })
    expect(refusalOf(core.post({ id: '/web' }))).toEqual({ kind: 'invalid-object', issues: shared })
    expect(core.view.pods().map(({ id }) => id)).toEqual(['/p'])
  })

  test('is refused beneath another service', () => {
    expect(refusalOf(withPod().post({ id: '/p/q' }))).toMatchObject({ kind: 'invalid-object' })
  })

  test('tells of fields that nothing understands', () => {
    const warning = { kind: 'unknown-field', path: '/instances', nearest: '/scaling/instances' }
    expect(new Pods().post({ instances: 3 })).toMatchObject({ kind: 'deployed', warnings: [warning] })
    expect(new Pods().post({ instances: 3, user: '' })).toMatchObject({
      kind: 'refused',
      warnings: [warning],
    })
  })

  test('only plans when it is a dry run', () => {
    const core = new Pods()
    expect(core.post({}, { isDryRun: true })).toMatchObject({
      kind: 'planned',
      changes: [{ id: '/p', kind: 'pod', action: 'create' }],
    })
    expect(core.view.pods()).toEqual([])
  })

  test('gives it the role that its group enforces, or refuses another', () => {
    const settings = { newGroupEnforceRole: 'top' as const }
    const core = withPod({ id: '/dev/p' }, { settings })
    expect(core.view.pod('/dev/p')).toMatchObject({ role: 'dev' })
    expect(refusalOf(core.post({ id: '/dev/q', role: '*' }))).toMatchObject({
      issues: [{ path: '/role', errors: ['got *, expected one of: [dev]'] }],
    })
    expect(refusalOf(new Pods().post({ id: '/dev/p', role: 'prod' }))).toMatchObject({
      issues: [{ path: '/role', errors: ['got prod, expected one of: [*, dev]'] }],
    })
  })
})

describe('replacing a pod', () => {
  test('is by a whole definition', () => {
    const core = withPod({ labels: { a: '1' }, user: 'nobody' })
    const { outcome, ready } = core.put('/p', { ...smallest, user: 'root' }, { force: true })
    const pod = core.view.pod('/p')
    expect(outcome).toMatchObject({ kind: 'deployed', wasCreated: false, pod })
    expect(pod).toMatchObject({ user: 'root', labels: {} })
    expect(typesOf(ready.notices)).toContain('pod_updated_event')
  })

  test('creates one that is not there, told of as a change all the same', () => {
    const core = new Pods()
    const { outcome, ready } = core.put('/p', smallest)
    expect(outcome).toMatchObject({ kind: 'deployed', wasCreated: true, pod: { id: '/p' } })
    expect(typesOf(ready.notices)).toContain('pod_updated_event')
  })

  test('takes the id it is sent to, in any form, and refuses that of another when nothing else is wrong', () => {
    const core = withPod()
    expect(core.put('/p', { ...smallest, id: '/p/' }).outcome).toMatchObject({ kind: 'deployed' })
    const other = { ...smallest, id: '/q' }
    expect(refusalOf(core.put('/p', other).outcome)).toEqual({ kind: 'id-mismatch', id: '/p', given: '/q' })
    expect(refusalOf(core.put('/p', { ...other, user: '' }).outcome)).toEqual({
      kind: 'invalid-object',
      issues: [{ path: '/user', errors: ['must not be empty'] }],
    })
    // The role is looked at later.
    expect(refusalOf(core.put('/p', { ...other, role: 'x' }).outcome)).toMatchObject({ kind: 'id-mismatch' })
    expect(refusalOf(core.put('/p', { ...smallest, id: 'p' }).outcome)).toMatchObject({
      issues: [{ path: '/id', errors: ['Path needs to be absolute'] }],
    })
  })

  test('by the same changes nothing: version and deployment stay', () => {
    const core = new Pods()
    core.post({ scaling: { kind: 'fixed', instances: 0 } })
    const before = core.view.pod('/p')
    core.run(1)
    core.put('/p', { ...smallest, scaling: { kind: 'fixed', instances: 0 } })
    expect(core.view.pod('/p')).toBe(before)
    expect(core.view.versions('/p')).toEqual([before!.version])
    expect(core.view.deployments()).toEqual([])
  })

  test('waits for nobody: what a deployment changes is locked, unless by force', () => {
    const core = withPod()
    const [running] = core.view.deployments()
    const changed = { ...smallest, user: 'root' }
    expect(refusalOf(core.put('/p', changed).outcome)).toEqual({ kind: 'locked', deployments: [running!.id] })
    expect(core.put('/p', changed, { force: true }).outcome).toMatchObject({ kind: 'deployed' })
  })

  test('may not change what is reserved, nor its role without force', () => {
    const settings = { mesosRole: 'db' }
    const core = withPod({ id: '/a/p', ...persistent }, { settings })
    const larger = { volumes: [{ name: 'v', persistent: { size: 2 } }] }
    const put = (body: object, force: boolean) =>
      refusalOf(core.put('/a/p', { ...smallest, id: '/a/p', ...persistent, ...body }, { force }).outcome)
    expect(put(larger, true)).toEqual({
      kind: 'invalid-object',
      issues: [{ path: '/pod(0)', errors: ['persistent volumes cannot be updated'] }],
    })
    expect(put({ role: 'a' }, false)).toMatchObject({ issues: [{ path: '/role' }] })
    expect(put({ role: 'a' }, true)).toBe('deployed')
  })

  test('may name the version it is made on', () => {
    const core = withPod()
    const { version } = core.view.pod('/p')!
    const stale = core.put('/p', smallest, { ifMatch: ['2001-01-01T00:00:00.000Z'] })
    expect(refusalOf(stale.outcome)).toEqual({ kind: 'precondition-failed', id: '/p', version })
    expect(core.put('/p', smallest, { ifMatch: [version], force: true }).outcome).toMatchObject({
      kind: 'deployed',
    })
  })
})

describe('removing a pod', () => {
  test('makes a deployment, and tells of it', () => {
    const core = withPod()
    const { outcome, ready } = core.drop('/p', { force: true })
    expect(outcome).toMatchObject({ kind: 'deployed', pod: { id: '/p' } })
    expect(core.view.pod('/p')).toBeUndefined()
    expect(typesOf(ready.notices)).toContain('pod_deleted_event')
  })

  test('is refused where there is none, or an app', () => {
    const core = new Pods()
    core.ask({ kind: 'create-app', body: { id: '/web', cmd: 'serve' }, force: false, origin })
    expect(refusalOf(core.drop('/p').outcome)).toEqual({ kind: 'pod-not-found', id: '/p' })
    expect(refusalOf(core.drop('/web').outcome)).toEqual({ kind: 'pod-not-found', id: '/web' })
  })

  test('only plans when it is a dry run', () => {
    const core = withPod()
    expect(core.drop('/p', { isDryRun: true }).outcome).toMatchObject({
      kind: 'planned',
      changes: [{ id: '/p', kind: 'pod', action: 'remove' }],
    })
    expect(core.view.pod('/p')).toBeDefined()
  })
})

describe('a pod of which a container is cut off', () => {
  const pair = {
    containers: ['front', 'side'].map((name) => ({ name, resources: {} })),
    scheduling: { unreachableStrategy: 'disabled' },
  }

  test('is removed once the others have ended, which are told to', () => {
    const core = withPod(pair)
    const offer = offerOf('n1')
    core.offers({ ...offer, resources: [...offer.resources, { name: 'disk', scalar: 1_000, role: '*' }] })
    const [front, side] = core.launched.map(({ taskId }) => taskId)
    core.tellAll('TASK_RUNNING')
    core.status(front!, 'TASK_UNREACHABLE')
    core.drop('/p')
    const killed = core.effects.flatMap((effect) => (effect.kind === 'kill' ? [effect.taskId] : []))
    expect(killed).toEqual([side])
    expect(core.view.deployments()).toHaveLength(1)
    core.status(side!, 'TASK_KILLED')
    expect(core.view.deployments()).toEqual([])
  })
})

test('an instance that is named twice is killed and shown once', () => {
  const core = withPod()
  const [instance] = core.view.instancesOf('/p')
  const selection = { kind: 'instances', runSpecId: '/p', instanceIds: [instance!.id, instance!.id] } as const
  expect(core.ask({ kind: 'kill-tasks', selection, wipe: false })).toEqual({
    kind: 'killed',
    instances: [instance],
  })
})
