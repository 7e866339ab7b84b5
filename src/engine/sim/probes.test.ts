import { beforeEach, describe, expect, test } from 'vitest'
import type { Probe, ProbeOutcome, ProbeTarget } from '../../core/health/probe.ts'
import type { ContainerInfo, TaskInfo } from '../../core/mesos.ts'
import { instant, millis, seconds } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import { fleet } from './agents.ts'
import { SimCluster } from './cluster.ts'
import { SimProbes } from './probes.ts'
import { calmTiming } from './timing.ts'

const id = 'web.instance-1._app.1'
const atAgent: ProbeTarget = { protocol: 'HTTP', address: 'agent-1.example', port: 31_001, path: '/' }

let cluster: SimCluster
let probes: SimProbes
let now: number

beforeEach(() => {
  now = 0
  cluster = new SimCluster({
    agents: fleet({ agents: 1, agentsPerRack: 1, cpus: 4, mem: 1_024, disk: 0, ports: [31_000, 31_009] }),
    holdsOffers: true,
    role: '*',
    seed: 1,
    timing: calmTiming,
  })
  probes = new SimProbes({ cluster, rng: stream(1, 'probes'), wire: [2, 2] })
  cluster.connect(instant(0))
})

function launch(value: string, container?: ContainerInfo): void {
  const offer = cluster.take().flatMap((event) => (event.kind === 'offers' ? event.offers : []))[0]!
  const task: TaskInfo = {
    name: 'web',
    taskId: id,
    agentId: offer.agentId,
    resources: [
      { name: 'cpus', scalar: 1, role: '*' },
      { name: 'mem', scalar: 32, role: '*' },
      { name: 'ports', ranges: [{ begin: 31_001, end: 31_001 }], role: '*' },
    ],
    command: { shell: true, value, environment: [], uris: [] },
    labels: {},
    discovery: { visibility: 'FRAMEWORK', name: 'web', ports: [] },
    ...(container === undefined ? {} : { container }),
  }
  const operations = [{ type: 'LAUNCH', tasks: [task] } as const]
  cluster.perform(
    [{ kind: 'accept', offerIds: [offer.id], agentId: offer.agentId, operations }],
    instant(now),
  )
}

function begin(target: ProbeTarget, more: Partial<Probe> = {}): void {
  const probe: Probe = {
    id: `health/0/${id}`,
    target,
    firstAfter: seconds(1),
    pace: 'fixed',
    interval: seconds(10),
    timeout: seconds(4),
    bodyBytes: 0,
    ...more,
  }
  probes.perform([{ kind: 'begin-probe', probe }], instant(now))
}

/** Lets time pass; each answer as `second: what`. */
function answers(untilSecond: number): readonly string[] {
  const told: string[] = []
  for (const end = untilSecond * 1_000; now < end; now += 1) {
    cluster.advance(instant(now))
    probes.advance(instant(now))
    for (const { outcome } of probes.take()) told.push(`${now / 1_000}: ${wordsOf(outcome)}`)
  }
  return told
}

const wordsOf = (outcome: ProbeOutcome): string =>
  outcome.kind === 'answered'
    ? [outcome.status, outcome.body].filter((part) => part !== undefined).join(' ')
    : outcome.kind === 'connected'
      ? outcome.kind
      : outcome.message

describe('a probe', () => {
  test('hears 200 of a task that runs, from question to question', () => {
    launch('sleep 600')
    begin(atAgent)
    expect(answers(25)).toEqual(['1.004: 200', '11.004: 200', '21.004: 200'])
  })

  test('or from an answer to the next question', () => {
    launch('sleep 600')
    begin(atAgent, { pace: 'after-answer' })
    expect(answers(25)).toEqual(['1.004: 200', '11.008: 200', '21.012: 200'])
  })

  test('hears how the task fares as its command says, and as someone makes it', () => {
    launch('sleep 600 # unhealthy after 15 s')
    begin(atAgent)
    expect(answers(25)).toEqual(['1.004: 200', '11.004: 200', '21.004: 503'])
    cluster.setHealth(id, true, instant(now))
    expect(answers(35)).toEqual(['31.004: 200'])
    cluster.setHealth(id, false, instant(now))
    expect(answers(45)).toEqual(['41.004: 503'])
  })

  test('connects, or is refused', () => {
    launch('healthy after 5 s')
    begin({ protocol: 'TCP', address: '10.0.0.0', port: 31_001 })
    expect(answers(15)).toEqual(['1.004: the connection was refused: 10.0.0.0:31001', '11.004: connected'])
  })

  test('for readiness gets as much of a body as it wants', () => {
    launch('ready after 8 s')
    begin(atAgent, { id: `readiness/${id}`, bodyBytes: 7 })
    expect(answers(15)).toEqual(['1.004: 503 not rea', '11.004: 200 ready'])
  })

  test('finds nobody before a task runs, on a port that is not its own, and after its end', () => {
    launch('sleep 12')
    begin(atAgent, { firstAfter: millis(20) })
    begin({ ...atAgent, port: 31_002 }, { id: `health/1/${id}`, firstAfter: seconds(2) })
    expect(answers(22)).toEqual([
      '0.024: the connection was refused: agent-1.example:31001',
      '2.004: the connection was refused: agent-1.example:31002',
      '10.024: 200',
      '12.004: the connection was refused: agent-1.example:31002',
      '20.024: the connection was refused: agent-1.example:31001',
    ])
  })

  test('asks a task in a network of containers at its own address', () => {
    launch('sleep 600', { type: 'MESOS', networks: [{ name: 'overlay', labels: {}, portMappings: [] }] })
    begin({ ...atAgent, address: '9.0.0.1', port: 80 })
    begin({ ...atAgent, address: '9.0.0.2', port: 80 }, { id: `health/1/${id}` })
    expect(answers(5)).toEqual(['1.004: 200', '1.004: the name has no address: 9.0.0.2:80'])
  })

  test('hears nothing of an agent that is cut off, until its timeout', () => {
    launch('sleep 600')
    begin(atAgent)
    expect(answers(5)).toEqual(['1.004: 200'])
    cluster.loseAgent('agent-1', 'partition', instant(now))
    expect(answers(20)).toEqual(['15.002: nothing came within 4000 ms: agent-1.example:31001'])
    cluster.returnAgent('agent-1', instant(now))
    expect(answers(25)).toEqual(['21.004: 200'])
  })

  test('that is ended says nothing more, also of what is under way; another takes its place', () => {
    launch('sleep 600')
    begin(atAgent)
    expect(answers(1.002)).toEqual([])
    probes.perform([{ kind: 'end-probe', id: `health/0/${id}` }], instant(now))
    expect(answers(10)).toEqual([])
    begin(atAgent)
    begin(atAgent, { firstAfter: seconds(5) })
    expect(answers(20)).toEqual(['15.004: 200'])
  })
})
