import { expect, it } from 'vitest'
import type { Cgroups } from './cgroups.ts'
import { Leftovers } from './leftovers.ts'
import type { LaunchId, TaskFiles } from './task-files.ts'

/** `busy`: launches whose cgroup still holds a process. */
function leaving(busy: Set<LaunchId>) {
  const log: string[] = []
  const cgroups: Pick<Cgroups, 'remove' | 'kill'> = {
    remove: async (id) => {
      log.push(`remove ${id}`)
      return !busy.has(id)
    },
    kill: (id) => void log.push(`kill ${id}`),
  }
  const files: Pick<TaskFiles, 'remove'> = {
    remove: async (id) => {
      if (id === 'broken') throw Object.assign(new Error('EROFS'), { code: 'EROFS', path: '/l/broken' })
      log.push(`forget ${id}`)
    },
  }
  const leftovers = new Leftovers({
    cgroups: cgroups as Cgroups,
    files: files as TaskFiles,
    onProblem: (message) => void log.push(message),
  })
  return { leftovers, log }
}

it('kills what a cgroup still holds, and removes the cgroup in a later sweep', async () => {
  const busy = new Set(['a'])
  const { leftovers, log } = leaving(busy)
  leftovers.clearCgroup('a')
  leftovers.clearCgroup('b')
  await leftovers.cleared()
  expect(log).toEqual(['remove a', 'kill a', 'remove b'])
  expect(['a', 'b'].map((id) => leftovers.hasCgroup(id))).toEqual([true, false])
  busy.clear()
  leftovers.sweep()
  await leftovers.cleared()
  expect(log.slice(3)).toEqual(['remove a'])
  expect(leftovers.hasCgroup('a')).toBe(false)
})

it('goes on after a record that cannot be removed, and says so', async () => {
  const { leftovers, log } = leaving(new Set())
  leftovers.forget('broken')
  leftovers.forget('c')
  await leftovers.cleared()
  expect(log).toEqual(['removing the record of a task: the file system is read-only (/l/broken)', 'forget c'])
})
