// Which files a task's limits go to, and with what content, in each version of cgroups. Pure: the tables behind
// cgroups.ts.

import { localLimits } from './limits.ts'

export interface TaskLimits {
  /** The share of cpus, in cores. */
  readonly cpus: number
  /** The cores it may never exceed; undefined: only its share when others want theirs. */
  readonly cpusMax?: number
  /** MiB it may never exceed; `Infinity`: none. */
  readonly memMax: number
  /** MiB it asked for, protected under pressure. */
  readonly mem: number
  readonly pids: number
}

export type Controller = 'cpu' | 'memory' | 'pids'
export const controllers: readonly Controller[] = ['cpu', 'memory', 'pids']

export interface LimitFile {
  readonly file: string
  readonly content: string
  /** Not every kernel has it; its absence takes nothing from the limit that was asked for. */
  readonly isOptional?: boolean
}

const mib = 1024 * 1024
const periodUs = 100_000
/** The kernel refuses a quota under a millisecond. */
const quotaMinUs = 1_000

/** The limit of memory in bytes as the kernel is told, undefined for none. */
function memoryLimitBytes(limits: TaskLimits): number | undefined {
  if (!Number.isFinite(limits.memMax)) return undefined
  return Math.ceil(Math.max(limits.memMax, localLimits.memoryMinMib)) * mib
}

export function limitFiles(version: 1 | 2, controller: Controller, limits: TaskLimits): readonly LimitFile[] {
  const quota =
    limits.cpusMax !== undefined && Number.isFinite(limits.cpusMax)
      ? Math.max(quotaMinUs, Math.round(limits.cpusMax * periodUs))
      : undefined
  const memory = memoryLimitBytes(limits)
  const table: Record<Controller, Record<1 | 2, LimitFile[]>> = {
    cpu: {
      // 1024 shares and a weight of 100 are one core; the kernel's least are 2 and 1.
      1: [
        { file: 'cpu.shares', content: String(Math.max(2, Math.round(limits.cpus * 1024))) },
        ...(quota === undefined
          ? []
          : [
              { file: 'cpu.cfs_period_us', content: String(periodUs) },
              { file: 'cpu.cfs_quota_us', content: String(quota) },
            ]),
      ],
      2: [
        { file: 'cpu.weight', content: String(Math.min(10_000, Math.max(1, Math.round(limits.cpus * 100)))) },
        ...(quota === undefined ? [] : [{ file: 'cpu.max', content: `${quota} ${periodUs}` }]),
      ],
    },
    memory: {
      1:
        memory === undefined
          ? []
          : [
              { file: 'memory.limit_in_bytes', content: String(memory) },
              // Memory and swap together, after the former, which it may not be below.
              { file: 'memory.memsw.limit_in_bytes', content: String(memory), isOptional: true },
            ],
      2:
        memory === undefined
          ? []
          : [
              { file: 'memory.max', content: String(memory) },
              { file: 'memory.swap.max', content: '0', isOptional: true },
              { file: 'memory.oom.group', content: '1', isOptional: true },
            ],
    },
    pids: {
      1: [{ file: 'pids.max', content: String(limits.pids) }],
      2: [{ file: 'pids.max', content: String(limits.pids) }],
    },
  }
  return table[controller][version]
}

/** The files that tell of memory, and how their content reads. */
export const memoryFiles = {
  1: { events: 'memory.oom_control', peak: 'memory.max_usage_in_bytes', limit: 'memory.limit_in_bytes' },
  2: { events: 'memory.events', peak: 'memory.peak', limit: 'memory.max' },
} as const

/** The number after `key` in a flat keyed file, 0 when it is not there. */
export function keyedValue(text: string, key: string): number {
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ')
    if (name === key) return Number(value) || 0
  }
  return 0
}

/** A mounted cgroup hierarchy. */
export interface CgroupMount {
  readonly version: 1 | 2
  readonly path: string
  /** Controllers of version 1 as mounted together; empty for version 2, which names them in a file. */
  readonly controllers: readonly string[]
}

/** The cgroup hierarchies in a /proc/self/mountinfo. */
export function parseMounts(mountinfo: string): CgroupMount[] {
  const mounts: CgroupMount[] = []
  for (const line of mountinfo.split('\n')) {
    const separator = line.indexOf(' - ')
    if (separator < 0) continue
    const [type, , options] = line.slice(separator + 3).split(' ')
    const path = line.slice(0, separator).split(' ')[4]?.replaceAll('\\040', ' ')
    if (!path) continue
    if (type === 'cgroup2') mounts.push({ version: 2, path, controllers: [] })
    if (type === 'cgroup') mounts.push({ version: 1, path, controllers: options?.split(',') ?? [] })
  }
  return mounts
}
