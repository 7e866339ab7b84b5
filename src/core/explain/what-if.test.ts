// What is said to help does: with the change made in the definition, the matcher accepts on exactly as many agents.

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
import { plainContainer, plainPod } from '../../../tests/support/plain-pod.ts'
import { instant, millis } from '../../lib/instant.ts'
import type { App, Constraint } from '../../spec/app.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Instance } from '../instances/instance.ts'
import type { Offer } from '../mesos.ts'
import { buildPlacedIndex } from '../placement/constraint-index.ts'
import { matchOffer } from '../placement/match.ts'
import { openOffer } from '../placement/remaining.ts'
import { defaultSettings, type Settings } from '../settings.ts'
import type { Change } from './cause.ts'
import { survey } from './survey.ts'
import { whatIfs } from './what-if.ts'

const now = instant(1_000)

interface World {
  readonly runSpec: RunSpec
  readonly offers: readonly Offer[]
  readonly placed: readonly Instance[]
}

const surveyOf = ({ runSpec, offers, placed }: World) =>
  survey({
    runSpec,
    wanted: runSpec.instances,
    placed: buildPlacedIndex(placed, runSpec),
    offers,
    open: openOffer,
    settings: defaultSettings,
    homeRegion: 'home',
    reserves: false,
    now,
  })

/** How many agents take an instance, as a match of the real thing says. */
function accepting({ runSpec, offers, placed }: World, settings: Settings, anyRegion: boolean): number {
  const accepted = offers.filter((offer) => {
    const homeRegion = anyRegion ? offer.region : 'home'
    const match = matchOffer({
      remaining: openOffer(offer),
      instance: scheduledInstance(),
      runSpec,
      placed: buildPlacedIndex(placed, runSpec),
      settings,
      rng: fixedRng(),
      now,
      ...(homeRegion === undefined ? {} : { homeRegion }),
    })
    return match.kind === 'match'
  })
  return accepted.length
}

/** The world as it would be, by what an operator would do. */
function changed(
  world: World,
  changes: readonly Change[],
): { world: World; settings: Settings; anyRegion: boolean } {
  let runSpec = world.runSpec as App
  let settings = defaultSettings
  let anyRegion = false
  for (const change of changes) {
    switch (change.change) {
      case 'cpus':
      case 'mem':
      case 'disk':
      case 'gpus':
        runSpec = { ...runSpec, [change.change]: change.atMost }
        break
      case 'constraint':
        runSpec = {
          ...runSpec,
          constraints: runSpec.constraints.filter((each) => each !== change.constraint),
        }
        break
      case 'port':
        runSpec = {
          ...runSpec,
          portDefinitions: runSpec.portDefinitions!.filter(({ port }) => port !== change.port),
        }
        break
      case 'ports':
        runSpec = { ...runSpec, portDefinitions: [] }
        break
      case 'roles':
        runSpec = { ...runSpec, acceptedResourceRoles: ['*', ...change.roles] }
        break
      case 'maintenance':
        settings = { ...settings, maintenanceMode: false }
        break
      case 'gpus-kept':
        runSpec = { ...runSpec, labels: { GPU_SCHEDULING_BEHAVIOR: 'unrestricted' } }
        break
      case 'region':
        anyRegion = true
        break
      default:
        throw new Error(`no such change is expected: ${change.change}`)
    }
  }
  return { world: { ...world, runSpec }, settings, anyRegion }
}

const amount = fc.integer({ min: 0, max: 4_000 }).map((thousandths) => thousandths / 1_000)
const racks = ['a', 'b', 'c'] as const

const anyConstraint: fc.Arbitrary<Constraint> = fc.constantFrom<Constraint>(
  ['rack', 'UNIQUE'],
  ['rack', 'MAX_PER', '1'],
  ['rack', 'LIKE', '[ab]'],
  ['rack', 'UNLIKE', 'a'],
  ['rack', 'IS', 'c'],
  ['rack', 'CLUSTER'],
  ['rack', 'GROUP_BY', '2'],
  ['hostname', 'UNIQUE'],
  ['@region', 'IS', 'home'],
  ['@zone', 'GROUP_BY'],
  ['missing', 'LIKE', '.*'],
)

const anyApp = fc
  .record({
    cpus: amount,
    mem: amount,
    disk: amount,
    gpus: fc.constantFrom(0, 0, 1),
    instances: fc.integer({ min: 1, max: 5 }),
    constraints: fc.uniqueArray(anyConstraint, { maxLength: 3, selector: (each) => each.join() }),
    requirePorts: fc.boolean(),
    portDefinitions: fc
      .uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 })
      .map((list) => list.map((port) => ({ port, protocol: 'tcp', labels: {} }))),
  })
  .map((change) => placedApp(change))

const anyOffer = (index: number) =>
  fc
    .record({
      roles: fc.array(fc.constantFrom('*', '*', 'prod'), { minLength: 4, maxLength: 4 }),
      amounts: fc.array(amount, { minLength: 3, maxLength: 3 }),
      reserved: amount,
      gpus: fc.constantFrom(0, 0, 0, 1),
      begin: fc.integer({ min: 1, max: 6 }),
      size: fc.integer({ min: 0, max: 3 }),
      rack: fc.option(fc.constantFrom(...racks), { nil: undefined }),
      region: fc.constantFrom(undefined, undefined, 'home', 'far'),
      isMaintained: fc.constantFrom(false, false, false, true),
    })
    .map(({ roles, amounts, reserved, gpus, begin, size, rack, region, isMaintained }): Offer => {
      const [cpus = 0, mem = 0, disk = 0] = amounts
      return buildOffer({
        id: `o${index}`,
        agentId: `a${index}`,
        hostname: `h${index}`,
        resources: [
          scalar('cpus', cpus, { role: roles[0]! }),
          scalar('cpus', reserved, { role: 'prod' }),
          scalar('mem', mem, { role: roles[1]! }),
          scalar('disk', disk, { role: roles[2]! }),
          ...(gpus > 0 ? [scalar('gpus', gpus)] : []),
          ports([[begin, begin + size]], { role: roles[3]! }),
        ],
        attributes: rack === undefined ? [] : [{ name: 'rack', text: rack }],
        ...(region === undefined ? {} : { region, zone: region }),
        ...(isMaintained ? { unavailability: { start: instant(0), duration: millis(60_000) } } : {}),
      })
    })

const anyWorld: fc.Arbitrary<World> = fc.record({
  runSpec: anyApp,
  offers: fc
    .integer({ min: 1, max: 8 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => anyOffer(at)))),
  placed: fc.array(
    fc.constantFrom(...racks).map((rack) => placedInstance({ rack, hostname: `on-${rack}` })),
    { maxLength: 3 },
  ),
})

describe('what would help', () => {
  test('helps on exactly as many agents as is said, once it is done', () => {
    fc.assert(
      fc.property(anyWorld, fc.integer({ min: 1, max: 5 }), (world, count) => {
        const surveyed = surveyOf(world)
        const fitting = surveyed.agents.filter(({ missing }) => missing === 0).length
        expect(fitting).toBe(accepting(world, defaultSettings, false))
        if (fitting > 0) return
        for (const { changes, agents } of whatIfs(surveyed, count)) {
          const then = changed(world, changes)
          expect(agents).toBe(accepting(then.world, then.settings, then.anyRegion))
          expect(agents).toBeGreaterThan(0)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('is found wherever a single change of an amount or a constraint helps anywhere', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const surveyed = surveyOf(world)
        if (surveyed.agents.some(({ missing }) => missing === 0)) return
        const { constraints } = world.runSpec
        const singles = constraints.filter((each) => {
          const then = changed(world, [{ change: 'constraint', constraint: each }])
          return accepting(then.world, then.settings, then.anyRegion) > 0
        })
        const said = whatIfs(surveyed, 1)
        // There is room for as many as are shown, unless others help on more agents.
        if (said.length < 6) {
          for (const each of singles) {
            expect(
              said.some(
                ({ changes }) =>
                  changes.length === 1 && 'constraint' in changes[0]! && changes[0].constraint === each,
              ),
            ).toBe(true)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('of an amount is the largest that fits', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const surveyed = surveyOf(world)
        if (surveyed.agents.some(({ missing }) => missing === 0)) return
        for (const { changes } of whatIfs(surveyed, 1)) {
          const [only] = changes
          if (changes.length > 1 || only === undefined || !('atMost' in only)) continue
          const more = changed(world, [{ ...only, atMost: (only.atMost * 1_000 + 1) / 1_000 }])
          expect(accepting(more.world, more.settings, more.anyRegion)).toBe(0)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('of a pod is said of what its containers take together', () => {
    const runSpec = plainPod({
      id: '/shop/pod',
      version: '2021-09-01T08:15:30.120Z',
      containers: ['a', 'b'].map((name) =>
        plainContainer({ name, resources: { cpus: 0.1, mem: 3_000, disk: 0, gpus: 0 } }),
      ),
    })
    const surveyed = surveyOf({ runSpec, offers: [buildOffer()], placed: [] })
    expect(whatIfs(surveyed, 1)).toMatchObject([
      { changes: [{ change: 'mem', atMost: 4_096, asks: 6_032 }], agents: 1, of: 1 },
    ])
  })

  test('of a constraint that is there twice is to be without both', () => {
    const is = (value: string): Constraint => ['rack', 'IS', value]
    const surveyed = surveyOf({
      runSpec: placedApp({ constraints: [is('a'), is('a')] }),
      offers: [buildOffer({ attributes: [{ name: 'rack', text: 'b' }] })],
      placed: [],
    })
    expect(whatIfs(surveyed, 1)).toMatchObject([{ changes: [{ constraint: is('a') }], agents: 1 }])
  })

  test('is not looked for without end where agents miss different rules and nothing helps', () => {
    const bits = 10
    const fields = Array.from({ length: bits * 4 }, (_, at) => `f${at}`)
    let asked = 0
    const offers = Array.from({ length: 2 ** bits }, (_, n) => ({
      ...buildOffer({
        id: `o${n}`,
        agentId: `a${n}`,
        // More rules refuse each agent than are told apart.
        attributes: fields.map((name, at) => ({ name, text: String((n >> (at % bits)) & 1) })),
      }),
      get role() {
        asked++
        return '*'
      },
    }))
    const runSpec = placedApp({
      constraints: fields.map((field, at): Constraint => [field, 'IS', at < bits ? '1' : 'x']),
    })
    expect(whatIfs(surveyOf({ runSpec, offers, placed: [] }), 1)).toEqual([])
    expect(asked).toBeLessThan(offers.length * 60)
  })
})
