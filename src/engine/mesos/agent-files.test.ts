// Reading output from agents: which agent and which sandbox is asked, and how pieces become what was asked for.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { HandClock } from '../../../tests/support/hand-clock.ts'
import type { TaskState } from '../../core/mesos.ts'
import { instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { UnreadableOutputError } from '../../ports/engine.ts'
import { AgentFiles, type OperatorCall } from './agent-files.ts'
import { mesosLimits } from './limits.ts'
import { createOperatorCall } from './operator-call.ts'

const uuid = '4f2a7c3e-9d0b-4b86-8d4e-2f6a1b3c5d7e'
const appTask = `shop_web.instance-${uuid}._app.1`
const podTask = `shop_web.instance-${uuid}.nginx.2`
const sandbox = `/frameworks/F1/executors/${appTask}/runs/latest`

/** A master that knows one agent, and its files; an agent gives at most `piece` bytes at a time. */
function cluster(files: Record<string, string>, piece = 4) {
  const calls: { url: string; call: Record<string, unknown> }[] = []
  const state = { pid: 'slave(1)@10.0.0.1:5051', isAgentUp: true, isMasterUp: true }
  const call: OperatorCall = async (url, call) => {
    calls.push({ url, call: call as Record<string, unknown> })
    if (url === 'http://master:5050/api/v1') {
      return state.isMasterUp
        ? {
            kind: 'ok',
            body: {
              type: 'GET_AGENTS',
              get_agents: { agents: [{ agent_info: { id: { value: 'S0' } }, pid: state.pid }] },
            },
          }
        : { kind: 'refused', message: 'connect ECONNREFUSED' }
    }
    if (!state.isAgentUp) return { kind: 'refused', message: 'connect ECONNREFUSED' }
    const { path, offset, length } = (call as { read_file: { path: string; offset: number; length: number } })
      .read_file
    const text = files[path]
    if (text === undefined) return { kind: 'refused', status: 404, message: 'it answered 404' }
    const data = Buffer.from(text).subarray(offset, offset + Math.min(length, piece))
    return { kind: 'ok', body: { read_file: { size: text.length, data: data.toString('base64') } } }
  }
  const clock = new HandClock(instant(1_000_000))
  const logs = new AgentFiles({
    clock,
    call,
    master: () => 'http://master:5050',
    frameworkId: () => 'F1',
    scheme: 'http',
  })
  return { logs, calls, state, clock }
}

const ended = (taskId: string, state: TaskState = 'TASK_FINISHED') => ({
  taskId,
  state,
  agentId: 'S0',
  timestamp: instant(1_900_000_000_000),
})
const textOf = (chunk: { bytes: Uint8Array } | undefined): string | undefined =>
  chunk && Buffer.from(chunk.bytes).toString()

describe('the output of a task that runs', () => {
  test.each([
    ['from the beginning', 0, 100, 'hello world', 0, 11],
    ['from the middle', 6, 100, 'world', 6, 11],
    ['its last bytes', -3, 100, 'rld', 8, 11],
    ['more than there is, from the end', -300, 100, 'hello world', 0, 11],
    ['no more than asked for', 2, 5, 'llo w', 2, 7],
    ['from beyond its end', 50, 5, '', 11, 11],
  ])('%s', async (_, offset, limit, text, start, end) => {
    const { logs } = cluster({ [`${sandbox}/stdout`]: 'hello world' })
    const chunk = await logs.read(appTask, 'stdout', offset, limit, 'S0')
    expect(textOf(chunk)).toBe(text)
    expect(chunk).toMatchObject({ start, end, size: 11, isOpen: true })
  })

  test('is asked of its agent, which the master knows, once', async () => {
    const { logs, calls } = cluster({ [`${sandbox}/stderr`]: 'no' })
    await logs.read(appTask, 'stderr', 0, 100, 'S0')
    await logs.read(appTask, 'stderr', 0, 100, 'S0')
    expect(calls.map(({ url, call }) => `${url} ${String(call['type'])}`)).toEqual([
      'http://master:5050/api/v1 GET_AGENTS',
      'http://10.0.0.1:5051/slave(1)/api/v1 READ_FILE',
      'http://10.0.0.1:5051/slave(1)/api/v1 READ_FILE',
      'http://10.0.0.1:5051/slave(1)/api/v1 READ_FILE',
      'http://10.0.0.1:5051/slave(1)/api/v1 READ_FILE',
    ])
  })

  test('with an executor of its own is in the sandbox of that', async () => {
    const path = `/frameworks/F1/executors/marathon-${appTask}/runs/latest/stdout`
    const { logs } = cluster({ [path]: 'own' })
    expect(textOf(await logs.read(appTask, 'stdout', 0, 100, 'S0'))).toBe('own')
  })

  test('of a pod is in a folder of the sandbox its containers share', async () => {
    const executor = `instance-shop_web.${uuid}`
    const path = `/frameworks/F1/executors/${executor}/runs/latest/tasks/${podTask}/stdout`
    const { logs } = cluster({ [path]: 'pod' })
    expect(textOf(await logs.read(podTask, 'stdout', 0, 100, 'S0'))).toBe('pod')
  })

  test('is not there before its sandbox is', async () => {
    const { logs } = cluster({})
    expect(await logs.read(appTask, 'stdout', 0, 100, 'S0')).toBeUndefined()
    expect(await logs.read(appTask, 'stdout', -10, 100, 'S0')).toBeUndefined()
  })
})

describe('the output of a task that has ended', () => {
  test('is found by what its last status said', async () => {
    const { logs } = cluster({ [`${sandbox}/stdout`]: 'bye' })
    expect(await logs.read(appTask, 'stdout', 0, 100)).toBeUndefined()
    logs.seen(ended(appTask, 'TASK_RUNNING'))
    expect(await logs.read(appTask, 'stdout', 0, 100)).toBeUndefined()
    logs.seen(ended(appTask))
    const chunk = await logs.read(appTask, 'stdout', 0, 100)
    expect(textOf(chunk)).toBe('bye')
    expect(chunk?.isOpen).toBe(false)
  })

  test('is remembered of the last ones only', async () => {
    const { logs } = cluster({ [`${sandbox}/stdout`]: 'bye' })
    logs.seen(ended(appTask))
    for (let i = 0; i < limits.endedTasksRemembered; i++) logs.seen(ended(`other.${i}`))
    expect(await logs.read(appTask, 'stdout', 0, 100)).toBeUndefined()
  })
})

describe('output that cannot be read says why', () => {
  test('when the agent does not answer, and it is looked up again after a while', async () => {
    const { logs, calls, state, clock } = cluster({ [`${sandbox}/stdout`]: 'x' })
    state.isAgentUp = false
    const read = () => logs.read(appTask, 'stdout', 0, 100, 'S0')
    await expect(read()).rejects.toThrow(UnreadableOutputError)
    await expect(read()).rejects.toThrow(
      `agent S0 at http://10.0.0.1:5051/slave(1)/api/v1 was asked for ${sandbox}/stdout: connect ECONNREFUSED`,
    )
    clock.advance(mesosLimits.agentsLookMs)
    await expect(read()).rejects.toThrow(UnreadableOutputError)
    state.isAgentUp = true
    state.pid = 'slave(1)@[::1]:5052'
    expect(textOf(await read())).toBe('x')
    expect(calls.at(-1)?.url).toBe('http://[::1]:5052/slave(1)/api/v1')
  })

  test.each(['S0', 'S9'])(
    'and the master is asked once, however many follow what agent %s has',
    async (agentId) => {
      const { logs, calls, state } = cluster({ [`${sandbox}/stdout`]: 'x' })
      state.isAgentUp = false
      const read = () => logs.read(appTask, 'stdout', 0, 100, agentId).catch((error: unknown) => error)
      const all = await Promise.all([1, 2, 3].map(read))
      all.push(await read(), await read())
      for (const error of all) expect(error).toBeInstanceOf(UnreadableOutputError)
      expect(calls.filter(({ call }) => call['type'] === 'GET_AGENTS')).toHaveLength(1)
    },
  )

  test('when there is no such agent, or no master', async () => {
    const { logs, state, clock } = cluster({})
    await expect(logs.read(appTask, 'stdout', 0, 100, 'S9')).rejects.toThrow('agent S9 is not there any more')
    clock.advance(mesosLimits.agentsLookMs)
    state.isMasterUp = false
    await expect(logs.read(appTask, 'stdout', 0, 100, 'S9')).rejects.toThrow(
      'the master at http://master:5050 was asked for its agents: connect ECONNREFUSED',
    )
    const alone = new AgentFiles({
      clock,
      call: async () => ({ kind: 'refused', message: 'no' }),
      master: () => undefined,
      frameworkId: () => 'F1',
      scheme: 'http',
    })
    await expect(alone.read(appTask, 'stdout', 0, 100, 'S0')).rejects.toThrow(
      'there is no connection to a Mesos master',
    )
  })
})

describe('a call over the wire', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  const answering = async (status: number, text: string, headers: Record<string, string> = {}) => {
    const asked: { authorization: string | undefined; body: string }[] = []
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (piece) => (body += String(piece)))
      request.on('end', () => {
        asked.push({ authorization: request.headers.authorization, body })
        response.writeHead(status, headers).end(text)
      })
    })
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`, asked }
  }

  test('carries the credentials, and gives the answer', async () => {
    const { url, asked } = await answering(200, '{"type":"GET_HEALTH"}')
    const call = createOperatorCall({ principal: 'marathon', secret: 's:3' })
    expect(await call(url, { type: 'GET_HEALTH' })).toEqual({ kind: 'ok', body: { type: 'GET_HEALTH' } })
    expect(asked).toEqual([
      {
        authorization: `Basic ${Buffer.from('marathon:s:3').toString('base64')}`,
        body: '{"type":"GET_HEALTH"}',
      },
    ])
  })

  test('that is refused tells how', async () => {
    const { url } = await answering(404, 'No such file')
    expect(await createOperatorCall(undefined)(url, {})).toEqual({
      kind: 'refused',
      status: 404,
      message: 'it answered 404, "No such file"',
    })
  })

  test('whose answer is larger than any may be is refused', async () => {
    const { url } = await answering(200, JSON.stringify({ data: 'x'.repeat(1_000) }))
    expect(await createOperatorCall(undefined, 2_000)(url, {})).toMatchObject({ kind: 'ok' })
    expect(await createOperatorCall(undefined, 1_000)(url, {})).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/max size/),
    })
  })

  test('that reaches nobody, or is answered with something else, does not throw', async () => {
    const { url } = await answering(200, 'hello')
    expect(await createOperatorCall(undefined)(url, {})).toMatchObject({ kind: 'refused' })
    expect(await createOperatorCall(undefined)('http://127.0.0.1:1/api/v1', {})).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/ECONNREFUSED/),
    })
  })
})
