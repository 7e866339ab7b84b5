import { describe, expect, it } from 'vitest'
import { appOf } from '../../../tests/support/normalise.ts'
import type { AppSpec } from '../app.ts'
import { validateResidentUpdate } from './resident-update.ts'

const volumes = [{ containerPath: 'data', mode: 'RW', persistent: { size: 10 } }]
const context = { roles: { defaultRole: 'db', allowedRoles: ['db'] } }
const app = (fields: object = {}): AppSpec =>
  appOf({ id: 'db', cmd: 'serve', ports: [5432], container: { type: 'MESOS', volumes }, ...fields }, context)

const resources =
  'Services with persistent volumes configured may not change resource requirements. If you need to make this change, please create a new service.'
const hostPorts =
  'Services with persistent volumes configured may not change host ports. If you need to make this change, please create a new service.'
const otherVolumes = 'Persistent volumes can not be changed!'

describe('an app with persistent volumes', () => {
  it.each([
    [{ cmd: 'other', instances: 3, env: { A: 'b' } }, []],
    [
      { cpus: 2, mem: 1, disk: 1, requirePorts: true },
      ['/app(2)/cpus', '/app(2)/mem', '/app(2)/disk', '/app(2)/requirePorts'].map((path) => ({
        path,
        errors: [resources],
      })),
    ],
    [{ ports: [5433] }, [{ path: '/app(2)', errors: [hostPorts] }]],
    [
      { container: { type: 'MESOS', volumes: [{ ...volumes[0], persistent: { size: 20 } }] } },
      [{ path: '/app(2)', errors: [otherVolumes] }],
    ],
    [{ container: null }, [{ path: '/app(2)', errors: [otherVolumes] }]],
  ])('changed by %j', (fields, expected) =>
    expect(validateResidentUpdate(app(), app(fields), 2)).toEqual(expected),
  )

  it('is not what an app without volumes becomes', () => {
    expect(validateResidentUpdate(app({ container: null }), app(), 0)).toEqual([
      { path: '/app(0)', errors: [otherVolumes] },
    ])
    expect(validateResidentUpdate(app({ container: null }), app({ container: null, cpus: 2 }), 0)).toEqual([])
  })
})
