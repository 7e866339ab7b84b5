// A master for tests of the connection: an HTTP server that does what a test says, and remembers what it was asked. It
// knows nothing of Mesos but the framing of its events.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface HeardCall {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly type: string; readonly [key: string]: unknown }
  /** Of the connection it came on. */
  readonly connection: number
}

/** Answers a request: true when it did, false for what the master does otherwise. */
export type Behaviour = (call: HeardCall, response: ServerResponse) => boolean

export const record = (event: object): string => {
  const text = JSON.stringify(event)
  return `${Buffer.byteLength(text)}\n${text}`
}

export const subscribedEvent = (frameworkId = 'framework-1', master: object = { version: '1.12.0' }) => ({
  type: 'SUBSCRIBED',
  subscribed: {
    framework_id: { value: frameworkId },
    heartbeat_interval_seconds: 15,
    master_info: { id: 'm', ip: 16_777_343, port: 5050, hostname: 'master.test', ...master },
  },
})

export class HandMaster {
  readonly calls: HeardCall[] = []
  /** The open event streams, the newest last. */
  readonly streams: ServerResponse[] = []
  behave: Behaviour = () => false
  readonly #server: Server
  readonly #isSecure: boolean
  readonly #sockets = new Map<Socket, number>()

  constructor(tls?: { readonly key: string; readonly cert: string }) {
    this.#isSecure = tls !== undefined
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#heard(request, response)
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#sockets.set(socket, this.#sockets.size)
      socket.on('error', () => undefined)
    })
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return this
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): URL {
    return new URL(`${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${this.port}/api/v1/scheduler`)
  }

  tell(event: object): void {
    this.streams.at(-1)!.write(record(event))
  }

  heard(type: string): readonly HeardCall[] {
    return this.calls.filter(({ body }) => body.type === type)
  }

  /** The connections there were: of events and of calls. */
  get connections(): readonly Socket[] {
    return [...this.#sockets.keys()]
  }

  open(response: ServerResponse, streamId = `stream-${this.streams.length + 1}`): void {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Mesos-Stream-Id': streamId })
    this.streams.push(response)
  }

  #heard(request: IncomingMessage, response: ServerResponse): void {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const call: HeardCall = {
        path: request.url!,
        headers: request.headers,
        body: JSON.parse(Buffer.concat(pieces).toString('utf8')) as HeardCall['body'],
        connection: this.#sockets.get(request.socket)!,
      }
      this.calls.push(call)
      if (this.behave(call, response)) return
      if (call.body.type !== 'SUBSCRIBE') {
        response.writeHead(202, { 'Content-Length': '0' }).end()
        return
      }
      this.open(response)
      this.tell(subscribedEvent())
      this.tell({ type: 'HEARTBEAT' })
    })
  }
}
