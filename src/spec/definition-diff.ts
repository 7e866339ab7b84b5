// What differs between two definitions as the API shows them, field by field: for people who ask what a change would do
// before they make it.

import type { Json, JsonObject } from './render/fields.ts'
import { sameValue } from './same-value.ts'

/** `path` as in issues: `/container/volumes(0)/mode`. Absent `from`: the field is new; absent `to`: it goes. */
export interface FieldChange {
  readonly path: string
  readonly from?: Json
  readonly to?: Json
}

/** Versions are what a change makes, not what it is. */
const consequences: readonly string[] = ['version', 'versionInfo']

/** The fields that differ, in the order of the definitions. One that has no counterpart is shown whole. */
export function diffDefinitions(from: JsonObject, to: JsonObject): readonly FieldChange[] {
  return objectChanges(withoutConsequences(from), withoutConsequences(to), '')
}

const withoutConsequences = (definition: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(definition).filter(([key]) => !consequences.includes(key)))

function objectChanges(from: JsonObject, to: JsonObject, path: string): FieldChange[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].flatMap((key) => changesAt(own(from, key), own(to, key), `${path}/${key}`))
}

function changesAt(from: Json | undefined, to: Json | undefined, path: string): FieldChange[] {
  if (from !== undefined && to !== undefined) {
    if (sameValue(from, to)) return []
    if (isObject(from) && isObject(to)) return objectChanges(from, to, path)
    if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
      return from.flatMap((item: Json, index) => changesAt(item, to[index], `${path}(${index})`))
    }
  }
  return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
}

const isObject = (json: Json): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined
