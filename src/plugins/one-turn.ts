// Calls of plugins on the thread the scheduler runs on. A loop that does not end, or a regular expression that a
// definition drives into backtracking, would stop everything; so V8 itself ends the call after a while. What the call
// has awaited is beyond this: it comes in turns of its own.

import vm from 'node:vm'

export class TurnTooLongError extends Error {
  override readonly name = 'TurnTooLongError'

  constructor(limitMs: number) {
    super(`it took longer than ${limitMs} ms`)
  }
}

/** V8 bounds scripts only, and this is one: it runs whatever stands in its place of the sandbox. */
const script = new vm.Script('call()')
const sandbox = vm.createContext({ call: undefined as (() => unknown) | undefined })

/**
 * What `call` returns. Costs about a tenth of a millisecond, for the thread that watches.
 *
 * @throws TurnTooLongError after `limitMs`, and what `call` throws
 */
export function inOneTurn<T>(limitMs: number, call: () => T): T {
  sandbox['call'] = call
  try {
    return script.runInContext(sandbox, { timeout: limitMs, displayErrors: false }) as T
  } catch (error) {
    throw isTimeout(error) ? new TurnTooLongError(limitMs) : error
  } finally {
    sandbox['call'] = undefined
  }
}

/** Whether what a call returned goes on after its turn. */
export const isPromiseLike = (returned: unknown): returned is PromiseLike<unknown> =>
  typeof (returned as { readonly then?: unknown } | null | undefined)?.then === 'function'

/** Its class is the sandbox's own Error, not ours. */
const isTimeout = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
