// Why a definition is not taken. http/errors.ts turns each kind into a status and a body.

/** One offending place and what is wrong there. Paths as in rest-api 1.4: `/key`, `(0)`, `/` or empty for the whole. */
export interface Issue {
  readonly path: string
  readonly errors: readonly string[]
}

export type Refusal =
  /** The JSON has the wrong shape: 422 `Invalid JSON`. */
  | { readonly kind: 'invalid-json-shape'; readonly issues: readonly Issue[] }
  /** The shape is right, a rule is broken: 422 `Object is not valid`. */
  | { readonly kind: 'invalid-object'; readonly issues: readonly Issue[] }
  /** A rule of the operator's could not be judged: 500. */
  | { readonly kind: 'validator-failed'; readonly plugin: string; readonly reason: string }
  /** The request contradicts itself: 422 with this message. */
  | { readonly kind: 'unprocessable'; readonly message: string }
