// How long the server puts up with a client that sends a body: as long as enough of it keeps coming, and after the
// answer not much longer. What is refused early is still read for a while, because a connection that closes on a
// client in the middle of sending takes the answer with it.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../lib/limits.ts'

/** `tooSlow` answers a request of which too little came in the last `periodMs`; the connection ends after that. */
export function watchBodies(
  server: FastifyInstance,
  periodMs: number,
  tooSlow: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  server.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    if (!hasBody(request)) return
    const { socket } = raw
    let seen = socket.bytesRead
    let isAnswered = false
    const timer = setInterval(() => {
      const came = socket.bytesRead - seen
      seen = socket.bytesRead
      if (!isAnswered && came >= limits.bodyBytesPerPeriod) {
        isAnswered = reply.raw.writableEnded
        return
      }
      clearInterval(timer)
      if (reply.raw.headersSent) {
        socket.destroy()
        return
      }
      // Of what has been answered Node does not say that the body breaks off: an upload would wait for ever.
      socket.once('close', () => raw.destroy(new Error('too little came for too long')))
      tooSlow(request, reply)
    }, periodMs)
    timer.unref()
    raw.once('end', () => clearInterval(timer))
    raw.once('close', () => clearInterval(timer))
  })
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
