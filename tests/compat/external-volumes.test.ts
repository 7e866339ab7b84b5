// Volumes that live outside of the cluster (app-definition 2.1, 10.2, 10.5): of Docker volume drivers and of CSI
// plugins, from the definition to what the engine is told to mount.

import { describe, expect, it } from 'vitest'
import { launched, post, problems, problemsIn, withFeatures } from './posted-app.ts'
import { type Stack, startStack } from './stack.ts'

const enabled = withFeatures('external_volumes')
const docker = { image: 'nginx' }

const dvdi = (external: object = {}, more: object = {}): object => ({
  containerPath: 'var',
  mode: 'RW',
  external: { name: 'namedfoo', provider: 'dvdi', options: { 'dvdi/driver': 'bar' }, ...external },
  ...more,
})
const mesos = (...volumes: readonly object[]) => ({ container: { type: 'MESOS', volumes } })
const inDocker = (...volumes: readonly object[]) => ({ container: { type: 'DOCKER', docker, volumes } })
const at = '/container/volumes(0)'

describe('a volume of a Docker volume driver', () => {
  it.each([
    ['a relative path', mesos(dvdi({ size: 10 }))],
    ['an absolute path', mesos(dvdi({ size: 10 }, { containerPath: '/var' }))],
    ['a path of several segments', mesos(dvdi({ size: 10 }, { containerPath: 'var/child' }))],
    ['a relative path in Docker', inDocker(dvdi({}, { containerPath: 'relative/path' }))],
    ['an absolute path in Docker', inDocker(dvdi({}, { containerPath: '/var' }))],
    ['read only in Docker', inDocker(dvdi({}, { mode: 'RO' }))],
    [
      'a folder of the host beside it',
      inDocker(dvdi({}, { containerPath: '/var' }), { containerPath: '/ert', hostPath: '/ert', mode: 'RW' }),
    ],
    [
      'a folder of the host of its name',
      inDocker(dvdi(), { containerPath: '/ert', hostPath: 'namedfoo', mode: 'RW' }),
    ],
    ['options of its driver', mesos(dvdi({ options: { 'dvdi/driver': 'bar', 'dvdi/volumetype': 'io1' } }))],
    ['iops', mesos(dvdi({ options: { 'dvdi/driver': 'rexray', 'dvdi/iops': '1' } }))],
    ['overwritefs', mesos(dvdi({ options: { 'dvdi/driver': 'rexray', 'dvdi/overwritefs': 'true' } }))],
    ['rules of another driver', mesos(dvdi({ options: { 'dvdi/driver': 'bar', 'dvdi/iops': 'b' } }))],
    ['options for nobody', mesos(dvdi({ options: { 'dvdi/driver': 'bar', 'other/a': 'b' } }))],
  ])('is taken: %s', async (_, definition) => {
    const { status, body } = await post(definition, enabled)
    expect([status, body.message]).toEqual([201, undefined])
    expect(body.upgradeStrategy).toEqual({ maximumOverCapacity: 0, minimumHealthCapacity: 0.5 })
  })

  const rexray = (options: object) => mesos(dvdi({ options: { 'dvdi/driver': 'rexray', ...options } }))
  it.each([
    ['another provider', mesos(dvdi({ provider: 'acme' })), [`${at}/external/provider: is unknown provider`]],
    ['an empty provider', mesos(dvdi({ provider: '' })), [`${at}/external/provider: is unknown provider`]],
    [
      'neither name nor provider',
      mesos({ containerPath: 'var', mode: 'RW', external: { size: 10 } }),
      [`${at}/external/name: not defined`, `${at}/external/provider: not defined`],
    ],
    ['an empty name', mesos(dvdi({ name: '' })), [`${at}/external/name: must not be empty`]],
    [
      'a path that is a dot',
      mesos(dvdi({}, { containerPath: '.' })),
      [`${at}/containerPath: can not be one of (.,..)`],
    ],
    [
      'or two, in Docker',
      inDocker(dvdi({}, { containerPath: '..' })),
      [`${at}/containerPath: can not be one of (.,..)`],
    ],
    ['read only', mesos(dvdi({}, { mode: 'RO' })), [`${at}/mode: does not equal RW`]],
    ['no driver', inDocker(dvdi({ options: {} })), [`${at}/external/options("dvdi/driver"): not defined`]],
    [
      'a driver of another spelling',
      mesos(dvdi({ options: { 'dvdi/driverNam': 'rexray' } })),
      [`${at}/external/options("dvdi/driver"): not defined`],
    ],
    [
      'an empty driver',
      mesos(dvdi({ options: { 'dvdi/driver': '' } })),
      [expect.stringContaining(`${at}/external/options("dvdi/driver"): must match regular expression`)],
    ],
    [
      'a size in Docker',
      inDocker(dvdi({ size: 42 })),
      [`${at}/external/size: must be undefined for Docker containers`],
    ],
    [
      'options in Docker',
      inDocker(dvdi({ options: { 'dvdi/driver': 'bar', 'dvdi/boo': 'baa' } })),
      [`${at}/external/options: must only contain dvdi/driver`],
    ],
    [
      'volumetype with a space',
      rexray({ 'dvdi/volumetype': 'io1 ' }),
      [expect.stringContaining(`${at}/external/options/"dvdi/volumetype": must match`)],
    ],
    [
      'newfstype with a space',
      rexray({ 'dvdi/newfstype': ' xfs' }),
      [expect.stringContaining(`${at}/external/options/"dvdi/newfstype": must match`)],
    ],
    [
      'an empty newfstype',
      rexray({ 'dvdi/newfstype': '' }),
      [expect.stringContaining(`${at}/external/options/"dvdi/newfstype": must match`)],
    ],
    [
      'no iops',
      rexray({ 'dvdi/iops': '0' }),
      [`${at}/external/options/"dvdi/iops": Expected a valid, positive integer instead of 0`],
    ],
    [
      'iops that are no number',
      rexray({ 'dvdi/iops': 'b' }),
      [`${at}/external/options/"dvdi/iops": Expected a valid, positive integer instead of b`],
    ],
    [
      'overwritefs that is no truth value',
      rexray({ 'dvdi/overwritefs': 'b' }),
      [`${at}/external/options/"dvdi/overwritefs": Expected a valid boolean`],
    ],
    [
      'another word for it: it must be a volume of the host then',
      mesos({ containerPath: 'var', mode: 'RW', external_WRONG: { size: 10 } }),
      [`${at}/hostPath: error.path.missing`],
    ],
    [
      'two instances',
      { ...mesos(dvdi()), instances: 2 },
      ['/: Number of instances is limited to 1 when declaring DVDI volumes in app [/web]'],
    ],
    [
      'more instances during deployments',
      { ...mesos(dvdi()), upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 1 } },
      ['/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0'],
    ],
    [
      'one name twice',
      mesos(dvdi(), dvdi({}, { containerPath: 'other' })),
      [
        '/container/volumes: Volume names must be unique',
        "/: Requested DVDI volume 'namedfoo' is declared more than once within app /web",
      ],
    ],
  ])('is refused: %s', async (_, definition, expected) => {
    expect(await problems(definition, enabled)).toEqual(expected)
  })

  it('needs its feature', async () => {
    expect(await problems(mesos(dvdi()))).toEqual([
      `${at}: Feature external_volumes is not enabled. Enable with --enable_features external_volumes)`,
    ])
  })

  it('may have a name that says more than a name', async () => {
    const name = 'name=teamvolumename,repl=1,secure=true,secret_key=volume-secret-key-team'
    const options = {
      'dvdi/driver': 'pxd',
      'dvdi/secure': 'true',
      'dvdi/secret_key': 'volume-secret-key-team',
      'dvdi/repl': '1',
      'dvdi/shared': 'true',
    }
    const definition = mesos(dvdi({ name, size: 5, options }))
    const { body } = await post(definition, enabled)
    expect(body.container.volumes[0].external).toEqual({
      name,
      provider: 'dvdi',
      options,
      shared: false,
      size: 5,
    })
  })

  it.each([
    ['MESOS', mesos(dvdi({ size: 2 }), dvdi({ name: 'second' }, { containerPath: '/p2' })), { size: '2' }],
    ['DOCKER', inDocker(dvdi(), dvdi({ name: 'second' }, { containerPath: '/p2', mode: 'RO' })), undefined],
  ])('is mounted in containers of type %s', (type, definition, driverOptions) => {
    const { container } = launched({ cmd: 'foo', ...definition }, enabled)
    const source = (name: string, options?: object) => ({
      type: 'DOCKER_VOLUME',
      dockerVolume: { driver: 'bar', name, ...(options === undefined ? {} : { driverOptions: options }) },
    })
    expect(container).toMatchObject({
      type,
      volumes: [
        { containerPath: 'var', mode: 'RW', source: source('namedfoo', driverOptions) },
        { containerPath: '/p2', mode: type === 'MESOS' ? 'RW' : 'RO', source: source('second') },
      ],
    })
  })

  it('of a custom executor is mounted for it, too', () => {
    const task = launched({ ...mesos(dvdi()), executor: '/qazwsx' }, enabled)
    expect(task.executor).toBe('/qazwsx')
    expect(task.container?.volumes).toHaveLength(1)
  })

  it('is used again when the app is scaled to nothing and back', async () => {
    const stack = await startStack({ settings: enabled })
    const running = async () => (await stack.send('GET', '/v2/apps/web')).body.app.tasksRunning
    await stack.send('POST', '/v2/apps', { id: '/web', cmd: 'sleep 600', ...mesos(dvdi()) })
    await stack.elapse(1_000)
    expect(await running()).toBe(1)
    for (const instances of [0, 1]) {
      await stack.send('PUT', '/v2/apps/web', { instances })
      await stack.elapse(1_000)
      expect(await running()).toBe(instances)
    }
    expect((await stack.send('DELETE', '/v2/apps/web')).status).toBe(200)
    await stack.elapse(1_000)
    expect((await stack.send('GET', '/v2/deployments')).body).toEqual([])
    await stack.close()
  })

  it('is used by one instance at a time when the app may be without any while it changes', async () => {
    const stack = await startStack({ settings: enabled })
    const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 }
    await stack.send('POST', '/v2/apps', { id: '/web', cmd: 'sleep 600', upgradeStrategy, ...mesos(dvdi()) })
    await stack.elapse(1_000)
    await stack.send('PUT', '/v2/apps/web', { cmd: 'sleep 601' })
    let most = 0
    for (let i = 0; i < 20; i++) {
      await stack.elapse(50)
      most = Math.max(
        most,
        stack.engine.agents.list().reduce((sum, { tasks }) => sum + tasks, 0),
      )
    }
    expect(most).toBe(1)
    expect((await stack.send('GET', '/v2/apps/web')).body.app).toMatchObject({
      cmd: 'sleep 601',
      tasksRunning: 1,
    })
    await stack.close()
  })
})

const csi = (capability: object = {}, more: object = {}): object => ({
  containerPath: '/data',
  mode: 'RW',
  external: {
    name: 'my-vol',
    provider: 'csi',
    options: {
      pluginName: 'org.plugin',
      capability: {
        accessMode: 'MULTI_NODE_MULTI_WRITER',
        accessType: 'mount',
        fsType: 'xfs',
        ...capability,
      },
    },
  },
  ...more,
})
const withMode = (accessMode: string, mode = 'RW') => mesos(csi({ accessMode }, { mode }))

describe('a volume of a CSI plugin', () => {
  const alone = 'got 2, expected 1 or less while non-shareable CSI volumes are defined'
  const oneWriter =
    'got 2, expected 1 or less while a multi-node single-writer volume is defined mounted as read/write'
  const readOnly = 'CSI volume must be mounted readonly with a read-only access mode'
  it.each([
    ['SINGLE_NODE_WRITER', 'RW', 0, []],
    ['SINGLE_NODE_WRITER', 'RW', 1, []],
    ['SINGLE_NODE_WRITER', 'RW', 2, [`/instances: ${alone}`]],
    ['SINGLE_NODE_READER_ONLY', 'RO', 2, [`/instances: ${alone}`]],
    ['SINGLE_NODE_READER_ONLY', 'RW', 1, [`/container/volumes(0)/volume: ${readOnly}`]],
    ['MULTI_NODE_READER_ONLY', 'RO', 2, []],
    ['MULTI_NODE_READER_ONLY', 'RW', 1, [`/container/volumes(0)/volume: ${readOnly}`]],
    ['MULTI_NODE_SINGLE_WRITER', 'RO', 2, []],
    ['MULTI_NODE_SINGLE_WRITER', 'RW', 2, [`/instances: ${oneWriter}`]],
    ['MULTI_NODE_MULTI_WRITER', 'RW', 2, []],
  ])('%s mounted %s in %i instances', async (accessMode, mode, instances, expected) => {
    expect(await problems({ ...withMode(accessMode, mode), instances }, enabled)).toEqual(expected)
  })

  it('needs its feature', async () => {
    expect(await problems(mesos(csi()))).toEqual([
      `${at}: Feature external_volumes is not enabled. Enable with --enable_features external_volumes)`,
    ])
  })

  it('comes back as it was given, and is mounted with all of it', async () => {
    const external = {
      name: 'vol-1',
      provider: 'csi',
      options: {
        pluginName: 'org.plugin',
        capability: {
          accessMode: 'SINGLE_NODE_WRITER',
          accessType: 'mount',
          fsType: 'xfs',
          mountFlags: ['noatime'],
        },
        nodeStageSecret: { key: 'stage-secret-key' },
        nodePublishSecret: { key: 'publish-secret-key' },
        volumeContext: { volume: 'context' },
      },
    }
    const definition = mesos(csi({}, { external }))
    const { body } = await post(definition, enabled)
    expect(body.container.volumes).toEqual([{ containerPath: '/data', mode: 'RW', external }])
    expect(launched(definition, enabled).container?.volumes).toEqual([
      {
        containerPath: '/data',
        mode: 'RW',
        source: {
          type: 'CSI_VOLUME',
          csiVolume: {
            pluginName: 'org.plugin',
            staticProvisioning: {
              volumeId: 'vol-1',
              volumeCapability: {
                accessMode: 'SINGLE_NODE_WRITER',
                mount: { fsType: 'xfs', mountFlags: ['noatime'] },
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
})

describe('a volume that several apps name (app-definition 10.5)', () => {
  /** The apps of a group, of which the last is refused for what it shares. */
  async function together(...definitions: readonly object[]): Promise<string[]> {
    const stack = await startStack({ settings: enabled })
    const apps = definitions.map((definition, i) => ({
      id: `/nested/app${i + 1}`,
      cmd: 'x 1',
      ...definition,
    }))
    const answer = await createGroup(stack, apps)
    await stack.close()
    return problemsIn(answer)
  }
  const createGroup = (stack: Stack, apps: readonly object[]) =>
    stack.send('POST', '/v2/groups', { id: '/nested', apps })

  const named = (name: string, shared = false) => mesos(dvdi({ name, shared }))
  const conflict = (index: number, name: string, app: number, others: string) =>
    `/groups(0)/apps(${index})/container: Volume name '${name}' in /nested/app${app} conflicts with volume(s) of ` +
    `same name in app(s): ${others}`

  it.each([
    ['two names', [named('vol1'), named('vol2')], []],
    ['a name that says more', [named('name=v,secret_key=k,secure=true,size=5,repl=1,shared=true')], []],
    [
      'one name',
      [named('vol'), named('vol')],
      [conflict(0, 'vol', 1, '/nested/app2'), conflict(1, 'vol', 2, '/nested/app1')],
    ],
    ['both share it', [named('vol', true), named('vol', true)], []],
    ['one shares it', [named('vol', true), named('vol')], [conflict(0, 'vol', 1, '/nested/app2')]],
    [
      'CSI, one writer',
      [withMode('SINGLE_NODE_WRITER'), withMode('SINGLE_NODE_WRITER')],
      [conflict(0, 'my-vol', 1, '/nested/app2'), conflict(1, 'my-vol', 2, '/nested/app1')],
    ],
    [
      'CSI, readers',
      [withMode('MULTI_NODE_READER_ONLY', 'RO'), withMode('MULTI_NODE_READER_ONLY', 'RO')],
      [],
    ],
    [
      'CSI, readers and a writer',
      [
        withMode('MULTI_NODE_SINGLE_WRITER', 'RO'),
        withMode('MULTI_NODE_SINGLE_WRITER', 'RO'),
        withMode('MULTI_NODE_SINGLE_WRITER', 'RW'),
      ],
      [],
    ],
    [
      'CSI, two writers',
      [withMode('MULTI_NODE_SINGLE_WRITER'), withMode('MULTI_NODE_SINGLE_WRITER')],
      [conflict(0, 'my-vol', 1, '/nested/app2'), conflict(1, 'my-vol', 2, '/nested/app1')],
    ],
  ])('%s', async (_, definitions, expected) => {
    expect((await together(...definitions)).sort()).toEqual([...expected].sort())
  })
})
