// Waiting for what real processes do in their own time.

import { setTimeout as sleep } from 'node:timers/promises'

export { sleep }

/** Milliseconds after which a wait gives up, unless the caller knows better. */
const patienceMs = 20_000

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * @throws naming `what` and what was seen last
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  options: { readonly withinMs?: number; readonly everyMs?: number; readonly seen?: () => unknown } = {},
): Promise<Exclude<Awaited<T>, undefined | false>> {
  const deadline = Date.now() + (options.withinMs ?? patienceMs)
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer as Exclude<Awaited<T>, undefined | false>
    if (Date.now() > deadline) {
      const seen = options.seen === undefined ? '' : `; seen last: ${JSON.stringify(await options.seen())}`
      throw new Error(`waited ${options.withinMs ?? patienceMs} ms for ${what}${seen}`)
    }
    await sleep(options.everyMs ?? 25)
  }
}
