// Answers that wait for others on their connection: clients may send requests without awaiting the answers (RFC 9112
// section 9.3.2), and only the first of them has the socket. When the connection ends, Node says so to that one alone;
// the others would hold for ever what they count or keep open.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { limits } from '../lib/limits.ts'

/** Makes every answer of a connection that has ended emit `close`, and ends connections with too many of them. */
export function closeQueuedAnswers(server: Server): void {
  const waiting = new WeakMap<Socket, Set<ServerResponse>>()
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const known = waiting.get(socket)
    const answers = known ?? new Set<ServerResponse>()
    if (known === undefined) {
      waiting.set(socket, answers)
      socket.once('close', () => answers.forEach(endQueued))
    }
    answers.add(response)
    response.once('close', () => answers.delete(response))
    if (answers.size > limits.pipelinedRequests) socket.destroy()
  })
}

/** What has the socket hears of its end by itself. */
function endQueued(response: ServerResponse): void {
  if (response.socket !== null || response.closed) return
  response.destroy()
  response.emit('close')
}
