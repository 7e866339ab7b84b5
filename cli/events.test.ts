import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventReader } from '../client/events.ts'
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
