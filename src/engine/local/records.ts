// The small files by which launcher, supervisors and server speak: claim, exit record, identity of a process. Pure:
// text in, values out. Their meaning is told in docs/internals/local-engine.md.

/** A process for good: its id alone may have been given to another one since. */
export interface Identity {
  readonly bootId: string
  readonly pid: number
  /** Field 22 of /proc/pid/stat: clock ticks after boot. */
  readonly startTicks: number
}

/** Who owns a launch. Whoever creates the claim file does, for good. */
export type Claim =
  /** A child in its cgroup, about to become the task, with its supervisor. */
  | { readonly kind: 'child'; readonly child: Identity; readonly supervisor: Identity }
  /** The server took it: nothing will ever run for this launch. */
  | { readonly kind: 'fenced' }
  /** Created, but its content is not there (yet). */
  | { readonly kind: 'empty' }

export type Exit =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: number }
  /** The supervisor was no parent of the task, so nobody knows. */
  | { readonly kind: 'unknown' }
  /** The task was not started. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface ExitRecord {
  readonly child: Identity
  readonly exit: Exit
}

export const fencedClaim = 'fenced\n'

/** The content of a claim file. */
export function parseClaim(text: string): Claim {
  if (text === fencedClaim) return { kind: 'fenced' }
  const fields = completeLine(text)
  if (fields?.[0] !== '1' || fields.length !== 6) return { kind: 'empty' }
  const child = identity(fields[1], fields[2], fields[3])
  const supervisor = identity(fields[1], fields[4], fields[5])
  return child && supervisor ? { kind: 'child', child, supervisor } : { kind: 'empty' }
}

/** The content of an exit record; undefined when it is none. */
export function parseExitRecord(text: string): ExitRecord | undefined {
  const fields = completeLine(text)
  if (fields?.[0] !== '1') return undefined
  const child = identity(fields[1], fields[2], fields[3])
  const value = Number(fields[5])
  if (!child) return undefined
  switch (fields[4]) {
    case 'exit':
      return Number.isInteger(value) ? { child, exit: { kind: 'exit', status: value } } : undefined
    case 'signal':
      return Number.isInteger(value) ? { child, exit: { kind: 'signal', signal: value } } : undefined
    case 'unknown':
      return { child, exit: { kind: 'unknown' } }
    case 'refused':
      return { child, exit: { kind: 'refused', reason: fields.slice(5).join(' ') } }
    default:
      return undefined
  }
}

/** The record a launcher or an adopting supervisor leaves of itself; a launcher adds its version. */
export function parseIdentityRecord(
  text: string,
): { readonly identity: Identity; readonly version: number } | undefined {
  const fields = completeLine(text)
  if (fields?.[0] !== '1') return undefined
  const found = identity(fields[1], fields[2], fields[3])
  return found && { identity: found, version: Number(fields[4] ?? 0) }
}

/** Children that announced themselves before they claimed: `<boot id> <pid> <start>` per line. */
export function parseIntents(text: string): Identity[] {
  const found: Identity[] = []
  for (const line of text.split('\n')) {
    const fields = line.split(' ')
    const one = identity(fields[0], fields[1], fields[2])
    if (one) found.push(one)
  }
  return found
}

/** What the process of a check leaves of itself, with the number of the question it is to answer. */
export function parseAsked(
  text: string,
): { readonly identity: Identity; readonly number: string } | undefined {
  const fields = completeLine(text)
  if (fields?.[0] !== '1' || fields[4] === undefined) return undefined
  const found = identity(fields[1], fields[2], fields[3])
  return found && { identity: found, number: fields[4] }
}

/** What /proc/pid/stat says that matters here; the command name may hold spaces and parentheses. */
export function parseProcStat(
  text: string,
): { readonly state: string; readonly startTicks: number } | undefined {
  const end = text.lastIndexOf(')')
  if (end < 0) return undefined
  const fields = text.slice(end + 2).split(' ')
  const startTicks = Number(fields[19])
  return fields[0] && Number.isInteger(startTicks) ? { state: fields[0], startTicks } : undefined
}

/**
 * Whether a process is the one meant and runs: boot id, process id and start time agree and it is no zombie (D5).
 * `stat` is the content of its /proc/pid/stat now, undefined when there is none.
 */
export function isAlive(who: Identity, bootId: string, stat: string | undefined): boolean {
  if (who.bootId !== bootId || stat === undefined) return false
  const now = parseProcStat(stat)
  return now !== undefined && now.startTicks === who.startTicks && now.state !== 'Z' && now.state !== 'X'
}

/** A record counts once its line is complete: a write may be seen halfway. */
function completeLine(text: string): string[] | undefined {
  return text.endsWith('\n') ? text.slice(0, -1).split(' ') : undefined
}

function identity(
  bootId: string | undefined,
  pid: string | undefined,
  start: string | undefined,
): Identity | undefined {
  if (!bootId || !pid || !start) return undefined
  const found = { bootId, pid: Number(pid), startTicks: Number(start) }
  return Number.isInteger(found.pid) && found.pid > 0 && Number.isInteger(found.startTicks)
    ? found
    : undefined
}
