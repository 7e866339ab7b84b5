import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { HandClock } from '../../../../tests/support/hand-clock.ts'
import { instant } from '../../../lib/instant.ts'
import { mesosLimits } from '../limits.ts'
import { CallConnection, type OutgoingCall } from './call-connection.ts'

interface Named extends OutgoingCall {
  readonly name: string
}

const call = (name: string, isRepeatable = true): Named => ({
  name,
  body: JSON.stringify({ name }),
  isRepeatable,
})
const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A server that is told of each request as it is complete, with the number of its connection. */
async function serverOf(heard: (name: string, socket: Socket, connection: number) => void): Promise<URL> {
  let connections = 0
  const server: Server = createServer((socket) => {
    connections += 1
    const connection = connections
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (;;) {
        const match =
          /^POST \/api\/v1\/scheduler HTTP\/1\.1\r\n(?:[^\r]+\r\n)*?content-length: (\d+)\r\n\r\n/.exec(text)
        const end = (match?.[0].length ?? 0) + Number(match?.[1])
        if (match === null || text.length < end) return
        const body = text.slice(match[0].length, end)
        text = text.slice(end)
        heard((JSON.parse(body) as { name: string }).name, socket, connection)
      }
    })
    ends.push(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  return new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/api/v1/scheduler`)
}

function connectionTo(url: URL) {
  const answered: string[] = []
  const lost: { reason: string; unanswered: string[]; unsent: string[] }[] = []
  const clock = new HandClock(instant(0))
  const names = (calls: readonly Named[]): string[] => calls.map(({ name }) => name)
  const connection = new CallConnection<Named>({
    url,
    headers: { 'mesos-stream-id': 's' },
    clock,
    answered: ({ name }, { status, text }) => answered.push(`${name} ${status}${text}`),
    lost: (reason, unanswered, unsent) =>
      lost.push({ reason, unanswered: names(unanswered), unsent: names(unsent) }),
  })
  ends.push(() => void connection.close())
  return { connection, answered, lost, clock }
}

const range = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`)

test('calls arrive in the order given on one connection, without waiting for answers', async () => {
  const heard: string[] = []
  const waiting: Socket[] = []
  const url = await serverOf((name, socket, number) => {
    heard.push(`${number} ${name}`)
    waiting.push(socket)
  })
  const { connection, answered } = connectionTo(url)
  for (const name of range(200)) connection.send(call(name))
  await vi.waitFor(() => expect(heard).toEqual(range(200).map((name) => `1 ${name}`)))
  expect(answered).toEqual([])
  for (const socket of waiting) socket.write(accepted)
  await vi.waitFor(() => expect(answered).toEqual(range(200).map((name) => `${name} 202`)))
  expect(connection.waiting).toBe(0)
})

test('no more are under way than allowed, and all arrive', async () => {
  let open = 0
  let most = 0
  const heard: string[] = []
  const url = await serverOf((name, socket) => {
    heard.push(name)
    open += 1
    most = Math.max(most, open)
    setImmediate(() => {
      open -= 1
      socket.write(accepted)
    })
  })
  const { connection, answered } = connectionTo(url)
  const count = mesosLimits.callsInFlight * 3
  for (const name of range(count)) connection.send(call(name))
  await vi.waitFor(() => expect(answered).toHaveLength(count), { timeout: 5_000 })
  expect(heard).toEqual(range(count))
  expect(most).toBeLessThanOrEqual(mesosLimits.callsInFlight)
})

test('an idle connection may be closed: the next call opens another', async () => {
  const connections: number[] = []
  const url = await serverOf((_, socket, number) => {
    connections.push(number)
    socket.end(accepted)
  })
  const { connection, answered, lost } = connectionTo(url)
  for (const name of ['a', 'b', 'c']) {
    connection.send(call(name))
    await vi.waitFor(() => expect(answered.at(-1)).toBe(`${name} 202`))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(connections).toEqual([1, 2, 3])
  expect(lost).toEqual([])
})

test('what may come twice is sent again after a break, in its order, with what follows', async () => {
  const heard: string[] = []
  const url = await serverOf((name, socket, number) => {
    heard.push(`${number} ${name}`)
    if (number === 1 && name === 'c1') socket.write(accepted, () => socket.destroy())
    if (number === 2) socket.write(accepted)
  })
  const { connection, answered, lost } = connectionTo(url)
  for (const name of range(4)) connection.send(call(name))
  await vi.waitFor(() => expect(answered).toHaveLength(4))
  expect(answered).toEqual(range(4).map((name) => `${name} 202`))
  expect(heard.filter((each) => each.startsWith('2'))).toEqual(['2 c1', '2 c2', '2 c3'])
  expect(lost).toEqual([])
})

test('with one under way that may not come twice nothing is sent again: everything is given up', async () => {
  const heard: string[] = []
  const url = await serverOf((name, socket) => {
    heard.push(name)
    if (name === 'last') socket.destroy()
  })
  const { connection, lost } = connectionTo(url)
  connection.send(call('kill'))
  connection.send(call('accept', false))
  connection.send(call('last'))
  await vi.waitFor(() => expect(lost).toHaveLength(1))
  expect(lost[0]).toEqual({
    reason: expect.stringContaining('broke'),
    unanswered: ['kill', 'accept', 'last'],
    unsent: [],
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(heard).toEqual(['kill', 'accept', 'last'])
})

test('a connection that keeps breaking is given up after some times', async () => {
  let connections = 0
  const url = await serverOf((_, socket, number) => {
    connections = number
    socket.destroy()
  })
  const { connection, lost } = connectionTo(url)
  connection.send(call('a'))
  await vi.waitFor(() => expect(lost).toHaveLength(1))
  expect(lost[0]!.unanswered).toEqual(['a'])
  expect(connections).toBe(mesosLimits.callReconnects + 1)
})

test('a connection that cannot be made tells what never left', async () => {
  const { connection, lost } = connectionTo(new URL('http://127.0.0.1:1/api/v1/scheduler'))
  connection.send(call('a', false))
  connection.send(call('b'))
  await vi.waitFor(() => expect(lost).toHaveLength(1))
  expect(lost[0]).toEqual({
    reason: expect.stringContaining('ECONNREFUSED'),
    unanswered: [],
    unsent: ['a', 'b'],
  })
})

test('without any answer for a minute the master counts as gone', async () => {
  let heard = 0
  const url = await serverOf(() => {
    heard += 1
  })
  const { connection, lost, clock } = connectionTo(url)
  connection.send(call('a'))
  await vi.waitFor(() => expect(heard).toBe(1))
  clock.advance(mesosLimits.callAnswerMs - 1)
  expect(lost).toEqual([])
  clock.advance(1)
  expect(lost).toEqual([{ reason: expect.stringContaining('no answer'), unanswered: ['a'], unsent: [] }])
})

test('slow answers are no silence', async () => {
  const sockets: Socket[] = []
  const url = await serverOf((_, socket) => sockets.push(socket))
  const { connection, lost, answered, clock } = connectionTo(url)
  for (const name of range(4)) connection.send(call(name))
  await vi.waitFor(() => expect(sockets).toHaveLength(4))
  for (const [i, socket] of sockets.entries()) {
    clock.advance(mesosLimits.callAnswerMs - 1)
    socket.write(accepted)
    await vi.waitFor(() => expect(answered).toHaveLength(i + 1))
  }
  expect(lost).toEqual([])
})

test('an answer nobody asked for ends its connection, not what is sent later', async () => {
  const connections: number[] = []
  const url = await serverOf((_, socket, number) => {
    connections.push(number)
    socket.write(accepted + accepted)
  })
  const { connection, answered, lost } = connectionTo(url)
  for (const name of ['a', 'b']) {
    connection.send(call(name, false))
    await vi.waitFor(() => expect(answered.at(-1)).toBe(`${name} 202`))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect({ connections, lost }).toEqual({ connections: [1, 2], lost: [] })
})

test('bytes that are no HTTP are as a break', async () => {
  const url = await serverOf((_, socket) => void socket.write('nonsense\r\n\r\n'))
  const { connection, lost } = connectionTo(url)
  connection.send(call('a', false))
  await vi.waitFor(() => expect(lost).toHaveLength(1))
  expect(lost[0]!.reason).toMatch(/begins with "nonsense/)
})

test('what waits is bounded: a master that takes nothing is given up', async () => {
  const url = await serverOf(() => undefined)
  const { connection, lost } = connectionTo(url)
  const one = call('a')
  for (let i = 0; i <= mesosLimits.waitingCalls && lost.length === 0; i++) connection.send(one)
  expect(lost).toHaveLength(1)
  expect(lost[0]!.reason).toMatch(/calls wait for the master/)
})

test('closed, it sends and tells nothing more', async () => {
  const heard: string[] = []
  const url = await serverOf((name) => heard.push(name))
  const { connection, lost } = connectionTo(url)
  connection.send(call('a'))
  expect(connection.close().map(({ name }) => name)).toEqual(['a'])
  connection.send(call('b'))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect({ heard, lost }).toEqual({ heard: [], lost: [] })
})

test('the server can wait for what is under way, for a while', async () => {
  let answer = (): void => undefined
  const url = await serverOf((_, socket) => {
    answer = () => void socket.write(accepted)
  })
  const { connection, clock } = connectionTo(url)
  await connection.idle(1_000)
  connection.send(call('a'))
  const answered = connection.idle(1_000)
  await vi.waitFor(() => expect(connection.waiting).toBe(1))
  await vi.waitFor(() => {
    answer()
    expect(connection.waiting).toBe(0)
  })
  await answered
  connection.send(call('b'))
  const tooLate = connection.idle(1_000)
  clock.advance(1_000)
  await tooLate
  expect(connection.waiting).toBe(1)
})
