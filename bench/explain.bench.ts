// What one explanation takes of the core's thread: an app of ten thousand instances that wait, on five thousand agents
// none of which takes one, for each kind of reason; and one of which all run.

import type { Offer } from '../src/core/mesos.ts'
import { explanationText } from '../src/http/render/explanation.ts'
import { HandCore, offerOf } from '../tests/support/hand-core.ts'
import { type Quantiles, quantiles } from './lib/statistics.ts'

const agents = 5_000
const instances = 10_000
const asked = 40

const apps: Readonly<Record<string, object>> = {
  amount: { mem: 200_000 },
  constraints: {
    constraints: [
      ['rack', 'IS', 'none'],
      ['zone', 'LIKE', 'x.*'],
      ['hostname', 'MAX_PER', '1'],
    ],
  },
  both: { mem: 200_000, constraints: [['rack', 'IS', 'none']] },
  ports: { requirePorts: true, portDefinitions: [{ port: 80 }, { port: 81 }, { port: 31_000 }] },
  nothing: {},
}

export interface ExplainFigures {
  readonly byReason: Readonly<Record<string, Quantiles>>
  /** The highest median. */
  readonly dearestMs: number
}

export function run(): ExplainFigures {
  const byReason: Record<string, Quantiles> = {}
  for (const [name, app] of Object.entries(apps)) byReason[name] = quantiles(timesOf(app))
  return { byReason, dearestMs: Math.max(...Object.values(byReason).map(({ p50Ms }) => p50Ms)) }
}

function timesOf(app: object): readonly number[] {
  const core = new HandCore()
  core.offers(...Array.from({ length: agents }, (_, n) => offerFrom(n)))
  core.create({ id: '/web', cmd: 'serve', cpus: 0.001, mem: 1, instances, ...app })
  for (let turn = 0; turn < 20; turn++) core.step({ kind: 'woke' })
  core.tellAll('TASK_RUNNING')
  const times: number[] = []
  for (let n = 0; n < asked * 2; n++) {
    const start = performance.now()
    explanationText(core.view.explain({ kind: 'app', id: '/web' })!)
    // The first half is to become warm.
    if (n >= asked) times.push(performance.now() - start)
  }
  return times
}

function offerFrom(n: number): Offer {
  return offerOf(`node-${n}`, {
    resources: [
      { name: 'cpus', scalar: 8, role: '*' },
      { name: 'mem', scalar: 1_000 + ((n * 7) % 5_000), role: '*' },
      { name: 'ports', ranges: [{ begin: 31_000, end: 41_999 }], role: '*' },
    ],
    attributes: [
      { name: 'rack', text: `rack-${n % 50}` },
      { name: 'zone', text: `zone-${n % 3}` },
    ],
  })
}
