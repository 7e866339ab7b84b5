// One of several requests that users of the simulator may make, some more often than others.

import type { Request } from '../src/core/requests.ts'
import type { Rng } from '../src/lib/rng.ts'

export function choose(
  rng: Rng,
  choices: readonly (readonly [weight: number, make: () => Request | undefined])[],
): Request | undefined {
  let at = rng.int(choices.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, make] of choices) {
    if (at < weight) return make()
    at -= weight
  }
  return undefined
}
