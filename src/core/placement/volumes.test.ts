import { expect, test } from 'vitest'
import type { App, CsiVolume, Volume } from '../../spec/app.ts'
import type { MountedVolume } from '../mesos.ts'
import { mountedVolumes } from './volumes.ts'

const mounted = (volumes: readonly Volume[], secrets: App['secrets'] = {}) =>
  mountedVolumes({ container: { type: 'MESOS', volumes }, secrets })

test('an app without container mounts nothing', () => {
  expect(mountedVolumes({ secrets: {} })).toEqual([])
})

test.each<readonly [string, Volume, MountedVolume | undefined]>([
  [
    'a folder of the host',
    { containerPath: '/in', hostPath: 'relative', mode: 'RO' },
    { containerPath: '/in', hostPath: 'relative', mode: 'RO' },
  ],
  [
    'a persistent volume is a resource',
    { containerPath: 'data', mode: 'RW', persistent: { type: 'root', size: 1, constraints: [] } },
    undefined,
  ],
  [
    'a secret is a file that is only read',
    { containerPath: 'key', secret: 'tls' },
    { containerPath: 'key', mode: 'RO', source: { type: 'SECRET', secret: '/tls/key' } },
  ],
])('%s', (_, volume, expected) => {
  expect(mounted([volume], { tls: { source: '/tls/key' } })).toEqual(expected === undefined ? [] : [expected])
})

const dvdi = (options: Readonly<Record<string, string>>, size?: number): Volume => ({
  containerPath: '/path',
  mode: 'RO',
  external: {
    name: 'foo',
    provider: 'dvdi',
    shared: false,
    options,
    ...(size === undefined ? {} : { size }),
  },
})

test.each<readonly [string, Volume, Readonly<Record<string, string>> | undefined]>([
  ['its driver is no option', dvdi({ 'dvdi/driver': 'bar' }), undefined],
  ['in any writing', dvdi({ 'dvdi/driver': 'bar', 'dvdi/Driver': 'b' }), undefined],
  ['its size is one', dvdi({ 'dvdi/driver': 'bar' }, 1), { size: '1' }],
  ['its size wins over the option', dvdi({ 'dvdi/driver': 'bar', 'dvdi/size': '2' }, 1), { size: '1' }],
  ['the option is sent as it is', dvdi({ 'dvdi/driver': 'bar', 'dvdi/size': 'abc' }), { size: 'abc' }],
  ['without spaces around it', dvdi({ 'dvdi/driver': 'bar', 'dvdi/boo': ' baa ' }), { boo: 'baa' }],
  ['those of others are not sent', dvdi({ 'dvdi/driver': 'bar', 'other/a': 'b' }), undefined],
])('a volume of a Docker volume driver: %s', (_, volume, driverOptions) => {
  const own = { driver: 'bar', name: 'foo' }
  expect(mounted([volume])).toEqual([
    {
      containerPath: '/path',
      mode: 'RO',
      source: {
        type: 'DOCKER_VOLUME',
        dockerVolume: driverOptions === undefined ? own : { ...own, driverOptions },
      },
    },
  ])
})

test('several volumes keep their order', () => {
  const host: Volume = { containerPath: '/host', hostPath: '/srv', mode: 'RW' }
  const paths = mounted([dvdi({ 'dvdi/driver': 'bar' }), host, dvdi({ 'dvdi/driver': 'ert' })]).map(
    ({ containerPath, source }) => [containerPath, source?.type],
  )
  expect(paths).toEqual([
    ['/path', 'DOCKER_VOLUME'],
    ['/host', undefined],
    ['/path', 'DOCKER_VOLUME'],
  ])
})

const csi = (options: Partial<CsiVolume['options']>): Volume => ({
  containerPath: '/path',
  mode: 'RO',
  external: {
    name: 'vol-1',
    provider: 'csi',
    options: {
      pluginName: 'org.plugin',
      capability: { accessMode: 'SINGLE_NODE_WRITER', accessType: 'block' },
      ...options,
    },
  },
})

test('a volume of a CSI plugin: its id, who may do what with it, and what the plugin is told', () => {
  const capability = { accessMode: 'SINGLE_NODE_WRITER', accessType: 'mount', fsType: 'xfs' } as const
  const volume = csi({
    capability,
    nodeStageSecret: { key: 'stage-secret-key' },
    nodePublishSecret: { key: 'publish-secret-key' },
    volumeContext: { volume: 'context' },
  })
  expect(mounted([volume])).toEqual([
    {
      containerPath: '/path',
      mode: 'RO',
      source: {
        type: 'CSI_VOLUME',
        csiVolume: {
          pluginName: 'org.plugin',
          staticProvisioning: {
            volumeId: 'vol-1',
            volumeCapability: {
              accessMode: 'SINGLE_NODE_WRITER',
              mount: { fsType: 'xfs', mountFlags: [] },
            },
            nodeStageSecrets: { key: 'stage-secret-key' },
            nodePublishSecrets: { key: 'publish-secret-key' },
            volumeContext: { volume: 'context' },
          },
        },
      },
    },
  ])
})

test.each([
  [{ accessType: 'block' }, { block: {} }],
  [
    { accessType: 'mount', fsType: 'ext4', mountFlags: ['noatime'] },
    { mount: { fsType: 'ext4', mountFlags: ['noatime'] } },
  ],
] as const)('is accessed %j', (access, expected) => {
  const [volume] = mounted([csi({ capability: { accessMode: 'MULTI_NODE_MULTI_WRITER', ...access } })])
  expect(volume?.source).toMatchObject({
    csiVolume: {
      staticProvisioning: {
        volumeCapability: { accessMode: 'MULTI_NODE_MULTI_WRITER', ...expected },
        nodeStageSecrets: {},
        volumeContext: {},
      },
    },
  })
})
