// The folders of the local engine and what lies in a launch's folder. A launch folder exists from the accept until
// the terminal status is acknowledged; sandbox and logs stay longer (sandboxes.ts).

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import fsp from 'node:fs/promises'
import path from 'node:path'
import type { CheckResult, TaskId, TaskInfo } from '../../core/mesos.ts'
import type { CheckKind } from './check-target.ts'
import {
  type Claim,
  type ExitRecord,
  fencedClaim,
  type Identity,
  parseAsked,
  parseClaim,
  parseExitRecord,
  parseIdentityRecord,
  parseIntents,
} from './records.ts'
import type { Verdict } from './verdicts.ts'

/**
 * Names a launch in file names and cgroups: safe whatever the task id holds, and the same for the same task for ever.
 */
export type LaunchId = string

export const launchIdOf = (taskId: TaskId): LaunchId =>
  createHash('sha256').update(taskId).digest('hex').slice(0, 20)

export interface Folders {
  readonly base: string
  readonly launches: string
  /** Launches on their way out. */
  readonly removed: string
  readonly started: string
  readonly exits: string
  /** Answers of checks. */
  readonly checks: string
  readonly logs: string
  readonly sandboxes: string
  readonly cache: string
}

/**
 * Makes the folders. Launches hold environments, so they are for the owner alone; tasks of other users pass through
 * the rest.
 */
export function openFolders(dataDir: string): Folders {
  const base = path.join(path.resolve(dataDir), 'local')
  const folders: Folders = {
    base,
    launches: path.join(base, 'launches'),
    removed: path.join(base, 'removed'),
    started: path.join(base, 'started'),
    exits: path.join(base, 'exits'),
    checks: path.join(base, 'checks'),
    logs: path.join(base, 'logs'),
    sandboxes: path.join(base, 'sandboxes'),
    cache: path.join(base, 'cache'),
  }
  fs.rmSync(folders.removed, { recursive: true, force: true, maxRetries: 5 })
  const open = new Set([base, folders.logs, folders.sandboxes])
  for (const folder of Object.values(folders)) {
    fs.mkdirSync(folder, { recursive: true })
    fs.chmodSync(folder, open.has(folder) ? 0o711 : 0o700)
  }
  return folders
}

/** What is kept of a launch, besides what the protocol writes. */
export interface SavedTask {
  readonly info: TaskInfo
  readonly acceptedAt: number
}

/** A terminal status as it is kept until acknowledged: the same uuid after a restart. */
export interface SavedVerdict extends Verdict {
  readonly uuid: string
  readonly at: number
}

/** What the checks of a task have told last. */
export interface Found {
  readonly healthy?: boolean
  readonly check?: CheckResult
}

export interface KillRequest {
  readonly graceMs: number
  /** Because its health check failed. */
  readonly isUnhealthy: boolean
}

const unhealthyMark = 'unhealthy'

export class TaskFiles {
  readonly folders: Folders

  constructor(folders: Folders) {
    this.folders = folders
  }

  file(id: LaunchId, name: string): string {
    return path.join(this.folders.launches, id, name)
  }

  list(): LaunchId[] {
    return fs.readdirSync(this.folders.launches)
  }

  create(id: LaunchId, saved: SavedTask): void {
    fs.mkdirSync(path.join(this.folders.launches, id))
    fs.writeFileSync(this.file(id, 'task.json'), stringify(saved), { mode: 0o600 })
  }

  readTask(id: LaunchId): SavedTask | undefined {
    return readJson<SavedTask>(this.file(id, 'task.json'))
  }

  writeLaunchFile(id: LaunchId, text: string): void {
    fs.writeFileSync(this.file(id, 'launch'), text, { mode: 0o600 })
  }

  writeCheckFile(id: LaunchId, kind: CheckKind, text: string): void {
    fs.writeFileSync(this.file(id, kind), text, { mode: 0o600 })
  }

  /** The process of the newest run of a check, and the number of the question. */
  readAsked(id: LaunchId, kind: CheckKind): ReturnType<typeof parseAsked> {
    return parseAsked(readText(this.file(id, `${kind}.asked`)) ?? '')
  }

  readFound(id: LaunchId): Found | undefined {
    return readJson<Found>(this.file(id, 'found.json'))
  }

  writeFound(id: LaunchId, found: Found): void {
    const file = this.file(id, 'found.json')
    fs.writeFileSync(`${file}.new`, JSON.stringify(found))
    fs.renameSync(`${file}.new`, file)
  }

  /** When the claim was made, that is when the task started, in milliseconds; undefined: there is none. */
  claimedAt(id: LaunchId): number | undefined {
    return fs.statSync(this.file(id, 'claim'), { throwIfNoEntry: false })?.mtimeMs
  }

  readVerdict(id: LaunchId): SavedVerdict | undefined {
    return readJson<SavedVerdict>(this.file(id, 'verdict.json'))
  }

  writeVerdict(id: LaunchId, verdict: SavedVerdict): void {
    const file = this.file(id, 'verdict.json')
    fs.writeFileSync(`${file}.new`, JSON.stringify(verdict))
    fs.renameSync(`${file}.new`, file)
  }

  readClaim(id: LaunchId): Claim | undefined {
    const text = readText(this.file(id, 'claim'))
    return text === undefined ? undefined : parseClaim(text)
  }

  /** Takes the claim: after this no process will ever run for the launch. False: someone has it already. */
  fence(id: LaunchId): boolean {
    try {
      fs.writeFileSync(this.file(id, 'claim'), fencedClaim, { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  readIntents(id: LaunchId): Identity[] {
    return parseIntents(readText(this.file(id, 'intents')) ?? '')
  }

  readAdopter(id: LaunchId): Identity | undefined {
    return parseIdentityRecord(readText(this.file(id, 'adopter')) ?? '')?.identity
  }

  readExit(id: LaunchId): ExitRecord | undefined {
    return parseExitRecord(readText(path.join(this.folders.exits, id)) ?? '')
  }

  /** Seconds, as sleep(1) reads them. Why is on a line of its own, for the server alone. */
  writeKill(id: LaunchId, { graceMs, isUnhealthy }: KillRequest): void {
    const file = this.file(id, 'kill')
    fs.writeFileSync(`${file}.new`, `${graceMs / 1000}\n${isUnhealthy ? unhealthyMark : ''}`)
    fs.renameSync(`${file}.new`, file)
  }

  /** The kill requested; undefined: none was. */
  readKill(id: LaunchId): KillRequest | undefined {
    const [grace, why] = readText(this.file(id, 'kill'))?.split('\n') ?? []
    if (grace === undefined) return undefined
    return { graceMs: (Number(grace) || 0) * 1000, isUnhealthy: why === unhealthyMark }
  }

  /**
   * Forgets a launch. The folder goes in one step: removed file by file, there would be a moment with a folder and
   * no claim in it, in which a supervisor that comes late could start what was reported ended.
   */
  async remove(id: LaunchId): Promise<void> {
    const removed = path.join(this.folders.removed, id)
    await fsp.rename(path.join(this.folders.launches, id), removed).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    // A second supervisor that is about to find the claim taken may write there meanwhile.
    await fsp.rm(removed, { recursive: true, force: true, maxRetries: 5 })
    await fsp.rm(path.join(this.folders.exits, id), { force: true })
    await fsp.rm(path.join(this.folders.started, id), { force: true })
  }
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function readJson<T>(file: string): T | undefined {
  const text = readText(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text, (_, value: unknown) =>
      value === infinity ? Number.POSITIVE_INFINITY : value,
    ) as T
  } catch {
    // Cut short by a crash while it was written: as if it were not there.
    return undefined
  }
}

/** JSON has no word for unlimited. */
const infinity = '\u0000Infinity'
const stringify = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (one === Number.POSITIVE_INFINITY ? infinity : one))
