import { describe, expect, it } from 'vitest'
import { plainApp } from '../../../tests/support/plain-app.ts'
import { plainPod } from '../../../tests/support/plain-pod.ts'
import { ok } from '../../lib/result.ts'
import type { JsonObject } from '../render/fields.ts'
import { acceptedBy, type RunSpecKind, type RunSpecValidator } from './run-spec-validators.ts'

const version = '2031-04-02T09:15:20.480Z'
const { version: _1, versionInfo: _2, ...app } = plainApp({ id: '/shop/web', version, env: { A: 'b' } })
const { version: _3, versionInfo: _4, ...pod } = plainPod({ id: '/shop/pod', version, env: { C: 'd' } })

const validator = (id: string, validate: RunSpecValidator['validate']): RunSpecValidator => ({ id, validate })
const content = validator('content', () => [])
const against = (id: string, path: string, ...errors: string[]) => validator(id, () => [{ path, errors }])

describe('validators', () => {
  it('that have nothing against a definition leave it as it is', () => {
    const result = acceptedBy([content], app, [])
    expect(result).toEqual(ok(app))
    expect(result.ok && result.value).toBe(app)
  })

  it('are shown apps and pods as the API shows them, without versions', () => {
    const seen: [JsonObject, RunSpecKind][] = []
    const witness = validator('witness', (definition, kind) => {
      seen.push([definition, kind])
      return []
    })
    acceptedBy([witness], app, [])
    acceptedBy([witness], pod, [])
    expect(
      seen.map(([{ id, env, environment, scaling }, kind]) => [kind, id, env, environment, scaling]),
    ).toEqual([
      ['app', '/shop/web', { A: 'b' }, undefined, undefined],
      ['pod', '/shop/pod', undefined, { C: 'd' }, { instances: 1, kind: 'fixed' }],
    ])
    for (const [definition] of seen) {
      expect(definition).not.toHaveProperty('version')
      expect(definition).not.toHaveProperty('versionInfo')
    }
  })

  it('add to what our own rules say, by path, each sentence once', () => {
    const validators = [
      against('a', '/env', 'no', 'never'),
      content,
      against('b', '/', 'wrong'),
      against('c', '/env', 'no'),
    ]
    expect(acceptedBy(validators, app, [{ path: '/env', errors: ['empty'] }])).toEqual({
      ok: false,
      error: {
        kind: 'invalid-object',
        issues: [
          { path: '/env', errors: ['empty', 'no', 'never'] },
          { path: '/', errors: ['wrong'] },
        ],
      },
    })
  })

  it.each([
    ['a member', (definition: Record<string, unknown>) => (definition['cmd'] = 'rm')],
    [
      'a part',
      (definition: Record<string, unknown>) => ((definition['env'] as Record<string, string>)['A'] = 'c'),
    ],
    ['a list', (definition: Record<string, unknown>) => (definition['networks'] as unknown[]).pop()],
  ])('cannot change %s of what they are shown', (_what, change) => {
    const meddler = validator('meddler', (definition) => {
      change(definition as Record<string, unknown>)
      return []
    })
    const before = structuredClone(app)
    expect(acceptedBy([meddler], app, [])).toMatchObject({
      ok: false,
      error: { kind: 'validator-failed', plugin: 'meddler' },
    })
    expect(app).toEqual(before)
  })

  it('that throw refuse the definition, whatever the others say', () => {
    const broken = validator('broken', () => {
      throw new TypeError('no container')
    })
    expect(acceptedBy([against('a', '/', 'wrong'), broken, content], app, [])).toEqual({
      ok: false,
      error: { kind: 'validator-failed', plugin: 'broken', reason: 'no container' },
    })
  })
})
