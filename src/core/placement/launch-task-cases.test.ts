// What becomes of definitions as people write them: volumes, ports and executors in their combinations, roles of what
// is taken. The whole messages are in launch-task.test.ts.

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
import type { App, PortMapping } from '../../spec/app.ts'
import type { Resource, TaskInfo } from '../mesos.ts'
import { defaultSettings } from '../settings.ts'
import { buildPlacedIndex } from './constraint-index.ts'
import { matchOffer } from './match.ts'
import { openOffer } from './remaining.ts'

const plenty = [scalar('cpus', 1), scalar('mem', 128), scalar('disk', 2_000), ports([[31_000, 31_010]])]

function launched(app: Partial<App>, resources: readonly Resource[] = plenty): TaskInfo | undefined {
  const { cmd, ...rest } = placedApp({ cpus: 1, mem: 64, disk: 1, ...app })
  const runSpec: App = app.args === undefined && cmd !== undefined ? { ...rest, cmd } : rest
  const result = matchOffer({
    remaining: openOffer(buildOffer({ resources })),
    instance: scheduledInstance(),
    runSpec,
    placed: buildPlacedIndex([], runSpec),
    settings: defaultSettings,
    rng: fixedRng(),
    now: instant(0),
  })
  return result.kind === 'match' ? result.tasks[0]!.info : undefined
}

const twoPorts: Partial<App> = {
  portDefinitions: [
    { port: 8_080, name: 'http', protocol: 'tcp', labels: { VIP: '127.0.0.1:8080' } },
    { port: 8_081, name: 'admin', protocol: 'udp', labels: { VIP: '127.0.0.1:8081' } },
  ],
}

describe('what is taken', () => {
  const reserved = [
    scalar('cpus', 2, { role: 'marathon' }),
    scalar('mem', 256, { role: 'marathon' }),
    scalar('disk', 2_000, { role: 'marathon' }),
    ports([[33_000, 34_000]], { role: 'marathon' }),
  ]

  test('has the role of its source', () => {
    const task = launched({ ...twoPorts, acceptedResourceRoles: ['*', 'marathon'] }, reserved)
    expect(task?.resources).toEqual([
      scalar('cpus', 1, { role: 'marathon' }),
      scalar('mem', 64, { role: 'marathon' }),
      scalar('disk', 1, { role: 'marathon' }),
      ports([[33_000, 33_001]], { role: 'marathon' }),
    ])
  })

  test('is of the accepted role alone, though others are offered first', () => {
    const task = launched({ ...twoPorts, cpus: 2, mem: 200, disk: 2, acceptedResourceRoles: ['marathon'] }, [
      ...plenty,
      ...reserved,
    ])
    expect(new Set(task?.resources.map(({ role }) => role))).toEqual(new Set(['marathon']))
  })

  test('is what comes first when every role will do', () => {
    const task = launched({ ...twoPorts, acceptedResourceRoles: ['*', 'marathon'] }, [...plenty, ...reserved])
    expect(new Set(task?.resources.map(({ role }) => role))).toEqual(new Set(['*']))
  })

  test('may come from two entries of one kind', () => {
    expect(launched({ ...twoPorts, cpus: 2 }, [...plenty, ...plenty])?.resources[0]).toEqual(
      scalar('cpus', 1),
    )
    expect(launched({ ...twoPorts, cpus: 2 }, plenty)).toBeUndefined()
  })

  test('has no disk when none is asked for, and labels only when there are some', () => {
    const task = launched({ disk: 0 })
    expect(task?.resources.map(({ name }) => name)).toEqual(['cpus', 'mem'])
    expect(task?.labels).toEqual({})
    expect(launched({ labels: { foo: 'bar', test: 'test' } })?.labels).toEqual({ foo: 'bar', test: 'test' })
  })

  test('is nothing when there are fewer ports than definitions', () => {
    const onePort = [...plenty.slice(0, 3), ports([[31_000, 31_000]])]
    expect(launched(twoPorts, onePort)).toBeUndefined()
    expect(launched({ portDefinitions: twoPorts.portDefinitions!.slice(0, 1) }, onePort)).toBeDefined()
  })
})

describe('what is discovered', () => {
  test('name, protocol and labels of port definitions', () => {
    expect(launched(twoPorts)?.discovery.ports).toEqual([
      { number: 31_000, name: 'http', protocol: 'tcp', labels: { VIP: '127.0.0.1:8080' } },
      { number: 31_001, name: 'admin', protocol: 'udp', labels: { VIP: '127.0.0.1:8081' } },
    ])
  })

  test.each([
    [0, 31_000, { 'network-scope': 'host' }],
    [undefined, 8_080, { 'network-scope': 'container', 'network-name': 'vnet' }],
  ])('those of port mappings with host port %s, and where they are reached', (hostPort, number, scope) => {
    const mapping = { containerPort: 8_080, servicePort: 9_000, name: 'http', protocol: 'tcp' }
    const portMappings = [
      { ...mapping, labels: { VIP: 'a' }, ...(hostPort !== undefined && { hostPort }) },
    ] as PortMapping[]
    const container = { type: 'DOCKER' as const, docker: image, volumes: [], portMappings }
    expect(launched({ networks: [{ mode: 'container', name: 'vnet' }], container })?.discovery.ports).toEqual(
      [{ number, name: 'http', protocol: 'tcp', labels: { VIP: 'a', ...scope } }],
    )
  })
})

const image = { image: 'busybox', forcePullImage: false, privileged: false, parameters: [] }

describe('a Docker container', () => {
  test('mounts a folder by a path relative to the sandbox', () => {
    const volumes = [{ containerPath: '/container/path', hostPath: 'relativeDirName', mode: 'RW' as const }]
    const container = { type: 'DOCKER' as const, docker: image, volumes }
    expect(launched({ container })?.container?.volumes).toEqual(volumes)
  })

  test.each<[string, App['networks'], Partial<PortMapping>[], [host: number, inside: number][]]>([
    [
      'container port 0 is the host port',
      [{ mode: 'container/bridge' }],
      [{ hostPort: 0 }],
      [[31_000, 31_000]],
    ],
    ['a mapping without host port is none', [{ mode: 'container', name: 'vnet' }], [{}], []],
    [
      'those without are left out',
      [{ mode: 'container', name: 'vnet' }],
      [{ hostPort: 31_000 }, {}, { hostPort: 31_005 }],
      [
        [31_000, 31_000],
        [31_005, 31_005],
      ],
    ],
  ])('%s', (_name, networks, mappings, expected) => {
    const portMappings = mappings.map((mapping) => ({
      containerPort: 0,
      servicePort: 0,
      protocol: 'tcp',
      labels: {},
      ...mapping,
    }))
    for (const type of ['DOCKER', 'MESOS'] as const) {
      const task = launched({ networks, container: { type, docker: image, volumes: [], portMappings } })
      const { container } = task!
      const mapped = type === 'DOCKER' ? container?.portMappings : container?.networks?.[0]?.portMappings
      expect(mapped?.map(({ hostPort, containerPort }) => [hostPort, containerPort])).toEqual(expected)
      const names = task!.command.environment.map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(['PORT', 'PORT0', 'PORTS']))
      expect(names.filter((name) => name.startsWith('PORT_'))).toHaveLength(mappings.length)
    }
  })
})

describe('a container of Mesos', () => {
  const labelled = [{ mode: 'container' as const, name: 'foonet', labels: { foo: 'bar', baz: 'buzz' } }]
  const mesos = { type: 'MESOS' as const, volumes: [], portMappings: [] }

  test('joins its network by name, with labels and without ports', () => {
    const task = launched({ args: ['a', 'b', 'c'], networks: labelled, container: mesos })
    expect(task).not.toHaveProperty('executor')
    expect(task?.container).toEqual({
      type: 'MESOS',
      networks: [{ name: 'foonet', labels: { foo: 'bar', baz: 'buzz' }, portMappings: [] }],
    })
  })

  test('is the same under a custom executor, which gets the arguments', () => {
    const app = { args: ['a', 'b', 'c'], networks: labelled, container: mesos }
    const task = launched({ ...app, executor: '/custom/executor' })
    expect(task).toMatchObject({
      executor: '/custom/executor',
      command: { value: "chmod ug+rx '/custom/executor' && exec '/custom/executor' a b c" },
      container: launched(app)!.container!,
      discovery: { name: task!.name },
    })
    expect(task?.command).not.toHaveProperty('arguments')
  })

  test.each([
    { seccomp: { profileName: 'profile', unconfined: false } },
    { ipcInfo: { mode: 'PRIVATE' as const, shmSize: 64 } },
  ])('has what is said of Linux: %j', (linuxInfo) => {
    expect(launched({ container: { ...mesos, linuxInfo } })?.container).toEqual({ type: 'MESOS', linuxInfo })
  })

  test('is not made for a terminal nobody wants', () => {
    expect(launched({ tty: false })).not.toHaveProperty('container')
  })
})

test.each([
  [
    { cpus: 'unlimited' as const, mem: 1_024 },
    { cpus: Number.POSITIVE_INFINITY, mem: 1_024 },
  ],
  [{ cpus: 2 }, { cpus: 2 }],
  [{ mem: 'unlimited' as const }, { mem: Number.POSITIVE_INFINITY }],
])('limits %j', (resourceLimits, limits) => {
  expect(launched({ resourceLimits })?.limits).toEqual(limits)
})

test('a grace period, in full', () => {
  expect(launched({ taskKillGracePeriodSeconds: 12_345 })?.killGracePeriod).toBe(12_345_000)
})
