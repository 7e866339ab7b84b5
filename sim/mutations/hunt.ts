// One hunt for a bug: seeds are run until a checker complains, as many as are worth it. Nobody looks inside: the
// promises that users are given have to be enough.

import type { RunOptions } from '../swarm.ts'
import type { Subject } from './mutant.ts'
import type { Mutation } from './mutation.ts'

export interface Catch {
  readonly seed: number
  readonly checker: string
  readonly message: string
  /** Of virtual time, in the run that found it. */
  readonly hours: number
  /** Of real time, over all seeds. */
  readonly ms: number
}

/** What checkers throw, by its shape: it comes out of another bundle. */
interface Complaint {
  readonly name: 'Violation'
  readonly message: string
  readonly checker: string
  readonly hours: number | undefined
}

const isComplaint = (error: unknown): error is Complaint =>
  error instanceof Error && error.name === 'Violation' && 'checker' in error

/**
 * The first complaint of these seeds, undefined when there is none.
 *
 * @throws whatever else a run ends with
 */
export function hunt(
  subject: Subject,
  seeds: readonly number[],
  { world, clockMs }: { readonly world: Mutation['world']; readonly clockMs: () => number },
): Catch | undefined {
  const startedMs = clockMs()
  for (const seed of seeds) {
    const options: RunOptions = { ...subject.drawOptions(seed), hours: 1, looksInside: false, ...world }
    try {
      subject.runSeed(options)
    } catch (error) {
      if (!isComplaint(error)) throw error
      const { checker, message, hours = 0 } = error
      return { seed, checker, message, hours, ms: clockMs() - startedMs }
    }
  }
  return undefined
}
