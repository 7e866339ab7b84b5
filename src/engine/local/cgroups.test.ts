// The choice of hierarchies and the files written, on trees of plain files that look like each version. What a kernel
// does with them is shown by tests/system/local-engine.test.ts.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CgroupMount } from './cgroup-limits.ts'
import { openCgroups } from './cgroups.ts'

const limits = { cpus: 1, mem: 64, memMax: 64, pids: 10 }
let root: string

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-cgroups-'))
})
afterEach(() => fs.rmSync(root, { recursive: true }))

/** A hierarchy with the files that the kernel would make in the parent and in the supervisors' leaf. */
function hierarchy(
  version: 1 | 2,
  name: string,
  options: { controllers?: string; hasKill?: boolean } = {},
): CgroupMount {
  const at = path.join(root, name)
  fs.mkdirSync(path.join(at, 'marathon-x/supervisors'), { recursive: true })
  fs.writeFileSync(path.join(at, 'marathon-x/supervisors/cgroup.procs'), '')
  if (version === 2) {
    fs.writeFileSync(path.join(at, 'cgroup.controllers'), `${options.controllers ?? ''}\n`)
    for (const folder of [at, path.join(at, 'marathon-x')])
      fs.writeFileSync(path.join(folder, 'cgroup.subtree_control'), '\n')
    if (options.hasKill) fs.writeFileSync(path.join(at, 'marathon-x/cgroup.kill'), '')
  }
  return { version, path: at, controllers: version === 1 ? name.split(',') : [] }
}

const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8')

describe('version 2', () => {
  it('limits, kills and counts in one tree', async () => {
    const mounts = [hierarchy(2, 'v2', { controllers: 'cpuset cpu io memory pids', hasKill: true })]
    const cgroups = openCgroups(mounts, 'marathon-x')
    expect(cgroups.isolation).toEqual({ cgroups: 'v2', limits: ['cpu', 'memory', 'pids'] })
    expect(read('v2/cgroup.subtree_control')).toBe('+pids')
    expect(read('v2/marathon-x/cgroup.subtree_control')).toBe('+pids')

    await cgroups.create('t1', { ...limits, cpusMax: 2 })
    expect(read('v2/marathon-x/t1/cpu.weight')).toBe('100')
    expect(read('v2/marathon-x/t1/cpu.max')).toBe('200000 100000')
    expect(read('v2/marathon-x/t1/memory.max')).toBe(String(64 * 1024 * 1024))
    expect(read('v2/marathon-x/t1/pids.max')).toBe('10')
    const leaf = path.join(root, 'v2/marathon-x/t1')
    expect(cgroups.filesOf('t1')).toEqual({
      procs: [`${leaf}/cgroup.procs`],
      members: [`${leaf}/cgroup.procs`],
      killFile: `${leaf}/cgroup.kill`,
      freezer: '',
    })

    fs.writeFileSync(`${leaf}/memory.events`, 'oom 1\noom_kill 1\n')
    fs.writeFileSync(`${leaf}/memory.peak`, '100\n')
    expect(cgroups.memoryOf('t1')).toEqual({ kills: 1, peakBytes: 100, limitBytes: 64 * 1024 * 1024 })
    expect(cgroups.memoryKills('t1')).toBe(1)
    cgroups.kill('t1')
    expect(fs.readFileSync(`${leaf}/cgroup.kill`, 'utf8')).toBe('1')
    expect(cgroups.list()).toEqual(['t1'])
  })

  it('says which limits a container does not hand out', () => {
    const mounts = [hierarchy(2, 'v2', { controllers: 'memory pids', hasKill: true })]
    expect(openCgroups(mounts, 'marathon-x').isolation).toEqual({
      cgroups: 'v2',
      limits: ['memory', 'pids'],
      reason: 'Tasks run without limits of cpu: this kernel or container does not hand out the controllers',
    })
  })

  it('leaves the controllers of a container alone whose root holds processes, or no process could enter', () => {
    const mounts = [hierarchy(2, 'v2', { controllers: 'cpu memory pids', hasKill: true })]
    fs.writeFileSync(path.join(root, 'v2/cgroup.type'), 'domain\n')
    fs.writeFileSync(path.join(root, 'v2/cgroup.procs'), '1\n')
    const cgroups = openCgroups(mounts, 'marathon-x')
    expect(cgroups.isolation).toMatchObject({ cgroups: 'v2', limits: [] })
    expect(read('v2/cgroup.subtree_control')).toBe('\n')
    expect(cgroups.filesOf('t1').killFile).toBe(path.join(root, 'v2/marathon-x/t1/cgroup.kill'))
  })

  it('takes the controllers of a container whose root holds none', () => {
    const mounts = [hierarchy(2, 'v2', { controllers: 'cpu memory pids', hasKill: true })]
    fs.writeFileSync(path.join(root, 'v2/cgroup.type'), 'domain\n')
    fs.writeFileSync(path.join(root, 'v2/cgroup.procs'), '')
    expect(openCgroups(mounts, 'marathon-x').isolation.limits).toEqual(['cpu', 'memory', 'pids'])
  })

  it('is not used where no process can enter its cgroups', () => {
    const mounts = [hierarchy(2, 'v2', { controllers: 'cpu', hasKill: true })]
    fs.writeFileSync(path.join(root, 'v2/marathon-x/cgroup.type'), 'domain invalid\n')
    const { isolation } = openCgroups(mounts, 'marathon-x')
    expect(isolation.cgroups).toBe('none')
    expect(isolation.reason).toContain(`${root}/v2/marathon-x (domain invalid)`)
  })
})

describe('version 1', () => {
  it('uses a tree per controller and the freezer to catch all', async () => {
    const mounts = [
      hierarchy(1, 'cpu,cpuacct'),
      hierarchy(1, 'memory'),
      hierarchy(1, 'pids'),
      hierarchy(1, 'freezer'),
    ]
    const cgroups = openCgroups(mounts, 'marathon-x')
    expect(cgroups.isolation).toEqual({ cgroups: 'v1', limits: ['cpu', 'memory', 'pids'] })
    expect(cgroups.supervisorProcs.length).toBe(4)
    await cgroups.create('t1', limits)
    expect(read('cpu,cpuacct/marathon-x/t1/cpu.shares')).toBe('1024')
    expect(read('memory/marathon-x/t1/memory.limit_in_bytes')).toBe(String(64 * 1024 * 1024))
    expect(cgroups.filesOf('t1')).toMatchObject({
      members: [path.join(root, 'freezer/marathon-x/t1/cgroup.procs')],
      killFile: '',
      freezer: path.join(root, 'freezer/marathon-x/t1/freezer.state'),
    })
  })
})

describe('a part of a task, for a check', () => {
  it('is where all of it is found and killed; its limits are those of the task', async () => {
    const mounts = [hierarchy(1, 'memory'), hierarchy(2, 'unified', { hasKill: true })]
    const cgroups = openCgroups(mounts, 'marathon-x')
    await cgroups.create('t1', limits, ['health'])
    const [memory, unified] = ['memory', 'unified'].map((name) => path.join(root, name, 'marathon-x/t1'))
    expect(cgroups.filesOf('t1', ['health']).members).toEqual([
      `${unified}/cgroup.procs`,
      `${unified}/health/cgroup.procs`,
    ])
    expect(cgroups.filesOfPart('t1', 'health').procs).toEqual([
      `${memory}/cgroup.procs`,
      `${unified}/health/cgroup.procs`,
    ])
    cgroups.killPart('t1', 'health')
    expect(fs.readFileSync(`${unified}/health/cgroup.kill`, 'utf8')).toBe('1')
    expect(fs.existsSync(`${unified}/cgroup.kill`)).toBe(false)
    fs.rmSync(`${unified}/health/cgroup.kill`)
    fs.writeFileSync(`${unified}/health/cgroup.events`, 'populated 0\nfrozen 0\n')
    cgroups.killPart('t1', 'health')
    expect(fs.existsSync(`${unified}/health/cgroup.kill`)).toBe(false)
  })

  it('goes with the task', async () => {
    const cgroups = openCgroups([hierarchy(1, 'freezer')], 'marathon-x')
    await cgroups.create('t1', limits, ['health', 'check'])
    const leaf = path.join(root, 'freezer/marathon-x/t1')
    expect(fs.readdirSync(leaf).sort()).toEqual(['check', 'health'])
    expect(await cgroups.remove('t1')).toBe(true)
    expect(fs.existsSync(leaf)).toBe(false)
  })
})

describe('the hybrid', () => {
  it('takes limits from version 1 and the kill from version 2', () => {
    const mounts = [
      hierarchy(1, 'cpu'),
      hierarchy(1, 'memory'),
      hierarchy(1, 'pids'),
      hierarchy(1, 'freezer'),
      hierarchy(2, 'unified', { hasKill: true }),
    ]
    const cgroups = openCgroups(mounts, 'marathon-x')
    expect(cgroups.isolation).toEqual({ cgroups: 'hybrid', limits: ['cpu', 'memory', 'pids'] })
    const { procs, killFile, freezer } = cgroups.filesOf('t1')
    expect(procs.length).toBe(4)
    expect(killFile).toBe(path.join(root, 'unified/marathon-x/t1/cgroup.kill'))
    expect(freezer).toBe('')
  })

  it('keeps the freezer where the kernel has no cgroup.kill', () => {
    const mounts = [hierarchy(1, 'cpu,memory,pids'), hierarchy(1, 'freezer'), hierarchy(2, 'unified')]
    const cgroups = openCgroups(mounts, 'marathon-x')
    expect(cgroups.isolation.cgroups).toBe('v1')
    expect(cgroups.filesOf('t1').freezer).not.toBe('')
  })
})

describe('no cgroups', () => {
  it('is said with the reason', async () => {
    const cgroups = openCgroups([], 'marathon-x')
    expect(cgroups.isolation).toEqual({
      cgroups: 'none',
      limits: [],
      reason:
        'Tasks run without limits, and what they leave behind is found by session alone: no cgroup hierarchy is mounted',
    })
    await cgroups.create('t1', limits)
    expect(cgroups.filesOf('t1')).toEqual({ procs: [], members: [], killFile: '', freezer: '' })
    expect(await cgroups.remove('t1')).toBe(true)
    expect(cgroups.memoryOf('t1')).toBeUndefined()
  })

  it('is what is left when the folders cannot be made', () => {
    fs.writeFileSync(path.join(root, 'file'), '')
    const mount: CgroupMount = {
      version: 1,
      path: path.join(root, 'file'),
      controllers: ['cpu', 'memory', 'pids'],
    }
    expect(openCgroups([mount], 'marathon-x').isolation).toEqual({
      cgroups: 'none',
      limits: [],
      reason: `Tasks run without limits, and what they leave behind is found by session alone: these folders cannot be written: ${root}/file/marathon-x (ENOTDIR)`,
    })
  })
})

it('leaves nothing of a cgroup whose limits were refused', async () => {
  const cgroups = openCgroups([hierarchy(1, 'memory'), hierarchy(1, 'pids')], 'marathon-x')
  fs.writeFileSync(path.join(root, 'pids/marathon-x/t1'), 'in the way')
  const created = cgroups.create('t1', { ...limits, memMax: Number.POSITIVE_INFINITY })
  await expect(created).rejects.toThrow()
  expect(fs.existsSync(path.join(root, 'memory/marathon-x/t1'))).toBe(false)
})

it('does not bring back a parent that was removed', async () => {
  const cgroups = openCgroups([hierarchy(1, 'memory')], 'marathon-x')
  fs.rmSync(path.join(root, 'memory/marathon-x'), { recursive: true })
  await expect(cgroups.create('t1', limits)).rejects.toThrow('ENOENT')
  expect(fs.existsSync(path.join(root, 'memory/marathon-x'))).toBe(false)
})
