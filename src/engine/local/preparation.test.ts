import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TaskInfo } from '../../core/mesos.ts'
import type { Cgroups } from './cgroups.ts'
import { type LocalTask, newTask } from './local-task.ts'
import { type PreparationOptions, prepare } from './preparation.ts'
import type { LaunchId } from './task-files.ts'

let root = ''
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'preparation-'))
})
afterEach(() => fs.rmSync(root, { recursive: true }))

/** A task whose cgroup is made when the test says so. */
function preparing() {
  const log: string[] = []
  const made = { resolve: (): void => undefined, reject: (_: Error): void => undefined }
  const whenMade = new Promise<void>((resolve, reject) => Object.assign(made, { resolve, reject }))
  const cgroups: Pick<Cgroups, 'create' | 'remove' | 'filesOf'> = {
    create: () => whenMade.then(() => void log.push('cgroup made')),
    remove: async () => {
      log.push('cgroup removed')
      return true
    },
    filesOf: () => ({ procs: [], members: [], killFile: '', freezer: '' }),
  }
  const task: LocalTask = newTask({
    id: 'l-1' as LaunchId,
    info: {
      taskId: 'a.1',
      agentId: 'S0',
      name: 'a',
      command: { shell: true, value: 'true', uris: [], environment: [] },
      resources: [],
    } as unknown as TaskInfo,
    paths: { sandbox: path.join(root, 'sandbox'), logs: path.join(root, 'logs') },
    acceptedAt: 0,
    phase: { kind: 'queued' },
  })
  const options = {
    cgroups,
    files: { writeLaunchFile: () => log.push('launch file written') },
    pidsPerTask: 10,
    onFetching: () => log.push('fetching'),
    onReady: () => log.push('ready'),
    onFailed: (_: LocalTask, { message }: { message: string }) => log.push(message),
  } as unknown as PreparationOptions
  return { log, task, made, done: prepare(task, options) }
}

describe('preparing a launch', () => {
  it('asks for nothing before its cgroup is there', async () => {
    const { log, task, made, done } = preparing()
    await new Promise(setImmediate)
    expect([task.phase.kind, log]).toEqual(['preparing', []])
    made.resolve()
    await done
    expect(log).toEqual(['cgroup made', 'launch file written', 'ready'])
  })

  it('leaves no cgroup and no launch file of a task that was ended meanwhile', async () => {
    const { log, task, made, done } = preparing()
    if (task.phase.kind === 'preparing') task.phase.abort.abort()
    task.phase = { kind: 'ended' }
    made.resolve()
    await done
    expect(log).toEqual(['cgroup made', 'cgroup removed'])
  })

  it('fails with the reason when there can be no cgroup', async () => {
    const { log, made, done } = preparing()
    made.reject(Object.assign(new Error('no'), { code: 'EROFS', path: '/sys/fs/cgroup/x' }))
    await done
    expect(log).toEqual([expect.stringContaining('the file system is read-only')])
  })
})
