// Events as a master writes them, and as nobody should.

import { describe, expect, test } from 'vitest'
import { instant } from '../../../lib/instant.ts'
import { limits } from '../../../lib/limits.ts'
import { decodeEvent, decodeRecord, type Incoming } from './decode-event.ts'

const now = instant(1_800_000_000_000)

// As the master writes them; what a double cannot hold of them is less than a microsecond.
const maintenanceStart: unknown = JSON.parse('1795171354806697472')
const lostAt: unknown = JSON.parse('1795170832400598016')

function decoded(event: unknown): Incoming {
  const result = decodeEvent(event, now)
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`)
  return result.value
}

const problem = (event: unknown) => {
  const result = decodeEvent(event, now)
  return result.ok ? undefined : result.error
}

const events = (event: unknown) => {
  const incoming = decoded(event)
  return incoming.kind === 'events' ? incoming.events : undefined
}

const master = {
  id: 'm1',
  ip: 16_777_343,
  port: 5050,
  hostname: 'master.example',
  version: '1.12.0',
}

const subscribed = (fields: object) => ({
  type: 'SUBSCRIBED',
  subscribed: { framework_id: { value: 'F1' }, ...fields },
})

describe('the beginning and the end of a subscription', () => {
  test('the master tells its id, its address, its version and its domain', () => {
    const domain = { fault_domain: { region: { name: 'eu' }, zone: { name: 'eu-1' } } }
    const address = { hostname: 'lead.example', ip: '10.0.0.1', port: 5051 }
    const capabilities = [{ type: 'AGENT_UPDATE' }, { type: 'QUOTA_V2' }, {}]
    const master_info = { ...master, address, domain, capabilities }
    expect(decoded(subscribed({ heartbeat_interval_seconds: 15.0, master_info }))).toEqual({
      kind: 'subscribed',
      subscribed: {
        frameworkId: 'F1',
        heartbeatInterval: 15_000,
        master: {
          id: 'm1',
          version: '1.12.0',
          hostname: 'lead.example',
          port: 5051,
          region: 'eu',
          zone: 'eu-1',
          capabilities: ['AGENT_UPDATE', 'QUOTA_V2', 'UNKNOWN'],
        },
      },
    })
  })

  test.each([
    ['nothing of itself', {}, undefined],
    ['no address', { master_info: master }, { hostname: 'master.example', port: 5050 }],
    [
      'an address without a name',
      { master_info: { ...master, address: { ip: '10.0.0.1', port: 80 } } },
      { hostname: '10.0.0.1', port: 80 },
    ],
  ])('a master may tell %s', (_, fields, expected) => {
    expect(decoded(subscribed(fields))).toMatchObject({
      subscribed: expected === undefined ? { frameworkId: 'F1' } : { master: expected },
    })
  })

  test.each([
    ['Framework failed over', false],
    ['Framework has been removed', true],
    ["'FrameworkInfo.roles' contains duplicate items: { b }", false],
  ])('an error says why: %s', (message, isRemoved) => {
    expect(decoded({ type: 'ERROR', error: { message } })).toEqual({ kind: 'error', message, isRemoved })
  })

  test('a heartbeat is nothing else', () => {
    expect(decoded({ type: 'HEARTBEAT' })).toEqual({ kind: 'heartbeat' })
  })
})

const offer = {
  id: { value: 'O1' },
  framework_id: { value: 'F1' },
  agent_id: { value: 'S1' },
  hostname: 'node1.example',
  url: {
    scheme: 'http',
    address: { hostname: 'node1.example', ip: '10.0.0.2', port: 5051 },
    path: '/slave(1)',
  },
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 4.0 }, allocation_info: { role: 'web' } },
    {
      name: 'ports',
      type: 'RANGES',
      ranges: { range: [{ begin: 31_000, end: 31_999 }] },
      allocation_info: { role: 'web' },
    },
  ],
  attributes: [
    { name: 'rack', type: 'TEXT', text: { value: 'r1' } },
    { name: 'level', type: 'SCALAR', scalar: { value: 2.5 } },
    { name: 'slots', type: 'RANGES', ranges: { range: [{ begin: 1, end: 3 }] } },
    { name: 'disks', type: 'SET', set: { item: ['ssd', 'hdd'] } },
  ],
  allocation_info: { role: 'web' },
}

const offers = (...all: unknown[]) => ({ type: 'OFFERS', offers: { offers: all } })

describe('offers', () => {
  test('say what an agent has and who may use it', () => {
    expect(events(offers(offer))).toEqual([
      {
        kind: 'offers',
        offers: [
          {
            id: 'O1',
            agentId: 'S1',
            hostname: 'node1.example',
            role: 'web',
            resources: [
              { name: 'cpus', scalar: 4, role: '*' },
              { name: 'ports', ranges: [{ begin: 31_000, end: 31_999 }], role: '*' },
            ],
            attributes: [
              { name: 'rack', text: 'r1' },
              { name: 'level', scalar: 2.5 },
              { name: 'slots', ranges: [{ begin: 1, end: 3 }] },
              { name: 'disks', set: ['ssd', 'hdd'] },
            ],
          },
        ],
      },
    ])
  })

  test('say where the agent is, and when it will be maintained', () => {
    const domain = { fault_domain: { region: { name: 'eu' }, zone: { name: 'eu-2' } } }
    const start = { nanoseconds: maintenanceStart }
    const unavailability = { start, duration: { nanoseconds: 3_600_000_000_000 } }
    expect(events(offers({ ...offer, domain, unavailability }))).toMatchObject([
      {
        offers: [
          {
            region: 'eu',
            zone: 'eu-2',
            unavailability: { start: 1_795_171_354_806, duration: 3_600_000 },
          },
        ],
      },
    ])
    expect(events(offers({ ...offer, unavailability: { start } }))).toMatchObject([
      { offers: [{ unavailability: { start: 1_795_171_354_806 } }] },
    ])
  })

  test('of a master that knows no roles are for whoever needs them', () => {
    const { allocation_info, ...plain } = offer
    expect(allocation_info).toBeDefined()
    const [event] = events(offers(plain)) ?? []
    expect(event?.kind === 'offers' && event.offers[0]).not.toHaveProperty('role')
  })

  test('without any are an empty list', () => {
    expect(events(offers())).toEqual([{ kind: 'offers', offers: [] }])
    expect(events({ type: 'OFFERS', offers: {} })).toEqual([{ kind: 'offers', offers: [] }])
  })

  test('that cannot be read are told apart from the others, and can be declined', () => {
    const broken = { ...offer, id: { value: 'O2' }, resources: [{ name: 'cpus', type: 'SCALAR' }] }
    const incoming = decoded(offers(offer, broken, 7, { ...offer, id: { value: 'O3' } }))
    expect(incoming).toMatchObject({
      kind: 'events',
      events: [{ offers: [{ id: 'O1' }, { id: 'O3' }] }],
      flawed: {
        offerIds: ['O2'],
        problems: [
          {
            where: 'offers.offers[1].resources[0].scalar',
            expected: 'an object',
            given: 'nothing',
          },
          { where: 'offers.offers[2]', expected: 'an object', given: '7' },
        ],
      },
    })
  })

  test('that can none of them be read are no event', () => {
    expect(decoded(offers({ id: { value: 'O9' } }))).toMatchObject({
      events: [],
      flawed: { offerIds: ['O9'], problems: [{ where: 'offers.offers[0].agent_id' }] },
    })
  })

  test('are taken back one by one', () => {
    expect(events({ type: 'RESCIND', rescind: { offer_id: { value: 'O1' } } })).toEqual([
      { kind: 'offer-rescinded', offerId: 'O1' },
    ])
  })
})

describe('inverse offers', () => {
  const inverse = {
    id: { value: 'I1' },
    framework_id: { value: 'F1' },
    agent_id: { value: 'S1' },
    unavailability: { start: { nanoseconds: maintenanceStart } },
  }

  test('ask for the resources of an agent back, from a time on', () => {
    expect(events({ type: 'INVERSE_OFFERS', inverse_offers: { inverse_offers: [inverse] } })).toEqual([
      {
        kind: 'inverse-offers',
        offers: [{ id: 'I1', agentId: 'S1', unavailability: { start: 1_795_171_354_806 } }],
      },
    ])
  })

  test('without an agent are flawed', () => {
    const { agent_id, ...anywhere } = inverse
    expect(agent_id).toBeDefined()
    expect(decoded({ type: 'INVERSE_OFFERS', inverse_offers: { inverse_offers: [anywhere] } })).toMatchObject(
      { events: [], flawed: { offerIds: ['I1'] } },
    )
  })

  test('are taken back', () => {
    expect(
      events({ type: 'RESCIND_INVERSE_OFFER', rescind_inverse_offer: { inverse_offer_id: { value: 'I1' } } }),
    ).toEqual([{ kind: 'inverse-offer-rescinded', offerId: 'I1' }])
  })
})

const status = {
  task_id: { value: 'web._app.1' },
  state: 'TASK_RUNNING',
  agent_id: { value: 'S1' },
  timestamp: 1_795_170_861.263809,
  uuid: 'kq8uBzVlT26LjyuRwlMAkQ==',
}

function statusOf(fields: object): unknown {
  const [event] = events({ type: 'UPDATE', update: { status: { ...status, ...fields } } }) ?? []
  return event?.kind === 'status' ? event.status : undefined
}

const plainStatus = {
  taskId: 'web._app.1',
  state: 'TASK_RUNNING',
  timestamp: 1_795_170_861_263,
  agentId: 'S1',
  uuid: 'kq8uBzVlT26LjyuRwlMAkQ==',
}

describe('a status', () => {
  test.each<[string, object, object]>([
    ['a state, of a task, at a time', {}, {}],
    [
      'why',
      { reason: 'REASON_AGENT_DISCONNECTED', message: 'Agent is gone' },
      { reason: 'REASON_AGENT_DISCONNECTED', message: 'Agent is gone' },
    ],
    ['that a health check succeeded', { healthy: true }, { healthy: true }],
    ['that a health check failed', { healthy: false }, { healthy: false }],
    [
      'what a check by HTTP got',
      { check_status: { type: 'HTTP', http: { status_code: 404 } } },
      { check: { http: { statusCode: 404 } } },
    ],
    [
      'what a check by TCP got',
      { check_status: { type: 'TCP', tcp: { succeeded: false } } },
      { check: { tcp: { succeeded: false } } },
    ],
    [
      'what a command returned',
      { check_status: { type: 'COMMAND', command: { exit_code: 0 } } },
      { check: { command: { exitCode: 0 } } },
    ],
    ['nothing of a check before its first answer', { check_status: { type: 'COMMAND', command: {} } }, {}],
    [
      'the addresses of its container',
      {
        container_status: {
          network_infos: [
            { ip_addresses: [{ protocol: 'IPv4', ip_address: '10.1.1.1' }, {}] },
            { name: 'overlay', ip_addresses: [{ protocol: 'IPv6', ip_address: 'fd00::1' }] },
            { name: 'old', ip_addresses: [{ ip_address: '10.2.1.1' }] },
          ],
        },
      },
      {
        ipAddresses: [
          { ipAddress: '10.1.1.1', protocol: 'IPv4' },
          { ipAddress: 'fd00::1', protocol: 'IPv6', network: 'overlay' },
          { ipAddress: '10.2.1.1', protocol: 'IPv4', network: 'old' },
        ],
      },
    ],
    ['nothing of networks when its container is in none', { container_status: { executor_pid: 4 } }, {}],
    [
      'since when it is unreachable',
      { state: 'TASK_UNREACHABLE', unreachable_time: { nanoseconds: lostAt } },
      { state: 'TASK_UNREACHABLE', unreachableSince: 1_795_170_832_400 },
    ],
    ['what is not known here beside what is', { source: 'SOURCE_EXECUTOR', moon: { phase: 1 } }, {}],
    ['fields that are null as if they were not there', { healthy: null, message: null, reason: null }, {}],
  ])('says %s', (_, fields, expected) => {
    expect(statusOf(fields)).toEqual({ ...plainStatus, ...expected })
  })

  test.each([
    'TASK_STAGING',
    'TASK_STARTING',
    'TASK_KILLING',
    'TASK_FINISHED',
    'TASK_FAILED',
    'TASK_KILLED',
    'TASK_ERROR',
    'TASK_LOST',
    'TASK_DROPPED',
    'TASK_GONE',
    'TASK_GONE_BY_OPERATOR',
    'TASK_UNKNOWN',
  ])('may be %s', (state) => {
    expect(statusOf({ state })).toEqual({ ...plainStatus, state })
  })

  test('of the master itself has neither uuid nor, perhaps, an agent or a time', () => {
    const update = { status: { task_id: { value: 'T' }, state: 'TASK_UNKNOWN' } }
    expect(events({ type: 'UPDATE', update })).toEqual([
      { kind: 'status', status: { taskId: 'T', state: 'TASK_UNKNOWN', timestamp: now } },
    ])
  })

  test('has no longer message than 10,000 characters', () => {
    expect(limits.statusMessageChars).toBe(10_000)
    expect(statusOf({ message: 'x'.repeat(10_001) })).toMatchObject({ message: 'x'.repeat(10_000) })
    expect(statusOf({ message: 'y'.repeat(10_000) })).toMatchObject({ message: 'y'.repeat(10_000) })
  })
})

describe('losses and messages', () => {
  test.each([
    ['an agent', { agent_id: { value: 'S1' } }, { kind: 'agent-lost', agentId: 'S1' }],
    [
      'an executor',
      { agent_id: { value: 'S1' }, executor_id: { value: 'E1' }, status: 4352 },
      { kind: 'executor-lost', agentId: 'S1', executorId: 'E1', status: 4352 },
    ],
    [
      'an executor of which nothing more is known',
      { agent_id: { value: 'S1' }, executor_id: { value: 'E1' } },
      { kind: 'executor-lost', agentId: 'S1', executorId: 'E1' },
    ],
  ])('%s is lost', (_, failure, expected) => {
    expect(events({ type: 'FAILURE', failure })).toEqual([expected])
  })

  test('an executor speaks', () => {
    const message = { agent_id: { value: 'S1' }, executor_id: { value: 'ce' }, data: 'ZGll' }
    expect(events({ type: 'MESSAGE', message })).toEqual([
      { kind: 'framework-message', agentId: 'S1', executorId: 'ce', data: 'ZGll' },
    ])
  })

  test('an operation with an id has a status', () => {
    const update_operation_status = {
      status: {
        operation_id: { value: 'op' },
        state: 'OPERATION_ERROR',
        message: 'no',
        uuid: { value: 'x' },
      },
    }
    expect(decoded({ type: 'UPDATE_OPERATION_STATUS', update_operation_status })).toEqual({
      kind: 'operation-status',
      status: { operationId: 'op', state: 'OPERATION_ERROR', message: 'no' },
    })
  })
})

describe('what is not as it should be', () => {
  test.each(['TEA_TIME', 'constructor', 'offers'])('the event %s is unknown', (type) => {
    expect(decoded({ type })).toEqual({ kind: 'unknown', type })
  })

  test.each<[string, unknown, { where: string; expected: string; given: string }]>([
    ['a text', 'hello', { where: '', expected: 'an object', given: '"hello"' }],
    ['a list', [], { where: '', expected: 'an object', given: 'a list of 0' }],
    ['nothing', null, { where: '', expected: 'an object', given: 'null' }],
    ['an event without type', {}, { where: 'type', expected: 'a text', given: 'nothing' }],
    ['a number as type', { type: 4 }, { where: 'type', expected: 'a text', given: '4' }],
    [
      'a part that is missing',
      { type: 'UPDATE' },
      { where: 'update', expected: 'an object', given: 'nothing' },
    ],
    [
      'a part that is a text',
      { type: 'OFFERS', offers: 'many' },
      { where: 'offers', expected: 'an object', given: '"many"' },
    ],
    [
      'an object where a list should be',
      { type: 'OFFERS', offers: { offers: { a: 1 } } },
      { where: 'offers.offers', expected: 'a list', given: 'an object with a' },
    ],
    [
      'a state nobody knows',
      { type: 'UPDATE', update: { status: { ...status, state: 'TASK_DANCING' } } },
      { where: 'update.status.state', expected: 'a state of tasks', given: '"TASK_DANCING"' },
    ],
    [
      'an id that is not wrapped',
      { type: 'UPDATE', update: { status: { ...status, task_id: 'T' } } },
      { where: 'update.status.task_id', expected: 'an object with a value', given: '"T"' },
    ],
    [
      'an id that is a number',
      { type: 'RESCIND', rescind: { offer_id: { value: 5 } } },
      { where: 'rescind.offer_id.value', expected: 'a text', given: '5' },
    ],
    [
      'a text where a number should be',
      { type: 'UPDATE', update: { status: { ...status, timestamp: 'now' } } },
      { where: 'update.status.timestamp', expected: 'a number', given: '"now"' },
    ],
    [
      'a text where a flag should be',
      { type: 'UPDATE', update: { status: { ...status, healthy: 'yes' } } },
      { where: 'update.status.healthy', expected: 'true or false', given: '"yes"' },
    ],
    [
      'a broken address, deep inside',
      {
        type: 'UPDATE',
        update: {
          status: {
            ...status,
            container_status: { network_infos: [{}, { ip_addresses: [{ ip_address: 1 }] }] },
          },
        },
      },
      {
        where: 'update.status.container_status.network_infos[1].ip_addresses[0].ip_address',
        expected: 'a text',
        given: '1',
      },
    ],
    [
      'a failure of nobody',
      { type: 'FAILURE', failure: {} },
      { where: 'failure.agent_id', expected: 'an object with a value', given: 'nothing' },
    ],
  ])('%s is refused, and the answer says where', (_, event, expected) => {
    expect(problem(event)).toEqual(expected)
  })

  test('what is shown of it is short', () => {
    const given = problem({ type: 'UPDATE', update: 'x'.repeat(1_000_000) })?.given ?? ''
    expect(given.length).toBeLessThan(200)
  })
})

describe('a record of the stream', () => {
  test('is an event as JSON', () => {
    expect(decodeRecord('{"type":"HEARTBEAT"}', now)).toEqual({ ok: true, value: { kind: 'heartbeat' } })
  })

  test('that is no JSON is refused with its beginning', () => {
    const result = decodeRecord('{"type":"HEART', now)
    expect(result).toMatchObject({
      ok: false,
      error: { where: '', expected: expect.stringContaining('JSON'), given: '"{\\"type\\":\\"HEART"' },
    })
  })
})
