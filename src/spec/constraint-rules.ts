// The placement constraints: which operators there are and what value each takes (app-definition 10.4). Placement
// itself is core/placement's; the patterns it matches with are compiled here, so that what is accepted can be run.

import { limits } from '../lib/limits.ts'
import { compilePattern } from '../lib/pattern.ts'
import type { ConstraintOperator } from './app.ts'

type ValueRule = (value: string | undefined) => string | undefined

const anyValue: ValueRule = () => undefined
const integer = /^[+-]?\d{1,10}$/
const isInt = (text: string): boolean => {
  const value = Number(text)
  return integer.test(text) && value >= -(2 ** 31) && value < 2 ** 31
}
const pattern: ValueRule = (value) => {
  if (value === undefined) return 'LIKE and UNLIKE require a non-empty, regular expression value'
  return patternError(value)
}

/** What is wrong with the value of a constraint with this operator, if anything. */
const valueRules: Readonly<Record<ConstraintOperator, ValueRule>> = {
  UNIQUE: (value) => (value === undefined ? undefined : 'UNIQUE does not accept a value'),
  CLUSTER: anyValue,
  GROUP_BY: (value) =>
    value === undefined || isInt(value)
      ? undefined
      : 'GROUP BY must define an integer value or else no value at all',
  LIKE: pattern,
  UNLIKE: pattern,
  MAX_PER: (value) => (value !== undefined && isInt(value) ? undefined : 'MAX_PER requires an integer value'),
  IS: (value) =>
    /^[a-zA-Z0-9_/.-]*$/.test(value ?? '')
      ? undefined
      : 'IS only supports Mesos text and float values (see http://mesos.apache.org/documentation/latest/attributes-resources/)',
}

export const isOperator = (text: string): text is ConstraintOperator => Object.hasOwn(valueRules, text)

/** What is wrong with a constraint as a user wrote it; operators in lower case meet their refusal in normalising. */
export function constraintError(constraint: readonly string[]): string | undefined {
  if (constraint.length < 2 || constraint.length > 3) return 'Each constraint must have either 2 or 3 fields'
  const [field = '', operator = '', value] = constraint
  if (field === '') return 'illegal constraint specification'
  const upper = operator.toUpperCase()
  return isOperator(upper)
    ? valueRules[upper](value)
    : 'operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS'
}

/** What is wrong with the value of LIKE or UNLIKE, if anything. */
export function patternError(value: string): string | undefined {
  if (value.length > limits.constraintPatternChars) {
    return `is a regular expression of ${value.length} characters, expected ${limits.constraintPatternChars} or less`
  }
  const compiled = compilePattern(value)
  if (compiled.ok) return undefined
  const { kind, what } = compiled.error
  return kind === 'malformed'
    ? 'is not a valid regular expression'
    : `is a regular expression that ${what}, expected one of those the guide to constraints describes`
}
