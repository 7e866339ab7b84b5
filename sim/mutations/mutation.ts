// A mutation: a bug put back into the source, as text that is replaced. It never touches the files themselves, only
// what is bundled of them (mutant.ts).

import type { RunOptions } from '../swarm.ts'

export interface Mutation {
  /** Short, for lists. */
  readonly name: string
  /** What users of such a version would see. */
  readonly bug: string
  /** Each text is found exactly once in its file, or the mutation says that it is out of date. */
  readonly edits: readonly Edit[]
  /** The checkers whose promise it breaks: one of them must say so. */
  readonly caughtBy: readonly string[]
  /** Where the world that seeds draw seldom has what is needed. */
  readonly world?: Partial<RunOptions>
}

export interface Edit {
  /** From the root of the repository. */
  readonly file: string
  readonly find: string
  readonly replace: string
}
