import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { appOf, versioned } from '../../../tests/support/normalise.ts'
import { App } from '../schema/app.ts'
import { publishedSchema } from '../schema/published.ts'
import { renderApp } from './app.ts'

/** JSON as text, so that the order of the fields counts. Doubles are compared by value: 1.0 is 1. */
const text = (json: unknown, context = {}): string =>
  JSON.stringify(renderApp(versioned(appOf(json, context)), 'created'))

describe('an app as the API shows it', () => {
  it('is what examples 1 shows for the answer to a creation', () => {
    const request = {
      id: '/shop/web',
      cmd: './serve --port $PORT0',
      cpus: 0.25,
      mem: 64,
      instances: 2,
      portDefinitions: [{ name: 'http' }],
      constraints: [['hostname', 'UNIQUE']],
      healthChecks: [{ protocol: 'HTTP', path: '/ok', portIndex: 0, gracePeriodSeconds: 30 }],
      labels: { tier: 'front' },
      env: { MODE: 'live' },
    }
    const answer = {
      id: '/shop/web',
      backoffFactor: 1.15,
      backoffSeconds: 1,
      cmd: './serve --port $PORT0',
      constraints: [['hostname', 'UNIQUE']],
      cpus: 0.25,
      disk: 0,
      env: { MODE: 'live' },
      executor: '',
      healthChecks: [
        {
          gracePeriodSeconds: 30,
          ignoreHttp1xx: false,
          intervalSeconds: 60,
          maxConsecutiveFailures: 3,
          path: '/ok',
          portIndex: 0,
          protocol: 'HTTP',
          ipProtocol: 'IPv4',
          timeoutSeconds: 20,
          delaySeconds: 15,
        },
      ],
      instances: 2,
      labels: { tier: 'front' },
      maxLaunchDelaySeconds: 300,
      mem: 64,
      gpus: 0,
      networks: [{ mode: 'host' }],
      portDefinitions: [{ port: 0, name: 'http', protocol: 'tcp' }],
      requirePorts: false,
      upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
      version: '2031-04-02T09:15:20.480Z',
      killSelection: 'YOUNGEST_FIRST',
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      role: '*',
    }
    expect(text(request)).toBe(JSON.stringify(answer))
  })

  it('has its versions once it is stored', () => {
    const app = versioned(appOf({ id: 'web', cmd: 'serve' }))
    expect(Object.keys(renderApp(app)).slice(-5)).toEqual([
      'version',
      'versionInfo',
      'killSelection',
      'unreachableStrategy',
      'role',
    ])
    expect(renderApp(app)['versionInfo']).toEqual({
      lastScalingAt: app.version,
      lastConfigChangeAt: app.version,
    })
  })

  it('shows a Docker container on a bridge as examples 1 does', () => {
    const app = appOf({
      id: 'api',
      networks: [{ mode: 'container/bridge' }],
      container: {
        docker: { image: 'reg.example/api:7' },
        volumes: [{ containerPath: '/var/log/api', hostPath: '/srv/log', mode: 'RW' }],
        portMappings: [
          { containerPort: 8080, labels: { VIP_0: '/api:80' }, name: 'http', servicePort: 10_012 },
        ],
      },
    })
    const { container, networks } = renderApp(versioned(app))
    expect(JSON.stringify({ container, networks })).toBe(
      JSON.stringify({
        container: {
          type: 'DOCKER',
          docker: { forcePullImage: false, image: 'reg.example/api:7', parameters: [], privileged: false },
          volumes: [{ containerPath: '/var/log/api', hostPath: '/srv/log', mode: 'RW' }],
          portMappings: [
            {
              containerPort: 8080,
              hostPort: 0,
              labels: { VIP_0: '/api:80' },
              name: 'http',
              protocol: 'tcp',
              servicePort: 10_012,
            },
          ],
        },
        networks: [{ mode: 'container/bridge' }],
      }),
    )
  })

  it('shows a resident app with every kind of volume as examples 1 does', () => {
    const app = appOf(
      {
        id: 'db',
        secrets: { regAuth: { source: '/a' }, tlsKey: { source: '/b' } },
        networks: [{ name: 'backnet' }],
        container: {
          type: 'MESOS',
          docker: { image: 'reg.example/db:2', pullConfig: { secret: 'regAuth' } },
          volumes: [
            { containerPath: 'data', persistent: { size: 512 }, mode: 'RW' },
            {
              containerPath: 'ext',
              external: { name: 'vol7', provider: 'dvdi', options: { 'dvdi/driver': 'rexray' } },
              mode: 'RW',
            },
            { containerPath: 'key', secret: 'tlsKey' },
          ],
          portMappings: [{ containerPort: 5432, name: 'pg', servicePort: 10_013, networkNames: ['backnet'] }],
        },
      },
      {
        roles: { defaultRole: 'db', allowedRoles: ['db'] },
        enabledFeatures: new Set(['secrets', 'external_volumes']),
      },
    )
    const { container, networks, residency, upgradeStrategy, unreachableStrategy } = renderApp(versioned(app))
    expect(JSON.stringify({ container, networks, residency, upgradeStrategy, unreachableStrategy })).toBe(
      JSON.stringify({
        container: {
          type: 'MESOS',
          docker: {
            pullConfig: { secret: 'regAuth' },
            forcePullImage: false,
            image: 'reg.example/db:2',
            parameters: [],
            privileged: false,
          },
          volumes: [
            { containerPath: 'data', persistent: { type: 'root', size: 512, constraints: [] }, mode: 'RW' },
            {
              containerPath: 'ext',
              external: {
                name: 'vol7',
                provider: 'dvdi',
                options: { 'dvdi/driver': 'rexray' },
                shared: false,
              },
              mode: 'RW',
            },
            { containerPath: 'key', secret: 'tlsKey' },
          ],
          portMappings: [
            {
              containerPort: 5432,
              labels: {},
              name: 'pg',
              protocol: 'tcp',
              servicePort: 10_013,
              networkNames: ['backnet'],
            },
          ],
        },
        networks: [{ name: 'backnet', mode: 'container' }],
        residency: { relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: 'WAIT_FOREVER' },
        upgradeStrategy: { maximumOverCapacity: 0, minimumHealthCapacity: 0.5 },
        unreachableStrategy: 'disabled',
      }),
    )
  })

  it('leaves out what is empty, but not labels, volumes and ports', () => {
    const json = renderApp(
      versioned(appOf({ id: 'web', cmd: 'serve', ports: [], container: { type: 'MESOS' } })),
    )
    for (const key of [
      'args',
      'constraints',
      'dependencies',
      'env',
      'fetch',
      'healthChecks',
      'readinessChecks',
      'secrets',
      'acceptedResourceRoles',
      'residency',
      'tty',
      'user',
    ]) {
      expect(json).not.toHaveProperty(key)
    }
    expect(json).toMatchObject({ labels: {}, portDefinitions: [], container: { type: 'MESOS', volumes: [] } })
  })

  it('shows the fields of CSI volumes and of checks', () => {
    const external = {
      name: 'c',
      provider: 'csi',
      options: {
        pluginName: 'p',
        capability: {
          accessMode: 'MULTI_NODE_MULTI_WRITER',
          accessType: 'mount',
          fsType: 'xfs',
          mountFlags: [],
        },
        nodeStageSecret: {},
        volumeContext: { a: 'b' },
      },
    }
    const app = appOf(
      {
        id: 'csi',
        cmd: 'serve',
        check: { exec: { command: { argv: ['a', 'b'] } } },
        container: { type: 'MESOS', volumes: [{ containerPath: '/c', mode: 'RW', external }] },
      },
      { enabledFeatures: new Set(['external_volumes']) },
    )
    expect(renderApp(versioned(app))).toMatchObject({
      check: {
        exec: { command: { argv: ['a', 'b'] } },
        intervalSeconds: 60,
        timeoutSeconds: 20,
        delaySeconds: 15,
      },
      container: {
        volumes: [
          {
            external: {
              options: {
                pluginName: 'p',
                capability: { accessMode: 'MULTI_NODE_MULTI_WRITER', accessType: 'mount', fsType: 'xfs' },
                volumeContext: { a: 'b' },
              },
            },
          },
        ],
      },
    })
    expect(JSON.stringify(renderApp(versioned(app)))).not.toMatch(/mountFlags|nodeStageSecret/)
  })

  it('fits the schema that is published for it', () => {
    const validate = new Ajv({
      strict: false,
      formats: { int32: true, int64: true, 'date-time': true },
    }).compile(publishedSchema(App))
    for (const fields of [
      {},
      { container: { docker: { image: 'i', network: 'BRIDGE' } }, healthChecks: [{}] },
      { uris: ['http://h/a.tgz'], unreachableStrategy: 'disabled', resourceLimits: { mem: 'unlimited' } },
    ]) {
      expect(validate(renderApp(versioned(appOf({ id: 'web', cmd: 'serve', ...fields }))))).toBe(true)
      expect(validate.errors).toBeNull()
    }
    expect(validate({ cmd: 'serve' })).toBe(false)
    expect(validate({ id: 'web' })).toBe(true)
  })
})
