// The schemas as JSON Schema for the outside: documentation and validation of what we answer. Fields with a default are
// not required there, and the keywords of ours are left out, but for one thing: parsing is more tolerant than JSON
// Schema can say (schema/app.ts), so what this accepts is accepted, and not the other way round.

import type { TSchema } from 'typebox'

export type JsonSchema = { readonly [keyword: string]: unknown }

export function publishedSchema(schema: TSchema): JsonSchema {
  return published(schema as JsonSchema)
}

function published(schema: JsonSchema): JsonSchema {
  const out: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword.startsWith('x-')) continue
    out[keyword] = nested(keyword, value)
  }
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined
  if (properties !== undefined && Array.isArray(schema['required'])) {
    const required = (schema['required'] as string[]).filter(
      (key) => properties[key]?.['default'] === undefined,
    )
    if (required.length > 0) out['required'] = required
    else delete out['required']
  }
  return out
}

function nested(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'items':
      return published(value as JsonSchema)
    case 'anyOf':
      return (value as readonly JsonSchema[]).map(published)
    case 'properties':
    case 'patternProperties':
      return Object.fromEntries(
        Object.entries(value as Readonly<Record<string, JsonSchema>>).map(([key, schema]) => [
          key,
          published(schema),
        ]),
      )
    default:
      return value
  }
}
