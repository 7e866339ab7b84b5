import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EventFrame, eventReader, followEvents } from '../client/events.ts'
import { run, scriptedServer } from './testing/scripted-server.ts'

const stream =
  'event: event_stream_attached\r\ndata: {"remoteAddress":"10.0.0.99","eventType":"event_stream_attached","timestamp":"2031-04-02T09:14:59.900Z"}\r\n\r\n' +
  '\r\n' +
  ': a comment\r\n' +
  'event: status_update_event\r\ndata: {"taskId":"t","taskStatus":"TASK_RUNNING","message":"","ports":[31544],"eventType":"status_update_event","timestamp":"2031-04-02T09:15:24.871Z"}\r\n\r\n' +
  'event: deployment_info\r\ndata: {"plan":{"id":"5b0f","steps":[]},"eventType":"deployment_info","timestamp":"2031-04-02T09:15:20.620Z"}\r\n\r\n'

describe('the reader of event streams', () => {
  const frames = eventReader()(stream)

  test('gives each event once, without heartbeats and comments', () => {
    expect(frames.map((frame) => frame.type)).toEqual([
      'event_stream_attached',
      'status_update_event',
      'deployment_info',
    ])
    expect(frames.map((frame) => JSON.parse(frame.data).eventType)).toEqual(frames.map((frame) => frame.type))
  })

  test('does not care where the network cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const read = eventReader()
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length]
        expect(edges.slice(1).flatMap((edge, i) => read(stream.slice(edges[i], edge)))).toEqual(frames)
      }),
    )
  })

  test('keeps an unfinished event back', () => {
    expect(eventReader()('event: x\r\ndata: 1\r\n')).toEqual([])
  })

  test.each([
    ['data: a\ndata: b\n\n', [{ type: 'message', data: 'a\nb' }]],
    ['event:x\ndata:1\n\n', [{ type: 'x', data: '1' }]],
    ['event: x\n\ndata: 1\n\n', [{ type: 'message', data: '1' }]],
    [
      'data: 1\r\rdata: 2\r\r\n',
      [
        { type: 'message', data: '1' },
        { type: 'message', data: '2' },
      ],
    ],
  ])('follows the standard: %j', (text, expected) => {
    expect(eventReader()(text)).toEqual(expected)
  })
})

describe('ids of events', () => {
  test('come with their events, and alone', () => {
    const ids: string[] = []
    const read = eventReader((id) => ids.push(id))
    expect(read('id: 7\r\nevent: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\nid: 9\r\n\r\nid: 1')).toEqual(
      [
        { type: 'a', data: '1', id: '7' },
        { type: 'b', data: '2' },
      ],
    )
    expect(ids).toEqual(['7', '9'])
  })
})

describe('following events', () => {
  const frame = (id: number): EventFrame => ({ type: 'a', data: '{}', id: String(id) })

  /** Streams one after the other, each with what comes before it breaks off; what was asked for, and what came. */
  async function follow(
    streams: readonly (readonly (EventFrame | 'id 20' | 'error')[] | 'refused')[],
    after?: string,
  ) {
    const asked: (string | undefined)[] = []
    const retries: (number | string)[] = []
    const seen: (string | undefined)[] = []
    let failure: unknown
    const following = followEvents({
      after,
      open: async (from) => {
        const stream = streams[asked.length] ?? 'refused'
        asked.push(from.after)
        if (stream === 'refused') throw new Error('refused')
        return (async function* () {
          for (const item of stream) {
            if (item === 'error') throw new Error('broken')
            if (item === 'id 20') from.onId?.('20')
            else {
              if (item.id !== undefined) from.onId?.(item.id)
              yield item
            }
          }
        })()
      },
      retry: async ({ times, error }) => {
        retries.push(error === undefined ? times : `${times} ${(error as Error).message}`)
        if (times === 3) throw new Error('enough')
      },
    })
    try {
      for await (const { id } of following) seen.push(id)
    } catch (error) {
      failure = (error as Error).message
    }
    return { asked, retries, seen, failure }
  }

  test('goes on after the last event, over any number of connections', async () => {
    expect(
      await follow([[frame(1), frame(2)], 'refused', [frame(3), 'error'], ['id 20'], [frame(21)]]),
    ).toEqual({
      asked: [undefined, '2', '2', '3', '20', '21', '21'],
      retries: [1, '2 refused', '1 broken', 2, 1, '2 refused', '3 refused'],
      seen: ['1', '2', '3', '21'],
      failure: 'enough',
    })
  })

  test('begins where it is told to', async () => {
    expect((await follow([[frame(8)]], '7')).asked.slice(0, 2)).toEqual(['7', '8'])
  })

  test('ends with the stream where events have no ids, and fails with it', async () => {
    const plain: EventFrame = { type: 'a', data: '{}' }
    expect(await follow([[plain]])).toEqual({
      asked: [undefined],
      retries: [],
      seen: [undefined],
      failure: undefined,
    })
    expect(await follow([[plain, 'error']])).toMatchObject({ retries: [], failure: 'broken' })
  })

  test('does not insist when the first connection does not come about', async () => {
    expect(await follow(['refused'], '7')).toEqual({
      asked: ['7'],
      retries: [],
      seen: [],
      failure: 'refused',
    })
  })
})

describe('marathon events', () => {
  const reply = {
    headers: { 'content-type': 'text/event-stream;charset=utf-8' },
    pieces: [stream.slice(0, 40), stream.slice(40)],
  }

  test('shows an event a line, and says when the server ends the stream', async () => {
    await using server = await scriptedServer({ 'GET /v2/events': reply })
    const { code, out, err } = await run(['events', '--type', 'a', '--type', 'b'], { url: server.url })
    expect(server.asked[0]).toMatchObject({
      query: '?event_type=a&event_type=b',
      headers: { accept: 'text/event-stream' },
    })
    expect(code).toBe(3)
    expect(err).toContain('error: The server ended the event stream')
    expect(out).toMatchInlineSnapshot(`
      "09:14:59.900 event_stream_attached remoteAddress=10.0.0.99
      09:15:24.871 status_update_event taskId=t taskStatus=TASK_RUNNING
      09:15:20.620 deployment_info plan=5b0f
      "
    `)
  })

  test('goes on where a stream broke off, and says so', async () => {
    const numbered = (id: number): string =>
      `id: ${id}\r\nevent: a\r\ndata: {"n":${id},"eventType":"a","timestamp":"2031-04-02T09:15:24.871Z"}\r\n\r\n`
    const headers = { 'content-type': 'text/event-stream;charset=utf-8' }
    await using server = await scriptedServer({
      'GET /v2/events': [
        { headers, pieces: [numbered(5), numbered(6)], isCut: true },
        { headers, pieces: [numbered(7)] },
        { status: 405, body: { message: 'Method Not Allowed' } },
      ],
    })
    const { out, err } = await run(['events', '--after', '4'], { url: server.url })
    expect(server.asked.map(({ headers: sent }) => sent['last-event-id'])).toEqual(['4', '6', '7'])
    expect(out).toBe('09:15:24.871 a n=5\n09:15:24.871 a n=6\n09:15:24.871 a n=7\n')
    expect(err).toContain('The event stream broke off; going on where it did.\n')
    expect(err).toContain('Method Not Allowed')
  })

  test('a server that stays away ends it', async () => {
    const headers = { 'content-type': 'text/event-stream;charset=utf-8' }
    await using server = await scriptedServer({ 'GET /v2/events': { headers, pieces: ['id: 3\r\n\r\n'] } })
    const { code, err } = await run(['events', '--after', '1'], { url: server.url })
    expect(code).toBe(3)
    expect(err).toContain('The server ended the event stream')
    expect(server.asked.length).toBeGreaterThan(5)
    expect(server.asked.length).toBeLessThan(20)
  })

  test('gives scripts a JSON object a line', async () => {
    await using server = await scriptedServer({ 'GET /v2/events': reply })
    const { out } = await run(['events', '-o', 'json'], { url: server.url })
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).eventType),
    ).toEqual(['event_stream_attached', 'status_update_event', 'deployment_info'])
  })

  test('an answer that is no event stream is not taken for one', async () => {
    await using server = await scriptedServer({ 'GET /v2/events': { body: '<html>' } })
    expect((await run(['events'], { url: server.url })).err).toContain('its /v2/events is no event stream')
  })
})
