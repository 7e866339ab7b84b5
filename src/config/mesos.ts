// What the flags say about the Mesos cluster: which masters, and as whom we come to them.

import { FlagError } from './flag.ts'
import { type Master, parseMaster, type ZookeeperUrl } from './forms.ts'
import type { FlagValues } from './table.ts'

export interface MesosSettings {
  readonly masters:
    | { readonly kind: 'named'; readonly urls: readonly URL[] }
    | { readonly kind: 'zookeeper'; readonly url: ZookeeperUrl; readonly isSecure: boolean }
  /** Sent with every request; absent: none. */
  readonly credentials?: { readonly principal: string; readonly secret: string }
  /** In the FrameworkInfo, also when nobody asks for credentials. */
  readonly principal?: string
}

/**
 * For flags whose --master is neither `local` nor `sim`.
 * @param readFile the text of a file; throws what Node throws
 * @throws FlagError when the secret cannot be read
 */
export function mesosOf(flags: FlagValues, readFile: (path: string) => string): MesosSettings {
  const master = parseMaster(flags.master)!
  const principal = flags.mesos_authentication_principal
  const credentials = flags.mesos_authentication
    ? { principal: principal!, secret: secretOf(flags, readFile) }
    : credentialsOf(master)
  return {
    masters: mastersOf(master, flags.mesos_tls),
    ...(credentials === undefined ? {} : { credentials }),
    ...(principal === undefined ? {} : { principal }),
  }
}

function mastersOf(master: Master, isSecure: boolean): MesosSettings['masters'] {
  if (master.kind === 'zookeeper') return { kind: 'zookeeper', url: master.url, isSecure }
  if (master.kind !== 'masters') throw new Error(`the engine of --master ${master.kind} has no masters`)
  const urls = master.masters.map(({ scheme, url }) => {
    const copy = new URL(url)
    copy.username = ''
    copy.password = ''
    if (scheme === undefined && isSecure) copy.protocol = 'https:'
    return copy
  })
  return { kind: 'named', urls }
}

/** Those of a URL like http://user:password@host. */
function credentialsOf(master: Master): MesosSettings['credentials'] {
  if (master.kind !== 'masters') return undefined
  const { username, password } = master.masters[0]!.url
  if (username === '') return undefined
  return { principal: decoded(username), secret: decoded(password) }
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function secretOf(flags: FlagValues, readFile: (path: string) => string): string {
  const { mesos_authentication_secret: secret, mesos_authentication_secret_file: path } = flags
  if (secret !== undefined) return secret
  if (path === undefined) {
    throw new FlagError(
      '--mesos_authentication is given without --mesos_authentication_secret or --mesos_authentication_secret_file, ' +
        'what to authenticate with.',
    )
  }
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    throw new FlagError(
      `--mesos_authentication_secret_file is '${path}'; expected a file that can be read: ${(error as Error).message}.`,
    )
  }
  const fromFile = text.replace(/\r?\n$/, '')
  if (fromFile === '') {
    throw new FlagError(
      `--mesos_authentication_secret_file is '${path}'; expected a file with a secret, and it is empty.`,
    )
  }
  return fromFile
}
