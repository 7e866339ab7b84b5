// Walks a schema over untrusted JSON and returns a typed value or everything that is wrong with it, with the codes,
// paths and oddities that clients of the API know (rest-api 1.4). It reads the keywords the schemas use and no
// others; what a schema does not name is dropped, and noted for the user (spec/field-warnings.ts).

import type { Static, TSchema } from 'typebox'
import { formatInstant, parseInstant } from '../../lib/instant.ts'
import { oncePer } from '../../lib/once.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { FieldWarnings } from '../field-warnings.ts'
import { type Issue, Issues } from './issues.ts'
import type { Keywords } from './keywords.ts'
import { fieldsOf, noteUnknown, type Scope } from './unknown-fields.ts'

export interface ParseOptions {
  /**
   * Numbers and booleans may be given as strings: the v1 API is typed at by hand, and HTTPie sends every value as
   * a string (rest-api 12.1).
   */
  readonly lenient?: boolean
  /** Collects the fields that the schema does not know, also when there are issues. */
  readonly warnings?: FieldWarnings | undefined
}

/** Reads `json` as `schema` says. All errors of an input are reported, each path once. */
export function interpret<S extends TSchema>(
  schema: S,
  json: unknown,
  options: ParseOptions = {},
): Result<Static<S>, Issue[]> {
  const issues = new Issues()
  const value = read(schema as Keywords, json, '', {
    issues,
    lenient: options.lenient ?? false,
    limits: true,
    warnings: options.warnings,
    scope: { schema: schema as Keywords, path: '' },
    besides: undefined,
    whole: schema as Keywords,
  })
  return issues.isEmpty ? ok(value as Static<S>) : refused(issues.list())
}

interface Reading {
  readonly issues: Issues
  readonly lenient: boolean
  /** Off for the items of arrays, whose own limits are not enforced while parsing. */
  readonly limits: boolean
  readonly warnings: FieldWarnings | undefined
  readonly scope: Scope
  /** What the other alternatives to this object have: beside it, it has no effect, but it is no slip. */
  readonly besides: ReadonlySet<string> | undefined
  /** What `x-ref` stands for. */
  readonly whole: Keywords
}

/** The value, or anything at all when an issue was added. */
function read(schema: Keywords, json: unknown, path: string, reading: Reading): unknown {
  if (schema.anyOf !== undefined) return readAlternatives(schema.anyOf, json, path, reading)
  if (schema.enum !== undefined) return readEnum(schema.enum, json, path, reading)
  switch (schema.type) {
    case 'object':
      return schema.patternProperties === undefined
        ? readObject(schema, json, path, reading)
        : readRecord(schema.patternProperties, json, path, reading)
    case 'array':
      return readArray(schema, json, path, reading)
    case 'string':
      return readString(schema, json, path, reading)
    case 'integer':
    case 'number':
      return readNumber(schema, json, path, reading)
    case 'boolean':
      return readBoolean(json, path, reading)
    default:
      throw new TypeError(`schema at ${path} has no type that can be read: ${JSON.stringify(schema)}`)
  }
}

/** The alternative that is meant, else the first one that fits; the errors of the last one when none does. */
function readAlternatives(
  alternatives: readonly Keywords[],
  json: unknown,
  path: string,
  reading: Reading,
): unknown {
  let last: Issues | undefined
  const besides = reading.warnings === undefined ? undefined : fieldsOf(alternatives)
  const meant = alternatives.find((alternative) => isMarked(alternative, json))
  if (meant !== undefined) return read(meant, json, path, { ...reading, besides, limits: true })
  for (const alternative of alternatives) {
    const issues = new Issues()
    const warnings = reading.warnings === undefined ? undefined : new FieldWarnings()
    const value = read(alternative, json, path, { ...reading, issues, warnings, besides, limits: true })
    if (issues.isEmpty) {
      if (warnings?.isEmpty === false) reading.warnings?.addAll(warnings)
      return value
    }
    last = issues
  }
  if (last !== undefined) reading.issues.addAll(last.list())
  return undefined
}

function isMarked(alternative: Keywords, json: unknown): boolean {
  const given = asObject(json)
  const mark = alternative['x-marked-by']
  return mark !== undefined && given !== undefined && (valueAt(given, mark) ?? null) !== null
}

function readEnum(literals: readonly string[], json: unknown, path: string, reading: Reading): unknown {
  const wanted = typeof json === 'string' ? json.toLowerCase() : undefined
  const literal = literals.find((candidate) => candidate.toLowerCase() === wanted)
  if (literal === undefined) reading.issues.add(path, 'error.unknown.enum.literal')
  return literal
}

function readObject(schema: Keywords, json: unknown, path: string, reading: Reading): unknown {
  const given = asObject(json)
  if (given === undefined && schema['x-plain'] === true) {
    reading.issues.add(path, 'error.expected.jsobject')
    return undefined
  }
  const kind = schema['x-kind']
  if (kind !== undefined && !isOfKind(schema.properties?.[kind], given?.[kind])) {
    reading.issues.add(path, 'error.expected.jsstring')
    return undefined
  }
  const excluded = schema['x-excludes']
  if (excluded !== undefined && given !== undefined && valueAt(given, excluded) !== undefined) {
    reading.issues.add(`${path}/${excluded}`, 'error.unexpected')
    return undefined
  }
  if (given !== undefined) noteUnknown(schema, given, path, reading)
  const inside: Reading = { ...reading, limits: true, besides: undefined }
  const out: Record<string, unknown> = {}
  for (const [key, field] of propertiesOf(schema)) {
    const value = given === undefined ? undefined : valueAt(given, key)
    const at = `${path}/${key}`
    const isRequired = schema.required?.includes(key) ?? false
    if (value === undefined || value === null) {
      if (!isRequired) continue
      if (field.default !== undefined) out[key] = field.default
      else if (value === undefined) reading.issues.add(at, 'error.path.missing')
      else out[key] = read(field, value, at, inside)
    } else if (field['x-or-default'] === true) {
      const issues = new Issues()
      const parsed = read(field, value, at, { ...inside, issues })
      out[key] = issues.isEmpty ? parsed : field.default
    } else {
      out[key] = read(field, value, at, inside)
    }
  }
  return out
}

/** Unlike other words, those that tell kinds apart are not matched in any case. */
const isOfKind = (schema: Keywords | undefined, given: unknown): boolean =>
  typeof given === 'string' && schema?.enum?.includes(given) === true

/** The properties a schema names: schemas are constants, so they are listed once. */
const propertiesOf = oncePer((schema: Keywords) => Object.entries(schema.properties ?? {}))

function readRecord(
  patterns: Readonly<Record<string, Keywords>>,
  json: unknown,
  path: string,
  reading: Reading,
): unknown {
  const given = asObject(json)
  const [rule] = Object.entries(patterns)
  if (given === undefined || rule === undefined) {
    reading.issues.add(path, 'error.expected.jsobject')
    return undefined
  }
  const inside: Reading = { ...reading, limits: true, besides: undefined }
  const [pattern, value] = rule
  // fromEntries defines keys, it does not assign them: a key `__proto__` is a key like any other.
  return Object.fromEntries(
    Object.entries(given).map(([key, item]) => {
      const at = `${path}/${key}`
      if (pattern !== anyKey && !compiled(pattern).test(key)) reading.issues.add(at, 'error.pattern')
      return [key, read(value, item, at, inside)]
    }),
  )
}

/** What a record without a rule for its keys has in its schema. */
const anyKey = '^.*$'

function readArray(schema: Keywords, json: unknown, path: string, reading: Reading): unknown {
  if (!Array.isArray(json)) {
    reading.issues.add(path, 'error.expected.jsarray')
    return undefined
  }
  const items = schema.items?.['x-ref'] === undefined ? schema.items : reading.whole
  if (items === undefined) throw new TypeError(`schema at ${path} is an array without items`)
  const given: readonly unknown[] = json
  if (reading.limits) {
    if (given.length < (schema.minItems ?? 0)) reading.issues.add(path, 'error.minLength')
    if (given.length > (schema.maxItems ?? Number.POSITIVE_INFINITY))
      reading.issues.add(path, 'error.maxLength')
  }
  const inside: Reading = { ...reading, limits: false, besides: undefined }
  const out = given.map((item, index) => {
    const at = `${path}(${index})`
    // Only fields of objects can be unknown.
    const isScope = inside.warnings !== undefined && items.properties !== undefined
    return read(items, item, at, isScope ? { ...inside, scope: { schema: items, path: at } } : inside)
  })
  return schema.uniqueItems === true ? withoutDuplicates(out) : out
}

function readString(schema: Keywords, json: unknown, path: string, reading: Reading): unknown {
  if (typeof json !== 'string') {
    reading.issues.add(path, 'error.expected.jsstring')
    return undefined
  }
  if (schema.format === 'date-time') {
    const instant = parseInstant(json)
    if (instant !== undefined) return formatInstant(instant)
    reading.issues.add(path, 'error.expected.date.isoformat')
    return undefined
  }
  if (!reading.limits) return json
  if (json.length < (schema.minLength ?? 0)) reading.issues.add(path, 'error.minLength')
  // A text past its greatest length is not searched for a pattern, whatever the pattern costs.
  if (json.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
    reading.issues.add(path, 'error.maxLength')
  else if (schema.pattern !== undefined && !compiled(schema.pattern).test(json)) {
    reading.issues.add(path, 'error.pattern')
  }
  return json
}

function readNumber(schema: Keywords, given: unknown, path: string, reading: Reading): unknown {
  const isText = reading.lenient && typeof given === 'string'
  const json = isText ? numberIn(given) : given
  if (typeof json !== 'number') {
    reading.issues.add(path, isText ? 'error.expected.numberformatexception' : 'error.expected.jsnumber')
    return undefined
  }
  if (schema.type === 'integer') {
    const range = integerRanges[schema.format === 'int64' ? 'int64' : 'int32']
    if (!Number.isInteger(json) || json < range.least || json > range.greatest) {
      reading.issues.add(path, range.error)
      return undefined
    }
  }
  if (!reading.limits) return json
  if (json < (schema.minimum ?? Number.NEGATIVE_INFINITY)) reading.issues.add(path, 'error.min')
  if (json > (schema.maximum ?? Number.POSITIVE_INFINITY)) reading.issues.add(path, 'error.max')
  return json
}

function readBoolean(json: unknown, path: string, reading: Reading): unknown {
  if (typeof json === 'boolean') return json
  if (reading.lenient && json === 'true') return true
  if (reading.lenient && json === 'false') return false
  reading.issues.add(path, 'error.expected.jsboolean')
  return undefined
}

const integerRanges = {
  int32: { least: -(2 ** 31), greatest: 2 ** 31 - 1, error: 'error.expected.int' },
  int64: { least: -(2 ** 63), greatest: 2 ** 63, error: 'error.expected.long' },
} as const

const numberIn = (text: string): number | undefined =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text.trim()) ? Number(text) : undefined

const asObject = (json: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, unknown>>)
    : undefined

const valueAt = (given: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(given, key) ? given[key] : undefined

function withoutDuplicates(items: readonly unknown[]): unknown[] {
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = JSON.stringify(item) ?? ''
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

const patterns = new Map<string, RegExp>()
function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const regex = new RegExp(pattern)
  patterns.set(pattern, regex)
  return regex
}
