import { beforeEach, describe, expect, test } from 'vitest'
import { HandClock } from '../../../../tests/support/hand-clock.ts'
import { instant } from '../../../lib/instant.ts'
import { stream } from '../../../lib/rng.ts'
import { silentLogger } from '../../../logging/logger.ts'
import { ZookeeperError, type ZookeeperSession, type ZookeeperState } from '../../../ports/zookeeper.ts'
import { Backoff } from '../backoff.ts'
import { mesosLimits } from '../limits.ts'
import { ZookeeperMasters } from './zookeeper-masters.ts'

/** Nodes under /mesos, and the watches on their list. */
let nodes: Map<string, string | Buffer> | undefined
let trouble: ZookeeperError | undefined
let sessions: HandSession[]
let clock: HandClock
let told: string[]
let masters: ZookeeperMasters

class HandSession implements ZookeeperSession {
  state: ZookeeperState = 'connecting'
  watches: (() => void)[] = []
  readonly #changed: (state: ZookeeperState) => void

  constructor(changed: (state: ZookeeperState) => void) {
    this.#changed = changed
  }

  become(state: ZookeeperState): void {
    this.state = state
    this.#changed(state)
  }

  async children(_path: string, changed?: () => void): Promise<readonly string[] | undefined> {
    if (trouble !== undefined) throw trouble
    if (nodes !== undefined && changed !== undefined) this.watches.push(changed)
    return nodes === undefined ? undefined : [...nodes.keys()]
  }

  async get(path: string): Promise<{ data: Uint8Array; version: number } | undefined> {
    const data = nodes?.get(path.replace('/mesos/', ''))
    return data === undefined ? undefined : { data: Buffer.from(data), version: 0 }
  }

  async exists(): Promise<boolean> {
    return true
  }

  async close(): Promise<void> {
    this.state = 'closed'
  }
}

const info = (port: number): string =>
  JSON.stringify({ address: { hostname: 'm.test', ip: '10.0.0.1', port } })
/** Lets what was asked be answered. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
const change = async (act: () => void): Promise<void> => {
  act()
  for (const watch of sessions.at(-1)!.watches.splice(0)) watch()
  await settle()
}

function begin(isSecure = false): void {
  masters = new ZookeeperMasters({
    open: (changed) => {
      const session = new HandSession(changed)
      sessions.push(session)
      return session
    },
    path: '/mesos',
    isSecure,
    clock,
    backoff: new Backoff({ leastMs: 250, mostMs: 15_000 }, { ...stream(1, 'x'), next: () => 1 }),
    log: silentLogger,
  })
  masters.start((candidates) => told.push(candidates.map(({ host }) => host).join() || 'nobody'))
}

beforeEach(() => {
  nodes = new Map([['log_replicas', '']])
  trouble = undefined
  sessions = []
  clock = new HandClock(instant(1_000_000))
  told = []
  begin()
})

const connect = async (): Promise<void> => {
  sessions.at(-1)!.become('connected')
  await settle()
}

test('nobody leads, then one does, then the one after it', async () => {
  await connect()
  expect(told).toEqual(['nobody'])
  await change(() => nodes!.set('json.info_0000000003', info(5050)))
  await change(() => nodes!.set('json.info_0000000004', info(5060)))
  expect(told).toEqual(['nobody', '10.0.0.1:5050'])
  await change(() => nodes!.delete('json.info_0000000003'))
  expect(told).toEqual(['nobody', '10.0.0.1:5050', '10.0.0.1:5060'])
  await change(() => nodes!.delete('json.info_0000000004'))
  expect(told.at(-1)).toBe('nobody')
})

test('a path that is not there yet is looked for again, without a watch', async () => {
  nodes = undefined
  await connect()
  expect(told).toEqual(['nobody'])
  nodes = new Map([['json.info_0000000000', info(5050)]])
  clock.advance(mesosLimits.leaderPollMs)
  await settle()
  expect(told).toEqual(['nobody', '10.0.0.1:5050'])
})

test('a change that no watch told of is found all the same', async () => {
  nodes!.set('json.info_0000000003', info(5050))
  await connect()
  nodes!.set('json.info_0000000002', info(5040))
  sessions[0]!.watches = []
  clock.advance(mesosLimits.leaderLookMs)
  await settle()
  expect(told).toEqual(['10.0.0.1:5050', '10.0.0.1:5040'])
})

test('all the looks of a day leave one watch behind', async () => {
  await connect()
  for (let i = 0; i < 50; i++) {
    clock.advance(mesosLimits.leaderLookMs)
    await settle()
  }
  expect(sessions[0]!.watches.length).toBeGreaterThan(50)
  expect(new Set(sessions[0]!.watches).size).toBe(1)
})

test('changes while it reads are read after it', async () => {
  sessions[0]!.become('connected')
  nodes!.set('json.info_0000000003', info(5050))
  for (let i = 0; i < 5; i++) for (const watch of sessions[0]!.watches.splice(0)) watch()
  await settle()
  expect(told.at(-1)).toBe('10.0.0.1:5050')
})

test('a master that is gone between two looks is none', async () => {
  const get = sessions[0]!.get.bind(sessions[0])
  nodes!.set('json.info_0000000003', info(5050))
  sessions[0]!.get = async () => undefined
  await connect()
  expect(told).toEqual([])
  sessions[0]!.get = get
  clock.advance(mesosLimits.leaderPollMs)
  await settle()
  expect(told).toEqual(['10.0.0.1:5050'])
})

test.each([
  ['json.info_0000000001', '{'],
  ['info_0000000001', '{"pid":"master@10.0.0.1:5050"}'],
  ['0000000001', 'who knows'],
  ['xml.info_0000000001', '<master/>'],
])('a leader that cannot be read as %s leaves us without: no other one leads', async (name, data) => {
  nodes!.set(name, data)
  nodes!.set('json.info_0000000002', info(5050))
  await connect()
  expect(told).toEqual(['nobody'])
})

test('with TLS masters are called by their names', async () => {
  await masters.stop()
  begin(true)
  nodes!.set('json.info_0000000001', info(5050))
  await connect()
  expect(told).toEqual(['m.test:5050'])
})

test('with TLS a name that is an address of version 6 is one', async () => {
  await masters.stop()
  begin(true)
  const address = { hostname: 'fd00::7', ip: 'fd00::7', port: 5050 }
  nodes!.set('json.info_0000000001', JSON.stringify({ address }))
  await connect()
  expect(told).toEqual(['[fd00::7]:5050'])
})

describe('without ZooKeeper', () => {
  test('who led is not called away, and what changed meanwhile is read afterwards', async () => {
    nodes!.set('json.info_0000000003', info(5050))
    await connect()
    sessions[0]!.become('suspended')
    nodes = new Map([['json.info_0000000009', info(5090)]])
    clock.advance(100_000)
    await settle()
    expect(told).toEqual(['10.0.0.1:5050'])
    await connect()
    expect(told).toEqual(['10.0.0.1:5050', '10.0.0.1:5090'])
  })

  test.each(['expired', 'refused'] as const)('a session that is %s is followed by another', async (state) => {
    nodes!.set('json.info_0000000003', info(5050))
    await connect()
    sessions[0]!.become(state)
    expect(sessions).toHaveLength(1)
    clock.advance(250)
    expect(sessions).toHaveLength(2)
    // What the old one still says does not count.
    sessions[0]!.become('suspended')
    nodes!.set('json.info_0000000001', info(5010))
    await connect()
    expect(told).toEqual(['10.0.0.1:5050', '10.0.0.1:5010'])
  })

  test('a look that fails is taken again', async () => {
    trouble = new ZookeeperError('not-allowed', 'listing /mesos: NO_AUTH')
    nodes!.set('json.info_0000000003', info(5050))
    await connect()
    expect(told).toEqual([])
    trouble = undefined
    clock.advance(mesosLimits.leaderPollMs)
    await settle()
    expect(told).toEqual(['10.0.0.1:5050'])
  })

  test('stopped while it looks, it does not look again', async () => {
    let fail: (error: Error) => void = () => undefined
    const children = () => new Promise<never>((_, reject) => (fail = reject))
    sessions[0]!.children = children
    await connect()
    let looks = 0
    sessions[0]!.children = () => {
      looks += 1
      return children()
    }
    // As a session does that is slow to say goodbye.
    sessions[0]!.close = async () => undefined
    await masters.stop()
    fail(new ZookeeperError('session-over', 'the session is closed'))
    await settle()
    clock.advance(mesosLimits.leaderPollMs)
    expect(looks).toBe(0)
  })

  test('stopped, it tells nothing and opens nothing', async () => {
    await connect()
    await masters.stop()
    expect(sessions[0]!.state).toBe('closed')
    nodes!.set('json.info_0000000003', info(5050))
    clock.advance(1_000_000)
    await settle()
    expect(told).toEqual(['nobody'])
    expect(sessions).toHaveLength(1)
  })
})
