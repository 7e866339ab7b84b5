// Collecting what is wrong with an input. An issue's path is `/key` and `(index)` segments; a shape error of the
// whole input has the path "", a rule about the whole object the path "/" (rest-api 1.4).

import type { Issue, Refusal } from '../refusal.ts'

export type { Issue }

export const unprocessable = (message: string): Refusal => ({ kind: 'unprocessable', message })
export const invalidObject = (issues: readonly Issue[]): Refusal => ({ kind: 'invalid-object', issues })

/** Collects errors by path, in the order in which paths were first seen, each error once. */
export class Issues {
  readonly #byPath = new Map<string, string[]>()

  add(path: string, error: string): void {
    const known = this.#byPath.get(path)
    if (known === undefined) this.#byPath.set(path, [error])
    else if (!known.includes(error)) known.push(error)
  }

  addAll(issues: readonly Issue[]): void {
    for (const { path, errors } of issues) for (const error of errors) this.add(path, error)
  }

  get isEmpty(): boolean {
    return this.#byPath.size === 0
  }

  list(): Issue[] {
    return Array.from(this.#byPath, ([path, errors]) => ({ path, errors }))
  }
}
