// Fields of a body that nothing understands. They are taken and ignored, as they always were, and whoever sent them is
// told: a misspelt field is otherwise found when its default does harm.

import { limits } from '../lib/limits.ts'

export type FieldWarning =
  /**
   * `path` as in issues. `nearest` is a field of the same object, or starts with `/` and lies elsewhere in the
   * definition.
   */
  | { readonly kind: 'unknown-field'; readonly path: string; readonly nearest?: string }
  /** What is beyond `limits.fieldWarnings`. */
  | { readonly kind: 'more'; readonly count: number }

/** Collects unknown fields, the first `limits.fieldWarnings` of them by name. */
export class FieldWarnings {
  readonly #named: FieldWarning[] = []
  #more = 0

  get isEmpty(): boolean {
    return this.#named.length === 0
  }

  /** `describe` is asked only for what will be named, since looking for the nearest field costs. */
  add(describe: () => { readonly path: string; readonly nearest: string | undefined }): void {
    if (this.#named.length >= limits.fieldWarnings) {
      this.#more++
      return
    }
    const { path, nearest } = describe()
    this.#named.push({ kind: 'unknown-field', path, ...(nearest === undefined ? {} : { nearest }) })
  }

  addAll(others: FieldWarnings): void {
    const room = limits.fieldWarnings - this.#named.length
    this.#named.push(...others.#named.slice(0, room))
    this.#more += others.#more + Math.max(0, others.#named.length - room)
  }

  list(): readonly FieldWarning[] {
    return this.#more === 0 ? this.#named : [...this.#named, { kind: 'more', count: this.#more }]
  }
}

/** One line for people. */
export function describeFieldWarning(warning: FieldWarning): string {
  if (warning.kind === 'more') return `and ${warning.count} more`
  const { path, nearest } = warning
  return `${path}: unknown field, ignored${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
}
