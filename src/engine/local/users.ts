// Users of this machine by name. /etc/passwd first, since asking the name service takes a process.

import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import { promisify } from 'node:util'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { UserIds } from './launch-file.ts'

/**
 * The user a task runs as; undefined when that is the server's own, so that nothing needs to change.
 * @returns a message when there is no such user or this server may not run as it
 */
export async function findUser(name: string): Promise<Result<UserIds | undefined, string>> {
  const user = await lookUp(name)
  if (!user) return refused(`Cannot run as user "${name}": there is no such user on this machine`)
  const own = process.getuid?.() ?? 0
  if (user.uid === own) return ok(undefined)
  if (own !== 0)
    return refused(
      `Cannot run as user "${name}": the server runs as user id ${own}, and only root may run tasks of others`,
    )
  return ok(user)
}

async function lookUp(name: string): Promise<UserIds | undefined> {
  if (!/^[^\s:/]+$/.test(name) || name.startsWith('-')) return undefined
  const passwd = await fs.readFile('/etc/passwd', 'utf8').catch(() => '')
  return parsePasswd(passwd, name) ?? parsePasswd(await askNameService(name), name)
}

/** The line of a user in the form of passwd(5). */
export function parsePasswd(text: string, name: string): UserIds | undefined {
  for (const line of text.split('\n')) {
    const [entry, , uid, gid] = line.split(':')
    if (entry === name && uid && gid && /^\d+$/.test(uid) && /^\d+$/.test(gid)) {
      return { name, uid: Number(uid), gid: Number(gid) }
    }
  }
  return undefined
}

async function askNameService(name: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('getent', ['passwd', name], { timeout: 5_000 })
    return stdout
  } catch {
    return ''
  }
}
