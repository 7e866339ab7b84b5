// How the cost of launching grows with the agents, the apps and the instances there are: a grid of simulated clusters,
// each filled from empty, with driver, core and durable store as in production. Cells come by the number of their
// instances; those that would begin after the time of the whole grid is over are left out, and said to be.

import v8 from 'node:v8'
import vm from 'node:vm'
import { launchAll } from './lib/launching.ts'

const agentCounts = [100, 1_000, 5_000]
const appCounts = [1, 100, 1_000]
const instanceCounts = [1_000, 10_000, 100_000]
/** Five times what an instance of the most crowded agent needs. */
const ports = [20_000, 24_999] as const
const gridMs = 120_000

export interface GridCell {
  readonly upMs: number
  readonly launchesPerSecond: number
  readonly msPerLaunch: number
  /** Heap after a collection, less what was there before the first request; the app's own share is in it. */
  readonly heapBytesPerInstance: number
}

export interface GridFigures {
  /** By instances, agents and apps: `100000.on5000.of1000`. */
  readonly cells: Readonly<Record<string, GridCell>>
  readonly leftOut: string
}

export async function run(): Promise<GridFigures> {
  const cells: Record<string, GridCell> = {}
  const leftOut: string[] = []
  const collect = exposedCollector()
  const endMs = performance.now() + gridMs
  // The first is for the compiler.
  await fill(1_000, 100, 10_000, collect)
  for (const instances of instanceCounts) {
    for (const agents of agentCounts) {
      for (const apps of appCounts) {
        const name = `${instances} on ${agents} of ${apps}`
        if (performance.now() > endMs) leftOut.push(name)
        else cells[name] = await fill(agents, apps, instances, collect)
      }
    }
  }
  return { cells, leftOut: leftOut.join(', ') || 'nothing' }
}

async function fill(agents: number, apps: number, instances: number, collect: () => void): Promise<GridCell> {
  const heap = { empty: 0, full: 0 }
  const { upMs, launchesPerSecond } = await launchAll({
    agents,
    instances,
    ports,
    apps: Array.from({ length: apps }, (_, n) => app(`/grid/group-${n % 50}/app-${n}`, instances / apps)),
    observe: (moment) => {
      collect()
      heap[moment] = process.memoryUsage().heapUsed
    },
  })
  return {
    upMs,
    launchesPerSecond,
    msPerLaunch: Math.round((upMs / instances) * 1e4) / 1e4,
    heapBytesPerInstance: Math.round((heap.full - heap.empty) / instances),
  }
}

/** Small enough for a thousand of them on one agent. */
const app = (id: string, instances: number): object => ({
  id,
  cmd: 'serve',
  cpus: 0.05,
  mem: 32,
  instances,
  env: { MODE: 'prod' },
  labels: { team: 'blue' },
})

function exposedCollector(): () => void {
  v8.setFlagsFromString('--expose-gc')
  return vm.runInNewContext('gc') as () => void
}
