// What becomes of definitions, seen from outside: the app that is answered, or the refusal. Rules that the tables of
// spec/ leave a word open about are closed here (app-definition 1, 2, 8, 10).

import { describe, expect, it } from 'vitest'
import { launched, post, problems, withFeatures } from './posted-app.ts'
import { startStack } from './stack.ts'

const docker = { image: 'nginx' }
const bridge = [{ mode: 'container/bridge' }]

describe('the id of an app (app-definition 1)', () => {
  it.each([
    ['web', '/web'],
    ['/web/', '/web'],
    ['//shop//web', '/shop/web'],
    ['shop/../web', '/web'],
    ['/web.prod.v2', '/web.prod.v2'],
    ['/a-b/0', '/a-b/0'],
    ['/restart/web', '/restart/web'],
  ])('%s is %s', async (id, canonical) => {
    expect((await post({ id })).body.id).toBe(canonical)
  })

  it.each([
    ['/Web', '/id: error.pattern'],
    ['/a_b', '/id: error.pattern'],
    ['/a/-b', '/id: error.pattern'],
    ['/a-/b', '/id: error.pattern'],
    ['/a..b', '/id: error.pattern'],
    ['/a b', '/id: error.pattern'],
    ['./a', '/id: error.pattern'],
    ['', '/id: error.minLength'],
    ['/', '/id: Path must contain at least one path element'],
    ['..', '/id: Path must contain at least one path element'],
    [
      '/a/versions',
      '/id: must not end with any of the following reserved keywords: restart, tasks, versions, ., ..',
    ],
  ])('%j is refused', async (id, problem) => {
    expect(await problems({ id })).toContain(problem)
  })
})

describe('uris (app-definition 8, stage 3)', () => {
  it.each<readonly [string, boolean]>([
    ...['tar', 'tar.gz', 'tar.bz2', 'tar.xz', 'gz', 'tgz', 'tbz2', 'txz', 'zip'].map(
      (suffix) => [`http://h.example/x.${suffix}`, true] as const,
    ),
    ['http://h.example/x.rar', false],
    ['http://h.example/tgz', false],
  ])('%s is extracted: %s', async (uri, extract) => {
    const { body } = await post({ uris: [uri], fetch: [] })
    expect(body.fetch).toEqual([{ uri, extract, executable: false, cache: false }])
    expect(body).not.toHaveProperty('uris')
  })

  it('beside fetch are refused', async () => {
    const uri = 'http://h.example/x'
    expect(await problems({ uris: [uri], fetch: [{ uri }] })).toEqual([
      '/uris: may not be set in conjunction with fetch',
    ])
  })

  it('or fetch may be empty: then there is nothing to fetch', async () => {
    expect((await post({ uris: [], fetch: [] })).body).not.toHaveProperty('fetch')
  })

  it('as fetch, every property of an artifact comes back', async () => {
    const artifact = {
      uri: 'http://h.example/x',
      extract: false,
      executable: true,
      cache: true,
      destPath: 'y',
    }
    expect((await post({ fetch: [artifact] })).body.fetch).toEqual([artifact])
  })
})

describe('networks of earlier releases (app-definition 8, stages 4 and 5)', () => {
  const mapping = { containerPort: 0, labels: {}, name: 'default', protocol: 'tcp', servicePort: 0 }

  it.each([
    [{ container: { docker: { ...docker, network: 'HOST' } } }, [{ mode: 'host' }], undefined],
    [{ container: { docker: { ...docker, network: 'HOST' } }, ipAddress: {} }, [{ mode: 'host' }], undefined],
    [
      { container: { docker: { ...docker, network: 'BRIDGE' } } },
      [{ mode: 'container/bridge' }],
      [{ ...mapping, hostPort: 0 }],
    ],
    [
      { container: { docker: { ...docker, network: 'BRIDGE' } }, ipAddress: { labels: { a: 'b' } } },
      [{ mode: 'container/bridge', labels: { a: 'b' } }],
      [{ ...mapping, hostPort: 0 }],
    ],
    [
      { container: { docker: { ...docker, network: 'USER' } }, ipAddress: { networkName: 'n' } },
      [{ mode: 'container', name: 'n' }],
      [mapping],
    ],
    [
      { ipAddress: { networkName: 'n', labels: { a: 'b' } } },
      [{ mode: 'container', name: 'n', labels: { a: 'b' } }],
      [mapping],
    ],
    [
      { ipAddress: { networkName: 'mesos-bridge' } },
      [{ mode: 'container/bridge' }],
      [{ ...mapping, hostPort: 0 }],
    ],
  ])('%j', async (definition, networks, portMappings) => {
    const { body } = await post(definition)
    expect(body.networks).toEqual(networks)
    expect(body.container?.portMappings).toEqual(portMappings)
    expect(body).not.toHaveProperty('ipAddress')
    expect(body.container?.docker ?? {}).not.toHaveProperty('network')
  })

  it.each([
    [{ container: { docker: { ...docker, network: 'NONE' } } }, 'unsupported docker network type NONE'],
    [
      { container: { docker: { ...docker, network: 'NONE' } }, ipAddress: {} },
      'unsupported docker network type NONE',
    ],
    [
      {
        container: { type: 'MESOS', portMappings: [{ containerPort: 80 }] },
        ipAddress: { networkName: 'n', discovery: { ports: [{ number: 80, name: 'http' }] } },
      },
      'container.portMappings and ipAddress.discovery.ports must not both be set',
    ],
    [
      {
        container: {
          docker: { ...docker, network: 'BRIDGE', portMappings: [{}] },
          portMappings: [{ containerPort: 80 }],
        },
      },
      'cannot specify both portMappings and docker.portMappings',
    ],
    [
      { container: { docker: { ...docker, network: 'HOST' } }, networks: bridge },
      '/: must not specify both container.docker.network and networks',
    ],
  ])('%j is refused', async (definition, problem) => {
    expect(await problems(definition)).toEqual([problem])
  })
})

describe('ports (app-definition 8, stages 6 and 14)', () => {
  it('may be required on the host network alone', async () => {
    expect((await post({ requirePorts: true })).body.requirePorts).toBe(true)
    expect((await post({ requirePorts: true, networks: bridge })).body.requirePorts).toBe(false)
  })
})

describe('an app that moves to another network', () => {
  it('from the host to a container network keeps its container and gets as many ports as it had', async () => {
    const stack = await startStack()
    const container = { type: 'DOCKER', docker }
    await stack.send('POST', '/v2/apps', { id: '/web', container, portDefinitions: [{}, {}] })
    await stack.send('PUT', '/v2/apps/web?force=true', {
      container,
      networks: [{ mode: 'container', name: 'n' }],
    })
    const { body } = await stack.send('GET', '/v2/apps/web')
    await stack.close()
    expect(body.app.networks).toEqual([{ mode: 'container', name: 'n' }])
    expect(body.app.container.docker.image).toBe('nginx')
    expect(body.app.container.portMappings).toHaveLength(2)
    expect(body.app).not.toHaveProperty('portDefinitions')
  })

  it('has no container that it never named, and keeps the one it did', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/plain', cmd: 'sleep 600' })
    await stack.send('POST', '/v2/apps', { id: '/web', container: { docker }, instances: 0 })
    await stack.send('PUT', '/v2/apps/plain?force=true', { env: { A: '1' } })
    await stack.send('PUT', '/v2/apps/web?force=true', { env: { A: '1' } })
    const { body } = await stack.send('GET', '/v2/apps')
    await stack.close()
    expect(body.apps[0]).not.toHaveProperty('container')
    expect(body.apps[1].container).toEqual({
      type: 'DOCKER',
      docker: { image: 'nginx', forcePullImage: false, parameters: [], privileged: false },
      volumes: [],
    })
  })
})

describe('health and readiness checks (app-definition 2.2, 10.2, 10.3)', () => {
  const ipv6 = (protocol: string, type: string) => ({
    healthChecks: [{ protocol, ipProtocol: 'IPv6' }],
    portDefinitions: [{}],
    container: { type, ...(type === 'DOCKER' ? { docker } : {}) },
  })
  const needsDocker =
    '/healthChecks(0): IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks'

  it.each([
    ['MESOS_HTTP', 'DOCKER', []],
    ['MESOS_HTTPS', 'DOCKER', []],
    ['MESOS_TCP', 'DOCKER', []],
    ['MESOS_TCP', 'MESOS', [needsDocker]],
    ['HTTP', 'DOCKER', [needsDocker]],
    ['TCP', 'DOCKER', [needsDocker]],
  ])('IPv6 by %s in a container of type %s: %j', async (protocol, type, expected) => {
    expect(await problems(ipv6(protocol, type))).toEqual(expected)
  })

  it.each([
    [{ command: { value: 'x' } }, 'illegal protocol HTTP specified with command'],
    [{ protocol: 'COMMAND' }, 'illegal protocol COMMAND for non-command health check'],
  ])('%j is refused', async (check, problem) => {
    expect(await problems({ healthChecks: [check] })).toEqual([problem])
  })

  it.each([{ path: '/ok' }, { port: 80 }])('a command and %j do not go together', async (place) => {
    const check = { protocol: 'COMMAND', command: { value: 'x' }, ...place }
    expect(await problems({ healthChecks: [check] })).toEqual([
      expect.stringMatching(/^Invalid combination of HealthCheck parameters/i),
    ])
  })

  it('a command loses the port index, which means nothing there', async () => {
    const check = { protocol: 'COMMAND', command: { value: 'x' }, portIndex: 0 }
    const { body } = await post({ healthChecks: [check] })
    expect(body.healthChecks).toEqual([
      {
        command: { value: 'x' },
        gracePeriodSeconds: 300,
        intervalSeconds: 60,
        maxConsecutiveFailures: 3,
        protocol: 'COMMAND',
        ipProtocol: 'IPv4',
        timeoutSeconds: 20,
        delaySeconds: 15,
      },
    ])
  })

  it('readiness has defaults', async () => {
    const { body } = await post({ portDefinitions: [{ name: 'http-api' }], readinessChecks: [{}] })
    expect(body.readinessChecks).toEqual([
      {
        name: 'readinessCheck',
        protocol: 'HTTP',
        path: '/',
        portName: 'http-api',
        intervalSeconds: 30,
        timeoutSeconds: 10,
        httpStatusCodesForReady: [200],
        preserveLastResponse: false,
      },
    ])
  })

  const ready = (check: object) => ({ portDefinitions: [{ name: 'http-api' }], readinessChecks: [check] })
  it.each([
    [{ name: '' }, '/readinessChecks(0)/name: error.minLength'],
    [{ path: '' }, '/readinessChecks(0)/path: error.minLength'],
    [{ portName: 'other' }, '/readinessChecks(0)/portName: No port definition reference for portName other'],
    [
      { intervalSeconds: 0, timeoutSeconds: 1 },
      '/readinessChecks(0)/timeoutSeconds: got 1, expected less than 0',
    ],
    [{ intervalSeconds: -1 }, '/readinessChecks(0)/intervalSeconds: error.min'],
    [{ timeoutSeconds: 0 }, '/readinessChecks(0)/timeoutSeconds: error.min'],
    [{ httpStatusCodesForReady: [] }, '/readinessChecks(0)/httpStatusCodesForReady: error.minLength'],
    [{ protocol: 'TCP' }, '/readinessChecks(0)/protocol: error.unknown.enum.literal'],
  ])('readiness %j is refused', async (check, problem) => {
    expect(await problems(ready(check))).toContain(problem)
  })
})

describe('containers (app-definition 2.1, 10.2)', () => {
  const pulled = (type: string) => ({
    cmd: null,
    container: { type, docker: { ...docker, pullConfig: { secret: 'pull' } } },
  })
  const secrets = { secrets: { pull: { source: '/registry' } } }

  it('of Mesos may name the secret of a registry, which must exist and be allowed', async () => {
    expect(await problems({ ...pulled('MESOS'), ...secrets }, withFeatures('secrets'))).toEqual([])
    expect(await problems(pulled('MESOS'), withFeatures('secrets'))).toEqual([
      '/container/docker/pullConfig: pullConfig.secret must refer to an existing secret',
    ])
    expect(await problems(pulled('MESOS'))).toContain(
      '/container/docker/pullConfig: Feature secrets is not enabled. Enable with --enable_features secrets)',
    )
  })

  it('of Docker may not', async () => {
    expect(await problems({ ...pulled('DOCKER'), ...secrets }, withFeatures('secrets'))).toEqual([
      '/container/docker/pullConfig: pullConfig is not supported with Docker containerizer',
    ])
  })

  it.each([
    { seccomp: { unconfined: true } },
    { seccomp: { profileName: 'p', unconfined: false } },
    { ipcInfo: { mode: 'PRIVATE', shmSize: 16 } },
    { ipcInfo: { mode: 'PRIVATE' } },
    { ipcInfo: { mode: 'SHARE_PARENT' } },
  ])('of Mesos keep %j, and the engine is told', async (linuxInfo) => {
    const container = { type: 'MESOS', linuxInfo }
    expect((await post({ container })).body.container.linuxInfo).toMatchObject(linuxInfo)
    expect(launched({ container }).container?.linuxInfo).toMatchObject(linuxInfo)
  })

  it('of Docker have no linuxInfo', async () => {
    const container = { docker, linuxInfo: { ipcInfo: { mode: 'PRIVATE' } } }
    expect((await post({ container })).body.container).not.toHaveProperty('linuxInfo')
    expect(launched({ container }).container).not.toHaveProperty('linuxInfo')
  })
})

describe('a terminal (app-definition 2)', () => {
  it.each([
    ['asked for', { tty: true }, true, { type: 'MESOS', tty: true }],
    ['refused', { tty: false }, undefined, undefined],
    ['not spoken of', {}, undefined, undefined],
  ])('%s', async (_, definition, shown, container) => {
    expect((await post(definition)).body.tty).toBe(shown)
    expect(launched(definition).container).toEqual(container)
  })

  it('can be given up again', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/web', cmd: 'sleep 600', tty: true })
    await stack.elapse(1_000)
    await stack.send('PUT', '/v2/apps/web', { cpus: 0.5 })
    await stack.elapse(1_000)
    expect((await stack.send('GET', '/v2/apps/web')).body.app.tty).toBe(true)
    await stack.send('PUT', '/v2/apps/web', { tty: false })
    expect((await stack.send('GET', '/v2/apps/web')).body.app).not.toHaveProperty('tty')
    await stack.close()
  })

  it.each([
    ['DOCKER', { type: 'DOCKER', docker }],
    ['MESOS', { type: 'MESOS', docker }],
  ])('is one of the container where there is one: %s', (type, container) => {
    expect(launched({ container, tty: true }).container).toMatchObject({ type, image: 'nginx', tty: true })
    expect(launched({ container }).container).not.toHaveProperty('tty')
  })
})

describe('labels of DC/OS schedulers (app-definition 10.2, 11)', () => {
  const both = { DCOS_PACKAGE_FRAMEWORK_NAME: 'kafka', DCOS_MIGRATION_API_PATH: '/v1/plan' }
  const missing =
    '/: DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using DCOS_MIGRATION_API_VERSION'

  it.each([
    [{}, true],
    [both, true],
    [{ ...both, DCOS_MIGRATION_API_VERSION: 'v1' }, true],
    [{ ...both, DCOS_MIGRATION_API_VERSION: 'v2' }, false],
    [{ DCOS_MIGRATION_API_VERSION: 'v1', DCOS_MIGRATION_API_PATH: '/v1/plan' }, false],
    [{ DCOS_MIGRATION_API_VERSION: 'v1', DCOS_PACKAGE_FRAMEWORK_NAME: 'kafka' }, false],
  ])('%j is taken: %s', async (labels, isTaken) => {
    const found = await problems({ labels })
    if (isTaken) expect(found).toEqual([])
    else expect(found).toEqual([expect.stringContaining('DCOS_MIGRATION_API')])
    if (!isTaken && !('DCOS_MIGRATION_API_PATH' in labels)) expect(found).toEqual([missing])
  })
})

describe('unreachableStrategy (app-definition 7)', () => {
  it.each([
    [undefined, { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 }],
    [{}, { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 }],
    ['disabled', 'disabled'],
    [
      { inactiveAfterSeconds: 5, expungeAfterSeconds: 5 },
      { inactiveAfterSeconds: 5, expungeAfterSeconds: 5 },
    ],
    [{ expungeAfterSeconds: 9 }, { inactiveAfterSeconds: 0, expungeAfterSeconds: 9 }],
  ])('%j is %j', async (unreachableStrategy, expected) => {
    const { body } = await post(unreachableStrategy === undefined ? {} : { unreachableStrategy })
    expect(body.unreachableStrategy).toEqual(expected)
  })

  it.each([
    [{ inactiveAfterSeconds: -1 }, '/unreachableStrategy/inactiveAfterSeconds: error.min'],
    [{ expungeAfterSeconds: -1 }, '/unreachableStrategy/expungeAfterSeconds: error.min'],
    [
      { inactiveAfterSeconds: 2, expungeAfterSeconds: 1 },
      '/unreachableStrategy/inactiveAfterSeconds: inactiveAfterSeconds (2) must be less or equal to expungeAfterSeconds, which is 1',
    ],
  ])('%j is refused', async (unreachableStrategy, problem) => {
    expect(await problems({ unreachableStrategy })).toEqual([problem])
  })
})

describe('text', () => {
  it('of any script comes back as it went in, and its bytes are UTF-8', async () => {
    const stack = await startStack()
    const labels = { 'größe-日本': '🚢 – ñ' }
    await stack.send('POST', '/v2/apps', { id: '/web', cmd: 'echo 日本', labels })
    const answer = await stack.server.inject('/v2/apps/web')
    await stack.close()
    expect(answer.json().app).toMatchObject({ cmd: 'echo 日本', labels })
    expect(answer.rawPayload.includes(Buffer.from('🚢 – ñ', 'utf8'))).toBe(true)
  })
})
