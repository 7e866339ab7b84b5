// A client of the event stream on a bare socket: what came, byte for byte, as frames and as numbers.

import { connect, type Socket } from 'node:net'

export interface EventClient {
  readonly socket: Socket
  readonly received: () => string
  /** What follows the head of the answer. */
  readonly body: () => string
  readonly isClosed: () => boolean
  /** Whole frames, without heartbeats. */
  readonly frames: () => readonly Frame[]
  /** The ids of the frames that have one, in order. */
  readonly ids: () => readonly number[]
}

export interface Frame {
  readonly id?: number
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any
}

export function openEvents(
  port: number,
  options: { readonly query?: string; readonly after?: number | string } = {},
): EventClient {
  const socket = connect(port, '127.0.0.1')
  const pieces: string[] = []
  let isClosed = false
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => pieces.push(text))
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  const header = options.after === undefined ? '' : `Last-Event-ID: ${options.after}\r\n`
  socket.write(
    `GET /v2/events${options.query ?? ''} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n${header}\r\n`,
  )
  const received = () => pieces.join('')
  const body = () => {
    const text = received()
    const head = text.indexOf('\r\n\r\n')
    return head === -1 ? '' : text.slice(head + 4)
  }
  const frames = () => framesIn(body())
  return {
    socket,
    received,
    body,
    isClosed: () => isClosed,
    frames,
    ids: () => frames().flatMap(({ id }) => (id === undefined ? [] : [id])),
  }
}

const frame = /(?:id: (\d+)\r\n)?event: ([^\r]*)\r\ndata: ([^\r]*)\r\n\r\n/g

function framesIn(text: string): readonly Frame[] {
  return [...text.matchAll(frame)].map(([, id, type, data]) => ({
    ...(id === undefined ? {} : { id: Number(id) }),
    type: type!,
    body: JSON.parse(data!),
  }))
}
