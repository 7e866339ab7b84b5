// The schemas as JSON Schema for the outside: documentation, and the validation of what we answer. Keywords of ours
// are left out. Of bodies that users send, fields with a default are not required; parsing is more tolerant than JSON
// Schema can say (schema/app.ts), so what this accepts is accepted, and not the other way round. In answers whatever
// is not optional is there, so nothing has a default.

import type { TSchema } from 'typebox'

export type JsonSchema = { readonly [keyword: string]: unknown }

export interface Publishing {
  readonly of: 'body' | 'answer'
  /** Where schemas with a name (`x-name`) are referred to instead of being written out. */
  readonly refer?: ((name: string, schema: JsonSchema) => string) | undefined
}

/** The schema itself is written out, whatever its name. */
export const publishedSchema = (schema: TSchema, publishing: Publishing = { of: 'body' }): JsonSchema =>
  published(schema as JsonSchema, publishing)

function published(schema: JsonSchema, publishing: Publishing): JsonSchema {
  const out: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword.startsWith('x-') || (keyword === 'default' && publishing.of === 'answer')) continue
    out[keyword] = nested(keyword, value, publishing)
  }
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined
  if (publishing.of === 'body' && properties !== undefined && Array.isArray(schema['required'])) {
    const required = (schema['required'] as string[]).filter(
      (key) => properties[key]?.['default'] === undefined,
    )
    if (required.length > 0) out['required'] = required
    else delete out['required']
  }
  return out
}

function referredOrPublished(schema: JsonSchema, publishing: Publishing): JsonSchema {
  const { refer } = publishing
  // Written out alone, a schema refers to itself only.
  if (refer === undefined && schema['x-ref'] !== undefined) return { $ref: '#' }
  const name = schema['x-ref'] ?? schema['x-name']
  if (refer !== undefined && typeof name === 'string') return { $ref: refer(name, schema) }
  return published(schema, publishing)
}

function nested(keyword: string, value: unknown, publishing: Publishing): unknown {
  switch (keyword) {
    case 'items': {
      const items = referredOrPublished(value as JsonSchema, publishing)
      return publishing.of === 'answer' ? withoutLimits(items) : items
    }
    case 'anyOf':
      return (value as readonly JsonSchema[]).map((schema) => referredOrPublished(schema, publishing))
    case 'properties':
    case 'patternProperties':
      return Object.fromEntries(
        Object.entries(value as Readonly<Record<string, JsonSchema>>).map(([key, schema]) => [
          key,
          referredOrPublished(schema, publishing),
        ]),
      )
    default:
      return value
  }
}

/** Limits of items of lists are not enforced while parsing, so what is answered may be beyond them (rest-api 1.4). */
const withoutLimits = (items: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(items).filter(([keyword]) => !limitsOfScalars.has(keyword)))

const limitsOfScalars: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
])
