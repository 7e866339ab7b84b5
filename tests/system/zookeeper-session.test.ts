// Sessions with a real ZooKeeper: what is read, watches, servers that go away, fall silent or forget.

import { type AddressInfo, createServer } from 'node:net'
import { ACL, Id, Permission } from 'node-zookeeper-client'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SystemClock } from '../../src/driver/clock.ts'
import type { ZookeeperOptions, ZookeeperSession, ZookeeperState } from '../../src/ports/zookeeper.ts'
import { zookeeperOver } from '../../src/zookeeper/session.ts'
import { sleep, until } from './support/until.ts'
import { hasZookeeper, Zookeeper } from './support/zookeeper.ts'

describe.skipIf(!hasZookeeper)('a session with ZooKeeper', () => {
  let zookeeper: Zookeeper
  const sessions: ZookeeperSession[] = []

  beforeAll(async () => {
    zookeeper = await Zookeeper.start()
    return () => zookeeper.stop()
  }, 60_000)

  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close()
  })

  function open(options: Partial<ZookeeperOptions> = {}) {
    const states: ZookeeperState[] = []
    const session = zookeeperOver(new SystemClock())(
      {
        hosts: [zookeeper.address],
        sessionTimeoutMs: 2_000,
        connectionTimeoutMs: 500,
        operationTimeoutMs: 3_000,
        ...options,
      },
      (state) => states.push(state),
    )
    sessions.push(session)
    const reaches = (state: ZookeeperState) =>
      until(`state ${state}`, () => session.state === state, { seen: () => states })
    return { session, states, reaches }
  }

  test('reads nodes and their children, and what is not there', async () => {
    const writer = await zookeeper.client()
    await writer.folder('/read/a')
    await writer.node('/read/b', 'grüße')
    const { session, states, reaches } = open()
    await reaches('connected')
    expect([...(await session.children('/read'))!].sort()).toEqual(['a', 'b'])
    const node = await session.get('/read/b')
    expect(Buffer.from(node!.data).toString()).toBe('grüße')
    expect(node!.version).toBe(0)
    expect((await session.get('/read/a'))!.data).toHaveLength(0)
    expect(await session.get('/read/none')).toBeUndefined()
    expect(await session.children('/none')).toBeUndefined()
    expect([await session.exists('/read'), await session.exists('/none')]).toEqual([true, false])
    await until('the state to be told', () => states.length > 0)
    expect(states).toEqual(['connected'])
  })

  test('tells once of a change of what was read', async () => {
    const writer = await zookeeper.client()
    await writer.folder('/watched')
    const { session, reaches } = open()
    await reaches('connected')
    const told: string[] = []
    await session.children('/watched', () => told.push('children'))
    await session.exists('/watched/a', () => told.push('a is there'))
    await writer.node('/watched/a', 'x')
    await until('both', () => told.length === 2)
    await writer.node('/watched/b', 'x')
    await session.children('/watched')
    expect(told.sort()).toEqual(['a is there', 'children'])
  })

  test('finds a server among those that are not there', async () => {
    const { reaches } = open({ hosts: ['127.0.0.1:1', zookeeper.address] })
    await reaches('connected')
  })

  test('reads what its credentials allow', async () => {
    const writer = await zookeeper.client('me:secret')
    const mine = [new ACL(Permission.ALL, new Id('auth', ''))]
    await writer.node('/guarded', 'x', mine)
    const stranger = open()
    await stranger.reaches('connected')
    await expect(stranger.session.get('/guarded')).rejects.toMatchObject({ kind: 'not-allowed' })
    const me = open({ credentials: { user: 'me', password: 'secret' } })
    await me.reaches('connected')
    expect(await me.session.get('/guarded')).toBeDefined()
  })

  test('goes on when the server is killed and comes back, its watches too', async () => {
    const writer = await zookeeper.client()
    await writer.folder('/kept')
    const { session, states, reaches } = open({ sessionTimeoutMs: 4_000 })
    await reaches('connected')
    let told = 0
    await session.children('/kept', () => (told += 1))
    await zookeeper.kill()
    await reaches('suspended')
    await zookeeper.startAgain()
    await reaches('connected')
    const other = await zookeeper.client()
    await other.node('/kept/a', 'x')
    await until('the watch', () => told === 1)
    expect(states).toEqual(['connected', 'suspended', 'connected'])
  })

  test('tells a watch that was set many times once, and again when it was set again', async () => {
    const writer = await zookeeper.client()
    await writer.folder('/often')
    const { session, reaches } = open()
    await reaches('connected')
    let told = 0
    const changed = (): void => {
      told += 1
    }
    for (let i = 0; i < 20; i++) await session.children('/often', changed)
    await writer.node('/often/a', 'x')
    await until('the watch', () => told > 0)
    // Whatever else the change brought has come before this answer.
    await session.children('/often', changed)
    expect(told).toBe(1)
    await writer.node('/often/b', 'x')
    await until('the watch again', () => told > 1)
    await session.children('/often')
    expect(told).toBe(2)
  })

  test('notices a server that falls silent, and its return', async () => {
    const { session, reaches } = open()
    await reaches('connected')
    zookeeper.freeze()
    try {
      const question = session.get('/')
      await expect(question).rejects.toMatchObject({ kind: expect.stringMatching(/connection-lost|timeout/) })
      await reaches('suspended')
    } finally {
      zookeeper.thaw()
    }
    // The server may have ended it meanwhile, by its own clock.
    await until('the end of the silence', () => session.state === 'connected' || session.state === 'expired')
  })

  test('is over when it was cut off for longer than it lasts', async () => {
    const { session, states, reaches } = open()
    await reaches('connected')
    await zookeeper.kill()
    try {
      await reaches('suspended')
      await reaches('expired')
      await expect(session.get('/')).rejects.toMatchObject({ kind: 'session-over' })
    } finally {
      await zookeeper.startAgain()
    }
    expect(states).toEqual(['connected', 'suspended', 'expired'])
  })

  test('is over when the ensemble does not know it any more, and stays over', async () => {
    const { session, reaches } = open()
    await reaches('connected')
    await zookeeper.kill()
    zookeeper.forget()
    await zookeeper.startAgain()
    await reaches('expired')
    await expect(session.get('/')).rejects.toMatchObject({ kind: 'session-over' })
    const next = open()
    await next.reaches('connected')
  })

  test('closed, it says so, and takes nothing more', async () => {
    const { session, states, reaches } = open()
    await reaches('connected')
    await session.close()
    expect(session.state).toBe('closed')
    await expect(session.children('/')).rejects.toMatchObject({ kind: 'session-over' })
    await until('the state to be told', () => states.at(-1) === 'closed')
  })

  test('given up while it connects, it neither connects later nor throws', async () => {
    const { session, reaches } = open()
    await reaches('connected')
    await zookeeper.kill()
    await reaches('suspended')
    const restarted = zookeeper.startAgain()
    await session.close()
    await restarted
    await sleep(1_500)
    expect(session.state).toBe('closed')
  })

  test('bytes that are no answer of ZooKeeper cost the connection alone', async () => {
    let connections = 0
    const framed = (bytes: Buffer): Buffer => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(bytes.length)
      return Buffer.concat([length, bytes])
    }
    const welcome = Buffer.alloc(37)
    welcome.writeInt32BE(4_000, 4)
    welcome.writeInt32BE(16, 16)
    const nonsense = createServer((socket) => {
      connections += 1
      let isWelcome = false
      socket.on('error', () => undefined)
      // To the first question, which has the number 0, an answer with an error nobody knows.
      socket.on('data', () => {
        socket.write(framed(isWelcome ? Buffer.concat([Buffer.alloc(12), Buffer.alloc(4, 0xa5)]) : welcome))
        isWelcome = true
      })
    })
    await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve))
    const { port } = nonsense.address() as AddressInfo
    const { session, reaches } = open({ hosts: [`127.0.0.1:${port}`] })
    await reaches('connected')
    await expect(session.get('/')).rejects.toMatchObject({
      kind: expect.stringMatching(/connection-lost|timeout/),
    })
    await until('another connection', () => connections > 1)
    await session.close()
    nonsense.close()
  })

  test('is closed also when it never was connected', async () => {
    const { session } = open({ hosts: ['127.0.0.1:1'] })
    const question = session.get('/')
    const failed = expect(question).rejects.toMatchObject({ kind: 'session-over' })
    await session.close()
    await failed
  })
})
