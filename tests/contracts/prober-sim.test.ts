// The prober's contract for the simulated engine's, which asks simulated tasks, on a clock that the waiting moves.

import type { EngineEvent } from '../../src/core/events.ts'
import type { Offer } from '../../src/core/mesos.ts'
import { SimEngine } from '../../src/engine/sim/engine.ts'
import { instant } from '../../src/lib/instant.ts'
import { HandClock } from '../support/hand-clock.ts'
import { describeProber } from './prober.contract.ts'

let clock = new HandClock(instant(Date.UTC(2031, 3, 2)))
const port = 31_005

/** Lets a second pass, with all that comes of it: what is told of one moment sets the alarm of the next. */
async function pass(): Promise<void> {
  for (let step = 0; step < 10; step++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
  }
}

describeProber('simulated', {
  create: async () => {
    clock = new HandClock(instant(Date.UTC(2031, 3, 2)))
    const engine = new SimEngine({ clock, agents: 1, role: '*', seed: 1 })
    const events: EngineEvent[] = []
    await engine.start((event) => events.push(event))
    await pass()
    const offer = events.flatMap((event): readonly Offer[] =>
      event.kind === 'offers' ? event.offers : [],
    )[0]!
    const { agentId, hostname } = offer
    const task = {
      name: 'web',
      taskId: 'web.instance-1._app.1',
      agentId,
      resources: [{ name: 'ports', ranges: [{ begin: port, end: port }], role: '*' }],
      command: { shell: true, value: 'serve', environment: [], uris: [] },
      labels: {},
      discovery: { visibility: 'FRAMEWORK', name: 'web', ports: [] },
    } as const
    const operations = [{ type: 'LAUNCH', tasks: [task] }] as const
    engine.perform([{ kind: 'accept', offerIds: [offer.id], agentId, operations }])
    await pass()
    return {
      prober: engine.prober,
      target: (protocol, who) => {
        const at = { address: hostname, port: who === 'well' ? port : port + 1 }
        return protocol === 'TCP' ? { protocol, ...at } : { protocol, ...at, path: '/' }
      },
      remove: async () => {
        await engine.prober.stop()
        await engine.stop()
      },
    }
  },
  patienceMs: 2_000,
  tick: () => clock.advance(25),
})
