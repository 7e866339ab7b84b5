import { describe, expect, it, test } from 'vitest'
import { HandCore } from '../../../tests/support/hand-core.ts'
import type { Request } from '../requests.ts'
import { failedPrecondition, type Preconditions } from './preconditions.ts'

const v1 = '2031-04-02T09:15:20.480Z'
const v2 = '2031-04-02T09:15:20.481Z'

describe('a precondition', () => {
  it.each<[string, Preconditions, string | undefined, 'holds' | 'fails']>([
    ['nothing asked', {}, undefined, 'holds'],
    ['If-Match of the version in force', { ifMatch: [v1] }, v1, 'holds'],
    ['If-Match of one of several', { ifMatch: [v2, v1] }, v1, 'holds'],
    ['If-Match of another version', { ifMatch: [v2] }, v1, 'fails'],
    ['If-Match of tags without a version', { ifMatch: [] }, v1, 'fails'],
    ['If-Match of what does not exist', { ifMatch: [v1] }, undefined, 'fails'],
    ['If-Match: * of what exists', { ifMatch: '*' }, v1, 'holds'],
    ['If-Match: * of what does not exist', { ifMatch: '*' }, undefined, 'fails'],
    ['If-None-Match: * of what exists', { ifNoneMatch: '*' }, v1, 'fails'],
    ['If-None-Match: * of what does not exist', { ifNoneMatch: '*' }, undefined, 'holds'],
    ['If-None-Match of the version in force', { ifNoneMatch: [v1] }, v1, 'fails'],
    ['If-None-Match of another version', { ifNoneMatch: [v2] }, v1, 'holds'],
    ['both, one of which fails', { ifMatch: [v1], ifNoneMatch: '*' }, v1, 'fails'],
  ])('%s', (_, preconditions, version, expected) => {
    const refusal = failedPrecondition('/web', version, preconditions)
    expect(refusal === undefined ? 'holds' : 'fails').toBe(expected)
    if (refusal === undefined) return
    expect(refusal).toEqual({ kind: 'precondition-failed', id: '/web', ...(version && { version }) })
  })
})

describe('a change on condition', () => {
  const origin = { clientIp: '127.0.0.1', uri: '/v2/apps/web' }
  const update = (preconditions: Preconditions, mode: 'partial' | 'complete' | 'patch'): Request => ({
    kind: 'update-app',
    id: '/web',
    body: { cmd: 'serve harder' },
    mode,
    force: true,
    origin,
    preconditions,
  })
  const requests: readonly [string, (preconditions: Preconditions) => Request][] = [
    ['update', (preconditions) => update(preconditions, 'partial')],
    ['replacement', (preconditions) => update(preconditions, 'complete')],
    ['patch', (preconditions) => update(preconditions, 'patch')],
    ['removal', (preconditions) => ({ kind: 'remove-app', id: '/web', force: true, preconditions })],
    ['restart', (preconditions) => ({ kind: 'restart-app', id: '/web', force: true, preconditions })],
  ]
  const withWeb = () => {
    const core = new HandCore()
    core.create({ id: '/web', cmd: 'serve', instances: 0 })
    return { core, version: core.view.runSpec('/web')!.version }
  }

  test.each(requests)('%s: happens in the version named, and in no other', (_, request) => {
    const { core, version } = withWeb()
    const before = core.view.runSpec('/web')
    const refused = core.tell(request({ ifMatch: [v2] }))
    expect(refused.outcome).toEqual({
      kind: 'refused',
      refusal: { kind: 'precondition-failed', id: '/web', version },
    })
    expect(refused.ready.writes).toEqual([])
    expect(core.view.runSpec('/web')).toBe(before)
    expect(core.tell(request({ ifMatch: [version] })).outcome).toMatchObject({ kind: 'deployed' })
  })

  test('of two that name the same version the second is refused', () => {
    const { core, version } = withWeb()
    const request = update({ ifMatch: [version] }, 'partial')
    expect(core.tell(request).outcome).toMatchObject({ kind: 'deployed' })
    const now = core.view.runSpec('/web')!.version
    expect(core.tell({ ...request, body: { cmd: 'mine' } } as Request).outcome).toEqual({
      kind: 'refused',
      refusal: { kind: 'precondition-failed', id: '/web', version: now },
    })
  })

  test('what exists is not created once more', () => {
    const core = new HandCore()
    const create = update({ ifNoneMatch: '*' }, 'partial')
    expect(core.tell(create).outcome).toMatchObject({ kind: 'deployed', wasCreated: true })
    expect(core.tell(create).outcome).toMatchObject({
      kind: 'refused',
      refusal: { kind: 'precondition-failed', id: '/web' },
    })
  })

  test.each([
    ['patch', { kind: 'app-not-found', id: '/web' }],
    ['removal', { kind: 'app-not-found', id: '/web' }],
    ['restart', { kind: 'app-not-found', id: '/web' }],
    ['update', { kind: 'precondition-failed', id: '/web' }],
    ['replacement', { kind: 'precondition-failed', id: '/web' }],
  ])('%s of what is not there', (name, refusal) => {
    const request = requests.find(([known]) => known === name)![1]
    expect(new HandCore().tell(request({ ifMatch: '*' })).outcome).toEqual({ kind: 'refused', refusal })
  })

  test('several apps at once: in the version of the tree', () => {
    const { core, version } = withWeb()
    const all = (ifMatch: readonly string[], cmd: string): Request => ({
      kind: 'update-apps',
      body: [{ id: '/web', cmd }],
      mode: 'partial',
      force: true,
      preconditions: { ifMatch },
    })
    expect(core.tell(all([v2], 'one')).outcome).toEqual({
      kind: 'refused',
      refusal: { kind: 'precondition-failed', id: '/', version },
    })
    expect(core.tell(all([core.view.rootVersion], 'two')).outcome).toMatchObject({ kind: 'deployed' })
    expect(core.tell(all([version], 'three')).outcome).toMatchObject({ kind: 'refused' })
  })
})
