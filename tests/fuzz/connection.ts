// One connection to the server under test. Requests are written byte by byte as they are, also those that a proper
// client refuses to send; answers are read as far as they say they go.

import { connect, type Socket } from 'node:net'
import type { FuzzRequest } from './requests.ts'

export interface FuzzAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Milliseconds an answer may take; more counts as none. */
const patienceMs = 30_000

export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #received = Buffer.alloc(0)
  #wake: (() => void) | undefined
  #isClosed = true

  constructor(port: number) {
    this.#port = port
  }

  /** @throws when the server sends no answer, or one that is no HTTP */
  async send(request: FuzzRequest): Promise<FuzzAnswer> {
    if (this.#isClosed) await this.#open()
    this.#received = Buffer.alloc(0)
    this.#socket!.write(bytesOf(request))
    const answer = await this.#answer(request)
    const isEndless =
      answer.headers['content-length'] === undefined && answer.headers['transfer-encoding'] !== 'chunked'
    // What is broken may be found to be so after the answer.
    const isBroken = request.framing === 'broken chunks'
    if (answer.headers['connection'] === 'close' || isEndless || isBroken) this.close()
    return answer
  }

  /** Sends as much as the request says, and hangs up. */
  async breakOff(request: FuzzRequest): Promise<void> {
    if (this.#isClosed) await this.#open()
    const socket = this.#socket!
    await new Promise<void>((resolve) => {
      socket.write(bytesOf(request).subarray(0, request.cutAt), () => resolve())
    })
    this.close()
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.destroy()
  }

  async #open(): Promise<void> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    this.#isClosed = false
    const stopped = () => {
      if (socket === this.#socket) this.#isClosed = true
      this.#wake?.()
    }
    socket.removeAllListeners('error').on('error', stopped)
    socket.on('close', stopped)
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake?.()
    })
  }

  async #answer(request: FuzzRequest): Promise<FuzzAnswer> {
    const head = await this.#until(() => this.#received.indexOf('\r\n\r\n'), request)
    const lines = this.#received.subarray(0, head).toString('latin1').split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(lines[0] ?? '')?.[1])
    if (Number.isNaN(status)) throw new Error(`no HTTP in answer to ${shown(request)}: ${lines[0]}`)
    const headers = Object.fromEntries(
      lines.slice(1).map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    if (status === 100) {
      this.#received = this.#received.subarray(head + 4)
      return this.#answer(request)
    }
    const start = head + 4
    if (request.method === 'HEAD' || status === 204 || status === 304)
      return { status, headers, body: Buffer.alloc(0) }
    if (headers['content-type']?.startsWith('text/event-stream')) {
      this.close()
      return { status, headers, body: Buffer.alloc(0) }
    }
    if (headers['transfer-encoding'] === 'chunked') {
      await this.#until(
        () => this.#received.indexOf('0\r\n\r\n', Math.max(start, this.#received.length - 7)),
        request,
      )
      return { status, headers, body: unchunked(this.#received.subarray(start)) }
    }
    const length = Number(headers['content-length'] ?? 0)
    await this.#until(() => (this.#received.length >= start + length ? 0 : -1), request)
    return { status, headers, body: this.#received.subarray(start, start + length) }
  }

  /** Waits until `found` is not negative, and returns it. */
  async #until(found: () => number, request: FuzzRequest): Promise<number> {
    const deadline = Date.now() + patienceMs
    for (;;) {
      const at = found()
      if (at >= 0) return at
      if (this.#isClosed) throw new Error(`the connection ended before the answer to ${shown(request)}`)
      if (Date.now() > deadline) throw new Error(`no answer in ${patienceMs} ms to ${shown(request)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

export const shown = ({ method, target, headers, body, framing }: FuzzRequest): string =>
  [
    `${method} ${target.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)}`,
    framing === undefined ? '' : `in ${framing}: `,
    body?.toString('latin1').slice(0, 600) ?? '',
  ].join(' ')

function bytesOf({ method, target, headers, body, framing }: FuzzRequest): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: fuzz',
    ...Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`)),
    ...(body === undefined
      ? []
      : [framing === undefined ? `content-length: ${body.length}` : 'transfer-encoding: chunked']),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  if (body === undefined) return head
  return Buffer.concat([head, ...(framing === undefined ? [body] : chunked(body, framing))])
}

/** In chunks of growing size; broken, one says more than it has. */
function chunked(body: Buffer, framing: 'chunks' | 'broken chunks'): readonly Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, size = 1; at < body.length; at += size, size *= 3) {
    const chunk = body.subarray(at, at + size)
    const said = framing === 'chunks' ? chunk.length.toString(16) : `${(chunk.length + 1).toString(16)};x`
    chunks.push(Buffer.from(`${said}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return [...chunks, Buffer.from('0\r\n\r\n')]
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    if (end < 0 || !(size > 0)) return Buffer.concat(parts)
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}
