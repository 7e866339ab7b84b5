// Volumes of apps and pods: each kind on its way in and out again (app-definition 2.1, 3).

import { describe, expect, it } from 'vitest'
import { appOf, podOf, versioned } from '../../../tests/support/normalise.ts'
import { renderApp } from '../render/app.ts'
import { renderPod } from '../render/pod.ts'

const context = {
  roles: { defaultRole: 'db', allowedRoles: ['db'] },
  enabledFeatures: new Set(['secrets', 'external_volumes']),
}
const secrets = { s: { source: '/s' } }

function ofApp(volume: object): object {
  const container = { type: 'MESOS', volumes: [{ containerPath: 'data', ...volume }] }
  const app = renderApp(versioned(appOf({ id: '/web', cmd: 'serve', secrets, container }, context)))
  const shown = app['container'] as { volumes: [{ containerPath: string }] }
  const { containerPath, ...rest } = shown.volumes[0]
  expect(containerPath).toBe('data')
  return rest
}

function ofPod(volume: object): object {
  const containers = [{ name: 'c', resources: {}, volumeMounts: [{ name: 'v', mountPath: 'data' }] }]
  const pod = podOf({ id: '/p', containers, secrets, volumes: [{ name: 'v', ...volume }] }, context)
  const [{ name, ...rest }] = renderPod(pod)['volumes'] as unknown as [{ name: string }]
  expect(name).toBe('v')
  return rest
}

const dvdi = { name: 'd', provider: 'dvdi', options: { 'dvdi/driver': 'rexray' } }
const csi = {
  name: 'd',
  provider: 'csi',
  options: {
    pluginName: 'p',
    capability: {
      accessMode: 'MULTI_NODE_MULTI_WRITER',
      accessType: 'mount',
      fsType: 'xfs',
      mountFlags: ['ro'],
    },
    nodeStageSecret: { user: 'u' },
    nodePublishSecret: { key: 'k' },
    volumeContext: { a: 'b' },
  },
}
const block = {
  ...csi,
  options: { pluginName: 'p', capability: { accessMode: 'SINGLE_NODE_WRITER', accessType: 'block' } },
}

describe('a volume is shown as it was given', () => {
  it.each([
    ['of the host, to read', { hostPath: '/data', mode: 'RO' }],
    ['of the host, to write', { hostPath: '/data', mode: 'RW' }],
    ['a secret', { secret: 's' }],
    ['by a driver, in full', { external: { size: 5, ...dvdi, shared: true }, mode: 'RW' }],
    ['by a driver, for itself', { external: { ...dvdi, shared: false }, mode: 'RW' }],
    ['of a plugin, in full', { external: csi, mode: 'RO' }],
    ['of a plugin, as a device', { external: block, mode: 'RW' }],
  ])('by an app: %s', (_, volume) => expect(ofApp(volume)).toEqual(volume))

  it.each([
    ['of its own', {}],
    ['of the host', { host: '/data' }],
    ['of the host, within the sandbox', { host: 'data' }],
    ['a secret', { secret: 's' }],
  ])('by a pod: %s', (_, volume) => expect(ofPod(volume)).toEqual(volume))

  it.each([
    ['root', { size: 1, constraints: [] }],
    ['path', { size: 1, constraints: [['path', 'LIKE', '/ssd']] }],
    ['mount', { size: 1, maxSize: 2, profileName: 'fast', constraints: [] }],
  ])('by both: persistent, on the disk %s', (type, info) => {
    const persistent = { type, ...info }
    expect(ofApp({ persistent, mode: 'RW' })).toEqual({ persistent, mode: 'RW' })
    expect(ofPod({ persistent })).toEqual({ persistent })
  })
})

describe('a persistent volume is on', () => {
  it.each([
    [undefined, undefined, 'root'],
    [undefined, 'fast', 'mount'],
    ['root', undefined, 'root'],
    ['root', 'fast', 'root'],
    ['path', undefined, 'path'],
    ['path', 'fast', 'path'],
    ['mount', undefined, 'mount'],
    ['mount', 'fast', 'mount'],
  ])('the disk %s with the profile %s: %s', (type, profileName, disk) => {
    const persistent = { size: 1, type, profileName }
    expect(ofApp({ persistent, mode: 'RW' })).toMatchObject({ persistent: { type: disk } })
    expect(ofPod({ persistent })).toMatchObject({ persistent: { type: disk } })
  })
})
