// How fast offers are matched, without store, engine and the rest of the core: the share of the launch rate that
// placement may spend. Figures are per second of one thread.

import type { Instance } from '../src/core/instances/instance.ts'
import type { Offer } from '../src/core/mesos.ts'
import { addPlaced, buildPlacedIndex, type PlacedIndex } from '../src/core/placement/constraint-index.ts'
import { matchOffer } from '../src/core/placement/match.ts'
import { openOffer, type RemainingOffer } from '../src/core/placement/remaining.ts'
import { defaultSettings } from '../src/core/settings.ts'
import { instant } from '../src/lib/instant.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import type { App } from '../src/spec/app.ts'
import { buildOffer, placedApp, ports, scalar, scheduledInstance } from '../tests/support/build-placement.ts'

const agentCount = 5_000
const settings = defaultSettings
const now = instant(0)

export interface PlacementFigures {
  /** One app of 100,000 instances with one port each, no constraints. */
  readonly oneAppMatchesPerSecond: number
  /** The same, spread by GROUP_BY over 20 racks and at most 25 per host. */
  readonly oneAppConstrainedMatchesPerSecond: number
  /** 1,000 apps of 100 instances each, taking turns. */
  readonly thousandAppsMatchesPerSecond: number
  /** Full matches of offers that cannot take the app, with all their reasons. */
  readonly refusalsPerSecond: number
}

export function run(): PlacementFigures {
  // The first round is for the compiler, the second is measured.
  measure()
  return measure()
}

function measure(): PlacementFigures {
  const plain = app('/bench/one', 100_000)
  const constrained: App = {
    ...plain,
    constraints: [
      ['rack', 'GROUP_BY', '20'],
      ['hostname', 'MAX_PER', '25'],
    ],
  }
  const many = Array.from({ length: 1_000 }, (_, i) => app(`/bench/app-${i}`, 100))
  return {
    oneAppMatchesPerSecond: placeAll([plain]),
    oneAppConstrainedMatchesPerSecond: placeAll([constrained]),
    thousandAppsMatchesPerSecond: placeAll(many),
    ...refuseAll(),
  }
}

const app = (id: string, instances: number): App =>
  placedApp({
    id,
    instances,
    cpus: 0.1,
    mem: 32,
    portDefinitions: [{ port: 10_000, name: 'http', protocol: 'tcp' }],
    labels: { team: 'blue' },
    env: { MODE: 'prod' },
  })

const scheduled = (runSpec: App): Instance =>
  scheduledInstance({ id: `bench.instance-${runSpec.id}`, runSpecId: runSpec.id })

/** Places every instance of every app, agent after agent, the apps taking turns; matches per second. */
function placeAll(apps: readonly App[]): number {
  const rng = stream(1, 'placement-bench')
  const queues = apps.map((runSpec) => ({
    runSpec,
    placed: buildPlacedIndex([], runSpec),
    instance: scheduled(runSpec),
    left: runSpec.instances,
  }))
  let matches = 0
  let waiting = queues
  const start = performance.now()
  const offers = agents().map(openOffer)
  while (waiting.length > 0) {
    const before = matches
    for (const remaining of offers) {
      const queue = waiting[matches % waiting.length]
      if (queue === undefined) break
      if (!place(remaining, queue.instance, queue.runSpec, queue.placed, rng)) continue
      matches++
      queue.left--
      if (queue.left === 0) waiting = waiting.filter((other) => other !== queue)
    }
    if (matches === before)
      throw new Error(`${waiting.length} apps find no more room after ${matches} matches`)
  }
  return perSecond(matches, performance.now() - start)
}

function place(
  remaining: RemainingOffer,
  instance: Instance,
  runSpec: App,
  placed: PlacedIndex,
  rng: Rng,
): boolean {
  const result = matchOffer({ remaining, instance, runSpec, placed, settings, rng, now })
  if (result.kind === 'match') addPlaced(placed, result.agent)
  return result.kind === 'match'
}

function refuseAll(): Pick<PlacementFigures, 'refusalsPerSecond'> {
  const runSpec = { ...app('/bench/big', 1), cpus: 64, constraints: [['rack', 'LIKE', 'rack-.*']] } as App
  const placed = buildPlacedIndex([], runSpec)
  const instance = scheduled(runSpec)
  const rng = stream(1, 'placement-bench')
  const offers = agents().map(openOffer)
  const rounds = 40
  let refused = 0
  const start = performance.now()
  for (let round = 0; round < rounds; round++) {
    for (const remaining of offers) if (!place(remaining, instance, runSpec, placed, rng)) refused++
  }
  const full = performance.now() - start
  if (refused !== rounds * agentCount) throw new Error(`expected only refusals, got ${refused}`)
  return { refusalsPerSecond: perSecond(rounds * agentCount, full) }
}

const agents = (): Offer[] =>
  Array.from({ length: agentCount }, (_, i) =>
    buildOffer({
      id: `offer-${i}`,
      agentId: `agent-${i}`,
      hostname: `node-${i}.example`,
      resources: [
        scalar('cpus', 32),
        scalar('mem', 131_072),
        scalar('disk', 100_000),
        ports([[31_000, 32_000]]),
      ],
      attributes: [{ name: 'rack', text: `rack-${i % 20}` }],
    }),
  )

const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000)
