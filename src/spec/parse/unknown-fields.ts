// Which fields of an object the schema does not know, and what they were probably meant to be.

import { nearestWord } from '../../lib/nearest-word.ts'
import { oncePer } from '../../lib/once.ts'
import type { FieldWarnings } from '../field-warnings.ts'
import type { Keywords } from './keywords.ts'

/** The definition, or the item of a list, that a field may have been meant for when it is unknown where it is. */
export interface Scope {
  readonly schema: Keywords
  readonly path: string
}

interface Noting {
  readonly warnings: FieldWarnings | undefined
  readonly scope: Scope
  readonly besides: ReadonlySet<string> | undefined
}

/** What is null counts as absent, also where nobody knows it. */
export function noteUnknown(
  schema: Keywords,
  given: Readonly<Record<string, unknown>>,
  path: string,
  { warnings, scope, besides }: Noting,
): void {
  if (warnings === undefined) return
  const properties = schema.properties ?? {}
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(properties, key) || given[key] === null) continue
    if (besides?.has(key) === true || schema['x-ignored']?.includes(key) === true) continue
    warnings.add(() => ({
      path: `${path}/${key}`,
      nearest: nearestWord(key, Object.keys(properties)) ?? elsewhere(scope, key),
    }))
  }
}

/** Where else in the definition a field of this name is, if in one place only. */
function elsewhere(scope: Scope, key: string): string | undefined {
  let places = placesIn.get(scope.schema)
  if (places === undefined) {
    places = new Map()
    collectPlaces(scope.schema, '', places)
    placesIn.set(scope.schema, places)
  }
  const found = places.get(key.toLowerCase())
  return found?.length === 1 ? `${scope.path}${found[0]}` : undefined
}

const placesIn = new WeakMap<Keywords, Map<string, string[]>>()

/** Not what is in lists or one of several alternatives: there would be no one path to name. */
function collectPlaces(schema: Keywords, path: string, places: Map<string, string[]>): void {
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const at = `${path}/${key}`
    const known = places.get(key.toLowerCase())
    if (known === undefined) places.set(key.toLowerCase(), [at])
    else known.push(at)
    collectPlaces(field, at, places)
  }
}

/** What any of the alternatives has. Made once for each list of them: schemas are constants. */
export const fieldsOf = oncePer(
  (alternatives: readonly Keywords[]): ReadonlySet<string> =>
    new Set(alternatives.flatMap(({ properties }) => Object.keys(properties ?? {}))),
)
