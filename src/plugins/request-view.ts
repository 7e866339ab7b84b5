// A request as plugins see it (events-metrics-flags 5.2), with the names they have in the original, and its body
// besides, which the original kept from them.

import type { PluginRequest } from '../ports/plugins.ts'

export interface RequestView {
  readonly method: string
  /** What follows the plugin's id, without a leading slash. */
  readonly requestPath: string
  /** All values of a header, whatever the case of its name. */
  header(name: string): readonly string[]
  /** The first cookie of this name. */
  cookie(name: string): string | undefined
  /** All values of a parameter. */
  queryParam(name: string): readonly string[]
  readonly body: Uint8Array
  readonly remoteAddr: string
  readonly remotePort: number
  readonly localAddr: string
  readonly localPort: number
}

export function requestView({ path, header, queryParam, ...rest }: PluginRequest): RequestView {
  return Object.freeze({
    ...rest,
    requestPath: path,
    header: (name: string) => header(String(name)),
    queryParam: (name: string) => queryParam(String(name)),
    cookie: (name: string) => cookieIn(header('cookie'), name),
  })
}

/** As RFC 6265 section 4.2.1 writes them; quotes around a value are no part of it. */
function cookieIn(headers: readonly string[], wanted: string): string | undefined {
  for (const pair of headers.flatMap((value) => value.split(';'))) {
    const [, name, value] = /^\s*([^=]*?)\s*=\s*"?(.*?)"?\s*$/.exec(pair) ?? []
    if (name === wanted) return value
  }
  return undefined
}
