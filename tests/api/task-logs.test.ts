// Output of tasks: pieces by offset, and following over a real socket.

import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { TaskLogs } from '../../src/ports/engine.ts'
import { type FakeApi, fakeApi } from '../support/fake-api.ts'

/** A task whose stdout is a text that a test lets grow; the first `rotated` bytes are gone. */
function growingLogs(text: string, rotated = 0) {
  const output = { text, isOpen: true, isGone: false }
  const logs: TaskLogs = {
    read: async (taskId, stream, offset, limit) => {
      if (output.isGone || taskId !== 'web.1' || stream !== 'stdout') return undefined
      const bytes = Buffer.from(output.text)
      const asked = offset < 0 ? bytes.length + offset : offset
      const start = Math.min(Math.max(asked, rotated), bytes.length)
      const piece = bytes.subarray(start, start + limit)
      return {
        bytes: piece,
        start,
        end: start + piece.length,
        size: bytes.length,
        isOpen: output.isOpen,
      }
    },
  }
  return { output, engine: { name: 'local', logs } }
}

const servers: FakeApi[] = []
afterEach(async () => {
  for (const { server } of servers.splice(0)) await server.close()
})

async function follow(api: FakeApi, path: string) {
  servers.push(api)
  await api.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.server.address() as AddressInfo
  const response = await new Promise<IncomingMessage>((resolve) =>
    get({ host: '127.0.0.1', port, path, headers: { 'accept-encoding': 'gzip' } }, resolve),
  )
  let received = ''
  let isEnded = false
  response.on('data', (bytes) => (received += bytes))
  response.on('end', () => (isEnded = true))
  return { response, received: () => received, isEnded: () => isEnded }
}

describe('GET /v2/tasks/{id}/logs/{stream}', () => {
  it.each([
    ['', 'hello world', '0', '11'],
    ['?offset=6', 'world', '6', '11'],
    ['?offset=-3', 'rld', '8', '11'],
    ['?limit=5', 'hello', '0', '5'],
    ['?offset=2&limit=3', 'llo', '2', '5'],
    ['?offset=99', '', '11', '11'],
    ['?limit=99999999999', 'hello world', '0', '11'],
  ])('with %j gives %j', async (query, body, start, end) => {
    const { engine } = growingLogs('hello world')
    const response = await fakeApi({ engine }).server.inject(`/v2/tasks/web.1/logs/stdout${query}`)
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toMatch(/^text\/plain/)
    expect(response.body).toBe(body)
    expect(response.headers).toMatchObject({
      'marathon-log-start': start,
      'marathon-log-end': end,
      'marathon-log-size': '11',
    })
  })

  it('begins later when the first bytes are rotated away', async () => {
    const { engine } = growingLogs('hello world', 6)
    const response = await fakeApi({ engine }).server.inject('/v2/tasks/web.1/logs/stdout?offset=0')
    expect([response.headers['marathon-log-start'], response.body]).toEqual(['6', 'world'])
  })

  it.each([
    [
      '/v2/tasks/x/logs/stdout',
      404,
      "Task 'x' has no stdout here: it has not started yet, or its sandbox has been removed since it ended.",
    ],
    ['/v2/tasks/web.1/logs/syslog', 404, "A task has no stream 'syslog', expected stdout or stderr."],
    [
      '/v2/tasks/web.1/logs/stdout?offset=abc',
      422,
      "Query parameter 'offset' is 'abc', expected a whole number of bytes.",
    ],
    [
      '/v2/tasks/web.1/logs/stdout?limit=0',
      422,
      "Query parameter 'limit' is '0', expected more than 0 bytes.",
    ],
  ])('%s is refused', async (url, status, message) => {
    const { engine } = growingLogs('')
    const response = await fakeApi({ engine }).server.inject(url)
    expect([response.statusCode, response.json().message]).toEqual([status, message])
  })

  it('says which engine has no output to show', async () => {
    const response = await fakeApi({ engine: { name: 'mesos' } }).server.inject('/v2/tasks/t/logs/stdout')
    expect([response.statusCode, response.json()]).toEqual([
      501,
      { message: "The engine 'mesos' does not offer the output of tasks." },
    ])
  })
})

describe('following', () => {
  const path = '/v2/tasks/web.1/logs/stdout?follow=true'

  it('goes on as the task writes and ends with it', async () => {
    const { engine, output } = growingLogs('one ')
    const api = fakeApi({ engine, options: { logPollMs: 5 } })
    const stream = await follow(api, `${path}&limit=3`)
    expect(stream.response.headers['content-encoding']).toBeUndefined()
    expect(stream.response.headers['marathon-log-size']).toBe('4')
    await expect.poll(stream.received).toBe('one ')
    output.text += 'two three '
    await expect.poll(stream.received).toBe('one two three ')
    output.text += 'the end'
    output.isOpen = false
    await expect.poll(stream.isEnded).toBe(true)
    expect(stream.received()).toBe('one two three the end')
  })

  it('ends when the sandbox is removed', async () => {
    const { engine, output } = growingLogs('one')
    const stream = await follow(fakeApi({ engine, options: { logPollMs: 5 } }), path)
    await expect.poll(stream.received).toBe('one')
    output.isGone = true
    await expect.poll(stream.isEnded).toBe(true)
  })

  it('ends when the server stops', async () => {
    const { engine } = growingLogs('one')
    const api = fakeApi({ engine, options: { logPollMs: 60_000 } })
    const stream = await follow(api, path)
    await expect.poll(stream.received).toBe('one')
    await api.server.close()
    await expect.poll(() => stream.isEnded() || stream.response.destroyed).toBe(true)
  })

  it('stops looking when the client has gone, and lets the next one in', async () => {
    const { engine } = growingLogs('one')
    let reads = 0
    const counted = {
      ...engine,
      logs: {
        read: (...args: Parameters<TaskLogs['read']>) => {
          reads++
          return engine.logs.read(...args)
        },
      },
    }
    const api = fakeApi({ engine: counted, options: { logPollMs: 5 } })
    const stream = await follow(api, path)
    await expect.poll(() => reads).toBeGreaterThan(3)
    stream.response.destroy()
    let before = -1
    await expect
      .poll(
        () => {
          const isQuiet = before === reads
          before = reads
          return isQuiet
        },
        { interval: 50 },
      )
      .toBe(true)
  })
})
