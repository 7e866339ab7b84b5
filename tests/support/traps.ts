// Traps for what a deterministic core may not touch: while they are set, asking the machine for the time or for a
// random number throws. The compiler keeps out the rest (timers, I/O); these two are part of the language.

const realDate = globalThis.Date
const realRandom = Math.random

function trapped(what: string): never {
  throw new Error(`${what} was used where time and chance come from outside`)
}

/** `Date` as the core may use it: to write and read times it was given, not to ask what time it is. */
const TrappedDate = new Proxy(realDate, {
  construct: (target, args: readonly unknown[]) =>
    args.length === 0 ? trapped('new Date()') : (Reflect.construct(target, args) as object),
  apply: () => trapped('Date()'),
  get: (target, property) =>
    property === 'now' ? () => trapped('Date.now()') : (Reflect.get(target, property) as unknown),
})

/** Runs `act` with the traps set. */
export function withTraps<T>(act: () => T): T {
  globalThis.Date = TrappedDate
  Math.random = () => trapped('Math.random()')
  try {
    return act()
  } finally {
    globalThis.Date = realDate
    Math.random = realRandom
  }
}
