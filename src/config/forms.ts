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
  | { readonly kind: 'http'; readonly url: URL }
  /** `host:port` and anything else: a master's address, in the original's oldest form. */
  | { readonly kind: 'address'; readonly address: string }

/** @returns undefined for what begins as a URL and is none */
export function parseMaster(text: string): Master | undefined {
  if (text === 'local' || text === 'sim') return { kind: text }
  if (/^zk:\/\//i.test(text)) {
    const url = parseZookeeperUrl(text)
    return url === undefined ? undefined : { kind: 'zookeeper', url }
  }
  if (/^https?:\/\//i.test(text)) {
    return URL.canParse(text) ? { kind: 'http', url: new URL(text) } : undefined
  }
  return text === '' ? undefined : { kind: 'address', address: text }
}

export const master: Form = {
  expected: `local, sim, ${zookeeperUrl.expected}, or http://host:port`,
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
