// What a machine is, in the words that matter for its figures. No host name: results are published.

import { mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly kernel: string
  readonly node: string
  /** File system and device under the directory where benches write. */
  readonly disk: string
  /** What one small file in a folder of its own costs there: every launch makes a dozen. */
  readonly fileCreationMicroseconds: number
  readonly cgroups: string
}

export function describeMachine(directory: string): Machine {
  return {
    cpu: (cpus()[0]?.model ?? 'unknown processor').replaceAll(/\((R|TM)\)/g, '').trim(),
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    kernel: `Linux ${release()}`,
    node: process.version,
    disk: describeDisk(directory),
    fileCreationMicroseconds: timeFileCreation(directory),
    cgroups: describeCgroups(),
  }
}

/** For file names: `intel-xeon-2.20ghz-2-cores`. */
export function machineSlug(machine: Machine): string {
  const cpu = machine.cpu.toLowerCase().replaceAll(/\b(cpu|processor|@)/g, ' ')
  return `${cpu} ${machine.cores} cores`.replaceAll(/[^a-z0-9.]+/g, '-').replaceAll(/^-+|-+$/g, '')
}

interface Mount {
  readonly device: string
  readonly at: string
  readonly type: string
}

function describeDisk(directory: string): string {
  const mount = mounts()
    .filter(({ at }) => at === '/' || directory === at || directory.startsWith(`${at}/`))
    .sort((a, b) => b.at.length - a.at.length)[0]
  const { blocks, bsize } = statfsSync(directory)
  const size = `${Math.round((blocks * bsize) / 1024 ** 3)} GiB`
  return mount === undefined ? size : `${mount.type} on ${mount.device}, ${size}`
}

function timeFileCreation(directory: string): number {
  const files = 300
  const startedMs = performance.now()
  for (let n = 0; n < files; n++) {
    const folder = join(directory, `probe-${n}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'file'), 'probe')
  }
  return Math.round(((performance.now() - startedMs) * 1_000) / (2 * files))
}

function describeCgroups(): string {
  const types = new Set(mounts().map(({ type }) => type))
  if (types.has('cgroup') && types.has('cgroup2')) return 'hybrid'
  if (types.has('cgroup2')) return 'v2'
  return types.has('cgroup') ? 'v1' : 'none'
}

function mounts(): Mount[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [device, at, type] = line.split(' ')
      return device === undefined || at === undefined || type === undefined ? [] : [{ device, at, type }]
    })
}
