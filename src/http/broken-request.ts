// Answers to what never became a request: bytes that are no HTTP, heads that are too large or too slow. The framework
// sees none of it, so the answer is written by hand, in the form of all others.

import type { Socket } from 'node:net'
import { type ApiError, answerError } from './errors.ts'
import { constantHeaders } from './lifecycle.ts'

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** For the server's `clientError` event. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  // Whoever hung up is told nothing, and into an answer that has begun no other can be written.
  const { _httpMessage: answer } = socket as { readonly _httpMessage?: { readonly headersSent: boolean } }
  if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent === true) {
    socket.destroy()
    return
  }
  const { status, body } = answerError(errorOf(error))
  const bytes = Buffer.from(JSON.stringify(body))
  const headers = {
    ...constantHeaders,
    'content-type': 'application/json',
    'content-length': bytes.length,
    connection: 'close',
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} ${phrases[status]}\r\n${head.join('')}\r\n`)
  socket.end(bytes, () => socket.destroy())
}

function errorOf(error: Error & { readonly code?: string }): ApiError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { kind: 'request-timeout' }
    case 'HPE_HEADER_OVERFLOW':
      return { kind: 'head-too-large' }
    default:
      return { kind: 'bad-request', message: `This is no HTTP request: ${error.message}.` }
  }
}
