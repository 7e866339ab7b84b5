// Why no answer came, in words: errors of sockets, of name lookups, of TLS and of the HTTP parser become outcomes with
// a kind and a sentence. What is not in the table keeps the error's own code and message.

import type { ProbeOutcome, ProbeTarget } from '../core/health/probe.ts'
import { limits } from '../lib/limits.ts'

const kinds: Readonly<Record<string, readonly [name: string, words: string]>> = {
  ECONNREFUSED: ['ConnectionRefusedError', 'the connection was refused'],
  ECONNRESET: ['ConnectionClosedError', 'the connection was closed before an answer came'],
  EPIPE: ['ConnectionClosedError', 'the connection was closed before an answer came'],
  ETIMEDOUT: ['TimeoutError', 'the network gave up connecting'],
  EHOSTUNREACH: ['UnreachableError', 'there is no way to the host'],
  EHOSTDOWN: ['UnreachableError', 'there is no way to the host'],
  ENETUNREACH: ['UnreachableError', 'there is no way to the network'],
  EADDRNOTAVAIL: ['NoLocalPortError', 'this machine has no address or port left to ask from'],
  EMFILE: ['NoDescriptorError', 'this process has no file descriptor left'],
  ENFILE: ['NoDescriptorError', 'this machine has no file descriptor left'],
  ENOTFOUND: ['UnknownHostError', 'the name has no address'],
  EAI_AGAIN: ['UnknownHostError', 'no name server answers for the name'],
  HPE_HEADER_OVERFLOW: [
    'InvalidAnswerError',
    `the head of the answer exceeds ${limits.probeHeadBytes} bytes`,
  ],
  EPROTO: ['TlsError', 'no agreement on TLS'],
}

const place = ({ address, port }: ProbeTarget): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** @throws never */
export function failureOf(error: unknown, target: ProbeTarget): ProbeOutcome {
  const { code, message } = causeOf(error)
  const known = kinds[code]
  if (known !== undefined) return failed(known[0], `${known[1]}: ${place(target)}`)
  if (code.startsWith('HPE_')) return failed('InvalidAnswerError', `the answer is no HTTP: ${message}`)
  if (/^ERR_(TLS|SSL)_/.test(code)) return failed('TlsError', `no agreement on TLS: ${message}`)
  return failed(code, message)
}

/** `silentMs`: how long nothing came. */
export const silence = (target: ProbeTarget, silentMs: number): ProbeOutcome =>
  failed('TimeoutError', `nothing came within ${silentMs} ms: ${place(target)}`)

export const tooSlow = (target: ProbeTarget, ms: number): ProbeOutcome =>
  failed('TimeoutError', `the answer was not complete within ${ms} ms: ${place(target)}`)

function failed(name: string, message: string): ProbeOutcome {
  return { kind: 'failed', name, message: message.slice(0, limits.probeTextChars) }
}

/** Of a name with several addresses each may have failed in its own way: the last one speaks. */
function causeOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code, message, errors } = error as {
    readonly code?: string
    readonly message?: string
    readonly errors?: readonly unknown[]
  }
  if (errors !== undefined && errors.length > 0) return causeOf(errors.at(-1))
  return { code: code ?? 'Error', message: message ?? String(error) }
}
