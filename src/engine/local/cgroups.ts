// The cgroups of this machine's tasks: one leaf per task under `marathon-<hash>` in every hierarchy that is used, and
// one leaf for launcher and supervisors, which no limit and no kill of a task reaches. Version 1, version 2, the
// hybrid of both, and none are one interface; what the limits look like is told by cgroup-limits.ts.

import fs from 'node:fs'
import fsp from 'node:fs/promises'
import path from 'node:path'
import type { IsolationInfo } from '../../ports/engine.ts'
import {
  type CgroupMount,
  type Controller,
  controllers,
  keyedValue,
  limitFiles,
  memoryFiles,
  type TaskLimits,
} from './cgroup-limits.ts'
import { checkKinds } from './check-target.ts'
import type { CgroupFiles } from './launch-file.ts'
import { localLimits } from './limits.ts'
import { Turnstile } from './turnstile.ts'

/** One hierarchy in use: the parent folder in it, and what it limits. */
interface Hierarchy {
  readonly version: 1 | 2
  readonly parent: string
  readonly limits: readonly Controller[]
}

export interface MemoryUse {
  /** Processes the kernel killed because the limit was reached. */
  readonly kills: number
  readonly peakBytes: number | undefined
  readonly limitBytes: number | undefined
}

export interface Cgroups {
  readonly isolation: IsolationInfo
  /** The cgroup.procs files of the leaf for launcher and supervisors. */
  readonly supervisorProcs: readonly string[]
  /**
   * Makes a task's cgroup with its limits, off the event loop: the kernel takes milliseconds when many come and go.
   * Rejects with a message when it cannot; then nothing of it is left. `parts`: cgroups within it, for what is to be
   * killed alone.
   */
  create(id: string, limits: TaskLimits, parts?: readonly string[]): Promise<void>
  /** @param parts with which it was made */
  filesOf(id: string, parts?: readonly string[]): CgroupFiles
  /** Of a part of a task's cgroup: what enters it is in the task's cgroup, too. */
  filesOfPart(id: string, part: string): CgroupFiles
  memoryOf(id: string): MemoryUse | undefined
  /** How many processes the kernel killed because the task's memory limit was reached. */
  memoryKills(id: string): number
  /** Kills every process of the task, where there are cgroups. What forks faster than this needs another call. */
  kill(id: string): void
  /** The same for a part alone. */
  killPart(id: string, part: string): void
  /** Removes a task's cgroup. False when a process is in it. */
  remove(id: string): Promise<boolean>
  /** Ids of the tasks that have a cgroup, be it in one hierarchy alone. */
  list(): readonly string[]
  /** Removes the parents if nothing is left in them. False when something is. */
  removeParents(): boolean
}

const leafOfSupervisors = 'supervisors'
const noFiles: CgroupFiles = { procs: [], members: [], killFile: '', freezer: '' }

/**
 * Takes the hierarchies of this machine into use, as far as they can be written.
 * @param mounts from parseMounts of /proc/self/mountinfo
 * @param name of the parent folder in each hierarchy
 */
export function openCgroups(mounts: readonly CgroupMount[], name: string): Cgroups {
  const missing: string[] = []
  const v2 = mounts.find((mount) => mount.version === 2)
  const hierarchies: Hierarchy[] = []
  const taken = new Set<Controller>()
  let freezer: string | undefined

  for (const mount of mounts) {
    if (mount.version !== 1) continue
    const offered = controllers.filter(
      (controller) => mount.controllers.includes(controller) && !taken.has(controller),
    )
    const isFreezer = mount.controllers.includes('freezer')
    if (offered.length === 0 && !isFreezer) continue
    const parent = path.join(mount.path, name)
    if (!makeParent(parent, missing)) continue
    for (const controller of offered) taken.add(controller)
    if (isFreezer) freezer = parent
    if (offered.length > 0) hierarchies.push({ version: 1, parent, limits: offered })
  }
  let killer: string | undefined
  if (v2) {
    const parent = path.join(v2.path, name)
    if (makeParent(parent, missing)) {
      const limits = enableControllers(v2.path, parent, taken)
      for (const controller of limits) taken.add(controller)
      if (fs.existsSync(path.join(parent, 'cgroup.kill'))) killer = parent
      if (limits.length > 0 || killer) hierarchies.push({ version: 2, parent, limits })
      else removeQuietly(path.join(parent, leafOfSupervisors), parent)
    }
  }
  // The freezer is the way to catch all processes where the kernel cannot kill a cgroup.
  if (freezer && killer) removeQuietly(path.join(freezer, leafOfSupervisors), freezer)
  const frozen = killer ? undefined : freezer
  if (frozen && !hierarchies.some((one) => one.parent === frozen)) {
    hierarchies.push({ version: 1, parent: frozen, limits: [] })
  }

  const absent = controllers.filter((controller) => !taken.has(controller))
  const isolation = describe(hierarchies, taken, absent, missing, mounts.length)
  const parents = hierarchies.map((one) => one.parent)
  const memory = hierarchies.find((one) => one.limits.includes('memory'))
  const members = killer ?? frozen ?? parents[0]

  const turnstile = new Turnstile(localLimits.parallelCgroups)
  const foldersOf = (id: string): readonly string[] => [
    ...(members === undefined ? [] : checkKinds.map((part) => path.join(members, id, part))),
    ...parents.map((parent) => path.join(parent, id)),
  ]
  const killIn = (folder: string, ...procs: readonly string[]): void => {
    try {
      if (killer) fs.writeFileSync(path.join(killer, folder, 'cgroup.kill'), '1')
      else if (members !== undefined) {
        for (const each of procs)
          for (const pid of pidsIn(path.join(members, folder, each, 'cgroup.procs')))
            process.kill(pid, 'SIGKILL')
      }
    } catch {
      // The cgroup or the process is gone already.
    }
  }
  return {
    isolation,
    supervisorProcs: parents.map((parent) => path.join(parent, leafOfSupervisors, 'cgroup.procs')),
    create: (id, limits, parts = []) =>
      turnstile.pass(async () => {
        try {
          for (const one of hierarchies) await makeLeaf(one, path.join(one.parent, id), limits)
          // Without limits of their own: what is in them counts for the task.
          if (members !== undefined) for (const part of parts) await makeFolder(path.join(members, id, part))
        } catch (error) {
          for (const folder of foldersOf(id)) removeFolder(folder)
          throw error
        }
      }),
    filesOf(id, parts = []) {
      if (members === undefined) return noFiles
      return {
        procs: parents.map((parent) => path.join(parent, id, 'cgroup.procs')),
        members: ['', ...parts].map((part) => path.join(members, id, part, 'cgroup.procs')),
        killFile: killer ? path.join(killer, id, 'cgroup.kill') : '',
        freezer: frozen ? path.join(frozen, id, 'freezer.state') : '',
      }
    },
    filesOfPart(id, part) {
      const inPart = (parent: string) => (parent === members ? path.join(id, part) : id)
      return {
        ...noFiles,
        procs: parents.map((parent) => path.join(parent, inPart(parent), 'cgroup.procs')),
      }
    },
    memoryOf(id) {
      if (!memory) return undefined
      const names = memoryFiles[memory.version]
      const read = (file: string) => readText(path.join(memory.parent, id, file))
      const events = read(names.events)
      if (events === undefined) return undefined
      return {
        kills: keyedValue(events, 'oom_kill'),
        peakBytes: numberIn(read(names.peak)),
        limitBytes: numberIn(read(names.limit)),
      }
    },
    memoryKills(id) {
      if (!memory) return 0
      return keyedValue(
        readText(path.join(memory.parent, id, memoryFiles[memory.version].events)) ?? '',
        'oom_kill',
      )
    },
    kill: (id) => killIn(id, '', ...checkKinds),
    killPart(id, part) {
      // Asked before every question to a check. To kill takes the kernel's lock of all cgroups, to look does not.
      const events = killer && readText(path.join(killer, id, part, 'cgroup.events'))
      if (events === undefined || keyedValue(events, 'populated') > 0) killIn(path.join(id, part), '')
    },
    // The kernel takes milliseconds for it when many come and go.
    async remove(id) {
      let isGone = true
      for (const folder of foldersOf(id)) {
        await fsp.rmdir(folder).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') isGone = false
        })
      }
      return isGone
    },
    list: () => [...new Set(parents.flatMap(foldersIn))].filter((one) => one !== leafOfSupervisors),
    removeParents() {
      return parents
        .map((parent) => removeFolder(path.join(parent, leafOfSupervisors)) && removeFolder(parent))
        .every(Boolean)
    },
  }
}

/** The parent is there: one that was removed meanwhile is not to come back. */
async function makeFolder(folder: string): Promise<void> {
  await fsp.mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function makeLeaf(one: Hierarchy, folder: string, limits: TaskLimits): Promise<void> {
  await makeFolder(folder)
  for (const controller of one.limits) {
    for (const { file, content, isOptional } of limitFiles(one.version, controller, limits)) {
      const target = path.join(folder, file)
      if (isOptional && !fs.existsSync(target)) continue
      fs.writeFileSync(target, content)
    }
  }
}

/** Makes the parent and the supervisors' leaf in one hierarchy; false, with the reason noted, where that is refused. */
function makeParent(parent: string, missing: string[]): boolean {
  try {
    fs.mkdirSync(path.join(parent, leafOfSupervisors), { recursive: true })
    fs.accessSync(path.join(parent, leafOfSupervisors, 'cgroup.procs'), fs.constants.W_OK)
    // Version 2, below a cgroup that hands out controllers to threads alone: no process can enter it.
    const type = (readText(path.join(parent, 'cgroup.type')) ?? 'domain').trim()
    if (type === 'domain') return true
    missing.push(`${parent} (${type})`)
    removeQuietly(path.join(parent, leafOfSupervisors), parent)
    return false
  } catch (error) {
    missing.push(`${parent} (${(error as NodeJS.ErrnoException).code ?? 'unwritable'})`)
    return false
  }
}

/**
 * Version 2: a parent hands out only controllers that its own parent hands out. Returns those tasks can be limited
 * by.
 */
function enableControllers(root: string, parent: string, taken: ReadonlySet<Controller>): Controller[] {
  const available = (readText(path.join(root, 'cgroup.controllers')) ?? '').trim().split(' ')
  const enabled: Controller[] = []
  // The kernel's own root alone may hold processes beside cgroups with controllers. Another one, as in a container,
  // takes cpu and pids as controllers of threads, and from then on no process can enter any cgroup below it.
  const isRootOfKernel = !fs.existsSync(path.join(root, 'cgroup.type'))
  if (!isRootOfKernel && readText(path.join(root, 'cgroup.procs'))) return enabled
  for (const controller of controllers) {
    if (taken.has(controller) || !available.includes(controller)) continue
    try {
      for (const folder of [root, parent]) {
        const file = path.join(folder, 'cgroup.subtree_control')
        if (!(readText(file) ?? '').trim().split(' ').includes(controller))
          fs.writeFileSync(file, `+${controller}`)
      }
      enabled.push(controller)
    } catch {
      // Refused; the report names the controller as missing.
    }
  }
  return enabled
}

function describe(
  hierarchies: readonly Hierarchy[],
  taken: ReadonlySet<Controller>,
  absent: readonly Controller[],
  missing: readonly string[],
  mounted: number,
): IsolationInfo {
  const versions = new Set(hierarchies.map((one) => one.version))
  const limits = [...taken].sort()
  const kind = versions.size === 2 ? 'hybrid' : versions.has(2) ? 'v2' : versions.has(1) ? 'v1' : 'none'
  if (kind !== 'none' && absent.length === 0) return { cgroups: kind, limits }
  const why =
    mounted === 0
      ? 'no cgroup hierarchy is mounted'
      : missing.length > 0
        ? `these folders cannot be written: ${missing.join(', ')}`
        : 'this kernel or container does not hand out the controllers'
  const reason =
    kind === 'none'
      ? `Tasks run without limits, and what they leave behind is found by session alone: ${why}`
      : `Tasks run without limits of ${absent.join(', ')}: ${why}`
  return { cgroups: kind, limits, reason }
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const pidsIn = (file: string): number[] =>
  (readText(file) ?? '')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)

function numberIn(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && Number.isFinite(value) ? value : undefined
}

function foldersIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

/** True when the cgroup is gone; false when the kernel refuses since something is in it. */
function removeFolder(folder: string): boolean {
  try {
    fs.rmdirSync(folder)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function removeQuietly(...folders: readonly string[]): void {
  for (const folder of folders) removeFolder(folder)
}
