import { describe, expect, it } from 'vitest'
import { appOf, podOf, versioned, versionedPod } from '../../tests/support/normalise.ts'
import type { App } from './app.ts'
import { isConfigChange, nextVersionInfo } from './diff.ts'
import type { Pod } from './pod.ts'

const then = '2031-04-02T09:15:20.480Z'
const now = '2031-04-03T00:00:00.000Z'
const json = { id: 'web', cmd: 'serve', labels: { a: '1', b: '2' }, dependencies: ['x', 'y'] }
const current: App = versioned(appOf(json), then)
const changed = (fields: object): App => versioned(appOf({ ...json, ...fields }), then)

describe('a change', () => {
  it.each([
    { cmd: 'other' },
    { cmd: null, args: ['serve'] },
    { user: 'root' },
    { env: { A: '1' } },
    { cpus: 2 },
    { mem: 1 },
    { disk: 1 },
    { executor: '//cmd' },
    { constraints: [['hostname', 'UNIQUE']] },
    { fetch: [{ uri: '/a' }] },
    { ports: [1] },
    { requirePorts: true },
    { backoffFactor: 2 },
    { backoffSeconds: 2 },
    { maxLaunchDelaySeconds: 2 },
    { container: { type: 'MESOS' } },
    { healthChecks: [{}] },
    { check: { tcp: {} } },
    { taskKillGracePeriodSeconds: 1 },
    { dependencies: ['x'] },
    { upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 } },
    { labels: {} },
    { acceptedResourceRoles: ['*'] },
    { networks: [{ mode: 'container/bridge' }] },
    { portDefinitions: [{ port: 0, name: 'http-api' }], readinessChecks: [{}] },
    { unreachableStrategy: 'disabled' },
    { killSelection: 'OLDEST_FIRST' },
    { tty: true },
    { resourceLimits: { cpus: 'unlimited' } },
  ])('of %j makes a new configuration', (fields) => {
    expect(isConfigChange(current, changed(fields))).toBe(true)
    expect(nextVersionInfo(current, changed(fields), now)).toEqual({
      version: now,
      versionInfo: { lastScalingAt: now, lastConfigChangeAt: now },
    })
  })

  it.each([
    ['the same again', {}],
    ['labels in another order', { labels: { b: '2', a: '1' } }],
    ['dependencies in another order', { dependencies: ['y', 'x'] }],
    ['resources of the executor', { executorResources: {} }],
  ])('that is %s keeps the version', (_, fields) =>
    expect(nextVersionInfo(current, changed(fields), now)).toEqual({
      version: then,
      versionInfo: { lastScalingAt: then, lastConfigChangeAt: then },
    }),
  )

  it('of the instances alone is a scaling', () => {
    expect(isConfigChange(current, changed({ instances: 3 }))).toBe(false)
    expect(isConfigChange(current, changed({ instances: 3, cpus: 2 }))).toBe(true)
    expect(nextVersionInfo(current, changed({ instances: 3 }), now)).toEqual({
      version: now,
      versionInfo: { lastScalingAt: now, lastConfigChangeAt: then },
    })
  })

  it('by a restart is a new version of the same configuration', () =>
    expect(nextVersionInfo(current, current, now, true)).toEqual({
      version: now,
      versionInfo: { lastScalingAt: then, lastConfigChangeAt: now },
    }))

  it('from nothing begins with the first version', () =>
    expect(nextVersionInfo(undefined, current, now).versionInfo).toEqual({
      lastScalingAt: now,
      lastConfigChangeAt: now,
    }))
})

describe('a change of a pod', () => {
  const container = { name: 'c', resources: {} }
  const podJson = { id: '/p', containers: [container], labels: { a: '1' } }
  const context = {
    roles: { defaultRole: '*', allowedRoles: ['*', 'db'] },
    enabledFeatures: new Set(['secrets']),
  }
  const pod = (fields: object = {}): Pod => versionedPod(podOf({ ...podJson, ...fields }, context), then)
  const mounted = [{ ...container, volumeMounts: [{ name: 'v', mountPath: 'm' }] }]
  const next = (fields: object) => nextVersionInfo(pod(), pod(fields), now)

  it.each([
    { user: 'root' },
    { environment: { A: '1' } },
    { labels: {} },
    { scheduling: { placement: { acceptedResourceRoles: ['*'] } } },
    { secrets: { s: { source: '/s' } } },
    { containers: [{ ...container, resources: { cpus: 2 } }] },
    { containers: [{ ...container, exec: { command: { shell: 'a' } } }] },
    { scheduling: { placement: { constraints: [{ fieldName: 'hostname', operator: 'UNIQUE' }] } } },
    { containers: mounted, volumes: [{ name: 'v' }] },
    { networks: [{ mode: 'container/bridge' }] },
    { scheduling: { backoff: { backoff: 2 } } },
    { scheduling: { upgrade: { maximumOverCapacity: 0 } } },
    { role: 'db' },
    { linuxInfo: { ipcInfo: { mode: 'PRIVATE' } } },
  ])('of %j makes a new configuration', (fields) => {
    expect(isConfigChange(pod(), pod(fields))).toBe(true)
    expect(next(fields)).toEqual({
      version: now,
      versionInfo: { lastScalingAt: now, lastConfigChangeAt: now },
    })
  })

  it.each([
    { scheduling: { unreachableStrategy: 'disabled' } },
    { scheduling: { killSelection: 'OLDEST_FIRST' } },
    { executorResources: { cpus: 1 } },
    { legacySharedCgroups: true },
    { networks: [{ mode: 'host' }] },
  ])('of %j makes a new version, for which nothing is replaced', (fields) => {
    expect(isConfigChange(pod(), pod(fields))).toBe(false)
    expect(next(fields)).toEqual({
      version: now,
      versionInfo: { lastScalingAt: then, lastConfigChangeAt: then },
    })
  })

  it.each([
    ['the same again', {}],
    [
      'what goes without saying',
      { scheduling: { killSelection: 'YOUNGEST_FIRST' }, legacySharedCgroups: false },
    ],
    ['a check, which is dropped', { containers: [{ ...container, check: {} }] }],
  ])('that is %s keeps the version', (_, fields) => {
    expect(next(fields)).toEqual({
      version: then,
      versionInfo: { lastScalingAt: then, lastConfigChangeAt: then },
    })
  })

  it('of the instances is a scaling', () => {
    const more = { scaling: { kind: 'fixed', instances: 2 } }
    expect(isConfigChange(pod(), pod(more))).toBe(false)
    expect(next(more)).toEqual({
      version: now,
      versionInfo: { lastScalingAt: now, lastConfigChangeAt: then },
    })
  })
})
