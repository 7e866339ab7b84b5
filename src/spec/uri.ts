// Which texts are URIs (RFC 2396 with the literal-IPv6 amendment, the grammar that app-definition 10.1 goes by):
// relative ones and other scripts' letters pass, spaces and stray percent signs do not.

const scheme = /^[A-Za-z][A-Za-z0-9+.-]*$/
// Letters beyond ASCII are allowed where escapes are; controls and spaces of any script are not.
const unescaped = "A-Za-z0-9_\\-!.~'()*;:@&=+$,\\u00a1-\\u1fff\\u2010-\\u2027\\u2030-\\u2fff\\u3001-\\uffff"
const escaped = '%[0-9A-Fa-f]{2}'
const pathText = new RegExp(`^(?:[${unescaped}/]|${escaped})*$`)
const uriText = new RegExp(`^(?:[${unescaped}/?\\[\\]]|${escaped})*$`)

export function isUri(text: string): boolean {
  const parts = split(text)
  if (parts === undefined) return false
  const { path, query, fragment, isOpaque } = parts
  if (isOpaque) return path !== '' && uriText.test(path) && uriText.test(fragment)
  return authorityAndPath(path) && uriText.test(query) && uriText.test(fragment)
}

/** The decoded path of a hierarchical URI; undefined for opaque ones (`mailto:x`) and for what is not a URI. */
export function uriPath(text: string): string | undefined {
  if (!isUri(text)) return undefined
  const parts = split(text)
  if (parts === undefined || parts.isOpaque) return undefined
  const path = parts.path.startsWith('//') ? parts.path.replace(/^\/\/[^/]*/, '') : parts.path
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

interface Parts {
  readonly path: string
  readonly query: string
  readonly fragment: string
  readonly isOpaque: boolean
}

function split(text: string): Parts | undefined {
  const hash = text.indexOf('#')
  const fragment = hash < 0 ? '' : text.slice(hash + 1)
  const before = hash < 0 ? text : text.slice(0, hash)
  const colon = before.search(/[:/?]/)
  const hasScheme = colon >= 0 && before[colon] === ':'
  if (hasScheme && !scheme.test(before.slice(0, colon))) return undefined
  const rest = hasScheme ? before.slice(colon + 1) : before
  if (hasScheme && rest === '') return undefined
  if (hasScheme && !rest.startsWith('/')) return { path: rest, query: '', fragment, isOpaque: true }
  const mark = rest.indexOf('?')
  const path = mark < 0 ? rest : rest.slice(0, mark)
  return { path, query: mark < 0 ? '' : rest.slice(mark + 1), fragment, isOpaque: false }
}

function authorityAndPath(text: string): boolean {
  if (!text.startsWith('//')) return pathText.test(text)
  const slash = text.indexOf('/', 2)
  const authority = slash < 0 ? text.slice(2) : text.slice(2, slash)
  const path = slash < 0 ? '' : text.slice(slash)
  // `file:///x` has an empty authority; nothing at all after the slashes is no URI.
  if (authority === '' && path === '') return false
  return uriText.test(authority) && !authority.includes('?') && pathText.test(path)
}
