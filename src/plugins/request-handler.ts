// A plugin that answers requests, bounded in time: it may keep the thread for one turn, and have the answer awaited for
// a while. What it does after that is not heard of any more.

import { after, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { PluginError, type RequestHandler } from '../ports/plugins.ts'
import { inOneTurn, isPromiseLike, TurnTooLongError } from './one-turn.ts'
import { type RequestView, requestView } from './request-view.ts'
import { draftAnswer, type ResponseView } from './response-view.ts'

/** What the class of a handler has. */
export interface HandlerInstance {
  /** The answer is what has been written to `response` when this returns, or when its promise is kept. */
  serve(request: RequestView, response: ResponseView): unknown
}

interface Options {
  readonly log: Logger
  readonly clock: Clock
  readonly turnMs?: number
}

export function requestHandlerOf(
  id: string,
  instance: HandlerInstance,
  { log, clock, turnMs = limits.pluginTurnMs }: Options,
): RequestHandler {
  return async (request) => {
    const answer = draftAnswer()
    try {
      const served = inOneTurn(turnMs, () => instance.serve(requestView(request), answer.view))
      await within(clock, limits.pluginAnswerMs, served)
      return answer.finish()
    } catch (error) {
      const { method, path } = request
      log.error('a plugin failed to answer a request', { plugin: id, method, path, error })
      throw problemOf(id, error, turnMs)
    }
  }
}

function problemOf(id: string, error: unknown, turnMs: number): PluginError {
  if (error instanceof PluginError) return error
  const problem: PluginError['problem'] =
    error instanceof TurnTooLongError ? { kind: 'late', limitMs: turnMs } : { kind: 'failed' }
  return new PluginError(problem, `the plugin '${id}' failed`, { cause: error })
}

/** Waits for a promise; anything else is there already. */
export async function within(clock: Clock, limitMs: number, awaited: unknown): Promise<void> {
  if (!isPromiseLike(awaited)) return
  const { promise: late, reject } = withReject()
  const alarm = clock.alarm(after(clock.now(), millis(limitMs)), () =>
    reject(new PluginError({ kind: 'late', limitMs }, `nothing came within ${limitMs} ms`)),
  )
  try {
    await Promise.race([awaited, late])
  } finally {
    alarm.cancel()
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise
  })
  return { promise, reject }
}
