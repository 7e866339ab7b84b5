import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appOf, problemsOf, readApp, updateApp, versioned } from '../../../tests/support/normalise.ts'
import { parseAppUpdate } from '../parse/app.ts'
import { renderApp } from '../render/app.ts'
import { rollbackVersion } from './app.ts'

const base = { id: '/web', cmd: 'serve' }
const docker = { image: 'nginx' }
const secrets = { enabledFeatures: new Set(['secrets']) }
const databaseRole = { roles: { defaultRole: 'db', allowedRoles: ['db'] } }
const persistent = { containerPath: 'data', mode: 'RW', persistent: { size: 10 } }

describe('normalising an app', () => {
  it('gives the smallest app all it needs', () => {
    expect(appOf({ id: 'web', cmd: 'serve' })).toEqual({
      id: '/web',
      backoffFactor: 1.15,
      backoffSeconds: 1,
      cmd: 'serve',
      constraints: [],
      cpus: 1,
      dependencies: [],
      disk: 0,
      env: {},
      executor: '',
      fetch: [],
      healthChecks: [],
      instances: 1,
      labels: {},
      maxLaunchDelaySeconds: 300,
      mem: 128,
      gpus: 0,
      networks: [{ mode: 'host' }],
      portDefinitions: [{ port: 0, name: 'default', protocol: 'tcp' }],
      readinessChecks: [],
      requirePorts: false,
      secrets: {},
      upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
      killSelection: 'YOUNGEST_FIRST',
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      role: '*',
    })
  })

  it.each([
    ['relative ids against the group', { id: 'web' }, { id: '/shop/web' }],
    ['absolute ids by themselves', { id: '/a/../web' }, { id: '/web' }],
    [
      'dependencies against the group',
      { dependencies: ['db', '../cache', '/x', 'db/'] },
      { dependencies: ['/shop/db', '/cache', '/x'] },
    ],
  ])('resolves %s', (_, fields, expected) =>
    expect(appOf({ ...base, ...fields }, { base: '/shop' })).toMatchObject(expected),
  )

  it.each([
    ['/a.tar.gz', true],
    ['http://h/a.tgz?x=1#y', true],
    ['http://h/a.txt', false],
    ['http://h.zip', false],
    ['http://h/b%2Etar', true],
    ['hdfs:a.zip', false],
  ])('extracts the uri %s: %s', (uri, extract) =>
    expect(appOf({ ...base, uris: [uri] }).fetch).toEqual([
      { uri, extract, executable: false, cache: false },
    ]),
  )

  it.each([
    [
      { ports: [80, 0] },
      {
        portDefinitions: [
          { port: 80, protocol: 'tcp' },
          { port: 0, protocol: 'tcp' },
        ],
      },
    ],
    [{ ports: [] }, { portDefinitions: [] }],
    [{ portDefinitions: [{ port: 80, labels: {} }] }, { portDefinitions: [{ port: 80, protocol: 'tcp' }] }],
    [
      { ports: [80], portDefinitions: [{ port: 80, name: 'http' }] },
      { portDefinitions: [{ port: 80, name: 'http', protocol: 'tcp' }] },
    ],
    [{ requirePorts: true, networks: [{ mode: 'container/bridge' }] }, { requirePorts: false }],
  ])('understands the ports of %j', (fields, expected) =>
    expect(appOf({ ...base, ...fields })).toMatchObject(expected),
  )

  const mapping = { containerPort: 0, labels: {}, name: 'default', protocol: 'tcp', servicePort: 0 }
  it.each([
    [
      'docker.network BRIDGE',
      { container: { docker: { ...docker, network: 'BRIDGE' } } },
      {
        networks: [{ mode: 'container/bridge' }],
        container: { portMappings: [{ ...mapping, hostPort: 0 }] },
      },
    ],
    [
      'docker.network USER with the name of the ipAddress',
      {
        container: { docker: { ...docker, network: 'USER' } },
        ipAddress: { networkName: 'n', labels: { a: 'b' } },
      },
      {
        networks: [{ name: 'n', mode: 'container', labels: { a: 'b' } }],
        container: { portMappings: [mapping] },
      },
    ],
    [
      'an ipAddress alone',
      { ipAddress: { networkName: 'n' } },
      {
        networks: [{ name: 'n', mode: 'container' }],
        container: { type: 'MESOS', volumes: [], portMappings: [mapping] },
      },
    ],
    [
      'an ipAddress of the bridge',
      { ipAddress: { networkName: 'mesos-bridge' } },
      { networks: [{ mode: 'container/bridge' }] },
    ],
    [
      'ports of ipAddress.discovery',
      { ipAddress: { networkName: 'n', discovery: { ports: [{ number: 80, name: 'http' }] } } },
      {
        container: {
          portMappings: [{ containerPort: 80, name: 'http', protocol: 'tcp', servicePort: 0, labels: {} }],
        },
      },
    ],
    [
      'docker.portMappings',
      { container: { docker: { ...docker, network: 'BRIDGE', portMappings: [{ containerPort: 80 }] } } },
      { container: { portMappings: [{ containerPort: 80, hostPort: 0 }] } },
    ],
    [
      'an explicit absence of mappings',
      { container: { docker, portMappings: [] }, networks: [{ mode: 'container/bridge' }] },
      { container: { portMappings: [] } },
    ],
    [
      'more ports than mappings',
      {
        container: { docker, portMappings: [{ containerPort: 80 }] },
        ports: [1, 2],
        networks: [{ mode: 'container/bridge' }],
      },
      { container: { portMappings: [{ containerPort: 80 }, { containerPort: 0, hostPort: 0 }] } },
    ],
    [
      'a bridge without a container',
      { networks: [{ mode: 'container/bridge' }] },
      { container: { type: 'MESOS', portMappings: [{ ...mapping, hostPort: 0 }] } },
    ],
  ])('understands %s', (_, fields, expected) => {
    const app = appOf({ ...base, ...fields })
    expect(app).toMatchObject(expected)
    expect(app).not.toHaveProperty('portDefinitions')
  })

  it('drops port mappings on the host network, as no network means', () => {
    const app = appOf({ ...base, container: { docker, portMappings: [{ containerPort: 80 }] } })
    expect(app.container).not.toHaveProperty('portMappings')
    expect(app.portDefinitions).toHaveLength(1)
  })

  it('names container networks by default', () => {
    const networks = [{ mode: 'container' }]
    expect(appOf({ ...base, networks }, { defaultNetworkName: 'dcos' }).networks).toEqual([
      { name: 'dcos', mode: 'container' },
    ])
    expect(problemsOf(readApp({ ...base, networks }))).toEqual([
      '/networks: Network name must be specified when container network is selected.',
    ])
  })

  it.each([
    ['named port definitions', { portDefinitions: [{ name: 'http' }] }, 0],
    ['mappings of a container', { container: { docker }, networks: [{ mode: 'container/bridge' }] }, 0],
    ['deprecated ports', { ports: [0] }, undefined],
    ['the defaulted port definition', {}, undefined],
  ])('adds a port index to health checks with %s', (_, fields, portIndex) => {
    const [check] = appOf({ ...base, ...fields, healthChecks: [{ protocol: 'TCP' }] }).healthChecks
    expect(check?.portIndex).toBe(portIndex)
  })

  it.each([
    [
      { protocol: 'HTTP', path: '/ok', ignoreHttp1xx: true, delaySeconds: 3 },
      { path: '/ok', ignoreHttp1xx: true, delaySeconds: 15, ipProtocol: 'IPv4' },
    ],
    [{ protocol: 'HTTPS' }, { ignoreHttp1xx: false }],
    [
      { protocol: 'MESOS_HTTP', path: '/ok', delaySeconds: 3 },
      { path: '/ok', delaySeconds: 3 },
    ],
    [
      { protocol: 'COMMAND', command: { value: 'true' }, portIndex: 5, delaySeconds: 3 },
      { command: { value: 'true' }, delaySeconds: 3 },
    ],
  ])('keeps of the health check %j what it has', (check, expected) => {
    const [kept] = appOf({ ...base, healthChecks: [check] }).healthChecks
    expect(kept).toMatchObject(expected)
    expect(kept?.protocol === 'COMMAND' ? kept.portIndex : undefined).toBeUndefined()
  })

  it('makes apps with persistent volumes resident', () => {
    expect(
      appOf({ ...base, container: { type: 'MESOS', volumes: [persistent] } }, databaseRole),
    ).toMatchObject({
      residency: { relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: 'WAIT_FOREVER' },
      upgradeStrategy: { maximumOverCapacity: 0, minimumHealthCapacity: 0.5 },
      unreachableStrategy: 'disabled',
      container: { volumes: [{ persistent: { type: 'root', size: 10, constraints: [] } }] },
    })
    expect(
      appOf({
        ...base,
        residency: {},
        upgradeStrategy: { maximumOverCapacity: 0, minimumHealthCapacity: 1 },
      }),
    ).not.toHaveProperty('residency')
  })

  it('mounts a volume with a profile', () => {
    const volumes = [{ ...persistent, persistent: { size: 1, profileName: 'fast' } }]
    expect(
      appOf({ ...base, container: { type: 'MESOS', volumes } }, databaseRole).container?.volumes,
    ).toMatchObject([{ persistent: { type: 'mount', profileName: 'fast' } }])
  })

  it('leaves out what the containerizer does not have', () => {
    const linuxInfo = { ipcInfo: { mode: 'PRIVATE' } }
    const container = { docker: { ...docker, privileged: true }, linuxInfo }
    expect(appOf({ ...base, container }).container).toEqual({
      type: 'DOCKER',
      docker: { image: 'nginx', forcePullImage: false, parameters: [], privileged: true },
      volumes: [],
    })
    expect(appOf({ ...base, container: { ...container, type: 'MESOS' } }).container).toEqual({
      type: 'MESOS',
      docker: { image: 'nginx', forcePullImage: false, parameters: [], privileged: false },
      linuxInfo,
      volumes: [],
    })
  })

  it('keeps a terminal only when there is one', () => {
    expect(appOf({ ...base, tty: true }).tty).toBe(true)
    expect(appOf({ ...base, tty: false })).not.toHaveProperty('tty')
  })

  it.each([
    [
      'a docker network that is none',
      { ...base, container: { docker: { ...docker, network: 'NONE' } } },
      'unsupported docker network type NONE',
    ],
    [
      'mappings in two places',
      {
        ...base,
        container: { docker: { ...docker, network: 'BRIDGE', portMappings: [{}] }, portMappings: [] },
      },
      'cannot specify both portMappings and docker.portMappings',
    ],
    [
      'operators in lower case',
      { ...base, constraints: [['hostname', 'unique']] },
      'illegal constraint specification hostname,unique',
    ],
    [
      'a command check by HTTP',
      { ...base, healthChecks: [{ command: { value: 'x' } }] },
      'illegal protocol HTTP specified with command',
    ],
    [
      'a command check without command',
      { ...base, healthChecks: [{ protocol: 'COMMAND' }] },
      'illegal protocol COMMAND for non-command health check',
    ],
    [
      'two checks in one',
      { ...base, check: { tcp: {}, http: {} } },
      'illegal check: expected exactly one of http, tcp and exec',
    ],
    [
      'a check by HTTPS',
      { ...base, check: { http: { scheme: 'HTTPS' } } },
      'illegal check: got scheme HTTPS, expected HTTP',
    ],
  ])('cannot process %s', (_, json, message) =>
    expect(readApp(json)).toEqual({ ok: false, error: { kind: 'unprocessable', message } }),
  )
})

describe('an update of some fields', () => {
  const current = appOf({
    ...base,
    env: { A: '1', B: '2' },
    instances: 2,
    portDefinitions: [{ port: 10_000 }],
  })

  it('replaces each field as a whole', () => {
    expect(updateApp(current, { env: { C: '3' } })).toEqual({
      ok: true,
      value: { ...current, env: { C: '3' } },
    })
    expect(updateApp(current, { instances: 5, env: null })).toEqual({
      ok: true,
      value: { ...current, instances: 5 },
    })
    expect(updateApp(current, {})).toEqual({ ok: true, value: current })
  })

  it('does not change the id', () =>
    expect(updateApp(current, { id: '/other', mem: 64 })).toEqual({
      ok: true,
      value: { ...current, mem: 64 },
    }))

  it('does not clear cmd when args are given', () =>
    expect(problemsOf(updateApp(current, { args: ['x'] }))).toEqual([
      "/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.",
    ]))

  it('keeps resource limits and executor resources that it does not repeat', () => {
    const limited = appOf({ ...base, resourceLimits: { cpus: 'unlimited' }, executorResources: {} })
    expect(limited).toMatchObject({ executorResources: { cpus: 0.1, mem: 32, disk: 10 } })
    const updated = updateApp(limited, { instances: 3 })
    expect(updated.ok && updated.value).toMatchObject({
      instances: 3,
      resourceLimits: { cpus: 'unlimited' },
      executorResources: { cpus: 0.1, mem: 32, disk: 10 },
    })
  })

  it('moves an app to a bridge with as many ports as it had', () => {
    const host = appOf({ ...base, ports: [1, 2], container: { docker } })
    const moved = updateApp(host, { networks: [{ mode: 'container/bridge' }], container: { docker } })
    expect(moved.ok && moved.value.container?.portMappings).toHaveLength(2)
    expect(moved.ok && moved.value).not.toHaveProperty('portDefinitions')
  })

  it('replaces the container by an empty one when it names networks alone', () => {
    const host = appOf({ ...base, container: { docker } })
    const moved = updateApp(host, { networks: [{ mode: 'container/bridge' }] })
    expect(moved.ok && moved.value.container).toMatchObject({
      type: 'MESOS',
      portMappings: [{ name: 'default' }],
    })
  })

  it('always gives health checks a port index', () =>
    expect(updateApp(current, { healthChecks: [{ protocol: 'HTTP' }] })).toMatchObject({
      value: { healthChecks: [{ portIndex: 0 }] },
    }))

  it('needs a name for container networks', () =>
    expect(problemsOf(updateApp(current, { networks: [{ mode: 'container' }] }))).toEqual([
      'container network name is not defined',
    ]))

  it.each([
    [{ uris: ['http://a/b'], fetch: [{ uri: 'http://a/b' }] }, 'cannot specify both uris and fetch fields'],
    [{ ipAddress: {}, networks: [] }, 'cannot mix deprecated and canonical network APIs'],
  ])('cannot process %j', (update, message) =>
    expect(problemsOf(updateApp(current, update))).toEqual([message]),
  )

  it.each([
    [{ version: '2031-04-02T09:15:20.480Z' }, '2031-04-02T09:15:20.480Z'],
    [{ version: '2031-04-02T11:15:20.48+02:00', id: '/web' }, '2031-04-02T09:15:20.480Z'],
    [{ instances: 2 }, undefined],
  ])('%j goes back to %s', (json, version) => {
    const update = parseAppUpdate(json)
    expect(update.ok && rollbackVersion(update.value)).toEqual({ ok: true, value: version })
  })

  it('names a version alone or not at all', () =>
    expect(problemsOf(updateApp(current, { version: '2031-04-02T09:15:20.480Z', instances: 2 }))).toEqual([
      "/: The 'version' field may only be combined with the 'id' field.",
    ]))
})

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
const labels = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 })
const hostNetwork = fc.record(
  {
    portDefinitions: fc.uniqueArray(fc.record({ port: fc.integer({ min: 1, max: 65_535 }), labels }), {
      maxLength: 3,
      selector: ({ port }) => port,
    }),
  },
  { requiredKeys: [] },
)
const portMappings = fc.array(
  fc.record({ containerPort: fc.nat(65_535), hostPort: fc.nat(65_535), labels }, { requiredKeys: [] }),
  { maxLength: 3 },
)
const bridge = portMappings.map((mappings) => ({
  networks: [{ mode: 'container/bridge' }],
  container: { docker, portMappings: mappings },
}))
const oldBridge = portMappings.map((mappings) => ({
  container: { docker: { ...docker, network: 'BRIDGE', portMappings: mappings } },
}))
const anyApp = fc
  .record(
    {
      args: fc.constant([]),
      instances: fc.nat(1000),
      cpus: fc.double({ min: 0.001, max: 100, noNaN: true }),
      env: fc.dictionary(name, fc.string(), { maxKeys: 3 }),
      labels,
      dependencies: fc.array(name, { maxLength: 3 }),
      constraints: fc.array(fc.constantFrom(['hostname', 'UNIQUE'], ['rack', 'GROUP_BY', '2']), {
        maxLength: 2,
      }),
      uris: fc.array(fc.constantFrom('http://h/a.tgz', 'http://h/b'), { maxLength: 2 }),
      healthChecks: fc.array(fc.constantFrom({ protocol: 'COMMAND', command: { value: 'true' } }), {
        maxLength: 1,
      }),
      unreachableStrategy: fc.constantFrom('disabled', { inactiveAfterSeconds: 1, expungeAfterSeconds: 2 }),
      tty: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .chain((fields) =>
    fc
      .tuple(name, fc.oneof(hostNetwork, bridge, oldBridge))
      .map(([id, network]) => ({ id, cmd: 'serve', ...fields, ...network })),
  )

describe('normalising', () => {
  it('is done once and for all: what is written, read again, is the same', () => {
    fc.assert(
      fc.property(anyApp, (json) => {
        const app = appOf(json)
        const written = JSON.parse(JSON.stringify(renderApp(versioned(app)))) as unknown
        expect(appOf(written)).toEqual(app)
        expect(renderApp(versioned(appOf(written)))).toEqual(written)
      }),
    )
  })

  it('leaves an app as it is when an update says nothing', () => {
    fc.assert(
      fc.property(anyApp, (json) => {
        const app = appOf(json)
        expect(updateApp(app, {})).toEqual({ ok: true, value: app })
      }),
    )
  })

  it('keeps references to secrets', () => {
    const json = { ...base, env: { P: { secret: 's' } }, secrets: { s: { source: '/db' } } }
    expect(appOf(json, secrets)).toMatchObject({
      env: { P: { secret: 's' } },
      secrets: { s: { source: '/db' } },
    })
  })
})
