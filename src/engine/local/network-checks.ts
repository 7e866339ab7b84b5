// Checks by HTTP, HTTPS and TCP, asked by the server itself: tasks share the network of the machine, and answer at its
// loopback address as they would to an executor of Mesos beside them. One question is a connection of its own; few are
// asked at one time, so that many that fall due together do not keep the loop.

import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { limits } from '../../lib/limits.ts'
import type { Answer, CheckTarget } from './check-target.ts'
import { localLimits } from './limits.ts'
import { Turnstile } from './turnstile.ts'

const loopback = { IPv4: '127.0.0.1', IPv6: '::1' } as const
const failed: Answer = { kind: 'failed' }

type NetworkTarget = Exclude<CheckTarget, { readonly kind: 'command' }>

export class NetworkChecks {
  readonly #turnstile = new Turnstile(localLimits.parallelNetworkChecks)

  /** Never rejects. The time counts from the moment the question is put. */
  ask(target: NetworkTarget, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    return this.#turnstile.pass(async () => {
      if (signal.aborted) return { kind: 'unknown' }
      const limit = new AbortController()
      const giveUp = (): void => limit.abort()
      const timer = setTimeout(giveUp, timeoutMs)
      signal.addEventListener('abort', giveUp)
      try {
        const host = loopback[target.ipProtocol]
        if (target.kind === 'tcp') return await connect(host, target.port, limit.signal)
        const authority = `${target.ipProtocol === 'IPv6' ? `[${host}]` : host}:${target.port}`
        const url = `${target.scheme}://${authority}${withSlash(target.path)}`
        return await followed(new URL(url), limit.signal)
      } catch {
        return failed
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
      }
    })
  }
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`)

function connect(host: string, port: number, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port })
    const end = (answer: Answer): void => {
      signal.removeEventListener('abort', giveUp)
      socket.destroy()
      resolve(answer)
    }
    const giveUp = (): void => end(failed)
    signal.addEventListener('abort', giveUp)
    socket.on('connect', () => end({ kind: 'connection', succeeded: true }))
    socket.on('error', () => end({ kind: 'connection', succeeded: false }))
  })
}

/** What the server answers in the end, wherever it sends the question. */
async function followed(url: URL, signal: AbortSignal): Promise<Answer> {
  let at = url
  for (let redirects = 0; redirects <= localLimits.checkRedirects; redirects++) {
    const { statusCode, location } = await get(at, signal)
    if (location === undefined || statusCode < 300 || statusCode > 399) return { kind: 'status', statusCode }
    at = new URL(location, at)
  }
  return failed
}

/** Certificates are not looked at: the question is whether somebody answers. */
function get(url: URL, signal: AbortSignal): Promise<{ statusCode: number; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { 'User-Agent': 'marathon', Accept: '*/*' }
    const options = { agent: false as const, signal, headers }
    const asked =
      url.protocol === 'https:'
        ? https.get(url, { ...options, rejectUnauthorized: false }, take)
        : http.get(url, options, take)
    asked.on('error', reject)
    // All of them would be read here, on the server's thread.
    let interims = 0
    asked.on('information', () => {
      if (++interims >= limits.probeInterimAnswers) asked.destroy(new Error('interim answers without end'))
    })

    function take(answer: http.IncomingMessage): void {
      resolve({ statusCode: answer.statusCode ?? 0, location: answer.headers.location })
      answer.on('error', () => {})
      answer.destroy()
    }
  })
}
