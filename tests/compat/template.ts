// Expected bodies with holes: `<uuid>`, `<time>` and the like stand for values that differ from run to run, and a name
// (`<uuid:first>`) binds: the same name means the same value wherever it stands, in headers, paths and later answers
// too; `<any>` is any value at all. Everything else is compared by value, members of objects neither missing nor in
// excess.

export type Bindings = Map<string, string>

const kinds: Readonly<Record<string, string>> = {
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  time: String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`,
  port: String.raw`3[12]\d{3}`,
  number: String.raw`-?\d+(?:\.\d+)?`,
  text: String.raw`[\s\S]+`,
}
const numeric = new Set(['port', 'number'])
const hole = /<([a-z]+)(?::([\w-]+))?>/g

/** `text` with its named holes filled in; unbound names are an error of the case. */
export function fillIn(text: string, bindings: Bindings): string {
  return text.replace(hole, (whole, kind: string, name: string | undefined) => {
    if (!Object.hasOwn(kinds, kind)) return whole
    const value = name === undefined ? undefined : bindings.get(name)
    if (value === undefined) throw new Error(`${whole} has no value yet, expected a name bound by an answer`)
    return value
  })
}

/** The same value with every string filled in. */
export function fillInAll(value: unknown, bindings: Bindings): unknown {
  if (typeof value === 'string') return fillIn(value, bindings)
  if (Array.isArray(value)) return value.map((item) => fillInAll(item, bindings))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillInAll(item, bindings)]))
}

/**
 * Where `actual` differs from `expected`, one sentence per place. Members named in `additions` may be in excess.
 */
export function differences(
  expected: unknown,
  actual: unknown,
  context: { readonly bindings: Bindings; readonly additions: ReadonlySet<string> },
  path = '',
): string[] {
  if (expected === '<any>') return []
  const where = path === '' ? 'the body' : path
  if (typeof expected === 'string') return textDifference(expected, actual, context.bindings, where)
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${where} is ${show(actual)}, expected a list`]
    if (actual.length !== expected.length) {
      return [`${where} has ${actual.length} items, expected ${expected.length}: ${show(actual)}`]
    }
    const [wanted, given] = path.endsWith('/details')
      ? [byPath(expected), byPath(actual)]
      : [expected, actual]
    return wanted.flatMap((item, index) => differences(item, given[index], context, `${path}(${index})`))
  }
  if (typeof expected !== 'object' || expected === null) {
    return expected === actual ? [] : [`${where} is ${show(actual)}, expected ${show(expected)}`]
  }
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
    return [`${where} is ${show(actual)}, expected an object`]
  }
  const wanted = expected as Readonly<Record<string, unknown>>
  const given = actual as Readonly<Record<string, unknown>>
  const excess = Object.keys(given)
    .filter((key) => !Object.hasOwn(wanted, key) && !context.additions.has(key))
    .map((key) => `${path}/${key} is ${show(given[key])}, expected no such member`)
  const missing = Object.keys(wanted)
    .filter((key) => !Object.hasOwn(given, key))
    .map((key) => `${path}/${key} is missing`)
  const differing = Object.keys(wanted)
    .filter((key) => Object.hasOwn(given, key))
    .flatMap((key) => differences(wanted[key], given[key], context, `${path}/${key}`))
  return [...excess, ...missing, ...differing]
}

function textDifference(expected: string, actual: unknown, bindings: Bindings, where: string): string[] {
  const wholeKind = /^<([a-z]+)(?::[\w-]+)?>$/.exec(expected)?.[1]
  const isNumber = wholeKind !== undefined && numeric.has(wholeKind) && typeof actual === 'number'
  if (typeof actual !== 'string' && !isNumber) return [`${where} is ${show(actual)}, expected ${expected}`]
  const names: string[] = []
  let pattern = ''
  let end = 0
  for (const match of expected.matchAll(hole)) {
    const [whole, kind, name] = match
    const form = kinds[kind!]
    if (form === undefined) continue
    pattern += escaped(expected.slice(end, match.index))
    const bound = name === undefined ? undefined : bindings.get(name)
    if (bound !== undefined) pattern += escaped(bound)
    else if (name !== undefined && names.includes(name)) pattern += `\\${names.indexOf(name) + 1}`
    else if (name !== undefined) {
      names.push(name)
      pattern += `(${form})`
    } else pattern += `(?:${form})`
    end = match.index + whole.length
  }
  const found = new RegExp(`^${pattern}${escaped(expected.slice(end))}$`).exec(String(actual))
  if (found === null) return [`${where} is ${show(actual)}, expected ${show(fillKnown(expected, bindings))}`]
  names.forEach((name, index) => {
    bindings.set(name, found[index + 1]!)
  })
  return []
}

/** The order of the details of an error is not specified (rest-api 1.4). */
const byPath = (details: readonly unknown[]): unknown[] =>
  details.toSorted((a, b) => (pathIn(a) < pathIn(b) ? -1 : 1))

const pathIn = (detail: unknown): string => String((detail as { path?: unknown }).path)

const fillKnown = (text: string, bindings: Bindings): string =>
  text.replace(hole, (whole, _kind, name: string | undefined) => (name && bindings.get(name)) || whole)

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const show = (value: unknown): string => JSON.stringify(value) ?? 'absent'
