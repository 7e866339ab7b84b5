import { describe, expect, it } from 'vitest'
import { appOf, podOf } from '../../../tests/support/normalise.ts'
import type { AppSpec } from '../app.ts'
import type { PodSpec } from '../pod.ts'
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

describe('a pod with persistent volumes', () => {
  const container = {
    name: 'store',
    resources: { cpus: 1, mem: 2, disk: 3, gpus: 1 },
    endpoints: [{ name: 'main', hostPort: 5432 }],
    volumeMounts: [{ name: 'data', mountPath: 'data' }],
  }
  const persistentData = [{ name: 'data', persistent: { size: 10 } }]
  const pod = (fields: object = {}, inContainer: object = {}): PodSpec =>
    podOf(
      { id: '/db', containers: [{ ...container, ...inContainer }], volumes: persistentData, ...fields },
      context,
    )
  const plain = (): PodSpec => pod({ volumes: [] }, { volumeMounts: [] })
  const errorsOf = (from: PodSpec, to: PodSpec) => validateResidentUpdate(from, to, 2)

  it.each([
    [
      'other commands, labels and instances',
      { scaling: { kind: 'fixed', instances: 3 } },
      { exec: { command: { shell: 'a' } } },
      [],
    ],
    ['other cpus', {}, { resources: { ...container.resources, cpus: 3 } }, ['cpus']],
    ['other memory', {}, { resources: { ...container.resources, mem: 3 } }, ['mem']],
    ['other disk', {}, { resources: { ...container.resources, disk: 4 } }, ['disk']],
    ['other gpus', {}, { resources: { ...container.resources, gpus: 0 } }, ['gpus']],
    ['another executor', { executorResources: { cpus: 0.2, mem: 33 } }, {}, ['cpus', 'mem']],
    ['another host port', {}, { endpoints: [{ name: 'main', hostPort: 2 }] }, ['host ports']],
    ['any host port', {}, { endpoints: [{ name: 'main' }] }, ['host ports']],
    [
      'a larger volume',
      { volumes: [{ name: 'data', persistent: { size: 11 } }] },
      {},
      ['persistent volumes'],
    ],
  ])('may not be given %s, if it matters to what is reserved', (_, fields, inContainer, what) =>
    expect(errorsOf(pod(), pod(fields, inContainer))).toEqual(
      what.length === 0
        ? []
        : [
            {
              path: '/pod(2)',
              errors: what.map((name) =>
                name === 'persistent volumes'
                  ? `${name} cannot be updated`
                  : `${name} cannot be updated if a pod has persistent volumes`,
              ),
            },
          ],
    ),
  )

  it('may have its resources divided in another way', () => {
    const parts = (...cpus: number[]) => ({
      containers: cpus.map((each, index) => ({
        name: `c${index}`,
        resources: { cpus: each },
        ...(index === 0 ? { volumeMounts: container.volumeMounts } : {}),
      })),
    })
    expect(errorsOf(pod(parts(0.1, 0.2, 0.3)), pod(parts(0.3, 0.2, 0.1)))).toEqual([])
  })

  it('is not what a pod without volumes becomes, nor the other way round', () => {
    expect(errorsOf(plain(), pod())).toEqual([
      { path: '/pod(2)', errors: ['persistent volumes cannot be updated'] },
    ])
    expect(errorsOf(pod(), plain())).toEqual([
      { path: '/pod(2)', errors: ['persistent volumes cannot be updated'] },
      { path: '/pod(2)/upgradeStrategy/maximumOverCapacity', errors: ['got 1.0, expected 0.0'] },
    ])
  })

  it('is what the rule is about: other pods change as they like', () =>
    expect(
      errorsOf(plain(), pod({ volumes: [] }, { volumeMounts: [], resources: {}, endpoints: [] })),
    ).toEqual([]))
})
