import { describe, expect, test } from 'vitest'
import {
  buildOffer,
  fixedRng,
  placedApp,
  ports,
  scalar,
  scheduledInstance,
} from '../../../tests/support/build-placement.ts'
import { instant } from '../../lib/instant.ts'
import type { App } from '../../spec/app.ts'
import type { Instance } from '../instances/instance.ts'
import type { TaskInfo } from '../mesos.ts'
import { defaultSettings } from '../settings.ts'
import { buildPlacedIndex } from './constraint-index.ts'
import { matchOffer } from './match.ts'
import { openOffer } from './remaining.ts'

const taskId = 'shop_cart.instance-6c1e5d0a-0b1f-11ec-9a03-0242ac110002._app.1'

/** The task launched on an offer whose first port drawn is the one given. */
function launched(app: App, instance: Partial<Instance> = {}, firstPort = 31006): TaskInfo {
  const offer = buildOffer({
    resources: [
      scalar('cpus', 4),
      scalar('mem', 4096),
      scalar('disk', 999),
      scalar('gpus', 2),
      ports([[31000, 31010]]),
    ],
  })
  const result = matchOffer({
    remaining: openOffer(offer),
    instance: scheduledInstance(instance),
    runSpec: app,
    placed: buildPlacedIndex([], app),
    settings: { ...defaultSettings, gpuSchedulingBehavior: 'unrestricted' },
    rng: fixedRng(firstPort - 31000),
    now: instant(0),
  })
  if (result.kind === 'no-match') throw new Error(`expected a match, got ${result.reasons.join()}`)
  return result.tasks[0]!.info
}

const commandApp = placedApp({
  cmd: './serve --port $PORT0',
  cpus: 0.25,
  mem: 96,
  resourceLimits: { cpus: 'unlimited', mem: 192 },
  portDefinitions: [{ port: 10104, name: 'http', protocol: 'tcp', labels: { VIP_0: '/cart:80' } }],
  user: 'svc',
  fetch: [{ uri: 'https://repo.invalid/cart.tgz', extract: true, executable: false, cache: false }],
  labels: { team: 'blue' },
  taskKillGracePeriodSeconds: 15,
  env: { MODE: 'prod' },
})

describe('a command app on the host network (worked-examples 9.1)', () => {
  test('is sent whole', () => {
    expect(launched(commandApp)).toEqual({
      name: 'cart.shop',
      taskId,
      agentId: '5d0c-S4',
      resources: [scalar('cpus', 0.25), scalar('mem', 96), ports([[31006, 31006]])],
      limits: { cpus: Number.POSITIVE_INFINITY, mem: 192 },
      command: {
        shell: true,
        value: './serve --port $PORT0',
        user: 'svc',
        uris: [{ value: 'https://repo.invalid/cart.tgz', executable: false, extract: true, cache: false }],
        environment: expect.any(Array),
      },
      killGracePeriod: 15_000,
      labels: { team: 'blue' },
      discovery: {
        visibility: 'FRAMEWORK',
        name: 'cart.shop',
        ports: [{ number: 31006, name: 'http', protocol: 'tcp', labels: { VIP_0: '/cart:80' } }],
      },
    })
  })

  test('with this environment', () => {
    const variables = launched(commandApp).command.environment
    expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toEqual({
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
    })
  })

  test('args without container: the first one is also the program', () => {
    const { cmd: _cmd, ...app } = commandApp
    expect(launched({ ...app, args: ['./serve', '-v'] }).command).toMatchObject({
      shell: false,
      value: './serve',
      arguments: ['./serve', '-v'],
    })
  })

  test('neither cmd nor args: the entry point of the image decides', () => {
    const { cmd: _cmd, ...app } = commandApp
    const { command } = launched({ ...app, container: bridgeApp.container! })
    expect(command.shell).toBe(false)
    expect(command).not.toHaveProperty('value')
    expect(command).not.toHaveProperty('arguments')
  })

  test('what is not asked for is not sent; discovery always is', () => {
    const task = launched(placedApp())
    expect(Object.keys(task).sort()).toEqual(
      ['agentId', 'command', 'discovery', 'labels', 'name', 'resources', 'taskId'].sort(),
    )
    expect(task.discovery).toEqual({ visibility: 'FRAMEWORK', name: 'cart.shop', ports: [] })
    expect(task.command).not.toHaveProperty('user')
  })

  test('a custom executor gets a shell line of its own', () => {
    const task = launched({ ...commandApp, executor: '/opt/run' })
    expect(task.executor).toBe('/opt/run')
    expect(task.command).toMatchObject({
      shell: true,
      value: "chmod ug+rx '/opt/run' && exec '/opt/run' ./serve --port $PORT0",
      user: 'svc',
    })
    const { cmd: _cmd, ...app } = commandApp
    expect(launched({ ...app, executor: "/opt/it's", args: ['a', 'b'] }).command).toMatchObject({
      shell: true,
      value: "chmod ug+rx '/opt/it'\\''s' && exec '/opt/it'\\''s' a b",
    })
  })

  test('a custom executor has resources of its own when it asks for some', () => {
    const executorResources = { cpus: 0.1, mem: 32, disk: 10 }
    expect(launched({ ...commandApp, executor: '/opt/run' })).not.toHaveProperty('executorResources')
    expect(launched({ ...commandApp, executorResources })).not.toHaveProperty('executorResources')
    const task = launched({ ...commandApp, executor: '/opt/run', executorResources })
    expect(task.executorResources).toEqual([scalar('cpus', 0.1), scalar('mem', 32), scalar('disk', 10)])
    expect(task.resources.slice(0, 2)).toEqual([scalar('cpus', 0.25), scalar('mem', 96)])
    const much = { ...commandApp, executor: '/opt/run', executorResources: { cpus: 3.8, mem: 32, disk: 0 } }
    expect(() => launched(much)).toThrow('InsufficientCpus')
  })

  test('//cmd is no custom executor', () => {
    expect(launched({ ...commandApp, executor: '//cmd' })).toEqual(launched(commandApp))
  })

  test('the second launch of the same instance has the next number', () => {
    expect(launched(commandApp, { attempt: 1 }).taskId).toBe(taskId.replace(/1$/, '2'))
  })

  test('artifacts go where they are told', () => {
    const fetch = [{ uri: 'f', extract: false, executable: true, cache: true, destPath: 'a/b' }]
    expect(launched({ ...commandApp, fetch }).command.uris).toEqual([
      { value: 'f', extract: false, executable: true, cache: true, outputFile: 'a/b' },
    ])
  })

  test('secrets are sent apart, each with its source, and win over other variables of their name', () => {
    const { command } = launched({
      ...commandApp,
      env: { MODE: 'prod', PASSWORD: { secret: 'db' }, PORT0: { secret: 'db' } },
      secrets: { db: { source: '/db/password' } },
    })
    expect(command.secrets).toEqual([
      { name: 'PASSWORD', secret: '/db/password' },
      { name: 'PORT0', secret: '/db/password' },
    ])
    const names = command.environment.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['MODE', 'PORT']))
    expect(names).not.toContain('PASSWORD')
    expect(names).not.toContain('PORT0')
  })

  test('a terminal needs a container to be in', () => {
    expect(launched({ ...commandApp, tty: true }).container).toEqual({ type: 'MESOS', tty: true })
    expect(launched({ ...commandApp, tty: false })).not.toHaveProperty('container')
  })

  test('a check is sent with the port the task got', () => {
    const times = { intervalSeconds: 30, timeoutSeconds: 5, delaySeconds: 2 }
    expect(
      launched({ ...commandApp, check: { http: { scheme: 'HTTP', path: '/up' }, ...times } }).check,
    ).toEqual({
      http: { port: 31006, path: '/up' },
      interval: 30_000,
      timeout: 5_000,
      delay: 2_000,
    })
    expect(launched(placedApp({ portDefinitions: [], check: { tcp: {}, ...times } }))).not.toHaveProperty(
      'check',
    )
  })

  test('resources come in the order cpus, mem, gpus, disk, ports', () => {
    const names = launched({ ...commandApp, disk: 10, gpus: 1 }).resources.map(({ name }) => name)
    expect(names).toEqual(['cpus', 'mem', 'gpus', 'disk', 'ports'])
  })

  test('both protocols of a definition are discovered', () => {
    const portDefinitions = [{ port: 1, protocol: 'udp,tcp' }]
    expect(launched({ ...commandApp, portDefinitions }).discovery.ports).toEqual([
      { number: 31006, protocol: 'udp' },
      { number: 31006, protocol: 'tcp' },
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

const onNetworks = (
  app: App,
  networks: App['networks'],
  portMappings = app.container!.portMappings!,
): App => ({
  ...app,
  networks,
  container: { ...app.container!, portMappings },
})

describe('a Docker app (worked-examples 9.2)', () => {
  test('on a bridge', () => {
    const task = launched(bridgeApp, {}, 31002)
    expect(task.container).toEqual({
      type: 'DOCKER',
      image: 'registry.invalid/cart:7',
      network: 'BRIDGE',
      privileged: false,
      forcePullImage: true,
      portMappings: [{ hostPort: 31002, containerPort: 8080, protocol: 'tcp' }],
      parameters: [
        { key: 'hostname', value: 'cart' },
        { key: 'label', value: `MESOS_TASK_ID=${taskId}` },
      ],
      volumes: [{ containerPath: '/etc/cart', hostPath: '/srv/cart/etc', mode: 'RO' }],
    })
    expect(task.command).toMatchObject({ shell: false, arguments: ['serve'] })
    expect(task.command).not.toHaveProperty('value')
    expect(task.command.environment).toEqual(
      expect.arrayContaining([
        { name: 'MARATHON_APP_DOCKER_IMAGE', value: 'registry.invalid/cart:7' },
        { name: 'PORT0', value: '31002' },
        { name: 'PORT_8080', value: '31002' },
        { name: 'PORT_WEB', value: '31002' },
      ]),
    )
    expect(task.discovery.ports).toEqual([
      { number: 31002, name: 'web', protocol: 'tcp', labels: { 'network-scope': 'host' } },
    ])
  })

  test('on the host network there are no mappings', () => {
    const { container } = launched({ ...bridgeApp, networks: [{ mode: 'host' }] })
    expect(container).toMatchObject({ network: 'HOST' })
    expect(container).not.toHaveProperty('portMappings')
  })

  test('on a user network its name is sent', () => {
    const task = launched(onNetworks(bridgeApp, [{ mode: 'container', name: 'overlay-1' }]))
    expect(task.container).toMatchObject({ network: 'USER', networkNames: ['overlay-1'] })
  })

  test('a port of two protocols is mapped and discovered twice', () => {
    const [mapping] = bridgeApp.container!.portMappings!
    const task = launched(
      onNetworks(bridgeApp, bridgeApp.networks, [{ ...mapping!, protocol: 'udp,tcp' }]),
      {},
      31002,
    )
    expect(task.container?.portMappings).toEqual([
      { hostPort: 31002, containerPort: 8080, protocol: 'udp' },
      { hostPort: 31002, containerPort: 8080, protocol: 'tcp' },
    ])
    expect(task.discovery.ports.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp'])
  })

  test('a tty is asked for only when there is one', () => {
    expect(launched(bridgeApp).container).not.toHaveProperty('tty')
    expect(launched({ ...bridgeApp, tty: true }).container?.tty).toBe(true)
  })
})

describe('an app of the Mesos containerizer (worked-examples 9.3)', () => {
  const image = {
    ...bridgeApp.container!.docker!,
    forcePullImage: false,
    pullConfig: { secret: 'pull-secret' },
  }
  const mesosApp: App = {
    ...bridgeApp,
    tty: true,
    container: { ...bridgeApp.container!, type: 'MESOS', docker: image, volumes: [] },
  }

  test('on a bridge', () => {
    const task = launched(mesosApp, {}, 31002)
    expect(task.container).toEqual({
      type: 'MESOS',
      image: 'registry.invalid/cart:7',
      forcePullImage: false,
      pullSecret: 'pull-secret',
      networks: [
        {
          name: 'mesos-bridge',
          labels: {},
          portMappings: [{ hostPort: 31002, containerPort: 8080, protocol: 'tcp' }],
        },
      ],
      tty: true,
    })
    expect(task.command.environment.map(({ name }) => name)).not.toContain('MARATHON_APP_DOCKER_IMAGE')
  })

  test('a plain command on a container network gets a container', () => {
    const networks = [{ mode: 'container' as const, name: 'overlay-1', labels: { a: 'b' } }]
    expect(launched(placedApp({ networks })).container).toEqual({
      type: 'MESOS',
      networks: [{ name: 'overlay-1', labels: { a: 'b' }, portMappings: [] }],
    })
  })

  test('a container on the host network joins none', () => {
    const { container } = launched(
      placedApp({ container: { type: 'MESOS', volumes: [], linuxInfo: { seccomp: { unconfined: true } } } }),
    )
    expect(container).toEqual({ type: 'MESOS', linuxInfo: { seccomp: { unconfined: true } } })
  })

  test('protocols are copied as they stand, and a mapping goes to the networks it names', () => {
    const base = { servicePort: 0, labels: {}, protocol: 'udp,tcp' }
    const task = launched(
      onNetworks(
        mesosApp,
        [
          { mode: 'container', name: 'one' },
          { mode: 'container', name: 'two' },
        ],
        [
          { ...base, containerPort: 0, hostPort: 0, networkNames: ['two'] },
          { ...base, containerPort: 70, networkNames: ['one', 'two'], protocol: 'tcp' },
        ],
      ),
      {},
      31002,
    )
    expect(task.container?.networks).toEqual([
      { name: 'one', labels: {}, portMappings: [] },
      {
        name: 'two',
        labels: {},
        portMappings: [{ hostPort: 31002, containerPort: 31002, protocol: 'udp,tcp' }],
      },
    ])
    const inside = (name: string) => ({ 'network-scope': 'container', 'network-name': name })
    expect(task.discovery.ports).toEqual([
      { number: 31002, protocol: 'udp', labels: { 'network-scope': 'host' } },
      { number: 31002, protocol: 'tcp', labels: { 'network-scope': 'host' } },
      { number: 70, protocol: 'tcp', labels: inside('one') },
      { number: 70, protocol: 'tcp', labels: inside('two') },
    ])
  })
})

test('mixed mappings on one network (worked-examples 7.1)', () => {
  const base = { servicePort: 0, labels: {}, protocol: 'tcp' }
  const app = placedApp({
    networks: [{ mode: 'container', name: 'overlay-1' }],
    container: {
      type: 'MESOS',
      volumes: [],
      portMappings: [
        { ...base, containerPort: 8080, hostPort: 0, name: 'web' },
        { ...base, containerPort: 9090, hostPort: 31000, name: 'admin' },
        { ...base, containerPort: 5005 },
        { ...base, containerPort: 0, hostPort: 0, name: 'rpc', protocol: 'udp,tcp' },
        { ...base, containerPort: 0, name: 'peer' },
      ],
    },
  })
  const task = launched(app, {}, 31002)
  expect(task.container?.networks?.[0]?.portMappings.map(({ containerPort }) => containerPort)).toEqual([
    8080, 9090, 31003,
  ])
  const host = { 'network-scope': 'host' }
  const inside = { 'network-scope': 'container', 'network-name': 'overlay-1' }
  expect(task.discovery.ports).toEqual([
    { number: 31002, name: 'web', protocol: 'tcp', labels: host },
    { number: 31000, name: 'admin', protocol: 'tcp', labels: host },
    { number: 5005, protocol: 'tcp', labels: inside },
    { number: 31003, name: 'rpc', protocol: 'udp', labels: host },
    { number: 31003, name: 'rpc', protocol: 'tcp', labels: host },
    { number: 0, name: 'peer', protocol: 'tcp', labels: inside },
  ])
})
