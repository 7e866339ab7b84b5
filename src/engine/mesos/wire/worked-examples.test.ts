// Apps as they leave for the master: the messages of worked-examples 9, except for what is reserved, which is in the
// newer format. The order of fields and of variables has no meaning.

import { describe, expect, test } from 'vitest'
import { placedApp, ports, scalar } from '../../../../tests/support/build-placement.ts'
import { launchedApp, ordered, sent, variables } from '../../../../tests/support/sent-launch.ts'
import type { Resource } from '../../../core/mesos.ts'
import type { App } from '../../../spec/app.ts'

const taskId = 'shop_cart.instance-6c1e5d0a-0b1f-11ec-9a03-0242ac110002._app.1'

const commandApp = placedApp({
  cmd: './serve --port $PORT0',
  cpus: 0.25,
  mem: 96,
  resourceLimits: { cpus: 'unlimited', mem: 192 },
  portDefinitions: [{ port: 10104, name: 'http', protocol: 'tcp', labels: { VIP_0: '/cart:80' } }],
  healthChecks: [
    {
      protocol: 'MESOS_HTTP',
      path: '/up',
      portIndex: 0,
      ipProtocol: 'IPv4',
      delaySeconds: 15,
      intervalSeconds: 10,
      timeoutSeconds: 5,
      gracePeriodSeconds: 60,
      maxConsecutiveFailures: 3,
      ignoreHttp1xx: false,
    },
  ],
  user: 'svc',
  fetch: [{ uri: 'https://repo.invalid/cart.tgz', extract: true, executable: false, cache: false }],
  labels: { team: 'blue' },
  taskKillGracePeriodSeconds: 15,
  env: { MODE: 'prod' },
})

describe('a command app on the host network (worked-examples 9.1)', () => {
  test('is sent whole', () => {
    expect(ordered(launchedApp(commandApp))).toEqual(
      ordered({
        name: 'cart.shop',
        task_id: { value: taskId },
        agent_id: { value: '5d0c-S4' },
        resources: [
          { name: 'cpus', type: 'SCALAR', scalar: { value: 0.25 } },
          { name: 'mem', type: 'SCALAR', scalar: { value: 96.0 } },
          { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31006, end: 31006 }] } },
        ],
        limits: { cpus: { value: 'Infinity' }, mem: { value: 192.0 } },
        command: {
          value: './serve --port $PORT0',
          user: 'svc',
          uris: [{ value: 'https://repo.invalid/cart.tgz', executable: false, extract: true, cache: false }],
          environment: {
            variables: variables({
              MESOS_TASK_ID: taskId,
              MARATHON_APP_ID: '/shop/cart',
              MARATHON_APP_VERSION: '2021-09-01T08:15:30.120Z',
              MARATHON_APP_RESOURCE_CPUS: '0.25',
              MARATHON_APP_RESOURCE_MEM: '96.0',
              MARATHON_APP_RESOURCE_DISK: '0.0',
              MARATHON_APP_RESOURCE_GPUS: '0',
              MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
              MARATHON_APP_LABELS: 'TEAM',
              MARATHON_APP_LABEL_TEAM: 'blue',
              HOST: 'node7.example',
              PORT: '31006',
              PORTS: '31006',
              PORT0: '31006',
              PORT_10104: '31006',
              PORT_HTTP: '31006',
              MODE: 'prod',
            }),
          },
        },
        health_check: {
          type: 'HTTP',
          delay_seconds: 15.0,
          interval_seconds: 10.0,
          timeout_seconds: 5.0,
          consecutive_failures: 3,
          grace_period_seconds: 60.0,
          http: { scheme: 'http', port: 31006, path: '/up', protocol: 'IPv4' },
        },
        kill_policy: { grace_period: { nanoseconds: 15_000_000_000 } },
        labels: { labels: [{ key: 'team', value: 'blue' }] },
        discovery: {
          visibility: 'FRAMEWORK',
          name: 'cart.shop',
          ports: {
            ports: [
              {
                number: 31006,
                name: 'http',
                protocol: 'tcp',
                labels: { labels: [{ key: 'VIP_0', value: '/cart:80' }] },
              },
            ],
          },
        },
      }),
    )
  })

  const { cmd: _cmd, ...withoutCommand } = commandApp

  test('args without container: the first one is also the program', () => {
    const { command } = launchedApp({ ...withoutCommand, args: ['./serve', '-v'] })
    expect(command).toMatchObject({ shell: false, value: './serve', arguments: ['./serve', '-v'] })
  })

  test('neither cmd nor args: the entry point of the image decides', () => {
    const { command } = launchedApp({ ...bridgeApp, args: [] }, 31002)
    expect(command).toMatchObject({ shell: false })
    expect(command).not.toHaveProperty('value')
    expect(command).not.toHaveProperty('arguments')
  })

  test('what is not asked for is not sent; discovery always is', () => {
    const task = launchedApp(placedApp())
    expect(Object.keys(task).sort()).toEqual(
      ['agent_id', 'command', 'discovery', 'name', 'resources', 'task_id'].sort(),
    )
    expect(task.discovery).toEqual({ visibility: 'FRAMEWORK', name: 'cart.shop', ports: {} })
    expect(Object.keys(task.command ?? {}).sort()).toEqual(['environment', 'value'])
  })

  test('a custom executor has the command, and the container', () => {
    const executorResources = { cpus: 0.1, mem: 32, disk: 10 }
    const task = launchedApp({ ...commandApp, tty: true, executor: '/opt/run', executorResources })
    expect(task).not.toHaveProperty('command')
    expect(task).not.toHaveProperty('container')
    expect(task.executor).toEqual({
      executor_id: { value: `marathon-${taskId}` },
      command: {
        value: "chmod ug+rx '/opt/run' && exec '/opt/run' ./serve --port $PORT0",
        user: 'svc',
        uris: [{ value: 'https://repo.invalid/cart.tgz', executable: false, extract: true, cache: false }],
        environment: { variables: expect.arrayContaining([{ name: 'PORT0', value: '31006' }]) },
      },
      container: { type: 'MESOS', mesos: {}, tty_info: {} },
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
        { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
        { name: 'disk', type: 'SCALAR', scalar: { value: 10 } },
      ],
    })
    expect(task.resources).toHaveLength(3)
  })

  test('a custom executor of a plain app has nothing else', () => {
    const { executor } = launchedApp({ ...withoutCommand, args: ['a', 'b'], executor: '/opt/run' })
    expect(Object.keys(executor ?? {}).sort()).toEqual(['command', 'executor_id'])
    expect(executor?.command).toMatchObject({ value: "chmod ug+rx '/opt/run' && exec '/opt/run' a b" })
    expect(executor?.command).not.toHaveProperty('shell')
  })

  test('the second launch of the same instance has the next number', () => {
    expect(launchedApp(commandApp, 31006, { attempt: 1 }).task_id.value).toBe(taskId.replace(/1$/, '2'))
  })

  test('secrets are sent by their names, and nothing of them', () => {
    const env = { MODE: 'prod', PASSWORD: { secret: 'db' } }
    const secrets = { db: { source: '/db/password' } }
    const { command } = launchedApp({ ...commandApp, env, secrets })
    expect(command?.environment?.variables).toContainEqual({
      name: 'PASSWORD',
      type: 'SECRET',
      secret: { type: 'REFERENCE', reference: { name: '/db/password' } },
    })
  })

  test('artifacts go where they are told', () => {
    const fetch = [{ uri: 'f', extract: false, executable: true, cache: true, destPath: 'a/b' }]
    expect(launchedApp({ ...commandApp, fetch }).command?.uris).toEqual([
      { value: 'f', extract: false, executable: true, cache: true, output_file: 'a/b' },
    ])
  })
})

const { cmd: _cmd, ...withoutCommand } = commandApp
const bridgeApp: App = {
  ...withoutCommand,
  args: ['serve'],
  networks: [{ mode: 'container/bridge' }],
  container: {
    type: 'DOCKER',
    docker: {
      image: 'registry.invalid/cart:7',
      forcePullImage: true,
      privileged: false,
      parameters: [{ key: 'hostname', value: 'cart' }],
    },
    volumes: [{ containerPath: '/etc/cart', hostPath: '/srv/cart/etc', mode: 'RO' }],
    portMappings: [
      { containerPort: 8080, hostPort: 0, servicePort: 10104, name: 'web', protocol: 'tcp', labels: {} },
    ],
  },
}

describe('a Docker app (worked-examples 9.2)', () => {
  test('on a bridge', () => {
    const { container, command, discovery, health_check } = launchedApp(bridgeApp, 31002)
    expect(container).toEqual({
      type: 'DOCKER',
      volumes: [{ container_path: '/etc/cart', host_path: '/srv/cart/etc', mode: 'RO' }],
      docker: {
        image: 'registry.invalid/cart:7',
        network: 'BRIDGE',
        privileged: false,
        force_pull_image: true,
        port_mappings: [{ host_port: 31002, container_port: 8080, protocol: 'tcp' }],
        parameters: [
          { key: 'hostname', value: 'cart' },
          { key: 'label', value: `MESOS_TASK_ID=${taskId}` },
        ],
      },
    })
    expect(command).toMatchObject({ shell: false, arguments: ['serve'] })
    expect(command).not.toHaveProperty('value')
    expect(discovery.ports.ports).toEqual([
      {
        number: 31002,
        name: 'web',
        protocol: 'tcp',
        labels: { labels: [{ key: 'network-scope', value: 'host' }] },
      },
    ])
    expect(health_check?.http?.port).toBe(8080)
  })

  test('on the host network there are no mappings', () => {
    const { container } = launchedApp({ ...bridgeApp, networks: [{ mode: 'host' }] })
    expect(container?.docker).toMatchObject({ network: 'HOST' })
    expect(container?.docker).not.toHaveProperty('port_mappings')
    expect(container).not.toHaveProperty('network_infos')
  })

  test('on a user network its name is sent, and nothing else of it', () => {
    const { container } = launchedApp({
      ...bridgeApp,
      networks: [{ mode: 'container', name: 'overlay-1', labels: { a: 'b' } }],
    })
    expect(container?.docker?.network).toBe('USER')
    expect(container?.network_infos).toEqual([{ name: 'overlay-1' }])
  })

  test('a port of two protocols is mapped and discovered twice', () => {
    const [mapping] = bridgeApp.container!.portMappings!
    const container = { ...bridgeApp.container!, portMappings: [{ ...mapping!, protocol: 'udp,tcp' }] }
    const task = launchedApp({ ...bridgeApp, container }, 31002)
    expect(task.container?.docker?.port_mappings).toEqual([
      { host_port: 31002, container_port: 8080, protocol: 'udp' },
      { host_port: 31002, container_port: 8080, protocol: 'tcp' },
    ])
    expect(task.discovery.ports.ports?.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp'])
  })
})

describe('an app of the Mesos containerizer (worked-examples 9.3)', () => {
  const docker = {
    ...bridgeApp.container!.docker!,
    forcePullImage: false,
    pullConfig: { secret: 'pull-secret' },
  }
  const mesosApp: App = {
    ...bridgeApp,
    tty: true,
    container: { ...bridgeApp.container!, type: 'MESOS', docker, volumes: [] },
  }

  test('on a bridge', () => {
    expect(launchedApp(mesosApp, 31002).container).toEqual({
      type: 'MESOS',
      mesos: {
        image: {
          type: 'DOCKER',
          docker: {
            name: 'registry.invalid/cart:7',
            config: { type: 'REFERENCE', reference: { name: 'pull-secret' } },
          },
          cached: true,
        },
      },
      network_infos: [
        {
          name: 'mesos-bridge',
          labels: {},
          ip_addresses: [{}],
          port_mappings: [{ host_port: 31002, container_port: 8080, protocol: 'tcp' }],
        },
      ],
      tty_info: {},
    })
  })

  test('an image that is pulled each time is not taken from the cache', () => {
    const container = { ...mesosApp.container!, docker: { ...docker, forcePullImage: true } }
    expect(launchedApp({ ...mesosApp, container }).container?.mesos?.image?.cached).toBe(false)
  })

  test('a protocol of two names is one mapping', () => {
    const [mapping] = bridgeApp.container!.portMappings!
    const container = { ...mesosApp.container!, portMappings: [{ ...mapping!, protocol: 'tcp,udp' }] }
    expect(launchedApp({ ...mesosApp, container }, 31002).container?.network_infos).toMatchObject([
      { port_mappings: [{ host_port: 31002, container_port: 8080, protocol: 'tcp,udp' }] },
    ])
  })

  test('a plain command on a container network has one as well', () => {
    const { container } = launchedApp({
      ...commandApp,
      networks: [{ mode: 'container', name: 'overlay-1', labels: { a: 'b' } }],
      portDefinitions: [],
    })
    expect(container).toEqual({
      type: 'MESOS',
      mesos: {},
      network_infos: [
        { name: 'overlay-1', labels: { labels: [{ key: 'a', value: 'b' }] }, ip_addresses: [{}] },
      ],
    })
  })

  test('what the kernel keeps apart', () => {
    const linuxInfo = {
      seccomp: { profileName: 'strict', unconfined: false },
      ipcInfo: { mode: 'PRIVATE', shmSize: 64 },
    } as const
    const container = { ...mesosApp.container!, linuxInfo }
    expect(launchedApp({ ...mesosApp, container }).container?.linux_info).toEqual({
      seccomp: { profile_name: 'strict', unconfined: false },
      ipc_mode: 'PRIVATE',
      shm_size: 64,
    })
    const open = { ...mesosApp.container!, linuxInfo: { seccomp: { unconfined: true } } }
    expect(launchedApp({ ...mesosApp, container: open }).container?.linux_info).toEqual({
      seccomp: { unconfined: true },
    })
  })

  test('volumes of Docker plugins', () => {
    const external = {
      name: 'v1',
      provider: 'dvdi',
      options: { 'dvdi/driver': 'rexray', 'dvdi/iops': '10' },
      shared: false,
      size: 5,
    } as const
    const volumes = [{ containerPath: '/d', mode: 'RW', external }] as const
    const container = { ...mesosApp.container!, volumes }
    expect(launchedApp({ ...mesosApp, container }).container?.volumes).toEqual([
      {
        container_path: '/d',
        mode: 'RW',
        source: {
          type: 'DOCKER_VOLUME',
          docker_volume: {
            driver: 'rexray',
            name: 'v1',
            driver_options: {
              parameter: [
                { key: 'iops', value: '10' },
                { key: 'size', value: '5' },
              ],
            },
          },
        },
      },
    ])
  })

  test('volumes of CSI plugins, and files with secrets', () => {
    const external = {
      name: 'v2',
      provider: 'csi',
      options: {
        pluginName: 'nfs',
        capability: {
          accessType: 'mount',
          accessMode: 'MULTI_NODE_MULTI_WRITER',
          fsType: 'ext4',
          mountFlags: ['noatime'],
        },
        nodeStageSecret: { user: '/csi/user' },
        nodePublishSecret: { key: '/csi/key' },
        volumeContext: { server: 'nfs.example' },
      },
    } as const
    const volumes = [
      { containerPath: '/d', mode: 'RW', external },
      { containerPath: '/run/key', secret: 'key' },
    ] as const
    const container = { ...mesosApp.container!, volumes }
    const task = launchedApp({ ...mesosApp, container, secrets: { key: { source: '/cart/key' } } })
    expect(task.container?.volumes).toEqual([
      {
        container_path: '/d',
        mode: 'RW',
        source: {
          type: 'CSI_VOLUME',
          csi_volume: {
            plugin_name: 'nfs',
            static_provisioning: {
              volume_id: 'v2',
              volume_capability: {
                access_mode: { mode: 'MULTI_NODE_MULTI_WRITER' },
                mount: { fs_type: 'ext4', mount_flags: ['noatime'] },
              },
              node_stage_secrets: { user: { type: 'REFERENCE', reference: { name: '/csi/user' } } },
              node_publish_secrets: { key: { type: 'REFERENCE', reference: { name: '/csi/key' } } },
              volume_context: { server: 'nfs.example' },
            },
          },
        },
      },
      {
        container_path: '/run/key',
        mode: 'RO',
        source: { type: 'SECRET', secret: { type: 'REFERENCE', reference: { name: '/cart/key' } } },
      },
    ])
  })
})

describe('an app that checks itself', () => {
  const times = { delaySeconds: 2, intervalSeconds: 30, timeoutSeconds: 5 }
  const wireTimes = { delay_seconds: 2, interval_seconds: 30, timeout_seconds: 5 }

  test.each<[string, NonNullable<App['check']>, object]>([
    [
      'by HTTP',
      { http: { scheme: 'HTTP', path: '/up' }, ...times },
      { type: 'HTTP', http: { port: 31006, path: '/up' } },
    ],
    ['by TCP', { tcp: {}, ...times }, { type: 'TCP', tcp: { port: 31006 } }],
    [
      'by a command',
      { exec: { command: { shell: 'true' } }, ...times },
      { type: 'COMMAND', command: { command: { shell: true, value: 'true' } } },
    ],
  ])('%s', (_, check, expected) => {
    expect(launchedApp({ ...commandApp, check }).check).toEqual({ ...expected, ...wireTimes })
  })

  test('its health without an end to failures: an executor would kill at the first when told 0', () => {
    const healthChecks = [{ ...commandApp.healthChecks[0]!, maxConsecutiveFailures: 0 }]
    expect(launchedApp({ ...commandApp, healthChecks }).health_check?.consecutive_failures).toBe(2 ** 32 - 1)
  })

  test('its health by a command', () => {
    const { protocol: _protocol, path: _path, ...check } = commandApp.healthChecks[0]!
    const healthChecks = [{ ...check, protocol: 'COMMAND', command: { value: 'test -f ok' } } as const]
    expect(launchedApp({ ...commandApp, healthChecks }).health_check).toMatchObject({
      type: 'COMMAND',
      command: { shell: true, value: 'test -f ok' },
    })
  })
})

describe('a resident app (worked-examples 9.5)', () => {
  const labels = {
    marathon_framework_id: '5d0c-0001',
    marathon_task_id: 'db_pg.instance-81b7e0d2-0b1f-11ec-9a03-0242ac110002',
  }
  const role = 'db'
  const reservations = [{ type: 'DYNAMIC', role, principal: 'marathon', labels }] as const
  const wireReservations = [
    {
      type: 'DYNAMIC',
      role,
      principal: 'marathon',
      labels: {
        labels: [
          { key: 'marathon_framework_id', value: labels.marathon_framework_id },
          { key: 'marathon_task_id', value: labels.marathon_task_id },
        ],
      },
    },
  ]
  const reserved = (resource: Resource): Resource => ({ ...resource, role, reservations })
  const id = 'db_pg#data#81b80000-0b1f-11ec-9a03-0242ac110002'
  const volume = {
    ...reserved(scalar('disk', 512)),
    disk: {
      persistence: { id, principal: 'marathon' },
      volume: { containerPath: 'data', mode: 'RW' },
    },
  } as const
  const wireVolume = {
    name: 'disk',
    type: 'SCALAR',
    scalar: { value: 512 },
    reservations: wireReservations,
    disk: {
      persistence: { id, principal: 'marathon' },
      volume: { container_path: 'data', mode: 'RW' },
    },
  }
  const amounts = [scalar('cpus', 0.5), scalar('disk', 512), ports([[31020, 31020]])].map(reserved)
  const wireAmounts = [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 0.5 }, reservations: wireReservations },
    { name: 'disk', type: 'SCALAR', scalar: { value: 512 }, reservations: wireReservations },
    {
      name: 'ports',
      type: 'RANGES',
      ranges: { range: [{ begin: 31020, end: 31020 }] },
      reservations: wireReservations,
    },
  ]

  test('reserves what it needs and makes its volume, in one accept', () => {
    expect(
      sent([
        { type: 'RESERVE', resources: amounts },
        { type: 'CREATE', volumes: [volume] },
      ]),
    ).toEqual([
      { type: 'RESERVE', reserve: { resources: wireAmounts } },
      { type: 'CREATE', create: { volumes: [wireVolume] } },
    ])
  })

  test('gives both back, the volume first', () => {
    expect(
      sent([
        { type: 'DESTROY', volumes: [volume] },
        { type: 'UNRESERVE', resources: amounts },
      ]),
    ).toEqual([
      { type: 'DESTROY', destroy: { volumes: [wireVolume] } },
      { type: 'UNRESERVE', unreserve: { resources: wireAmounts } },
    ])
  })
})
