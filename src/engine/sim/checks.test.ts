import { beforeEach, describe, expect, test } from 'vitest'
import type { CheckInfo, HealthCheckInfo, TaskInfo, TaskStatus } from '../../core/mesos.ts'
import { instant, millis, seconds } from '../../lib/instant.ts'
import { fleet } from './agents.ts'
import { SimCluster } from './cluster.ts'
import { calmTiming } from './timing.ts'

const times = { delay: seconds(0), interval: seconds(1), timeout: seconds(5) }
const tcp: HealthCheckInfo = {
  ...times,
  tcp: { port: 31_001 },
  gracePeriod: seconds(1),
  consecutiveFailures: 3,
}

let cluster: SimCluster
let now: number

beforeEach(() => {
  now = 0
  cluster = new SimCluster({
    agents: fleet({ agents: 1, agentsPerRack: 1, cpus: 4, mem: 1_024, disk: 0, ports: [31_000, 31_009] }),
    holdsOffers: true,
    role: '*',
    seed: 1,
    // What runs does so at once, and what is killed ends at once.
    timing: { ...calmTiming, starting: [0, 0], running: [0, 0], killing: [0, 0] },
  })
  cluster.connect(instant(0))
})

const taskId = (name: string): string => `pair.instance-1.${name}.1`

function infoOf(name: string, value: string, more: Partial<TaskInfo>): TaskInfo {
  return {
    name,
    taskId: taskId(name),
    agentId: 'agent-1',
    resources: [{ name: 'cpus', scalar: 0.1, role: '*' }],
    command: { shell: true, value, environment: [], uris: [] },
    labels: {},
    discovery: { visibility: 'FRAMEWORK', name, ports: [] },
    ...more,
  }
}

function launch(...tasks: readonly TaskInfo[]): void {
  const offer = cluster.take().flatMap((event) => (event.kind === 'offers' ? event.offers : []))[0]!
  const executor = {
    executorId: 'instance-pair',
    resources: [{ name: 'cpus', scalar: 0.1, role: '*' }],
    labels: {},
  }
  const operation = { type: 'LAUNCH_GROUP', executor, tasks } as const
  const accept = {
    kind: 'accept',
    offerIds: [offer.id],
    agentId: 'agent-1',
    operations: [operation],
  } as const
  cluster.perform([accept], instant(0))
}

/** What is told of a task until then, and acknowledged at once: `second: what`. */
function told(untilSecond: number): readonly string[] {
  const lines: string[] = []
  for (const end = untilSecond * 1_000; now < end; now += 100) {
    cluster.advance(instant(now))
    for (let events = cluster.take(); events.length > 0; events = cluster.take())
      for (const event of events) {
        if (event.kind !== 'status') continue
        const { taskId, uuid } = event.status
        lines.push(`${now / 1_000}: ${wordsOf(event.status)}`)
        if (uuid !== undefined) cluster.perform([{ kind: 'acknowledge', taskId, uuid }], instant(now))
      }
  }
  return lines
}

function wordsOf({ taskId, state, reason, healthy, check }: TaskStatus): string {
  const flag = healthy === undefined ? undefined : healthy ? 'healthy' : 'unhealthy'
  const found = check === undefined ? undefined : JSON.stringify(check)
  const why = reason === undefined ? undefined : reason.replace(/^REASON_TASK_|_STATUS_UPDATED$/g, '')
  return [taskId.split('.')[2], state.slice(5), why, flag, found]
    .filter((part) => part !== undefined)
    .join(' ')
}

const only = (value: string, more: Partial<TaskInfo>): readonly string[] => {
  launch(infoOf('a', value, more))
  return told(0.1)
}

describe('a health check of an executor', () => {
  test('tells the first answer, and then nothing as long as it stays', () => {
    expect(only('sleep 600', { healthCheck: tcp })).toEqual([
      '0: a STARTING',
      '0: a RUNNING',
      '0: a RUNNING HEALTH_CHECK healthy',
    ])
    expect(told(300)).toEqual([])
  })

  test('begins after its delay, and comes every interval', () => {
    const healthCheck = { ...tcp, delay: seconds(3), interval: seconds(4) }
    only('unhealthy after 5 s, healthy after 12 s', { healthCheck })
    expect(told(30)).toEqual([
      '3: a RUNNING HEALTH_CHECK healthy',
      '7: a RUNNING HEALTH_CHECK unhealthy',
      '11: a RUNNING HEALTH_CHECK unhealthy',
      '15: a RUNNING HEALTH_CHECK healthy',
    ])
  })

  test('kills the task when it has failed too often, and says so with its end', () => {
    only('sleep 600 # unhealthy after 10 s', { healthCheck: tcp })
    expect(told(60)).toEqual([
      '10: a RUNNING HEALTH_CHECK unhealthy',
      '11: a RUNNING HEALTH_CHECK unhealthy',
      '12: a RUNNING HEALTH_CHECK unhealthy',
      '12: a KILLED unhealthy',
    ])
  })

  test('forgives what fails before the task was ever healthy, as long as the grace period lasts', () => {
    only('healthy after 5 s', { healthCheck: { ...tcp, gracePeriod: seconds(8) } })
    expect(told(60)).toEqual(['5: a RUNNING HEALTH_CHECK healthy'])
  })

  test('of a command that fails is failed by every task', () => {
    const { tcp: _, ...rest } = tcp
    only('sleep 600', {
      healthCheck: { ...rest, command: { shell: true, value: 'exit 9' }, consecutiveFailures: 1 },
    })
    expect(told(10)).toEqual(['2: a RUNNING HEALTH_CHECK unhealthy', '2: a KILLED unhealthy'])
  })

  test('takes the whole group with it', () => {
    launch(
      infoOf('a', 'sleep 600', { healthCheck: tcp }),
      infoOf('b', 'unhealthy after 3 s', { healthCheck: tcp }),
    )
    expect(told(2).filter((line) => line.includes('HEALTH'))).toEqual([
      '0: a RUNNING HEALTH_CHECK healthy',
      '0: b RUNNING HEALTH_CHECK healthy',
    ])
    expect(told(30).slice(-2).sort()).toEqual(['5: a KILLED unhealthy', '5: b KILLED unhealthy'])
  })

  test('sees what someone makes of the task, at the time it would have asked', () => {
    only('sleep 600', { healthCheck: { ...tcp, interval: seconds(10), delay: seconds(2) } })
    expect(told(25)).toEqual(['2: a RUNNING HEALTH_CHECK healthy'])
    cluster.setHealth(taskId('a'), false, instant(now))
    expect(told(40)).toEqual(['32: a RUNNING HEALTH_CHECK unhealthy'])
    cluster.setHealth(taskId('a'), true, instant(now))
    expect(told(200)).toEqual(['42: a RUNNING HEALTH_CHECK healthy'])
  })

  test('goes on while its agent is cut off, and is told afterwards', () => {
    only('unhealthy after 5 s', { healthCheck: { ...tcp, consecutiveFailures: 1 } })
    cluster.loseAgent('agent-1', 'partition', instant(now))
    expect(told(8)).toEqual(['0.1: a UNREACHABLE REASON_SLAVE_REMOVED'])
    cluster.returnAgent('agent-1', instant(now))
    expect(told(30)).toEqual(['8: a RUNNING HEALTH_CHECK unhealthy', '8: a KILLED unhealthy'])
  })
})

describe('a check', () => {
  test.each<[string, Partial<CheckInfo>, readonly string[]]>([
    ['by HTTP', { http: { port: 80 } }, ['{"http":{"statusCode":200}}', '{"http":{"statusCode":503}}']],
    ['by TCP', { tcp: { port: 80 } }, ['{"tcp":{"succeeded":true}}', '{"tcp":{"succeeded":false}}']],
    [
      'of a command',
      { command: { shell: true, value: 'true' } },
      ['{"command":{"exitCode":0}}', '{"command":{"exitCode":1}}'],
    ],
    [
      'of a command that ends as it says',
      { command: { shell: true, value: 'exit 7' } },
      ['{"command":{"exitCode":7}}'],
    ],
  ])('%s is told when it finds something else than before, and nothing follows', (_, what, found) => {
    only('unhealthy after 30 s', { check: { ...times, ...what, delay: seconds(2) } })
    expect(told(100)).toEqual(found.map((text, i) => `${[2, 30][i]}: a RUNNING CHECK ${text}`))
  })

  test('and a health check of one task are told together', () => {
    only('sleep 600', { healthCheck: tcp, check: { ...times, tcp: { port: 80 }, delay: millis(500) } })
    expect(told(10)).toEqual(['0.5: a RUNNING CHECK healthy {"tcp":{"succeeded":true}}'])
  })
})
