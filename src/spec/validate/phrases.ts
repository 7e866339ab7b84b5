// The words of the rule library (rest-api 1.4, validation detail rules). A rule's number is shown as the original
// showed it: doubles with a fraction.

export const mustNotBeEmpty = 'must not be empty'
export const mustBeEmpty = 'must be empty'
export const notDefined = 'not defined'

/** A double as the original wrote it: `1.0`, `0.25`. */
export const double = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value))

export const oneOf = (given: string, allowed: readonly string[]): string =>
  `got ${given}, expected one of: [${allowed.join(', ')}]`
export const isNotOneOf = (allowed: readonly string[]): string => `is not one of (${allowed.join(',')})`
export const canNotBeOneOf = (forbidden: readonly string[]): string =>
  `can not be one of (${forbidden.join(',')})`
export const mustMatch = (pattern: string): string => `must match regular expression '${pattern}'`
export const mustFullyMatch = (pattern: string): string => `must fully match regular expression '${pattern}'`

/** The unbalanced parenthesis is literal. */
export const featureNotEnabled = (feature: string): string =>
  `Feature ${feature} is not enabled. Enable with --enable_features ${feature})`

export const noArtifactStore =
  'No storage provider available to load/persist artifacts. Configuration problem?'
