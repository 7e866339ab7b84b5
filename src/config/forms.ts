// The forms a flag's text can be asked to have, each with the words that say what was expected. Which of them a flag
// has is said in its row; what the value means is said elsewhere.

import { roleNameErrors } from '../spec/roles.ts'
import { networkNameChars, networkNamePattern } from '../spec/schema/primitives.ts'

export interface Form {
  /** Follows "expected". */
  readonly expected: string
  readonly holds: (text: string) => boolean
}

/** A ZooKeeper ensemble and a path in it (events-metrics-flags 3.5). */
export interface ZookeeperUrl {
  readonly credentials?: { readonly user: string; readonly password: string }
  /** Each `host` or `host:port`. */
  readonly hosts: readonly string[]
  /** Begins with a slash and has one segment at least. */
  readonly path: string
}

const zookeeperPattern =
  /^zk:\/\/(?:([^/:@]+):([^@]+)@)?([\w.-]+(?::\d+)?(?:,[\w.-]+(?::\d+)?)*)((?:\/[^/]+)+)$/i

/** `zk://[user:password@]host[:port][,…]/path`; undefined for anything else. */
export function parseZookeeperUrl(text: string): ZookeeperUrl | undefined {
  const match = zookeeperPattern.exec(text)
  if (match === null) return undefined
  const [, user, password, hosts, path] = match
  return {
    ...(user === undefined || password === undefined ? {} : { credentials: { user, password } }),
    hosts: hosts!.split(','),
    path: path!,
  }
}

export const zookeeperUrl: Form = {
  expected: 'zk://[user:password@]host[:port][,host[:port]…]/path',
  holds: (text) => parseZookeeperUrl(text) !== undefined,
}

/** What `--master` names (events-metrics-flags 3.2). */
export type Master =
  | { readonly kind: 'local' }
  | { readonly kind: 'sim' }
  | { readonly kind: 'zookeeper'; readonly url: ZookeeperUrl }
  /** Named one by one: those that do not lead know who does. */
  | { readonly kind: 'masters'; readonly masters: readonly NamedMaster[] }

export interface NamedMaster {
  /** `host:port` alone, in the original's oldest form, does not say how it is spoken to. */
  readonly scheme?: 'http' | 'https'
  /** Absolute; `http` where no scheme was given. */
  readonly url: URL
}

/** Where masters listen unless they are told otherwise. */
const masterPort = 5050

/** @returns undefined for what is none of the forms */
export function parseMaster(text: string): Master | undefined {
  if (text === 'local' || text === 'sim') return { kind: text }
  if (/^zk:\/\//i.test(text)) {
    const url = parseZookeeperUrl(text)
    return url === undefined ? undefined : { kind: 'zookeeper', url }
  }
  // A password may hold commas.
  const names = text.includes('@') ? [text] : text.split(',')
  const masters = names.flatMap((name) => parseNamedMaster(name) ?? [])
  return masters.length === names.length ? { kind: 'masters', masters } : undefined
}

const bareAddress = /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

function parseNamedMaster(text: string): NamedMaster | undefined {
  const scheme = /^(https?):\/\/[^/]/i.exec(text)?.[1]?.toLowerCase() as 'http' | 'https' | undefined
  if (scheme !== undefined) return URL.canParse(text) ? { scheme, url: new URL(text) } : undefined
  const match = bareAddress.exec(text)
  if (match === null) return undefined
  const withPort = match[2] === undefined ? `http://${text}:${masterPort}` : `http://${text}`
  return URL.canParse(withPort) ? { url: new URL(withPort) } : undefined
}

export const master: Form = {
  expected: `local, sim, ${zookeeperUrl.expected}, http(s)://[user:password@]host:port, or host:port[,host:port…]`,
  holds: (text) => parseMaster(text) !== undefined,
}

/** An absolute URL of one of these schemes. */
const urlOf = (...schemes: readonly string[]): Form => ({
  expected: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  holds: (text) =>
    schemes.some((scheme) => text.toLowerCase().startsWith(`${scheme}://`)) && URL.canParse(text),
})

export const httpUrl: Form = urlOf('http', 'https')
export const fileUrl: Form = urlOf('file')
export const backupUrl: Form = urlOf('file', 's3')

/** Where lines are sent to. */
export const socketUrl: Form = {
  expected: '(udp|tcp|ssl)://host:port',
  holds: (text) => /^(udp|tcp|ssl):\/\/[^\s/:@]+:\d{1,5}$/.test(text),
}

/** What can stand in a header (RFC 9110 section 5.5), where each character is one byte. */
export const headerText: Form = {
  expected: 'characters of ISO 8859-1 and no control characters, as HTTP headers have them',
  holds: (text) => /^[\x20-\x7e\xa0-\xff]*$/.test(text),
}

export const anyUrl: Form = { expected: 'a URL', holds: (text) => URL.canParse(text) }

const networkNameRegex = new RegExp(networkNamePattern)

/** As of networks in definitions (app-definition 2.1). */
export const networkName: Form = {
  expected: `a name of at most ${networkNameChars} characters that matches ${networkNamePattern}`,
  holds: (text) => text.length <= networkNameChars && networkNameRegex.test(text),
}

export const roleName: Form = {
  expected: 'a role: not empty, no blank or slash in it, no - at its beginning',
  holds: (text) => roleNameErrors(text).length === 0,
}

/** The resetting chunks of a histogram (events-metrics-flags 2.5). */
export const noneOrSeveral: Form = { expected: '0, or 2 or more', holds: (text) => Number(text) !== 1 }
