// client/wire.ts, written from the components of the OpenAPI document: one type for each schema that has a name. The
// client stays free of whatever the server is made of.

type Schema = Readonly<Record<string, unknown>>

/** The text of the file, not yet formatted. */
export function renderWireTypes(schemas: Readonly<Record<string, Schema>>): string {
  const types = Object.entries(schemas)
    // Refusals reach callers as ApiError.
    .filter(([name]) => name !== 'Error' && name !== 'Failure')
    .map(([name, schema]) => `${commentOf(schema)}export ${declaration(name, schema)}\n`)
  return [opening, ...types].join('\n')
}

const opening = `// The API's bodies, written from the schemas that the server reads bodies by and has its answers checked against:
// UPDATE_DOCS=1 npx vitest run tests/docs. Nothing here is typed by hand. A server of another version may send more.

/** What a call takes: a definition, or JSON text or an object that only the server judges. */
export type Body<T> = T | string | Readonly<Record<string, unknown>>
`

const declaration = (name: string, schema: Schema): string =>
  isPlainObject(schema)
    ? `interface ${name} ${membersOf(schema).replace(/^\{ /, '{\n')}`
    : `type ${name} = ${typeOf(schema)}`

const isPlainObject = (schema: Schema): boolean => schema['properties'] !== undefined

function typeOf(schema: Schema): string {
  const {
    $ref: reference,
    anyOf,
    enum: literals,
    type,
    items,
  } = schema as {
    readonly $ref?: string
    readonly anyOf?: readonly Schema[]
    readonly enum?: readonly unknown[]
    readonly type?: string
    readonly items?: Schema
  }
  if (reference !== undefined) return reference.split('/').at(-1)!
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' | ')
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  if (literals !== undefined) return literals.map((literal) => JSON.stringify(literal)).join(' | ')
  if (type === 'array') return `readonly (${typeOf(items ?? {})})[]`
  if (isPlainObject(schema)) return membersOf(schema)
  if (schema['patternProperties'] !== undefined) {
    const [value] = Object.values(schema['patternProperties'] as Readonly<Record<string, Schema>>)
    return `Readonly<Record<string, ${typeOf(value ?? {})}>>`
  }
  return plainTypes[type ?? ''] ?? 'unknown'
}

const plainTypes: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

function membersOf(schema: Schema): string {
  const required = (schema['required'] ?? []) as readonly string[]
  const properties = Object.entries(schema['properties'] as Readonly<Record<string, Schema>>)
  const members = properties.map(([key, value]) => {
    const name = /^\w+$/.test(key) ? key : `'${key}'`
    return `${commentOf(value)}readonly ${name}${required.includes(key) ? '' : '?'}: ${typeOf(value)}`
  })
  // The formatter keeps what stands on one line there, if it has room.
  const isShort = properties.every(([, value]) => commentOf(value) === '')
  return isShort ? `{ ${members.join('; ')} }` : `{\n${members.join('\n')}\n}`
}

function commentOf(schema: Schema): string {
  const { description } = schema
  return typeof description === 'string' ? `/** ${description}. */\n` : ''
}
