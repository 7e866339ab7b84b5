// The flags as /config shows them: every one by its name, as given or by default, null when there is no value. What a
// flag keeps secret is masked, whether it is one as a whole or has credentials within a URL.

import type { FlagValues } from './flags.ts'

const masked = '***'
/** `--launch_tokens` is none, and a file with a secret in it is only a path. */
const secretFlag = /(credentials|password|secret|token|key)$/
const urlCredentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@,]+@/gi

export function rawConfiguration(flags: FlagValues): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(flags)
      .map(([name, value]): [string, unknown] => [name, shown(name, value)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function shown(name: string, value: unknown): unknown {
  if (value === undefined) return null
  if (secretFlag.test(name)) return masked
  if (Array.isArray(value)) return value.map((item) => shown(name, item))
  return typeof value === 'string' ? value.replace(urlCredentials, `$1${masked}@`) : value
}
