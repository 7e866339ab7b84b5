// Reading JSON that another program sent. A field that is not what it should be ends the reading with `Malformed`,
// which gathers where it was on its way out and becomes a `WireProblem` at the border (decode-event.ts): results that
// are looked at after each field would be half of the code, and of the time.

export type Json = Readonly<Record<string, unknown>>

/** What is wrong with a record and where, for the log. */
export interface WireProblem {
  /** As `offers.offers[12].id.value`. */
  readonly where: string
  readonly expected: string
  /** What was there, shortened. */
  readonly given: string
}

/** Never leaves this folder. */
export class Malformed extends Error {
  where: string
  readonly expected: string
  readonly given: unknown

  constructor(where: string, expected: string, given: unknown) {
    super(expected)
    this.where = where
    this.expected = expected
    this.given = given
  }
}

/** Characters shown of what was given. */
const shownChars = 120

/** The problem a failed reading had. What is no `Malformed` is a mistake of ours and goes on. */
export function problemOf(error: unknown, at = ''): WireProblem {
  if (!(error instanceof Malformed)) throw error
  return { where: joined(at, error.where), expected: error.expected, given: shown(error.given) }
}

/** Longer texts are cut before they are written, whatever their size. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, shownChars))
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) {
    return `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no fields'}`
  }
  return String(value)
}

export function objectOf(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed('', 'an object', value)
  }
  return value as Json
}

/** A required part. */
export function part<T>(parent: Json, key: string, read: (child: Json) => T): T {
  try {
    return read(objectOf(parent[key]))
  } catch (error) {
    throw placed(error, key)
  }
}

/** A part that may be absent. */
export function optionalPart<T>(parent: Json, key: string, read: (child: Json) => T): T | undefined {
  const child = parent[key]
  return child === undefined || child === null ? undefined : part(parent, key, read)
}

/** A list, absent when empty; each of its elements is read. */
export function list<T>(parent: Json, key: string, read: (element: Json) => T): T[] {
  const elements = elementsOf(parent, key)
  const all: T[] = []
  for (let i = 0; i < elements.length; i++) {
    try {
      all.push(read(objectOf(elements[i])))
    } catch (error) {
      throw placed(error, `${key}[${i}]`)
    }
  }
  return all
}

/** The elements of a list as they are. */
export function elementsOf(parent: Json, key: string): readonly unknown[] {
  const value = parent[key]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Malformed(key, 'a list', value)
  return value
}

export function texts(parent: Json, key: string): string[] {
  const elements = elementsOf(parent, key)
  for (const element of elements) {
    if (typeof element !== 'string') throw new Malformed(key, 'a list of texts', element)
  }
  return elements as string[]
}

export function text(parent: Json, key: string): string {
  const value = parent[key]
  if (typeof value !== 'string') throw new Malformed(key, 'a text', value)
  return value
}

export function optionalText(parent: Json, key: string): string | undefined {
  const value = parent[key]
  return value === undefined || value === null ? undefined : text(parent, key)
}

export function number(parent: Json, key: string): number {
  const value = parent[key]
  if (typeof value !== 'number') throw new Malformed(key, 'a number', value)
  return value
}

export function optionalNumber(parent: Json, key: string): number | undefined {
  const value = parent[key]
  return value === undefined || value === null ? undefined : number(parent, key)
}

export function optionalFlag(parent: Json, key: string): boolean | undefined {
  const value = parent[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw new Malformed(key, 'true or false', value)
  return value
}

/** Ids and single values come wrapped, as `{"value": …}`. */
export function id(parent: Json, key: string): string {
  const wrapper = parent[key]
  if (typeof wrapper === 'object' && wrapper !== null) {
    const { value } = wrapper as Json
    if (typeof value === 'string') return value
    throw new Malformed(`${key}.value`, 'a text', value)
  }
  throw new Malformed(key, 'an object with a value', wrapper)
}

export function optionalId(parent: Json, key: string): string | undefined {
  const wrapper = parent[key]
  return wrapper === undefined || wrapper === null ? undefined : id(parent, key)
}

function placed(error: unknown, key: string): unknown {
  if (error instanceof Malformed) error.where = joined(key, error.where)
  return error
}

const joined = (outer: string, inner: string): string =>
  outer === '' || inner === '' ? outer + inner : `${outer}.${inner}`
