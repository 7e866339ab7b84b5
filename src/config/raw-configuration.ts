// The flags as /config shows them: every one by its name, as given or by default, null when there is no value, and
// nothing of what a flag keeps secret.

import { shownValue } from './flag.ts'
import { type FlagValues, flags } from './table.ts'

export function rawConfiguration(values: FlagValues): Readonly<Record<string, unknown>> {
  const shown = flags.map((flag): [string, unknown] => {
    const value: unknown = values[flag.name as keyof FlagValues]
    if (Array.isArray(value)) return [flag.name, value.map((item) => shownValue(flag, String(item)))]
    return [flag.name, typeof value === 'string' ? shownValue(flag, value) : (value ?? null)]
  })
  return Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1)))
}
