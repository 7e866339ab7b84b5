// The header `Marathon-Warnings`: a list of quoted strings (RFC 8941, sections 3.1 and 3.3.3), one per field of the
// body that nothing understands, e.g. `"/instnaces: unknown field, ignored; did you mean instances?", "and 3 more"`.

import { limits } from '../lib/limits.ts'
import { describeFieldWarning, type FieldWarning } from '../spec/field-warnings.ts'

/** No header where there is nothing to warn of. */
export const warningHeaders = (outcome: {
  readonly warnings?: readonly FieldWarning[]
}): Readonly<Record<string, string>> =>
  outcome.warnings === undefined
    ? {}
    : {
        'marathon-warnings': outcome.warnings
          .map((warning) => quoted(describeFieldWarning(warning)))
          .join(', '),
      }

/** Only printable ASCII can be in such a string: other characters are written as in JSON, `\u00e9`. */
function quoted(text: string): string {
  const ascii = text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const cut =
    ascii.length > limits.fieldWarningChars ? `${ascii.slice(0, limits.fieldWarningChars - 3)}...` : ascii
  return `"${cut.replace(/["\\]/g, '\\$&')}"`
}
