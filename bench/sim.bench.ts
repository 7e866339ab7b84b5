// How fast the scheduler launches on clusters nobody has at hand: core, driver and durable store as in production,
// against simulated agents whose tasks start at once. From the request to the last instance seen running; memory
// includes the simulated cluster, which lives in the same process.

import { type LaunchFigures, launchAll } from './lib/launching.ts'

export interface SimFigures {
  readonly oneAppThousandAgents: LaunchFigures
  readonly oneAppFiveThousandAgents: LaunchFigures
  /** 1,000 apps of 100 instances, GROUP_BY rack, in ten requests under way at one time. */
  readonly thousandAppsFiveThousandAgents: LaunchFigures
}

const instances = 100_000

export async function run(): Promise<SimFigures> {
  return {
    oneAppThousandAgents: await measure(1_000, [app('/bench/one', instances)]),
    oneAppFiveThousandAgents: await measure(5_000, [app('/bench/one', instances)]),
    thousandAppsFiveThousandAgents: await measure(
      5_000,
      Array.from({ length: 1_000 }, (_, n) => ({
        ...app(`/bench/group-${n % 50}/app-${n}`, instances / 1_000),
        constraints: [['rack_id', 'GROUP_BY']],
      })),
    ),
  }
}

const measure = (agents: number, apps: readonly object[]): Promise<LaunchFigures> =>
  launchAll({ agents, apps, instances })

const app = (id: string, count: number): object => ({
  id,
  cmd: 'serve',
  cpus: 0.1,
  mem: 64,
  instances: count,
  env: { MODE: 'prod' },
  labels: { team: 'blue' },
})
