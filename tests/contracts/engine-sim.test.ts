// The engine's contract for the simulated engine, on a clock that the waiting moves.

import { SimEngine } from '../../src/engine/sim/engine.ts'
import { instant } from '../../src/lib/instant.ts'
import { HandClock } from '../support/hand-clock.ts'
import { describeEngine } from './engine.contract.ts'

let clock = new HandClock(instant(Date.UTC(2031, 3, 2)))

describeEngine('sim', {
  create: async () => {
    clock = new HandClock(instant(Date.UTC(2031, 3, 2)))
    const engine = new SimEngine({ clock, agents: 3, role: '*', seed: 1 })
    return { engine, remove: () => engine.stop() }
  },
  commands: { runs: 'serve', finishes: 'true', fails: 'exit 3', turnsBad: 'unhealthy after 5 s' },
  checkCommands: { well: 'curl', badly: 'false', whileWell: 'curl' },
  patienceMs: 2_000,
  repeatsInTime: true,
  outlivesProcess: false,
  controlsAgents: true,
  pods: 'run',
  reserves: { role: 'web', principal: 'marathon' },
  tick: () => clock.advance(500),
})
