// What really is on this machine, seen from outside the server: processes and cgroups that belong to one data
// directory.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface TaskProcess {
  readonly pid: number
  readonly taskId: string
  readonly appId: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Every process that has the data directory in its command line or environment: server, launcher, supervisors, tasks.
 */
export function processesOf(dataDir: string): number[] {
  return allPids().filter((pid) => {
    const text = `${readProc(pid, 'cmdline')}\0${readProc(pid, 'environ')}`
    return text.split('\0').some((word) => word.includes(`${dataDir}/`) || word.endsWith(dataDir))
  })
}

/** Processes whose environment says that they are part of a task of the server on this data directory. */
export function taskProcesses(dataDir: string): TaskProcess[] {
  const found: TaskProcess[] = []
  for (const pid of allPids()) {
    const environ = readProc(pid, 'environ')
    if (!environ.includes(`MESOS_SANDBOX=${dataDir}/`) || isZombie(pid)) continue
    const env = Object.fromEntries(
      environ
        .split('\0')
        .filter((line) => line.includes('='))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    found.push({ pid, taskId: env['MESOS_TASK_ID'] ?? '', appId: env['MARATHON_APP_ID'] ?? '', env })
  }
  return found
}

/** Processes with `marker` in their command line, this one excepted. */
export const processesWith = (marker: string): number[] =>
  allPids().filter((pid) => readProc(pid, 'cmdline').includes(marker))

export const commandLine = (pid: number): string => readProc(pid, 'cmdline').split('\0').join(' ').trim()

/** The folders of the server's cgroups, in every hierarchy. */
export function cgroupsOf(dataDir: string): string[] {
  const id = createHash('sha256').update(join(dataDir, 'local')).digest('hex').slice(0, 12)
  const name = `marathon-${id}`
  const roots = ['/sys/fs/cgroup', ...listFolders('/sys/fs/cgroup')]
  return roots.flatMap((root) => listFolders(root).filter((folder) => folder.endsWith(`/${name}`)))
}

function listFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name))
  } catch {
    return []
  }
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)

function readProc(pid: number, file: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

function isZombie(pid: number): boolean {
  const stat = readProc(pid, 'stat')
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
}
