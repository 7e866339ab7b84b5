// Impossible states stop the process: continuing wrong is worse than stopping. On in production too.

/** Throws when a condition that the code relies on does not hold. The message names the broken truth. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** The end of an exhaustive `switch`: the compiler proves it is never reached, the process stops if it is. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable case: ${JSON.stringify(value)}`)
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}
