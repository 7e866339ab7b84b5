import { describe, expect, test } from 'vitest'
import { fixedRng, placedApp } from '../../../tests/support/build-placement.ts'
import type { App, PortMapping } from '../../spec/app.ts'
import { defaultSettings, type Settings } from '../settings.ts'
import { environmentOf, planEnvironment } from './environment.ts'

const taskId = 'shop_cart.instance-6c1e5d0a-0b1f-11ec-9a03-0242ac110002._app.1'

function environment(
  app: App,
  hostPorts: readonly (number | undefined)[] = [],
  { settings = defaultSettings, draws = [] }: { settings?: Settings; draws?: readonly number[] } = {},
): Record<string, string> {
  const launch = { taskId, host: '10.0.0.7', hostPorts, enforceGroupRole: false, rng: fixedRng(...draws) }
  const variables = environmentOf(planEnvironment(app, settings), launch)
  expect(new Set(variables.map(({ name }) => name)).size).toBe(variables.length)
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]))
}

/** Only the variables about ports. */
const portVariables = (all: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name.includes('PORT')))

const mapping = (containerPort: number, change: Partial<PortMapping>): PortMapping => ({
  containerPort,
  servicePort: 0,
  protocol: 'tcp',
  labels: {},
  ...change,
})

const onNetwork = (...portMappings: PortMapping[]): App =>
  placedApp({
    networks: [{ mode: 'container', name: 'overlay-1' }],
    container: { type: 'MESOS', volumes: [], portMappings },
  })

const twoPorts = placedApp({
  portDefinitions: [
    { port: 10000, name: 'http', protocol: 'tcp' },
    { port: 10001, name: 'metrics', protocol: 'tcp' },
  ],
})

describe('port variables (worked-examples 7)', () => {
  test('mixed mappings', () => {
    const app = onNetwork(
      mapping(8080, { hostPort: 0, name: 'web' }),
      mapping(9090, { hostPort: 31700, name: 'admin' }),
      mapping(5005, {}),
      mapping(0, { hostPort: 0, name: 'rpc', protocol: 'udp,tcp' }),
      mapping(0, { name: 'peer' }),
    )
    const all = environment(app, [31002, 31700, undefined, 31003, undefined], { draws: [40123 - 1025] })
    expect(portVariables(all)).toEqual({
      PORT0: '31002',
      PORT1: '31700',
      PORT2: '5005',
      PORT3: '31003',
      PORT4: '40123',
      PORT_8080: '31002',
      PORT_9090: '31700',
      PORT_5005: '5005',
      PORT_31003: '31003',
      PORT_40123: '40123',
      PORT_WEB: '31002',
      PORT_ADMIN: '31700',
      PORT_RPC: '31003',
      PORT_PEER: '40123',
      PORT: '31002',
      PORTS: '31002,31700,31003,40123',
    })
  })

  test('host network with random ports', () => {
    expect(portVariables(environment(twoPorts, [31006, 31005]))).toEqual({
      PORT0: '31006',
      PORT1: '31005',
      PORT_10000: '31006',
      PORT_10001: '31005',
      PORT_HTTP: '31006',
      PORT_METRICS: '31005',
      PORT: '31006',
      PORTS: '31006,31005',
    })
  })

  test('host network with required ports', () => {
    expect(environment({ ...twoPorts, requirePorts: true }, [10000, 10001])).toMatchObject({
      PORT0: '10000',
      PORT1: '10001',
      PORT_10000: '10000',
    })
  })

  test('a definition without a number goes by its port', () => {
    const app = placedApp({ portDefinitions: [{ port: 0, protocol: 'tcp' }] })
    expect(environment(app, [31005])).toMatchObject({ PORT_31005: '31005', PORT0: '31005' })
    const stored = placedApp({ portDefinitions: [{ port: 10002, protocol: 'tcp' }] })
    expect(environment(stored, [31005])).toMatchObject({ PORT_10002: '31005' })
  })

  test('container ports without host port are listed nowhere', () => {
    expect(portVariables(environment(onNetwork(mapping(8080, {})), [undefined]))).toEqual({
      PORT0: '8080',
      PORT_8080: '8080',
      PORTS: '',
    })
  })

  test('a generated port alone is PORT', () => {
    const all = environment(onNetwork(mapping(0, {})), [undefined], { draws: [0] })
    expect(portVariables(all)).toEqual({ PORT0: '1025', PORT_1025: '1025', PORT: '1025', PORTS: '1025' })
  })

  test('a generated port is not one the task already uses', () => {
    const app = onNetwork(mapping(1025, {}), mapping(0, {}), mapping(0, {}))
    expect(environment(app, [], { draws: [0, 1, 1, 2] })).toMatchObject({ PORTS: '1026,1027' })
  })

  test('names are upper-cased and not escaped', () => {
    const app = placedApp({ portDefinitions: [{ port: 10000, name: 'web-ui', protocol: 'tcp' }] })
    expect(environment(app, [31005])['PORT_WEB-UI']).toBe('31005')
  })

  test('no ports, no port variables', () => {
    const all = environment(placedApp())
    expect(portVariables(all)).toEqual({})
    expect(all['HOST']).toBe('10.0.0.7')
  })

  test('the prefix goes before ports and HOST, and before nothing else', () => {
    const all = environment(twoPorts, [31006, 31005], {
      settings: { ...defaultSettings, envVarsPrefix: 'APP_' },
    })
    expect(Object.keys(all).sort()).toEqual([
      'APP_HOST',
      'APP_PORT',
      'APP_PORT0',
      'APP_PORT1',
      'APP_PORTS',
      'APP_PORT_10000',
      'APP_PORT_10001',
      'APP_PORT_HTTP',
      'APP_PORT_METRICS',
      'MARATHON_APP_ENFORCE_GROUP_ROLE',
      'MARATHON_APP_ID',
      'MARATHON_APP_LABELS',
      'MARATHON_APP_RESOURCE_CPUS',
      'MARATHON_APP_RESOURCE_DISK',
      'MARATHON_APP_RESOURCE_GPUS',
      'MARATHON_APP_RESOURCE_MEM',
      'MARATHON_APP_VERSION',
      'MESOS_TASK_ID',
    ])
  })

  test("the app's own variables win over everything", () => {
    const env = { PORT0: '1', HOST: 'mine', MARATHON_APP_ID: 'x' }
    const all = environment({ ...twoPorts, env }, [31006, 31005])
    expect(all).toMatchObject({ PORT0: '1', PORT1: '31005', HOST: 'mine', MARATHON_APP_ID: 'x' })
  })
})

describe('context variables (runtime 6.1)', () => {
  test('name the task, the app and what it was given', () => {
    const app = placedApp({ cpus: 1, mem: 128, disk: 0.5, gpus: 2 })
    expect(environment(app)).toMatchObject({
      MESOS_TASK_ID: taskId,
      MARATHON_APP_ID: '/shop/cart',
      MARATHON_APP_VERSION: app.version,
      MARATHON_APP_RESOURCE_CPUS: '1.0',
      MARATHON_APP_RESOURCE_MEM: '128.0',
      MARATHON_APP_RESOURCE_DISK: '0.5',
      MARATHON_APP_RESOURCE_GPUS: '2',
      MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
      MARATHON_APP_LABELS: '',
    })
  })

  test('tell of an enforced role', () => {
    const launch = { taskId, host: 'h', hostPorts: [], enforceGroupRole: true, rng: fixedRng() }
    const variables = environmentOf(planEnvironment(placedApp(), defaultSettings), launch)
    expect(variables).toContainEqual({ name: 'MARATHON_APP_ENFORCE_GROUP_ROLE', value: 'TRUE' })
  })

  test.each<[App['container'], string | undefined]>([
    [{ type: 'DOCKER', volumes: [], docker: dockerImage('cart:7') }, 'cart:7'],
    [{ type: 'MESOS', volumes: [], docker: dockerImage('cart:7') }, undefined],
  ])('the image of %j is %s', (container, image) => {
    expect(environment(placedApp({ container: container! }))['MARATHON_APP_DOCKER_IMAGE']).toBe(image)
  })

  test('labels are escaped and upper-cased, oversized ones dropped', () => {
    const labels = {
      team: 'blue',
      'a.b--c': 'x',
      ['k'.repeat(492)]: 'fits',
      ['l'.repeat(493)]: 'too long a key',
      long: 'v'.repeat(512),
      fits: 'v'.repeat(511),
    }
    const all = environment(placedApp({ labels }))
    expect(all['MARATHON_APP_LABELS']).toBe(`TEAM A_B_C ${'K'.repeat(492)} FITS`)
    expect(all).toMatchObject({ MARATHON_APP_LABEL_TEAM: 'blue', MARATHON_APP_LABEL_A_B_C: 'x' })
    expect(all).not.toHaveProperty('MARATHON_APP_LABEL_LONG')
  })
})

function dockerImage(image: string) {
  return { image, forcePullImage: false, parameters: [], privileged: false }
}
