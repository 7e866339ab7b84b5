// One question by TCP: a connection is opened, and closed at once (runtime 9).

import { connect, type LookupFunction, type Socket } from 'node:net'
import type { ProbeOutcome, ProbeTarget } from '../core/health/probe.ts'
import { limits } from '../lib/limits.ts'
import { failureOf, silence } from './failure.ts'

/**
 * `done` is called once, perhaps before this returns. The function returned breaks off without a word.
 * `timeoutMs`: from now until the connection stands, the name's lookup included.
 */
export function askTcp(
  target: Extract<ProbeTarget, { protocol: 'TCP' }>,
  asked: { readonly timeoutMs: number; readonly lookup: LookupFunction },
  done: (outcome: ProbeOutcome) => void,
): () => void {
  let isOver = false
  let socket: Socket
  try {
    socket = connect({ host: target.address, port: target.port, lookup: asked.lookup })
  } catch (error) {
    done(failureOf(error, target))
    return () => undefined
  }
  const over = (outcome: ProbeOutcome | undefined): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    socket.destroy()
    if (outcome !== undefined) done(outcome)
  }
  const waitMs = Math.min(asked.timeoutMs, limits.longestTimerMs)
  const timer = setTimeout(() => over(silence(target, waitMs)), waitMs)
  socket.on('connect', () => over({ kind: 'connected' }))
  // Also after the end: what a destroyed socket still has to say must not be unheard.
  socket.on('error', (error: NodeJS.ErrnoException) =>
    // What is reset stood before: a refusal has another code.
    over(error.code === 'ECONNRESET' ? { kind: 'connected' } : failureOf(error, target)),
  )
  return () => over(undefined)
}
