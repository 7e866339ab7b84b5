import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createSandbox,
  expiredSandboxes,
  type KeptSandbox,
  SandboxKeeper,
  sandboxPaths,
} from './sandboxes.ts'
import { type Folders, launchIdOf, openFolders } from './task-files.ts'

const kept = (id: string, endedAt: number, bytes: number): KeptSandbox => ({
  id,
  taskId: id,
  sandbox: `/s/${id}`,
  endedAt,
  bytes,
})

describe('finished sandboxes', () => {
  const all = [kept('new', 90, 10), kept('old', 10, 10), kept('middle', 50, 10)]
  it.each([
    ['none while they are young and small', 100, 1_000, 100, []],
    ['what is older than the time', 100, 50, 100, ['old']],
    ['the oldest while they are too much', 100, 1_000, 15, ['old', 'middle']],
    ['all when nothing may be kept', 100, 1_000, 0, ['old', 'middle', 'new']],
  ])('go: %s', (_, now, keepMs, keepBytes, gone) => {
    expect(expiredSandboxes(all, { now, keepMs, keepBytes }).map((one) => one.id)).toEqual(gone)
  })
})

describe('on disk', () => {
  let folder: string
  let folders: Folders

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-sandboxes-'))
    folders = openFolders(folder)
  })
  afterEach(() => fs.rmSync(folder, { recursive: true }))

  const make = (taskId: string) => {
    const id = launchIdOf(taskId)
    const paths = sandboxPaths(folders, 'agent-1', taskId, id)
    createSandbox(paths, { id, taskId, user: undefined })
    return { id, paths }
  }
  const keeper = (keepMs: number) =>
    new SandboxKeeper({ folders, keepMs, keepBytes: 1e9, onProblem: (message) => expect.fail(message) })

  it('a sandbox shows the logs, which lie outside of it', () => {
    const { paths } = make('web.1')
    fs.appendFileSync(path.join(paths.logs, 'stdout'), 'hello')
    expect(fs.readFileSync(path.join(paths.sandbox, 'stdout'), 'utf8')).toBe('hello')
  })

  it('a sandbox is removed with its logs when its time has come', async () => {
    const { id, paths } = make('web.1')
    const one = keeper(1_000)
    one.ended(id, 'web.1', paths, 5_000)
    await one.collect(5_900)
    expect(fs.existsSync(paths.sandbox)).toBe(true)
    await one.collect(6_100)
    expect(fs.existsSync(paths.sandbox)).toBe(false)
    expect(fs.existsSync(paths.logs)).toBe(false)
  })

  it('what an earlier run left is found again, and what it did not note has ended now', async () => {
    const noted = make('web.1')
    const one = keeper(1_000)
    one.ended(noted.id, 'web.1', noted.paths, 5_000)
    await one.collect(5_000)
    const cut = make('web.2')
    const running = make('web.3')

    const next = keeper(1_000)
    await next.load((id) => id === running.id, 6_500)
    await next.collect(6_600)
    expect(fs.existsSync(noted.paths.sandbox)).toBe(false)
    expect(fs.existsSync(cut.paths.sandbox)).toBe(true)
    await next.collect(8_000)
    expect(fs.existsSync(cut.paths.sandbox)).toBe(false)
    expect(fs.existsSync(running.paths.sandbox)).toBe(true)
  })

  it('a task id never leads out of the folder', () => {
    for (const taskId of ['..', '.', '../../etc', 'x'.repeat(300)]) {
      const { sandbox } = sandboxPaths(folders, 'agent-1', taskId, launchIdOf(taskId))
      expect(path.dirname(sandbox)).toBe(path.join(folders.sandboxes, 'agent-1'))
      expect(path.basename(sandbox).length).toBeLessThan(256)
    }
  })
})
