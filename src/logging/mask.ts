// What may not be read in a log: values under names that speak of secrets, what users put into environments, and
// credentials inside URLs (zk://user:password@…). Errors become plain fields with their causes.

const masked = '***'

/** `auth` alone or at the end of a name; `author` is none. Environment values are masked whatever they are called. */
const secretName =
  /passw|secret|token|credential|authori[sz]ation|cookie|private_?key|auth$|^env$|^environment$/i
/** Up to the last at-sign: a password may hold some. */
const urlCredentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi
/** Deeper than anything we log on purpose. */
const maxDepth = 8

export function maskText(text: string): string {
  return text.includes('@') ? text.replace(urlCredentials, `$1${masked}@`) : text
}

export function maskFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return maskObject(fields, 0)
}

function maskObject(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      secretName.test(name) && value !== undefined && value !== null ? masked : maskValue(value, depth + 1),
    ]),
  )
}

function maskValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) return '…'
  if (value instanceof Error) return maskError(value, depth)
  if (Array.isArray(value)) return value.map((item) => maskValue(item, depth + 1))
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  return maskObject(value, depth)
}

function maskError(error: Error, depth: number): Record<string, unknown> {
  const { kind, code } = error as { readonly kind?: unknown; readonly code?: unknown }
  return {
    name: error.name,
    message: maskText(error.message),
    ...(kind === undefined ? {} : { kind }),
    ...(code === undefined ? {} : { code }),
    stack: maskText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: maskValue(error.cause, depth + 1) }),
  }
}
