import { describe, expect, it } from 'vitest'
import { type Controller, keyedValue, limitFiles, parseMounts, type TaskLimits } from './cgroup-limits.ts'

const limits: TaskLimits = { cpus: 0.5, mem: 64, memMax: 64, pids: 100 }
const mib = 1024 * 1024

/** The files as `name=content`, in their order. */
const files = (version: 1 | 2, controller: Controller, more: Partial<TaskLimits> = {}) =>
  limitFiles(version, controller, { ...limits, ...more }).map(({ file, content }) => `${file}=${content}`)

describe('the limit files', () => {
  it.each<[1 | 2, Controller, Partial<TaskLimits>, string[]]>([
    [1, 'cpu', {}, ['cpu.shares=512']],
    [1, 'cpu', { cpus: 0 }, ['cpu.shares=2']],
    [1, 'cpu', { cpusMax: 1.5 }, ['cpu.shares=512', 'cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=150000']],
    [1, 'cpu', { cpusMax: 0.001 }, ['cpu.shares=512', 'cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=1000']],
    [1, 'cpu', { cpusMax: Number.POSITIVE_INFINITY }, ['cpu.shares=512']],
    [2, 'cpu', {}, ['cpu.weight=50']],
    [2, 'cpu', { cpus: 0.001 }, ['cpu.weight=1']],
    [2, 'cpu', { cpus: 500 }, ['cpu.weight=10000']],
    [2, 'cpu', { cpusMax: 2 }, ['cpu.weight=50', 'cpu.max=200000 100000']],
    [1, 'memory', {}, [`memory.limit_in_bytes=${64 * mib}`, `memory.memsw.limit_in_bytes=${64 * mib}`]],
    // Below 32 MiB not even a shell starts.
    [
      1,
      'memory',
      { memMax: 10 },
      [`memory.limit_in_bytes=${32 * mib}`, `memory.memsw.limit_in_bytes=${32 * mib}`],
    ],
    [1, 'memory', { memMax: Number.POSITIVE_INFINITY }, []],
    [2, 'memory', { memMax: 128 }, [`memory.max=${128 * mib}`, 'memory.swap.max=0', 'memory.oom.group=1']],
    [2, 'memory', { memMax: Number.POSITIVE_INFINITY }, []],
    [1, 'pids', {}, ['pids.max=100']],
    [2, 'pids', {}, ['pids.max=100']],
  ])('of version %d, %s with %o', (version, controller, more, expected) => {
    expect(files(version, controller, more)).toEqual(expected)
  })
})

it('finds a value in a flat keyed file', () => {
  const events = 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n'
  expect(keyedValue(events, 'oom_kill')).toBe(2)
  expect(keyedValue('oom_kill_disable 0\nunder_oom 0\noom_kill 1\n', 'oom_kill')).toBe(1)
  expect(keyedValue('', 'oom_kill')).toBe(0)
})

it('finds the hierarchies of every version in a mountinfo', () => {
  const text = `22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw
30 25 0:26 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw
31 25 0:27 /a /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
32 25 0:28 / /mnt/a\\040b rw - cgroup cgroup rw,memory
`
  expect(parseMounts(text)).toEqual([
    { version: 2, path: '/sys/fs/cgroup/unified', controllers: [] },
    { version: 1, path: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['rw', 'cpu', 'cpuacct'] },
    { version: 1, path: '/mnt/a b', controllers: ['rw', 'memory'] },
  ])
})
