// One question by HTTP or HTTPS: a GET on a connection of its own (runtime 9, 10). No redirect is followed, no
// certificate is believed or doubted. The answer counts from its head on; of the body comes what is wanted, the rest is
// thrown away within limits.

import * as http from 'node:http'
import * as https from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { ProbeOutcome, ProbeTarget } from '../core/health/probe.ts'
import { limits } from '../lib/limits.ts'
import { failureOf, silence, tooSlow } from './failure.ts'

export interface HttpQuestion {
  /** Silence of the connection that ends it. */
  readonly timeoutMs: number
  readonly bodyBytes: number
  readonly userAgent: string
  readonly lookup: LookupFunction
}

type HttpTarget = Exclude<ProbeTarget, { protocol: 'TCP' }>
type Answered = Extract<ProbeOutcome, { kind: 'answered' }>

// Every question opens a connection, as every client of the service has to be able to.
const plain = new http.Agent({ keepAlive: false })
const secured = new https.Agent({ keepAlive: false, maxCachedSessions: 0 })

/** `done` is called once, perhaps before this returns. The function returned breaks off without a word. */
export function askHttp(
  target: HttpTarget,
  asked: HttpQuestion,
  done: (outcome: ProbeOutcome) => void,
): () => void {
  let isOver = false
  /** The last 1xx, in case nothing follows it. */
  let interim: Answered | undefined
  let interims = 0
  let request: http.ClientRequest | undefined
  const over = (outcome: ProbeOutcome | undefined): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    request?.destroy()
    if (outcome !== undefined) done(outcome)
  }
  const inAllMs = Math.min(asked.timeoutMs * limits.probeTimeouts, limits.longestTimerMs)
  const timer = setTimeout(() => over(interim ?? tooSlow(target, inAllMs)), inAllMs)
  try {
    request = open(target, asked)
  } catch (error) {
    over(failureOf(error, target))
    return () => undefined
  }
  request.on('information', ({ statusCode, statusMessage }) => {
    interim = answer(statusCode, statusMessage)
    if (++interims >= limits.probeInterimAnswers) over(interim)
  })
  request.on('response', (response) => receive(response, asked.bodyBytes, target, over))
  request.on('upgrade', (response) => over(answerOf(response)))
  request.on('timeout', () => over(interim ?? silence(target, asked.timeoutMs)))
  // Also after the end: what a destroyed request still has to say must not be unheard.
  request.on('error', (error) => over(interim ?? failureOf(error, target)))
  request.end()
  return () => over(undefined)
}

function open(target: HttpTarget, asked: HttpQuestion): http.ClientRequest {
  const options: http.RequestOptions = {
    host: target.address,
    port: target.port,
    path: requestTarget(target.path),
    headers: { 'user-agent': asked.userAgent, accept: '*/*' },
    timeout: Math.min(asked.timeoutMs, limits.longestTimerMs),
    lookup: asked.lookup,
    maxHeaderSize: limits.probeHeadBytes,
    // A service is not ill because of a sloppy head; on a connection of one answer it deceives nobody.
    insecureHTTPParser: true,
  }
  if (target.protocol === 'HTTP') return http.request({ ...options, agent: plain })
  const secureOptions = {
    ...options,
    agent: secured,
    secureContext: secureContext(),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  }
  return https.request(secureOptions)
}

/** Made once: it is dear. Old versions and weak ciphers are welcome, as in the original. */
let madeContext: SecureContext | undefined
const secureContext = (): SecureContext =>
  (madeContext ??= createSecureContext({ minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }))

function receive(
  response: http.IncomingMessage,
  bodyBytes: number,
  target: HttpTarget,
  over: (outcome: ProbeOutcome) => void,
): void {
  const head = answerOf(response)
  if (bodyBytes === 0) {
    const timer = setTimeout(() => over(head), limits.probeDropMs)
    let dropped = 0
    response.on('data', (chunk: Buffer) => {
      dropped += chunk.length
      if (dropped > limits.droppedAnswerBytes) over(head)
    })
    response.on('error', () => over(head))
    response.on('end', () => over(head))
    response.on('close', () => clearTimeout(timer))
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  const withBody = (): Answered => {
    const bytes = Buffer.concat(chunks).subarray(0, bodyBytes)
    // A character that was cut in two is left out.
    const body = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: size > bodyBytes })
    return { ...head, body }
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > bodyBytes) over(withBody())
  })
  response.on('error', (error) => over(failureOf(error, target)))
  response.on('end', () => over(withBody()))
}

function answerOf({ statusCode, statusMessage, headers }: http.IncomingMessage): Answered {
  const head = answer(statusCode ?? 0, statusMessage)
  const contentType = headers['content-type']?.slice(0, limits.probeTextChars)
  return contentType === undefined ? head : { ...head, contentType }
}

function answer(status: number, message: string | undefined): Answered {
  const statusText = (message || http.STATUS_CODES[status] || '').slice(0, limits.probeTextChars)
  return { kind: 'answered', status, statusText }
}

/** A path as people write it, as it may stand in a request line (RFC 9112 3.2.1): without fragment, escaped. */
function requestTarget(path: string): string {
  const [beforeFragment] = path.split('#', 1)
  return beforeFragment!.replace(/[^\x21-\x7e]/gu, (character) =>
    // Not encodeURIComponent, which throws at half a character.
    Buffer.from(character).reduce((escaped, byte) => `${escaped}%${byte.toString(16).padStart(2, '0')}`, ''),
  )
}
