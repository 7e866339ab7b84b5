// Sandbox and log folders: made before a launch, kept for a time and up to a size after the end, then removed. The
// logs lie outside the sandbox, which shows them by links, so that a task cannot lead the rotation, which runs as
// root, elsewhere.

import fs from 'node:fs'
import fsp from 'node:fs/promises'
import path from 'node:path'
import type { AgentId, TaskId } from '../../core/mesos.ts'
import type { UserIds } from './launch-file.ts'
import { localLimits } from './limits.ts'
import type { Folders, LaunchId } from './task-files.ts'

export interface SandboxPaths {
  readonly sandbox: string
  readonly logs: string
}

/** A finished task whose sandbox is kept. */
export interface KeptSandbox {
  readonly id: LaunchId
  readonly taskId: TaskId
  readonly sandbox: string
  /** Milliseconds; 0 while the task runs. */
  readonly endedAt: number
  readonly bytes: number
}

const notEnded = 0

export function sandboxPaths(folders: Folders, agentId: AgentId, taskId: TaskId, id: LaunchId): SandboxPaths {
  const safe = taskId.replaceAll('/', '_')
  // A name of 255 bytes is the longest a file system takes.
  const name = safe === '.' || safe === '..' || Buffer.byteLength(safe) > 200 ? id : safe
  return { sandbox: path.join(folders.sandboxes, agentId, name), logs: path.join(folders.logs, id) }
}

const noteName = 'task.json'

/** Makes both folders, empty logs, the links from the one to the other, and a note of whose they are. */
export function createSandbox(
  { sandbox, logs }: SandboxPaths,
  task: { readonly id: LaunchId; readonly taskId: TaskId; readonly user: UserIds | undefined },
): void {
  const { user } = task
  fs.mkdirSync(path.dirname(sandbox), { recursive: true, mode: 0o711 })
  fs.mkdirSync(sandbox, { recursive: true, mode: 0o755 })
  fs.mkdirSync(logs, { recursive: true, mode: 0o711 })
  for (const stream of ['stdout', 'stderr']) {
    const file = path.join(logs, stream)
    fs.closeSync(fs.openSync(file, 'a', 0o644))
    if (user) fs.chownSync(file, user.uid, user.gid)
    const link = path.join(sandbox, stream)
    fs.rmSync(link, { force: true })
    fs.symlinkSync(path.relative(sandbox, file), link)
  }
  if (user) fs.chownSync(sandbox, user.uid, user.gid)
  const note: KeptSandbox = { id: task.id, taskId: task.taskId, sandbox, endedAt: notEnded, bytes: 0 }
  fs.writeFileSync(path.join(logs, noteName), JSON.stringify(note))
}

/** Gives everything below a sandbox to a user, links themselves and not what they lead to. */
export async function giveTo(folder: string, user: UserIds): Promise<void> {
  for await (const entry of walk(folder)) await fsp.lchown(entry.path, user.uid, user.gid)
}

/** Which kept sandboxes have to go: the old ones, then the oldest while all together are too big. Pure. */
export function expiredSandboxes(
  kept: readonly KeptSandbox[],
  rule: { readonly now: number; readonly keepMs: number; readonly keepBytes: number },
): KeptSandbox[] {
  const expired: KeptSandbox[] = []
  let total = kept.reduce((sum, one) => sum + one.bytes, 0)
  for (const one of [...kept].sort((a, b) => a.endedAt - b.endedAt)) {
    if (rule.now - one.endedAt <= rule.keepMs && total <= rule.keepBytes) continue
    expired.push(one)
    total -= one.bytes
  }
  return expired
}

export interface SandboxKeeperOptions {
  readonly folders: Folders
  readonly keepMs: number
  readonly keepBytes: number
  readonly onProblem: (message: string) => void
}

/** Remembers finished sandboxes, on disk too, and removes them when their time has come. */
export class SandboxKeeper {
  readonly #options: SandboxKeeperOptions
  readonly #kept = new Map<LaunchId, KeptSandbox>()
  /** One walk over the disk at a time. */
  #work: Promise<void> = Promise.resolve()

  constructor(options: SandboxKeeperOptions) {
    this.#options = options
  }

  /** Reads what is kept from earlier runs; a sandbox whose end was not noted has ended now. */
  load(isActive: (id: LaunchId) => boolean, now: number): Promise<void> {
    return this.#queue(async () => {
      const { folders } = this.#options
      for (const id of await fsp.readdir(folders.logs)) {
        if (isActive(id)) continue
        const logs = path.join(folders.logs, id)
        const note = await fsp.readFile(path.join(logs, noteName), 'utf8').catch(() => undefined)
        const kept = note === undefined ? undefined : parseNote(note)
        if (!kept) await fsp.rm(logs, { recursive: true, force: true })
        else if (kept.endedAt === notEnded)
          await this.#note(id, kept.taskId, { sandbox: kept.sandbox, logs }, now)
        else this.#kept.set(id, kept)
      }
    })
  }

  /** A task has ended: measures and notes its sandbox. */
  ended(id: LaunchId, taskId: TaskId, paths: SandboxPaths, endedAt: number): void {
    void this.#queue(() => this.#note(id, taskId, paths, endedAt))
  }

  /** Removes what is too old or too much. */
  collect(now: number): Promise<void> {
    return this.#queue(async () => {
      const { folders, keepMs, keepBytes } = this.#options
      for (const one of expiredSandboxes([...this.#kept.values()], { now, keepMs, keepBytes })) {
        await fsp.rm(one.sandbox, { recursive: true, force: true })
        await fsp.rm(path.join(folders.logs, one.id), { recursive: true, force: true })
        this.#kept.delete(one.id)
      }
    })
  }

  async #note(id: LaunchId, taskId: TaskId, { sandbox, logs }: SandboxPaths, endedAt: number): Promise<void> {
    if (!fs.existsSync(logs)) return
    const bytes = (await measure(sandbox)) + (await measure(logs))
    const kept: KeptSandbox = { id, taskId, sandbox, endedAt, bytes }
    await fsp.writeFile(path.join(logs, noteName), JSON.stringify(kept))
    this.#kept.set(id, kept)
  }

  #queue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error) => {
      // Tried again with the next collection; a sandbox too many does no harm.
      this.#options.onProblem(`sandboxes: ${String(error)}`)
    })
    return this.#work
  }
}

function parseNote(text: string): KeptSandbox | undefined {
  try {
    return JSON.parse(text) as KeptSandbox
  } catch {
    return undefined
  }
}

async function measure(folder: string): Promise<number> {
  let bytes = 0
  let entries = 0
  for await (const entry of walk(folder)) {
    bytes += entry.bytes
    if (++entries >= localLimits.sandboxEntriesMeasured) break
  }
  return bytes
}

async function* walk(folder: string): AsyncGenerator<{ readonly path: string; readonly bytes: number }> {
  const entries = await fsp.readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const full = path.join(folder, entry.name)
    const stats = await fsp.lstat(full).catch(() => undefined)
    if (!stats) continue
    yield { path: full, bytes: stats.blocks * 512 }
    if (entry.isDirectory()) yield* walk(full)
  }
}
