// The engine's contract for Mesos: the real engine over real HTTP, a fake master, agents that run real processes.

import { SystemClock } from '../../src/driver/clock.ts'
import { MesosEngine } from '../../src/engine/mesos/engine.ts'
import { ListedMasters, schedulerUrl } from '../../src/engine/mesos/masters/masters.ts'
import { millis, seconds } from '../../src/lib/instant.ts'
import { stream } from '../../src/lib/rng.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { describeEngine, type EngineHarness } from '../contracts/engine.contract.ts'
import { FakeCluster } from '../fakes/mesos/cluster.ts'
import { ProcessRunner } from '../fakes/mesos/process-runner.ts'

const principal = 'marathon'

async function create(): Promise<EngineHarness> {
  const cluster = await FakeCluster.start({
    runner: new ProcessRunner(),
    timing: { allocationMs: 50, repeatMs: 1_000, executorEndMs: 20 },
  })
  const open = (): MesosEngine =>
    new MesosEngine({
      clock: new SystemClock(),
      rng: stream(1, 'backoff'),
      log: silentLogger,
      masters: new ListedMasters([schedulerUrl(new URL(`http://${cluster.address}`))]),
      framework: () => ({
        name: 'marathon',
        user: 'root',
        principal,
        failoverTimeout: seconds(604_800),
        checkpoint: true,
        features: { taskKilling: true, gpuResources: false },
      }),
      heartbeatInterval: millis(15_000),
      heartbeatFailureThreshold: 5,
    })
  const known = (): string => [...cluster.master.frameworks.keys()][0]!
  let engine = open()
  return {
    engine,
    restart: async () => {
      await engine.stop()
      const next = open()
      engine = next
      // The stored framework id makes it the framework it was.
      const registration = { frameworkId: known(), roles: ['*'], suppressedRoles: [] }
      const start = next.start.bind(next)
      next.start = (report) => start(report, registration)
      return next
    },
    remove: async () => {
      await engine.stop()
      await cluster.close()
    },
  }
}

describeEngine('mesos', {
  create,
  commands: {
    runs: 'sleep 600',
    finishes: 'true',
    fails: 'exit 3',
    turnsBad: 'touch well; sleep 2; rm well; sleep 600',
  },
  checkCommands: { well: 'true', badly: 'exit 9', whileWell: '[ -e well ]' },
  patienceMs: 15_000,
  repeatsInTime: true,
  outlivesProcess: true,
  controlsAgents: false,
  pods: 'run',
  reserves: { role: 'web', principal },
})
