// Everything a real master said is understood, and everything it took is what we would have written (the recordings in
// tests/fixtures/mesos).

import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  callsOf,
  eventsOf,
  type RecordedCall,
  type RecordedLine,
  readRecording,
  recordings,
} from '../../../../tests/support/mesos-recordings.ts'
import { effectOf, registrationOf, Unmapped } from '../../../../tests/support/recorded-effects.ts'
import { instant } from '../../../lib/instant.ts'
import type { Call } from './calls.ts'
import { decodeEvent, decodeRecord, type Incoming } from './decode-event.ts'
import { encodeEffect } from './encode-effect.ts'
import { subscribeCall } from './registration.ts'

const scheduler = '/api/v1/scheduler'

const all = recordings.map((name) => ({ name, lines: readRecording(name) }))
const events = all.flatMap(({ lines }) => eventsOf(lines, scheduler))
const calls = all.flatMap(({ lines }) => callsOf(lines)).filter(({ path }) => path === scheduler)

const count = <T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of any shape
type Recorded = any

describe('each event of a scheduler stream', () => {
  const decoded = events.map((line): { line: RecordedLine; body: Recorded; incoming: Incoming } => {
    const result = decodeRecord(line.bodyText, instant(0))
    if (!result.ok) throw new Error(`${line.where}: ${JSON.stringify(result.error)}`)
    return { line, body: line.body, incoming: result.value }
  })

  test('is understood, and none is unknown or flawed', () => {
    expect(count(decoded, ({ body, incoming }) => `${body.type} is ${incoming.kind}`)).toEqual({
      'SUBSCRIBED is subscribed': 40,
      'HEARTBEAT is heartbeat': 61,
      'ERROR is error': 10,
      'OFFERS is events': 128,
      'INVERSE_OFFERS is events': 2,
      'RESCIND is events': 9,
      'RESCIND_INVERSE_OFFER is events': 1,
      'UPDATE is events': 270,
      'UPDATE_OPERATION_STATUS is operation-status': 8,
      'MESSAGE is events': 1,
      'FAILURE is events': 12,
    })
    expect(decoded.filter(({ incoming }) => incoming.kind === 'events' && incoming.flawed)).toEqual([])
  })

  test('offers as many resources, and as much of them, as it says', () => {
    for (const { body, incoming, line } of decoded) {
      if (body.type !== 'OFFERS' || incoming.kind !== 'events') continue
      const [event] = incoming.events
      if (event?.kind !== 'offers') throw new Error(`${line.where}: expected offers`)
      expect(event.offers.map(({ id }) => id)).toEqual(body.offers.offers.map((it: Recorded) => it.id.value))
      for (const [i, offer] of event.offers.entries()) {
        const raw = body.offers.offers[i]
        expect(offer.resources.map(({ name, scalar, ranges }) => [name, scalar ?? ranges])).toEqual(
          raw.resources.map((it: Recorded) => [it.name, it.scalar?.value ?? it.ranges.range]),
        )
        expect(offer.resources.map(({ role }) => role)).toEqual(
          raw.resources.map((it: Recorded) => it.reservations?.at(-1).role ?? it.role ?? '*'),
        )
        expect(offer).toMatchObject({ agentId: raw.agent_id.value, hostname: raw.hostname })
        expect(offer.role).toBe(raw.allocation_info?.role)
      }
    }
  })

  test('says of a task what it says', () => {
    for (const { body, incoming, line } of decoded) {
      if (body.type !== 'UPDATE' || incoming.kind !== 'events') continue
      const [event] = incoming.events
      if (event?.kind !== 'status') throw new Error(`${line.where}: expected a status`)
      const { status } = event
      const raw = body.update.status
      expect([
        status.taskId,
        status.state,
        status.agentId,
        status.uuid,
        status.reason,
        status.healthy,
      ]).toEqual([raw.task_id.value, raw.state, raw.agent_id?.value, raw.uuid, raw.reason, raw.healthy])
      expect(status.message).toBe(raw.message)
      expect(Math.abs(status.timestamp / 1000 - raw.timestamp)).toBeLessThan(0.001)
      expect(status.ipAddresses?.map(({ ipAddress }) => ipAddress)).toEqual(
        raw.container_status?.network_infos?.map((info: Recorded) => info.ip_addresses[0].ip_address),
      )
      expect(status.unreachableSince === undefined).toBe(raw.unreachable_time === undefined)
      expect(status.check?.command?.exitCode).toBe(raw.check_status?.command?.exit_code)
    }
  })

  test('is said to be over for good only where the framework was removed', () => {
    const over = decoded.filter(({ incoming }) => incoming.kind === 'error' && incoming.isRemoved)
    expect(over.map(({ body }) => body.error.message)).toEqual([
      'Framework has been removed',
      'Framework has been removed',
    ])
  })
})

test('events of other streams, those of operators and executors, are refused or unknown and do no harm', () => {
  const known = new Set(events.map(({ where }) => where))
  const others = all.flatMap(({ lines }) =>
    lines.filter(({ dir, where }) => dir === 'event' && !known.has(where)),
  )
  expect(
    count(others, ({ body }) => {
      const result = decodeEvent(body, instant(0))
      return `${(body as Recorded).type}: ${result.ok ? result.value.kind : result.error.where}`
    }),
  ).toEqual({
    'SUBSCRIBED: subscribed.framework_id': 2,
    'HEARTBEAT: heartbeat': 1,
    'ACKNOWLEDGED: unknown': 2,
    'LAUNCH: unknown': 1,
    'MESSAGE: message.agent_id': 2,
    'TASK_ADDED: unknown': 1,
    'TASK_UPDATED: unknown': 3,
    'FRAMEWORK_ADDED: unknown': 1,
    'FRAMEWORK_REMOVED: unknown': 1,
  })
})

/** Our call for what a recorded one meant. Throws `Unmapped` for what we would never say. */
function ours(body: Recorded): Call | undefined {
  if (body.type === 'SUBSCRIBE') {
    const { framework, registration } = registrationOf(body)
    return subscribeCall(framework, registration)
  }
  const frameworkId: string = body.framework_id?.value
  if (body.type === 'UPDATE_FRAMEWORK') {
    const { framework, registration } = registrationOf(body)
    const { roles, suppressedRoles } = registration
    return encodeEffect(
      { kind: 'update-framework', roles, suppressedRoles },
      { framework, registration: { frameworkId, roles: ['*'], suppressedRoles: [] } },
    )
  }
  const framework = registrationOf({
    subscribe: { framework_info: { name: '', user: '', roles: [], capabilities: [{ type: 'MULTI_ROLE' }] } },
  }).framework
  return encodeEffect(effectOf(body), {
    framework,
    registration: { frameworkId, roles: [], suppressedRoles: [] },
  })
}

/**
 * Where ours differs from what was recorded, on purpose: applied to what was recorded. Whatever else differs fails the
 * test.
 */
const differences: readonly [reason: string, apply: (call: Recorded) => void][] = [
  [
    'the master knows to whom an offer is allocated',
    (call) => walk(call, (part) => delete part.allocation_info),
  ],
  [
    'roles are always named; none are all',
    (call) => {
      if (call.type === 'REVIVE') call.revive ??= { roles: [] }
      if (call.type === 'SUPPRESS') call.suppress = { roles: [], ...call.suppress }
    },
  ],
  [
    'a list of tasks to reconcile is said when it is empty',
    (call) => {
      if (call.reconcile !== undefined) call.reconcile.tasks ??= []
    },
  ],
  [
    'what is left of an offer is wanted again at once',
    (call) => {
      if (call.accept !== undefined) call.accept.filters = { refuse_seconds: 0 }
    },
  ],
  ['a field nobody knows is ignored', (call) => walk(call, (part) => delete part.unknown_field)],
  [
    'a number in a text is a number',
    ({ decline }) => {
      if (decline?.filters !== undefined) {
        decline.filters.refuse_seconds = Number(decline.filters.refuse_seconds)
      }
    },
  ],
  ['operations have no ids', (call) => eachOperation(call, (operation) => delete operation.id)],
  [
    'a task of an app is run by a shell unless it says otherwise',
    (call) =>
      eachTask(call, ({ command, executor }, type) => {
        for (const each of [command, executor?.command]) {
          if (type === 'LAUNCH' && each?.shell === true) delete each.shell
        }
      }),
  ],
  [
    'a task can always be discovered, within its framework',
    (call) =>
      eachTask(call, (task) => {
        task.discovery = { name: task.name, ports: {}, ...task.discovery, visibility: 'FRAMEWORK' }
      }),
  ],
  [
    'nothing is handed to tasks but their environment, and nothing limits how long they run',
    (call) =>
      eachTask(call, (task) => {
        delete task.data
        delete task.max_completion_time
      }),
  ],
  [
    'the scheme of a health check is always said',
    (call) =>
      eachTask(call, ({ health_check }) => {
        if (health_check?.http !== undefined) health_check.http.scheme ??= 'http'
      }),
  ],
  [
    'custom executors are called after their tasks; the master adds type and framework',
    (call) =>
      eachTask(call, ({ executor, task_id }) => {
        if (executor === undefined) return
        executor.executor_id = { value: `marathon-${task_id.value}` }
        for (const key of ['type', 'framework_id', 'name', 'data']) delete executor[key]
      }),
  ],
  [
    'the labels of a default executor are always said',
    (call) =>
      eachOperation(call, ({ launch_group }) => {
        if (launch_group !== undefined) launch_group.executor.labels ??= {}
      }),
  ],
  [
    'the framework says how long it may be away, and announces more',
    (call) => {
      const { framework_info } = call.subscribe ?? call.update_framework ?? {}
      if (framework_info === undefined) return
      framework_info.failover_timeout ??= 0
      framework_info.checkpoint ??= false
      const types = framework_info.capabilities.map(({ type }: Recorded) => type)
      const always = ['PARTITION_AWARE', 'REGION_AWARE', 'MULTI_ROLE', 'RESERVATION_REFINEMENT']
      const chosen = types.filter((type: string) => !always.includes(type))
      framework_info.capabilities = [...always, ...chosen].map((type) => ({ type }))
    },
  ],
]

function walk(value: Recorded, visit: (part: Recorded) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) visit(value)
  for (const child of Object.values(value)) walk(child, visit)
}

const eachOperation = (call: Recorded, visit: (operation: Recorded) => void): void =>
  call.accept?.operations.forEach(visit)

const eachTask = (call: Recorded, visit: (task: Recorded, type: string) => void): void =>
  eachOperation(call, ({ type, launch, launch_group }) => {
    const tasks = launch?.task_infos ?? launch_group?.task_group.tasks ?? []
    for (const task of tasks) visit(task, type)
  })

function adapted(body: Recorded): Recorded {
  const copy = structuredClone(body)
  for (const [, apply] of differences) apply(copy)
  return copy
}

/** Calls that were taken, and each as ours would be or why there is none. */
const taken = calls.filter(({ answer }) => answer?.status === 200 || answer?.status === 202)

describe('each call the master took', () => {
  const mapped: RecordedCall[] = []
  const reasons: string[] = []
  for (const call of taken) {
    try {
      ours(call.body)
      mapped.push(call)
    } catch (error) {
      if (!(error instanceof Unmapped)) throw error
      reasons.push(error.message)
    }
  }

  test.each(mapped)('$where is what we would have written', ({ body }) => {
    expect(JSON.parse(JSON.stringify(ours(body)))).toEqual(adapted(body))
  })

  test('that we would not have written has its reason', () => {
    expect(count(reasons, (reason) => reason)).toEqual({
      'TEARDOWN is no effect': 34,
      'SHUTDOWN is no effect': 1,
      'MESSAGE is no effect': 2,
      'ACKNOWLEDGE_OPERATION_STATUS is no effect': 4,
      'RECONCILE_OPERATIONS is no effect': 2,
      'a body is not compressed': 1,
      'a framework has many roles': 1,
      'frameworks of one role are of old': 10,
      'resources are sent in the newer format': 2,
      'the default filter is always said': 1,
      'a health check says all its times': 1,
      'a task has a command': 1,
    })
  })

  test('has no difference listed that is none', () => {
    for (const [reason, apply] of differences) {
      const changed = mapped.some(({ body }) => {
        const copy = structuredClone(body)
        apply(copy)
        return JSON.stringify(copy) !== JSON.stringify(body)
      })
      expect(changed, reason).toBe(true)
    }
  })
})

/** Why a call was not taken, by what was answered: the first that fits. */
const causes: readonly [cause: string, status: number, text: RegExp][] = [
  ['another master leads', 307, /^$/],
  ['no master is ready', 503, /No leader elected|Master has not finished recovery/],
  ['no master is ready', 404, /Not Found/],
  ['nobody knows who speaks', 401, /Unauthorized/],
  ['the stream is another, or none', 403, /not subscribed/],
  ['the stream is another, or none', 400, /Mesos-Stream-Id|stream ID|Framework cannot be found/],
  ['who speaks is somebody else', 400, /[Pp]rincipal/],
  ['the request is not HTTP as wanted', 400, /Content-Type/],
  ['the request is not HTTP as wanted', 405, /Method Not Allowed/],
  ['the request is not HTTP as wanted', 406, /Accept/],
  ['the request is not HTTP as wanted', 415, /Content-Type/],
  ['it acknowledges what no master sent', 400, /field 'uuid'|Not a valid UUID/],
  ['the call is none', 400, /Failed to (parse|convert|validate)/],
]

function causeOf({ answer }: RecordedCall): string {
  const { status = 0, body } = answer ?? {}
  const found = causes.find(([, code, text]) => code === status && text.test(String(body)))
  return found?.[0] ?? `unexpected: ${status} ${String(body)}`
}

describe('each call the master did not take', () => {
  const refused = calls.filter(({ answer }) => (answer?.status ?? 0) >= 300)

  test('has a cause we know', () => {
    expect(count(refused, causeOf)).toEqual({
      'another master leads': 46,
      'no master is ready': 25,
      'nobody knows who speaks': 4,
      'who speaks is somebody else': 2,
      'the stream is another, or none': 7,
      'the request is not HTTP as wanted': 6,
      'it acknowledges what no master sent': 2,
      'the call is none': 28,
    })
  })

  test('for what it says is one that we would not write', () => {
    const wrong = refused.filter((call) => causeOf(call) === 'the call is none')
    expect(wrong.filter(({ body }) => compared(body) === 'ours')).toEqual([])
  })

  test('because of how things stood is one that we would write', () => {
    const atTheTime = refused.filter((call) => /leads|ready|speaks|stream/.test(causeOf(call)))
    expect(count(atTheTime, ({ body }) => compared(body))).toEqual({
      ours: 46,
      'frameworks of one role are of old': 38,
    })
  })
})

function compared(body: Recorded): string {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(ours(body))), adapted(body)) ? 'ours' : 'another'
  } catch (error) {
    return error instanceof Unmapped ? error.message : 'no call at all'
  }
}
