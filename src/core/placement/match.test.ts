import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buildOffer,
  fixedRng,
  placedApp,
  placedInstance,
  ports,
  scalar,
  scheduledInstance,
} from '../../../tests/support/build-placement.ts'
import { instant } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import type { App, Constraint } from '../../spec/app.ts'
import type { Instance } from '../instances/instance.ts'
import type { Offer, Resource } from '../mesos.ts'
import type { NoMatchReason } from '../reasons.ts'
import { defaultSettings } from '../settings.ts'
import { addPlaced, buildPlacedIndex, type PlacedIndex } from './constraint-index.ts'
import { type MatchInput, type MatchResult, matchOffer } from './match.ts'
import { openOffer, type RemainingOffer } from './remaining.ts'

const settings = defaultSettings

interface Try {
  readonly app?: Partial<App>
  readonly offer?: Partial<Offer>
  readonly placed?: readonly Instance[]
  readonly input?: Partial<MatchInput>
}

function attempt({ app = {}, offer = {}, placed = [], input = {} }: Try): MatchResult {
  const runSpec = placedApp(app)
  return matchOffer({
    remaining: openOffer(buildOffer(offer)),
    instance: scheduledInstance(),
    runSpec,
    placed: buildPlacedIndex(placed, runSpec),
    settings,
    rng: fixedRng(),
    now: instant(0),
    ...input,
  })
}

/** Why not, or nothing when it matches. */
function reasons(given: Try): readonly NoMatchReason[] | undefined {
  const result = attempt(given)
  return result.kind === 'match' ? undefined : result.reasons
}

/** Launches the same instance again and again until the stock is used up. */
function drain(
  remaining: RemainingOffer,
  app: App,
  placed: PlacedIndex = buildPlacedIndex([], app),
): MatchResult[] {
  const rng = stream(7, 'drain')
  const results: MatchResult[] = []
  for (;;) {
    const instance = scheduledInstance({ attempt: results.length })
    const result = matchOffer({ remaining, instance, runSpec: app, placed, settings, rng, now: instant(0) })
    results.push(result)
    if (result.kind === 'no-match') return results
    addPlaced(placed, result.agent)
  }
}

describe('why an offer is not used (runtime 5.1)', () => {
  const maintained = { unavailability: { start: instant(0) } }
  const withGpus = { resources: [...buildOffer().resources, scalar('gpus', 1)] }
  const onlyReserved = {
    resources: buildOffer().resources.map((resource) => ({ ...resource, role: 'prod' })),
  }
  const residentContainer: App['container'] = {
    type: 'MESOS',
    volumes: [{ containerPath: 'd', mode: 'RW', persistent: { type: 'root', size: 1, constraints: [] } }],
  }

  test.each<[string, Try, readonly NoMatchReason[] | undefined]>([
    ['all fits', {}, undefined],
    ['cpus', { app: { cpus: 4.001 } }, ['InsufficientCpus']],
    ['mem', { app: { mem: 4097 } }, ['InsufficientMemory']],
    ['disk', { app: { disk: 10_001 } }, ['InsufficientDisk']],
    ['gpus', { app: { gpus: 1 } }, ['InsufficientGpus']],
    [
      'ports',
      { app: { requirePorts: true, portDefinitions: [{ port: 80, protocol: 'tcp' }] } },
      ['InsufficientPorts'],
    ],
    [
      'ports are not looked at when something else is missing',
      { app: { mem: 5000, requirePorts: true, portDefinitions: [{ port: 80, protocol: 'tcp' }] } },
      ['InsufficientMemory'],
    ],
    [
      'scalars, constraints, maintenance and GPUs all together',
      {
        app: { cpus: 9, mem: 9999, disk: 99_999, constraints: [['rack', 'UNIQUE']] },
        offer: { ...withGpus, unavailability: { start: instant(-1) } },
      },
      [
        'UnfulfilledConstraint',
        'AgentMaintenance',
        'InsufficientCpus',
        'InsufficientMemory',
        'InsufficientDisk',
        'DeclinedScarceResources',
      ],
    ],
    [
      'maintenance counts as a constraint',
      { offer: maintained, input: { now: instant(1) } },
      ['UnfulfilledConstraint', 'AgentMaintenance'],
    ],
    ['GPUs are left to those who need them', { offer: withGpus }, ['DeclinedScarceResources']],
    ['who needs GPUs gets them', { app: { gpus: 1 }, offer: withGpus }, undefined],
    [
      'no resource of an accepted role',
      { offer: onlyReserved },
      ['UnfulfilledRole', 'InsufficientCpus', 'InsufficientMemory'],
    ],
    [
      'resources of the accepted role',
      { app: { acceptedResourceRoles: ['prod'] }, offer: onlyReserved },
      undefined,
    ],
    [
      'only an operator has reserved',
      { app: { acceptedResourceRoles: ['dev'] } },
      ['UnfulfilledRole', 'InsufficientCpus', 'InsufficientMemory'],
    ],
    [
      'resident apps need a reservation',
      { app: { container: residentContainer } },
      ['NoCorrespondingReservationFound'],
    ],
    [
      'a remote region has no reason of its own',
      { offer: { region: 'us' }, input: { homeRegion: 'eu' } },
      [],
    ],
    ['the home region', { offer: { region: 'eu' }, input: { homeRegion: 'eu' } }, undefined],
    [
      'a remote region that is asked for',
      {
        app: { constraints: [['@region', 'IS', 'us']] },
        offer: { region: 'us' },
        input: { homeRegion: 'eu' },
      },
      undefined,
    ],
    [
      'a remote region that is not the one asked for',
      {
        app: { constraints: [['@region', 'IS', 'asia']] },
        offer: { region: 'us' },
        input: { homeRegion: 'eu' },
      },
      ['UnfulfilledConstraint'],
    ],
  ])('%s', (_name, given, expected) => {
    expect(reasons(given)).toEqual(expected)
  })

  test('another app on the same host does not count (worked-examples 3)', () => {
    const web: Partial<App> = { id: '/web', constraints: [['hostname', 'MAX_PER', '2']] }
    const api: Partial<App> = { id: '/api', constraints: [['hostname', 'MAX_PER', '1']] }
    const here = placedInstance({ hostname: 'node7.example' })
    expect(reasons({ app: web, placed: [here] })).toBeUndefined()
    expect(reasons({ app: web, placed: [here, here] })).toEqual(['UnfulfilledConstraint'])
    expect(reasons({ app: api, placed: [] })).toBeUndefined()
  })

  test('launches of the same turn count: the third on one host is refused (worked-examples 3)', () => {
    const app = placedApp({ instances: 3, constraints: [['hostname', 'MAX_PER', '2']] })
    const results = drain(openOffer(buildOffer()), app)
    expect(results.map(({ kind }) => kind)).toEqual(['match', 'match', 'no-match'])
  })

  test('GROUP_BY divides what is wanted now, not what was wanted when the instance was made', () => {
    const app: Partial<App> = { instances: 5, constraints: [['rack', 'GROUP_BY', '2']] }
    const offer = { attributes: [{ name: 'rack', text: 'B' }] }
    const placed = [...'AAABB'].map((rack) => placedInstance({ rack }))
    expect(reasons({ app, offer, placed })).toEqual(['UnfulfilledConstraint'])
    expect(reasons({ app, offer, placed, input: { wantedInstances: 9 } })).toBeUndefined()
  })
})

describe('what a launch takes', () => {
  const tenth = placedApp({ cpus: 0.1, mem: 1 })

  test('ten times 0.1 of 1 cpu, and not once more', () => {
    const remaining = openOffer(buildOffer({ resources: [scalar('cpus', 1), scalar('mem', 100)] }))
    expect(drain(remaining, tenth).filter(({ kind }) => kind === 'match')).toHaveLength(10)
    expect(remaining.total).toMatchObject({ cpus: 0, mem: 90_000 })
  })

  test('an amount from several entries lists the last one first, and keeps roles and reservations', () => {
    const reservations = [{ type: 'DYNAMIC', role: 'dev', principal: 'ops', labels: { a: 'b' } }] as const
    const offered: Resource[] = [
      scalar('cpus', 1, { role: 'dev', reservations }),
      scalar('mem', 4096),
      scalar('cpus', 2, { role: 'other' }),
      scalar('cpus', 2, { providerId: 'p1' }),
    ]
    const result = attempt({ app: { role: 'dev', cpus: 2.5, mem: 64 }, offer: { resources: offered } })
    expect(result.kind === 'match' && result.tasks[0]!.info.resources).toEqual([
      scalar('cpus', 1.5, { providerId: 'p1' }),
      scalar('cpus', 1, { role: 'dev', reservations }),
      scalar('mem', 64),
    ])
  })

  test('nothing another Marathon has reserved, and no volume', () => {
    const reservations = [
      { type: 'DYNAMIC', role: 'dev', labels: { marathon_task_id: 'db.instance-1' } },
    ] as const
    const offered = [
      scalar('cpus', 8, { role: 'dev', reservations }),
      scalar('mem', 4096),
      scalar('disk', 500, { disk: { persistence: { id: 'v' } } }),
      scalar('disk', 500, { disk: { source: { type: 'PATH', root: '/mnt/1' } } }),
      scalar('disk', 500, { disk: { source: { type: 'RAW' } } }),
    ]
    expect(reasons({ app: { role: 'dev', cpus: 1, disk: 1 }, offer: { resources: offered } })).toEqual([
      'InsufficientCpus',
      'InsufficientDisk',
    ])
  })

  test('a port that two mappings share, one for each protocol, once', () => {
    const remaining = openOffer(
      buildOffer({ resources: [scalar('cpus', 4), scalar('mem', 4096), ports([[53, 60]])] }),
    )
    const app = placedApp({
      networks: [{ mode: 'container/bridge' }],
      container: {
        type: 'DOCKER',
        docker: { image: 'dns', privileged: false, forcePullImage: false, parameters: [] },
        volumes: [],
        portMappings: ['tcp', 'udp'].map((protocol) => {
          return { containerPort: 53, hostPort: 53, servicePort: 0, protocol, labels: {} }
        }),
      },
    })
    const [first, second] = drain(remaining, app)
    expect(first).toMatchObject({ kind: 'match', tasks: [{ hostPorts: [53, 53] }] })
    const task = first?.kind === 'match' ? first.tasks[0] : undefined
    expect(task?.info.resources?.filter(({ name }) => name === 'ports')).toEqual([ports([[53, 53]])])
    expect(remaining.total.ports).toBe(7)
    expect(second).toMatchObject({ kind: 'no-match', reasons: ['InsufficientPorts'] })
  })

  test('a port that is offered for two roles, as agents may be set up, once', () => {
    const resources = [
      scalar('cpus', 4),
      scalar('mem', 4096),
      ports([[8080, 8082]]),
      ports(
        [
          [8079, 8080],
          [8082, 8083],
        ],
        { role: 'dev' },
      ),
    ]
    const remaining = openOffer(buildOffer({ resources }))
    expect(remaining.ports.map(({ begin, end, source }) => [begin, end, source.role])).toEqual([
      [8080, 8082, '*'],
      [8079, 8079, 'dev'],
      [8083, 8083, 'dev'],
    ])
    expect(remaining.total.ports).toBe(5)
  })

  test('an amount of zero is not sent', () => {
    const result = attempt({ app: { mem: 0 } })
    expect(result.kind === 'match' && result.tasks[0]!.info.resources).toEqual([scalar('cpus', 0.1)])
  })

  test('an offer that is used up has nothing for the role', () => {
    const remaining = openOffer(buildOffer({ resources: [scalar('cpus', 0.1), scalar('mem', 32)] }))
    const results = drain(remaining, placedApp())
    expect(results[1]).toEqual({
      kind: 'no-match',
      reasons: ['UnfulfilledRole', 'InsufficientCpus', 'InsufficientMemory'],
    })
  })

  test('a refused offer keeps all it has', () => {
    const remaining = openOffer(buildOffer())
    const before = structuredClone(remaining)
    attempt({ app: { cpus: 1, mem: 99_999 }, input: { remaining } })
    attempt({
      app: { requirePorts: true, portDefinitions: [{ port: 1, protocol: 'tcp' }] },
      input: { remaining },
    })
    expect(remaining).toEqual(before)
  })

  test('tasks are told the address at which the agent is reached', () => {
    const result = attempt({ offer: { hostname: 'rack-1', address: '127.0.0.1' } })
    expect(result.kind === 'match' && result.agent).toMatchObject({
      hostname: 'rack-1',
      address: '127.0.0.1',
    })
    expect(result.kind === 'match' && result.tasks[0]!.info.command.environment).toContainEqual({
      name: 'HOST',
      value: '127.0.0.1',
    })
  })

  test('the same draws give the same launches', () => {
    const app = placedApp({ portDefinitions: [{ port: 1, protocol: 'tcp' }] })
    const offer = buildOffer({
      resources: [
        scalar('cpus', 1),
        scalar('mem', 999),
        ports([
          [1, 9],
          [20, 29],
        ]),
      ],
    })
    const portsOf = () =>
      drain(openOffer(offer), app).map((result) => result.kind === 'match' && result.tasks[0]!.hostPorts)
    expect(portsOf()).toEqual(portsOf())
  })
})

const anyRole = fc.constantFrom('*', 'dev', 'other')
const anyScalars = fc.array(
  fc.record({
    name: fc.constantFrom('cpus', 'mem', 'disk'),
    scalar: fc.integer({ min: 1, max: 4000 }).map((n) => n / 1000),
    role: anyRole,
  }),
  { maxLength: 8 },
)
const anyPorts = fc
  .uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 5 })
  .chain((starts) => fc.tuple(fc.constant(starts), fc.nat(7), anyRole))
  .map(([starts, width, role]) => starts.map((start) => ports([[start * 10, start * 10 + width]], { role })))
const anyOffers = fc.array(
  fc.record({
    resources: fc.tuple(anyScalars, anyPorts).map(([a, b]) => [...a, ...b]),
    rack: fc.constantFrom('A', 'B', 'C'),
  }),
  { minLength: 1, maxLength: 5 },
)
const anyConstraints: fc.Arbitrary<Constraint[]> = fc.subarray<Constraint>([
  ['rack', 'MAX_PER', '2'],
  ['hostname', 'UNIQUE'],
  ['rack', 'UNLIKE', 'C'],
  ['rack', 'GROUP_BY', '2'],
])
const anyApp = fc
  .record({
    cpus: fc.integer({ min: 1, max: 1500 }).map((n) => n / 1000),
    mem: fc.integer({ min: 0, max: 1500 }).map((n) => n / 1000),
    disk: fc.integer({ min: 0, max: 900 }).map((n) => n / 1000),
    portDefinitions: fc.array(fc.constant({ port: 0, protocol: 'tcp' }), { maxLength: 3 }),
    constraints: anyConstraints,
  })
  .map((app) => placedApp({ ...app, role: 'dev', instances: 6 }))

test('never more is taken than was offered, ports are distinct and offered, constraints hold', () => {
  fc.assert(
    fc.property(anyOffers, fc.array(anyApp, { minLength: 1, maxLength: 2 }), (hosts, apps) => {
      const placed = apps.map((app) => buildPlacedIndex([], app))
      const racks = apps.map(() => [] as { rack: string; hostname: string }[])
      const rng = stream(3, 'property')
      hosts.forEach(({ resources, rack }, host) => {
        const hostname = `h${host}`
        const offer = buildOffer({ hostname, resources, attributes: [{ name: 'rack', text: rack }] })
        const remaining = openOffer(offer)
        const taken: Resource[] = []
        for (let turn = 0; turn < 12; turn++) {
          const which = turn % apps.length
          const runSpec = apps[which]!
          const instance = scheduledInstance()
          const input = {
            remaining,
            instance,
            runSpec,
            placed: placed[which]!,
            settings,
            rng,
            now: instant(0),
          }
          const result = matchOffer(input)
          if (result.kind === 'no-match') continue
          addPlaced(placed[which]!, result.agent)
          racks[which]!.push({ rack, hostname })
          taken.push(...result.tasks[0]!.info.resources)
          expect(sumOf(result.tasks[0]!.info.resources, 'cpus')).toBe(Math.round(runSpec.cpus * 1000))
          expect(sumOf(result.tasks[0]!.info.resources, 'mem')).toBe(Math.round(runSpec.mem * 1000))
          expect(result.tasks[0]!.hostPorts).toHaveLength(runSpec.portDefinitions!.length)
        }
        checkTaken(taken, resources)
      })
      for (const [i, app] of apps.entries()) checkConstraints(app, racks[i]!)
    }),
    { numRuns: 300 },
  )
})

const sumOf = (resources: readonly Resource[], name: string, role?: string): number =>
  resources
    .filter((resource) => resource.name === name && (role === undefined || resource.role === role))
    .reduce((sum, { scalar: amount = 0 }) => sum + Math.round(amount * 1000), 0)

const portsOf = (resources: readonly Resource[], role: string): number[] =>
  resources
    .filter((resource) => resource.name === 'ports' && resource.role === role)
    .flatMap(({ ranges = [] }) => ranges)
    .flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i))

function checkTaken(taken: readonly Resource[], offered: readonly Resource[]): void {
  for (const role of ['*', 'dev']) {
    for (const name of ['cpus', 'mem', 'disk']) {
      expect(sumOf(taken, name, role)).toBeLessThanOrEqual(sumOf(offered, name, role))
    }
    const numbers = portsOf(taken, role)
    expect(new Set(numbers).size).toBe(numbers.length)
    const free = new Set(portsOf(offered, role))
    for (const number of numbers) expect(free.has(number)).toBe(true)
  }
  expect(taken.every(({ role }) => role === '*' || role === 'dev')).toBe(true)
}

function checkConstraints(app: App, where: readonly { rack: string; hostname: string }[]): void {
  const most = (key: 'rack' | 'hostname'): number =>
    Math.max(0, ...where.map((each) => where.filter((other) => other[key] === each[key]).length))
  for (const [, operator] of app.constraints) {
    if (operator === 'MAX_PER') expect(most('rack')).toBeLessThanOrEqual(2)
    if (operator === 'UNIQUE') expect(most('hostname')).toBeLessThanOrEqual(1)
    if (operator === 'UNLIKE') expect(where.some(({ rack }) => rack === 'C')).toBe(false)
    if (operator === 'GROUP_BY') {
      expect(new Set(where.map(({ rack }) => rack)).size).toBeLessThanOrEqual(2)
      expect(most('rack')).toBeLessThanOrEqual(3)
    }
  }
}
