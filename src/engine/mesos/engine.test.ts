import { afterEach, describe, expect, test, vi } from 'vitest'
import { HandClock } from '../../../tests/support/hand-clock.ts'
import { HandMaster, subscribedEvent } from '../../../tests/support/hand-master.ts'
import type { EngineEvent } from '../../core/events.ts'
import type { EngineEffect } from '../../core/ready.ts'
import type { Registration } from '../../core/registration/registration.ts'
import { SystemClock } from '../../driver/clock.ts'
import { instant, millis, seconds } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { stream } from '../../lib/rng.ts'
import { silentLogger } from '../../logging/logger.ts'
import { MesosEngine, type MesosEngineOptions } from './engine.ts'
import { ListedMasters } from './masters/masters.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function masterThere(...args: ConstructorParameters<typeof HandMaster>): Promise<HandMaster> {
  const master = await new HandMaster(...args).start()
  ends.push(() => master.stop())
  return master
}

interface Running {
  readonly engine: MesosEngine
  readonly events: EngineEvent[]
  perform(...effects: readonly EngineEffect[]): void
  until<K extends EngineEvent['kind']>(kind: K, count?: number): Promise<Extract<EngineEvent, { kind: K }>>
}

async function engineOf(
  masters: readonly HandMaster[],
  options: Partial<MesosEngineOptions> = {},
  registration?: Registration,
): Promise<Running> {
  const engine = new MesosEngine({
    clock: new SystemClock(),
    rng: stream(1, 'backoff'),
    log: silentLogger,
    masters: new ListedMasters(masters.map(({ url }) => url)),
    framework: () => ({
      name: 'marathon',
      user: 'root',
      failoverTimeout: seconds(604_800),
      checkpoint: true,
      features: { taskKilling: false, gpuResources: false },
    }),
    heartbeatInterval: millis(15_000),
    heartbeatFailureThreshold: 5,
    ...options,
  })
  const events: EngineEvent[] = []
  ends.push(() => engine.stop())
  await engine.start((event) => events.push(event), registration)
  return {
    engine,
    events,
    perform: (...effects) => engine.perform(effects),
    until: (kind, count = 1) =>
      vi.waitFor(
        () => {
          const found = events.filter((event) => event.kind === kind)
          if (found.length < count) throw new Error(`${kind} ${count} of ${JSON.stringify(events)}`)
          return found[count - 1] as never
        },
        { timeout: 5_000, interval: 2 },
      ),
  }
}

const offer = (id: string) => ({
  id: { value: id },
  framework_id: { value: 'framework-1' },
  agent_id: { value: 'S0' },
  hostname: 'agent.test',
  resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, allocation_info: { role: '*' } }],
  allocation_info: { role: '*' },
})

const accept = (taskId: string): EngineEffect => ({
  kind: 'accept',
  offerIds: ['o1'],
  agentId: 'S0',
  operations: [
    {
      type: 'LAUNCH',
      tasks: [
        {
          name: 'web',
          taskId,
          agentId: 'S0',
          resources: [{ name: 'cpus', scalar: 1, role: '*' }],
          command: { shell: true, value: 'sleep 1', environment: [], uris: [] },
          labels: {},
          discovery: { visibility: 'FRAMEWORK', name: 'web', ports: [] },
        },
      ],
    },
  ],
})

test('it subscribes, passes on what it is offered, and answers on a connection of its own', async () => {
  const master = await masterThere()
  const { until, perform } = await engineOf([master])
  expect(await until('engine-connected')).toEqual({
    kind: 'engine-connected',
    frameworkId: 'framework-1',
    master: 'master.test:5050',
    holdsOffers: false,
    subscribed: { roles: ['*'], suppressedRoles: [] },
    reserves: true,
  })
  master.tell({ type: 'OFFERS', offers: { offers: [offer('o1')] } })
  expect((await until('offers')).offers.map(({ id }) => id)).toEqual(['o1'])
  perform(accept('web.1'), { kind: 'decline', offerIds: ['o2'], refuseFor: seconds(5) })
  await vi.waitFor(() => expect(master.heard('DECLINE')).toHaveLength(1))
  expect(master.calls.map(({ body }) => body.type)).toEqual(['SUBSCRIBE', 'ACCEPT', 'DECLINE'])
  const [subscribe, ...others] = master.calls
  expect(others.map(({ headers }) => headers['mesos-stream-id'])).toEqual(['stream-1', 'stream-1'])
  expect(new Set(others.map(({ connection }) => connection)).size).toBe(1)
  expect(others[0]!.connection).not.toBe(subscribe!.connection)
})

const registered: Registration = {
  frameworkId: 'framework-1',
  roles: ['dev', 'ops'],
  suppressedRoles: ['ops'],
}

const subscribed = (master: HandMaster, nth: number) =>
  master.heard('SUBSCRIBE')[nth]!.body as unknown as {
    framework_id?: object
    subscribe: { framework_info: { id?: object; roles: string[] }; suppressed_roles?: string[] }
  }

const until = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 5_000, interval: 2 })

describe('as whom it subscribes', () => {
  test('without an id the first time, with the one it got from then on, in both places', async () => {
    const master = await masterThere()
    const running = await engineOf([master])
    await running.until('engine-connected')
    expect(subscribed(master, 0).framework_id).toBeUndefined()
    master.streams[0]!.destroy()
    await running.until('engine-connected', 2)
    const again = subscribed(master, 1)
    expect([again.framework_id, again.subscribe.framework_info.id]).toEqual([
      { value: 'framework-1' },
      { value: 'framework-1' },
    ])
    expect(running.events.map(({ kind }) => kind)).toEqual([
      'engine-connected',
      'engine-disconnected',
      'engine-connected',
    ])
  })

  test('with the id and the roles the core knows, and says which they were', async () => {
    const master = await masterThere()
    const running = await engineOf([master], {}, registered)
    expect((await running.until('engine-connected')).subscribed).toEqual({
      roles: ['dev', 'ops'],
      suppressedRoles: ['ops'],
    })
    expect(subscribed(master, 0)).toMatchObject({
      framework_id: { value: 'framework-1' },
      subscribe: { framework_info: { roles: ['dev', 'ops'] }, suppressed_roles: ['ops'] },
    })
  })

  test('what changed is told at once and said again with the next subscription', async () => {
    const master = await masterThere()
    const running = await engineOf([master], {}, registered)
    await running.until('engine-connected')
    running.perform(
      { kind: 'update-framework', roles: ['dev', 'web'], suppressedRoles: ['web'] },
      { kind: 'suppress', roles: ['dev'] },
      { kind: 'revive', roles: ['web'] },
    )
    await until(() => expect(master.heard('REVIVE')).toHaveLength(1))
    expect(master.calls.map(({ body }) => body.type)).toEqual([
      'SUBSCRIBE',
      'UPDATE_FRAMEWORK',
      'SUPPRESS',
      'REVIVE',
    ])
    master.streams[0]!.destroy()
    await running.until('engine-connected', 2)
    const { framework_info: info, suppressed_roles: suppressed } = subscribed(master, 1).subscribe
    expect([info.roles, suppressed]).toEqual([['dev', 'web'], ['dev']])
  })

  test.each([
    [400, "'UpdateFramework' call is not valid: the regex is too large"],
    [403, "Not authorized to register framework with roles 'dev, web'"],
  ])('what the master refuses with %d is not said again: it would be our end', async (status, text) => {
    const master = await masterThere()
    master.behave = ({ body }, response) => {
      if (body.type !== 'UPDATE_FRAMEWORK') return false
      response.writeHead(status).end(text)
      return true
    }
    const errors: string[] = []
    const log = { ...silentLogger, error: (message: string) => void errors.push(message) }
    const running = await engineOf([master], { log }, registered)
    await running.until('engine-connected')
    running.perform(
      {
        kind: 'update-framework',
        roles: ['dev', 'web'],
        suppressedRoles: [],
        offerConstraints: {
          dev: [[{ selector: { attribute: 'rack' }, predicate: { kind: 'text-matches', regex: 'a{999}' } }]],
        },
      },
      { kind: 'suppress', roles: ['dev'] },
    )
    await until(() => expect(errors).toEqual(['the master refused a call']))
    expect(running.events).toHaveLength(1)
    master.streams[0]!.destroy()
    expect((await running.until('engine-connected', 2)).subscribed).toEqual({
      roles: ['dev', 'ops'],
      suppressedRoles: ['ops'],
    })
    expect(subscribed(master, 1).subscribe.framework_info.roles).toEqual(['dev', 'ops'])
    expect(subscribed(master, 1).subscribe).not.toHaveProperty('offer_constraints')
  })

  test('a master that cannot be told of new roles is subscribed to again', async () => {
    const master = await masterThere()
    master.behave = ({ body }, response) => {
      if (body.type !== 'SUBSCRIBE') return false
      master.open(response)
      master.tell(subscribedEvent('framework-1', { version: '1.8.1' }))
      return true
    }
    const running = await engineOf([master], {}, registered)
    await running.until('engine-connected')
    running.perform({ kind: 'update-framework', roles: ['web'], suppressedRoles: [] })
    await running.until('engine-connected', 2)
    expect(subscribed(master, 1).subscribe.framework_info.roles).toEqual(['web'])
    expect(master.heard('UPDATE_FRAMEWORK')).toEqual([])
  })

  test('but constraints alone, which such a master does not know, are no reason to lose its offers', async () => {
    const master = await masterThere()
    master.behave = ({ body }, response) => {
      if (body.type !== 'SUBSCRIBE') return false
      master.open(response)
      master.tell(subscribedEvent('framework-1', { version: '1.8.1' }))
      return true
    }
    const running = await engineOf([master], {}, registered)
    await running.until('engine-connected')
    const { roles, suppressedRoles } = registered
    const offerConstraints = {
      [roles[0]!]: [[{ selector: { attribute: 'rack' }, predicate: { kind: 'exists' as const } }]],
    }
    running.perform(
      { kind: 'update-framework', roles, suppressedRoles, offerConstraints },
      { kind: 'decline', offerIds: ['o1'], refuseFor: seconds(5) },
    )
    await vi.waitFor(() => expect(master.heard('DECLINE')).toHaveLength(1))
    expect(running.events.map(({ kind }) => kind)).toEqual(['engine-connected'])
    expect(master.heard('UPDATE_FRAMEWORK')).toEqual([])
  })

  test('with a principal, also where nobody asks for a secret', async () => {
    const master = await masterThere()
    const framework = {
      name: 'marathon',
      user: 'root',
      failoverTimeout: seconds(1),
      checkpoint: true,
      principal: 'fw',
      features: { taskKilling: false, gpuResources: false },
    }
    const running = await engineOf([master], { framework: () => framework })
    await running.until('engine-connected')
    expect(subscribed(master, 0).subscribe.framework_info).toMatchObject({ principal: 'fw' })
    expect(master.calls[0]!.headers.authorization).toBeUndefined()
  })
})

describe('credentials', () => {
  const guarded = async (): Promise<HandMaster> => {
    const master = await masterThere()
    master.behave = ({ headers }, response) => {
      if (headers.authorization === 'Basic Znc6czNjcmV0') return false
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="mesos-master-scheduler"' })
      response.end('401 Unauthorized.')
      return true
    }
    return master
  }

  test('are sent with the subscription and with every call', async () => {
    const master = await guarded()
    const running = await engineOf([master], { credentials: { principal: 'fw', secret: 's3cret' } })
    await running.until('engine-connected')
    running.perform({ kind: 'reconcile', tasks: [] })
    await until(() => expect(master.heard('RECONCILE')).toHaveLength(1))
    expect(running.events.map(({ kind }) => kind)).toEqual(['engine-connected'])
  })

  test('that are wrong are told in the words of the master, without the secret', async () => {
    const master = await guarded()
    const advice: unknown[] = []
    const log = { ...silentLogger, error: (_message: string, more?: object) => void advice.push(more) }
    const credentials = { principal: 'fw', secret: 'wrong' }
    const running = await engineOf([master], { credentials, log })
    const failed = await running.until('engine-failed')
    expect(advice).toMatchObject([{ advice: expect.stringMatching('--mesos_authentication_secret_file') }])
    expect(failed).toEqual({
      kind: 'engine-failed',
      message: `127.0.0.1:${master.port} answered 401: 401 Unauthorized.`,
      isRemoved: false,
    })
  })
})

test('a standby sends it on to the leader, where the calls go, too', async () => {
  const leader = await masterThere()
  const standby = await masterThere()
  standby.behave = (_, response) => {
    response.writeHead(307, { Location: `//127.0.0.1:${leader.port}/master/api/v1/scheduler` }).end()
    return true
  }
  const running = await engineOf([standby])
  await running.until('engine-connected')
  expect(running.engine.leaderUrl).toBe(`http://127.0.0.1:${leader.port}`)
  expect(running.engine.leaderPage).toBe('http://master.test:5050/')
  running.perform({ kind: 'reconcile', tasks: [] })
  await until(() => expect(leader.heard('RECONCILE')).toHaveLength(1))
  expect(leader.heard('RECONCILE')[0]!.path).toBe('/master/api/v1/scheduler')
  expect(standby.heard('RECONCILE')).toEqual([])
})

test('of several masters, the next one is asked when one is down or no master', async () => {
  const dead = await masterThere()
  const page = await masterThere()
  const master = await masterThere()
  page.behave = (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>')
    return true
  }
  const running = await engineOf([dead, page, master])
  await dead.stop()
  await running.until('engine-connected')
  expect(running.engine.leaderUrl).toBe(`http://127.0.0.1:${master.port}`)
})

describe('what comes in pieces', () => {
  test('a record of 20 MB is one event', async () => {
    const master = await masterThere()
    const running = await engineOf([master])
    await running.until('engine-connected')
    const offers = Array.from({ length: 10_000 }, (_, i) => ({
      ...offer(`o${i}`),
      attributes: [{ name: 'x', type: 'TEXT', text: { value: 'y'.repeat(1_800) } }],
    }))
    master.tell({ type: 'OFFERS', offers: { offers } })
    const event = await running.until('offers')
    expect(event.offers).toHaveLength(10_000)
    expect(event.offers.at(-1)!.id).toBe('o9999')
  })

  test('half a record, and then nothing more, is as if it had never come', async () => {
    const master = await masterThere()
    const running = await engineOf([master])
    await running.until('engine-connected')
    master.streams[0]!.write('500\n{"type":"OFFERS","offers":{"offers":[')
    await new Promise((resolve) => setTimeout(resolve, 20))
    master.streams[0]!.destroy()
    await running.until('engine-connected', 2)
    master.tell({ type: 'OFFERS', offers: { offers: [offer('o1')] } })
    expect((await running.until('offers')).offers.map(({ id }) => id)).toEqual(['o1'])
  })
})

test('a stalled stream is prompted, then left', async () => {
  const clock = new HandClock(instant(1_000_000))
  const master = await masterThere()
  master.behave = ({ body }, response) => {
    if (body.type === 'RECONCILE') {
      // It takes the calls, and its stream is stuck.
      response.writeHead(202, { 'Content-Length': '0' }).end()
      return true
    }
    return false
  }
  const running = await engineOf([master], { clock })
  await running.until('engine-connected')
  for (let i = 1; i <= 4; i++) {
    clock.advance(15_000)
    await until(() => expect(master.heard('RECONCILE')).toHaveLength(i))
  }
  const asked = JSON.stringify(master.heard('RECONCILE')[0]!.body)
  expect(asked).toMatch(
    /fake-marathon-pacemaker-task-[0-9a-f-]{36}.*fake-marathon-pacemaker-agent-[0-9a-f-]{36}/,
  )
  expect(running.events).toHaveLength(1)
  clock.advance(15_000)
  expect(running.events.at(-1)).toEqual({ kind: 'engine-disconnected' })
  clock.advance(1_000)
  await running.until('engine-connected', 2)
})

test('the answer to a prompt is a sign of life and nothing more', async () => {
  const clock = new HandClock(instant(1_000_000))
  const master = await masterThere()
  master.behave = ({ body }, response) => {
    if (body.type !== 'RECONCILE') return false
    response.writeHead(202, { 'Content-Length': '0' }).end()
    const [task] = (body['reconcile'] as { tasks: readonly object[] }).tasks
    const status = {
      ...task,
      state: 'TASK_UNKNOWN',
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
      timestamp: 1,
    }
    master.tell({ type: 'UPDATE', update: { status } })
    master.tell({
      type: 'RESCIND',
      rescind: { offer_id: { value: `answered ${master.heard('RECONCILE').length}` } },
    })
    return true
  }
  const running = await engineOf([master], { clock })
  await running.until('engine-connected')
  for (let i = 1; i <= 12; i++) {
    clock.advance(15_000)
    await running.until('offer-rescinded', i)
  }
  expect(new Set(running.events.map(({ kind }) => kind))).toEqual(
    new Set(['engine-connected', 'offer-rescinded']),
  )
})

describe('launches', () => {
  const statuses = ({ events }: Running) =>
    events.flatMap((event) => (event.kind === 'status' ? [[event.status.taskId, event.status.state]] : []))

  test('without a connection are dropped at once: they never left', async () => {
    const master = await masterThere()
    const running = await engineOf([master])
    running.perform(accept('web.1'))
    expect(running.events).toEqual([])
    const { status } = await running.until('status')
    expect(status).toMatchObject({ taskId: 'web.1', agentId: 'S0', state: 'TASK_DROPPED' })
    expect(status.uuid).toBeUndefined()
    await running.until('engine-connected')
    expect(master.heard('ACCEPT')).toEqual([])
  })

  test('whose connection breaks are not sent twice, nor called lost: the next subscription asks', async () => {
    const master = await masterThere()
    master.behave = ({ body }, response) => {
      if (body.type !== 'ACCEPT') return false
      response.destroy()
      return true
    }
    const running = await engineOf([master])
    await running.until('engine-connected')
    running.perform(accept('web.1'), { kind: 'kill', taskId: 'web.0', cause: 'scale-down' })
    await running.until('engine-connected', 2)
    expect(running.events.map(({ kind }) => kind)).toEqual([
      'engine-connected',
      'engine-disconnected',
      'engine-connected',
    ])
    expect(master.heard('ACCEPT')).toHaveLength(1)
  })

  test('the master refuses have failed, with its words, and their offers are given back', async () => {
    const master = await masterThere()
    master.behave = ({ body }, response) => {
      if (body.type !== 'ACCEPT') return false
      response
        .writeHead(400)
        .end("Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'x'")
      return true
    }
    const running = await engineOf([master])
    await running.until('engine-connected')
    running.perform(accept('web.1'))
    const { status } = await running.until('status')
    expect(status).toMatchObject({ state: 'TASK_ERROR', message: expect.stringContaining("for field 'x'") })
    await until(() => expect(master.heard('DECLINE')).toHaveLength(1))
    expect(master.heard('DECLINE')[0]!.body).toMatchObject({ decline: { offer_ids: [{ value: 'o1' }] } })
    expect(statuses(running)).toEqual([['web.1', 'TASK_ERROR']])
  })

  test('the master refuses with a book have failed with its beginning: it is kept with each of them', async () => {
    const master = await masterThere()
    master.behave = ({ body }, response) => {
      if (body.type !== 'ACCEPT') return false
      response.writeHead(400).end('no! '.repeat(100_000))
      return true
    }
    const running = await engineOf([master])
    await running.until('engine-connected')
    running.perform(accept('web.1'))
    const { status } = await running.until('status')
    expect(status.message).toMatch(/ with 400: no! no! /)
    expect(status.message!.length).toBeLessThan(limits.statusMessageChars)
  })
})

test.each([
  [403, 'Framework is not subscribed'],
  [
    400,
    "The stream ID 's' included in this request didn't match the stream ID currently associated with framework ID f",
  ],
  [400, 'Framework cannot be found'],
  [503, 'No leader elected'],
  [307, ''],
])('a call answered with %d %s: this subscription is over, another is made', async (status, text) => {
  const master = await masterThere()
  let isOver = true
  master.behave = ({ body }, response) => {
    if (body.type !== 'RECONCILE' || !isOver) return false
    isOver = false
    response.writeHead(status).end(text)
    return true
  }
  const running = await engineOf([master])
  await running.until('engine-connected')
  running.perform({ kind: 'reconcile', tasks: [] })
  await running.until('engine-connected', 2)
  running.perform({ kind: 'reconcile', tasks: [] })
  await until(() => expect(master.heard('RECONCILE')).toHaveLength(2))
  expect(master.heard('RECONCILE')[1]!.headers['mesos-stream-id']).toBe('stream-2')
})

test.each([
  ['Framework has been removed', true],
  ['Framework failed over', false],
])('%j: it ends and does not come back', async (message, isRemoved) => {
  const master = await masterThere()
  const running = await engineOf([master])
  await running.until('engine-connected')
  master.tell({ type: 'ERROR', error: { message } })
  master.streams[0]!.end()
  expect(await running.until('engine-failed')).toEqual({ kind: 'engine-failed', message, isRemoved })
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(master.heard('SUBSCRIBE')).toHaveLength(1)
})

test('offers that cannot be read are declined, the others are offered', async () => {
  const master = await masterThere()
  const running = await engineOf([master])
  await running.until('engine-connected')
  const broken = { ...offer('bad'), resources: [{ name: 'cpus', type: 'SCALAR', scalar: 'many' }] }
  master.tell({ type: 'OFFERS', offers: { offers: [broken, offer('o1')] } })
  expect((await running.until('offers')).offers.map(({ id }) => id)).toEqual(['o1'])
  await until(() => expect(master.heard('DECLINE')).toHaveLength(1))
  expect(master.heard('DECLINE')[0]!.body).toMatchObject({ decline: { offer_ids: [{ value: 'bad' }] } })
})

test('stopping waits for the calls under way', async () => {
  const master = await masterThere()
  const running = await engineOf([master])
  await running.until('engine-connected')
  for (let i = 0; i < 500; i++)
    running.perform({ kind: 'acknowledge', taskId: `t${i}`, agentId: 'S0', uuid: 'MitE1aSjTWC3oBB5dCb2Og==' })
  await running.engine.stop()
  expect(master.heard('ACKNOWLEDGE')).toHaveLength(500)
  expect(running.events.map(({ kind }) => kind)).toEqual(['engine-connected'])
})
