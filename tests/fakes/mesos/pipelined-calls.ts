// A connection of scheduler calls, one behind the other, as frameworks with thousands of agents send them: what arrives
// together is read at once, and answered in one piece. Whatever else comes on it Node's own server gets.

import type { Socket } from 'node:net'

export interface PlainRequest {
  readonly method: string
  readonly url: string
  /** Lower case names. */
  readonly headers: Readonly<Record<string, string>>
}

/** @returns the whole answer as it goes over the wire */
export type AnswerCall = (request: PlainRequest, body: Buffer) => string

const headEnd = '\r\n\r\n'

export function servePipelined(
  socket: Socket,
  options: {
    readonly answer: AnswerCall
    readonly delayMs: () => number
    readonly others: (socket: Socket) => void
  },
): void {
  let waiting: Buffer = Buffer.alloc(0)
  let lastHead = ''
  let lastRequest: (PlainRequest & { readonly length: number }) | undefined
  const write = (text: string): void => {
    if (text !== '' && !socket.destroyed) socket.write(text)
  }
  const handOver = (): void => {
    socket.off('data', take)
    socket.off('error', ignore)
    socket.pause()
    if (waiting.length > 0) socket.unshift(waiting)
    options.others(socket)
    process.nextTick(() => socket.resume())
  }
  const take = (chunk: Buffer): void => {
    waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
    let at = 0
    let answers = ''
    for (;;) {
      const end = waiting.indexOf(headEnd, at, 'latin1')
      if (end < 0) break
      const head = waiting.toString('latin1', at, end)
      if (head !== lastHead) {
        lastHead = head
        lastRequest = callOf(head)
      }
      if (lastRequest === undefined) {
        waiting = waiting.subarray(at)
        write(answers)
        handOver()
        return
      }
      const bodyStart = end + headEnd.length
      if (waiting.length < bodyStart + lastRequest.length) break
      at = bodyStart + lastRequest.length
      const body = waiting.subarray(bodyStart, at)
      const request = lastRequest
      const delayMs = options.delayMs()
      if (delayMs > 0) setTimeout(() => write(options.answer(request, body)), delayMs).unref()
      else answers += options.answer(request, body)
    }
    waiting = waiting.subarray(at)
    write(answers)
  }
  socket.on('error', ignore)
  socket.on('data', take)
}

const ignore = (): void => undefined

/** Undefined: no call of a framework that is subscribed, of known length. */
function callOf(head: string): (PlainRequest & { readonly length: number }) | undefined {
  const [line = '', ...lines] = head.split('\r\n')
  const [method = '', url = '', version] = line.split(' ')
  const headers: Record<string, string> = {}
  for (const each of lines) {
    const colon = each.indexOf(':')
    headers[each.slice(0, colon).toLowerCase()] = each.slice(colon + 1).trim()
  }
  const length = headers['content-length']
  const isCall = method === 'POST' && version === 'HTTP/1.1' && 'mesos-stream-id' in headers
  if (!isCall || length === undefined || /close/i.test(headers['connection'] ?? '')) return undefined
  return 'expect' in headers ? undefined : { method, url, headers, length: Number(length) }
}
