// What one placement costs under each constraint, beside ever more placed instances of the same app: asked, counted,
// taken back, on a thousand agents in turn, whatever is placed. What it looks at does not grow
// (constraint-cost.test.ts counts that); the tables themselves do.

import type { AgentInfo } from '../src/core/instances/instance.ts'
import { addPlaced, buildPlacedIndex, removePlaced } from '../src/core/placement/constraint-index.ts'
import { compileConstraint, meetsConstraints } from '../src/core/placement/filters/constraints.ts'
import type { App, Constraint } from '../src/spec/app.ts'
import { placedApp, placedInstance } from '../tests/support/build-placement.ts'
import { round2 } from './lib/statistics.ts'

const sizes = [1_000, 10_000, 100_000]
const asked = 1_000
const racks = 20
const placements = 200_000

const operators: Readonly<Record<string, readonly Constraint[]>> = {
  UNIQUE: [['hostname', 'UNIQUE']],
  CLUSTER: [['@region', 'CLUSTER']],
  'CLUSTER value': [['rack', 'CLUSTER', 'rack-1']],
  GROUP_BY: [['rack', 'GROUP_BY']],
  'GROUP_BY value': [['rack', 'GROUP_BY', String(racks)]],
  LIKE: [['rack', 'LIKE', 'rack-1.*']],
  UNLIKE: [['rack', 'UNLIKE', 'rack-1.*']],
  MAX_PER: [['hostname', 'MAX_PER', '25']],
  IS: [['rack', 'IS', 'rack-1']],
  together: [
    ['rack', 'GROUP_BY'],
    ['hostname', 'MAX_PER', '25'],
    ['@region', 'CLUSTER'],
  ],
}

export interface ConstraintFigures {
  /** Nanoseconds for one placement, by operator and by how many are placed. */
  readonly nanos: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The highest quotient of the largest and the smallest size, over all operators. */
  readonly dearestRatio: number
}

export function run(): ConstraintFigures {
  measure()
  return measure()
}

function measure(): ConstraintFigures {
  const agents = Array.from({ length: sizes.at(-1)! }, (_, n) => agentOf(n))
  const nanos: Record<string, Record<string, number>> = {}
  let dearestRatio = 0
  for (const [name, constraints] of Object.entries(operators)) {
    const perSize = sizes.map((size) => cost(agents, size, constraints))
    nanos[name] = Object.fromEntries(sizes.map((size, i) => [String(size), perSize[i]!]))
    dearestRatio = Math.max(dearestRatio, round2(perSize.at(-1)! / perSize[0]!))
  }
  return { nanos, dearestRatio }
}

/** One placed instance for each of the first `size` agents, and then placements on some of them. */
function cost(agents: readonly AgentInfo[], size: number, constraints: readonly Constraint[]): number {
  const app: App = placedApp({ instances: size + 1, constraints })
  const compiled = constraints.map(compileConstraint)
  const index = buildPlacedIndex([], app)
  for (const agent of agents.slice(0, size)) addPlaced(index, agent)
  const start = performance.now()
  for (let n = 0; n < placements; n++) {
    const agent = agents[n % asked]!
    meetsConstraints(compiled, agent, index, app.instances)
    addPlaced(index, agent)
    removePlaced(index, agent)
  }
  const ms = performance.now() - start
  return Math.round((ms / placements) * 1e6)
}

function agentOf(n: number): AgentInfo {
  const { agent } = placedInstance({ hostname: `node-${n}.example`, rack: `rack-${n % racks}` })
  return { ...agent!, region: 'eu' }
}
