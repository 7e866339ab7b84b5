import { beforeEach, expect, test } from 'vitest'
import type { TaskState } from '../../core/mesos.ts'
import { instant } from '../../lib/instant.ts'
import { Agenda } from './agenda.ts'
import { fleet } from './agents.ts'
import { nothing } from './amounts.ts'
import { behaviourOf } from './behaviour.ts'
import { wellBehaved } from './condition.ts'
import type { SimTask } from './parts.ts'
import { newAgent } from './registry.ts'
import { Statuses } from './statuses.ts'
import { Subscription } from './subscription.ts'

const [config] = fleet({ agents: 1, agentsPerRack: 1, cpus: 4, mem: 1_024, disk: 0, ports: [31_000, 31_009] })

let agenda: Agenda
let scheduler: Subscription
let statuses: Statuses
let task: SimTask

beforeEach(() => {
  agenda = new Agenda()
  scheduler = new Subscription()
  statuses = new Statuses(agenda, scheduler)
  scheduler.open()
  task = {
    id: 'web.instance-1._app.1',
    serial: 1,
    agent: { ...newAgent(config!, []), free: nothing },
    amounts: nothing,
    addresses: [{ ipAddress: '9.0.0.1', protocol: 'IPv4', network: 'overlay' }],
    condition: wellBehaved,
    behaviour: behaviourOf({ command: { shell: true, environment: [], uris: [] } }),
    hasExecutor: false,
    checks: undefined,
    graceMs: 3_000,
    group: undefined,
    state: 'TASK_STAGING',
    runningSince: undefined,
    toldHealth: undefined,
    hasEnded: false,
    isKillUnderWay: false,
    isUnhealthy: false,
    unacknowledged: [],
    updates: 0,
    sent: 0,
  }
})

function enter(state: TaskState): void {
  task.state = state
  statuses.update(task, undefined, undefined)
}

/** State and uuid of what was told since the last call. */
const told = (): readonly string[] =>
  scheduler.take().map((event) => {
    if (event.kind !== 'status') throw new Error(event.kind)
    return `${event.status.state} ${event.status.uuid ?? 'of the master'}`
  })

test('a status is repeated after 10 s and then every 20 s, until it is acknowledged', () => {
  enter('TASK_STARTING')
  const at: number[] = []
  for (let now = 0; now <= 55_000; now += 5_000) {
    agenda.advance(instant(now))
    if (told().length > 0) at.push(now)
    if (now === 50_000) statuses.acknowledge(task, '1-1')
  }
  expect(at).toEqual([0, 10_000, 30_000, 50_000])
  agenda.advance(instant(600_000))
  expect(told()).toEqual([])
})

test('the next one waits until the one before is acknowledged', () => {
  enter('TASK_STARTING')
  enter('TASK_RUNNING')
  expect(told()).toEqual(['TASK_STARTING 1-1'])
  expect(statuses.acknowledge(task, '1-2')).toBe(false)
  expect(told()).toEqual([])
  expect(statuses.acknowledge(task, '1-1')).toBe(true)
  expect(told()).toEqual(['TASK_RUNNING 1-2'])
  expect(statuses.acknowledge(task, '1-1')).toBe(false)
})

test('an agent that is cut off tells nothing and hears nothing', () => {
  task.agent.isConnected = false
  enter('TASK_STARTING')
  expect(told()).toEqual([])
  expect(statuses.acknowledge(task, '1-1')).toBe(false)
  task.agent.isConnected = true
  agenda.advance(instant(10_000))
  expect(told()).toEqual(['TASK_STARTING 1-1'])
})

test('what the master says is said once, and waits for nobody', () => {
  enter('TASK_STARTING')
  told()
  statuses.report(task, 'TASK_RUNNING', 'REASON_RECONCILIATION', 'as it is')
  expect(told()).toEqual(['TASK_RUNNING of the master'])
  expect(task.unacknowledged).toHaveLength(1)
})

test('only one that runs has addresses, and only one out of reach a time since when', () => {
  task.agent.lostAt = instant(7)
  for (const state of ['TASK_RUNNING', 'TASK_UNREACHABLE', 'TASK_LOST'] as const)
    statuses.report(task, state, 'why', 'words')
  const shown = scheduler.take().map((event) => (event.kind === 'status' ? event.status : undefined))
  expect(shown.map((status) => status?.ipAddresses)).toEqual([task.addresses, undefined, undefined])
  expect(shown.map((status) => status?.unreachableSince)).toEqual([undefined, 7, undefined])
})
