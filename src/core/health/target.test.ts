import { describe, expect, test } from 'vitest'
import { buildInstance, buildTask, webApp } from '../../../tests/support/in-condition.ts'
import type { App, AppHealthCheck, PortMapping } from '../../spec/app.ts'
import { askingOf, type MarathonCheck } from './target.ts'

const check = (given: Partial<AppHealthCheck> = {}): MarathonCheck =>
  ({
    protocol: 'HTTP',
    gracePeriodSeconds: 300,
    intervalSeconds: 60,
    timeoutSeconds: 20,
    maxConsecutiveFailures: 3,
    delaySeconds: 15,
    ipProtocol: 'IPv4',
    ...given,
  }) as MarathonCheck

const instance = (hostPorts: readonly number[], address?: string) =>
  buildInstance('Running', {
    tasks: [
      buildTask('Running', {
        hostPorts,
        ipAddresses: address === undefined ? [] : [{ ipAddress: address, protocol: 'IPv4' }],
      }),
    ],
  })

const host: Partial<App> = {}
const mapped = (
  mode: 'container' | 'container/bridge',
  ...mappings: Partial<PortMapping>[]
): Partial<App> => ({
  networks: [mode === 'container' ? { mode, name: 'blue', labels: {} } : { mode, labels: {} }],
  container: {
    type: 'MESOS',
    volumes: [],
    portMappings: mappings.map((mapping) => ({
      containerPort: 80,
      servicePort: 0,
      protocol: 'tcp',
      labels: {},
      networkNames: [],
      ...mapping,
    })),
  },
})
const bridge = mapped('container/bridge', { hostPort: 0 }, { containerPort: 81, hostPort: 0 })
const overlay = mapped('container', { hostPort: 0 }, { containerPort: 81 }, { containerPort: 0, hostPort: 0 })

test.each<
  readonly [string, Partial<App>, Partial<AppHealthCheck>, readonly number[], string | undefined, string]
>([
  [
    'on the host: the port assigned',
    host,
    { portIndex: 1 },
    [31_000, 31_001],
    '10.0.0.13',
    'n3.example:31001',
  ],
  ['neither port nor index: the first', host, {}, [31_000, 31_001], undefined, 'n3.example:31000'],
  ['the port named', host, { port: 8080 }, [31_000], undefined, 'n3.example:8080'],
  [
    'a bridge counts as the host',
    bridge,
    { portIndex: 1 },
    [31_000, 31_001],
    '172.17.0.2',
    'n3.example:31001',
  ],
  ['… for a port named, too', bridge, { port: 8080 }, [31_000], '172.17.0.2', 'n3.example:8080'],
  [
    'in a network: the container’s address and port',
    overlay,
    { portIndex: 0 },
    [31_000],
    '9.0.0.7',
    '9.0.0.7:80',
  ],
  [
    '… also where no port of the agent leads to it',
    overlay,
    { portIndex: 1 },
    [31_000],
    '9.0.0.7',
    '9.0.0.7:81',
  ],
  [
    '… a container port that is the agent’s',
    overlay,
    { portIndex: 2 },
    [31_000, 31_007],
    '9.0.0.7',
    '9.0.0.7:31007',
  ],
  ['… the port named', overlay, { port: 8080 }, [31_000], '9.0.0.7', '9.0.0.7:8080'],
])('where it is asked: %s', (_, app, given, hostPorts, address, place) => {
  const asking = askingOf('x', webApp(app), check(given), instance(hostPorts, address))
  const target = asking.kind === 'ask' ? asking.probe.target : undefined
  expect(`${target?.address}:${target?.port}`).toBe(place)
})

test.each<readonly [string, Partial<App>, Partial<AppHealthCheck>, readonly number[], string]>([
  [
    'a container without an address',
    overlay,
    { portIndex: 0 },
    [31_000],
    'NoAddressError: the container has no address in its network',
  ],
  [
    'a port that was not assigned',
    host,
    { portIndex: 2 },
    [31_000],
    'NoPortError: the task has no port with index 2',
  ],
  [
    'a path that no server would read',
    host,
    { path: `/${'x'.repeat(4_096)}` },
    [31_000],
    'PathTooLongError: the path has 4097 characters, more than 4096',
  ],
])('nowhere: %s', (_, app, given, hostPorts, cause) => {
  expect(askingOf('x', webApp(app), check(given), instance(hostPorts))).toEqual({ kind: 'nowhere', cause })
})

describe('what is asked', () => {
  const probe = (given: Partial<AppHealthCheck>) => {
    const asking = askingOf('x', webApp(), check(given), instance([31_000]))
    return asking.kind === 'ask' ? asking.probe : undefined
  }

  test.each([
    [undefined, '/'],
    ['', '/'],
    ['up', '/up'],
    ['/up?deep=1', '/up?deep=1'],
    [`/${'x'.repeat(4_095)}`, `/${'x'.repeat(4_095)}`],
  ])('the path %j as %j', (path, asked) => {
    const given = path === undefined ? {} : { path }
    expect(probe(given)?.target).toEqual({
      protocol: 'HTTP',
      address: 'n3.example',
      port: 31_000,
      path: asked,
    })
  })

  test('of TCP a connection alone', () => {
    const target = { protocol: 'TCP', address: 'n3.example', port: 31_000 }
    expect(probe({ protocol: 'TCP', path: 'x'.repeat(10_000) })?.target).toEqual(target)
    expect(probe({ protocol: 'TCP', path: '/up' })?.target).toEqual(target)
  })

  test.each([
    [60, 5_000, 60_000],
    [5, 5_000, 5_000],
    [2, 2_000, 2_000],
    // Nobody is asked without a pause.
    [0, 1_000, 1_000],
  ])('every %i s, first after %i ms', (intervalSeconds, firstAfter, interval) => {
    expect(probe({ intervalSeconds })).toMatchObject({ firstAfter, interval, pace: 'fixed', timeout: 20_000 })
  })
})
