// D5 under fire: random `kill -9` of server, launcher and supervisors while tasks come and go. At the end no task has
// run twice, none runs that was reported ended, none was reported dropped that ran, and nothing is left on the
// machine. KILLS=1000 SEED=… for the long run; its result is in docs/internals/local-engine.md.

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { parseClaim } from '../../src/engine/local/records.ts'
import { stream } from '../../src/lib/rng.ts'
import { bundleProgram, type ChildProgram } from '../support/child-program.ts'
import { processesWith, temporaryFolder, textOf } from './local-engine-scheduler.ts'

const kills = Number(process.env['KILLS'] ?? 60)
const seed = process.env['SEED'] ?? String(Date.now())

let program: ChildProgram | undefined
let server: ChildProcess | undefined

afterEach(() => {
  server?.kill('SIGKILL')
  program?.remove()
})

it(`survives ${kills} random kills (SEED=${seed})`, { timeout: 60_000 + kills * 2_000 }, async () => {
  const folder = temporaryFolder()
  fs.mkdirSync(path.join(folder, 'runs'))
  program = await bundleProgram('tests/system/local-engine-churn.ts')
  const rng = stream(seed, 'kills')
  const start = () => {
    server = spawn(process.execPath, [program!.path, folder, seed], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
  start()
  await pause(500)
  const hits = { server: 0, launcher: 0, supervisor: 0, anything: 0 }
  for (let i = 0; i < kills; i++) {
    await pause(rng.int(120))
    const target = rng.pick(['server', 'launcher', 'supervisor', 'anything'] as const)
    if (target === 'server') {
      server!.kill('SIGKILL')
      hits.server += 1
      // Sometimes it stays away for long enough that tasks end, and kills escalate, without it.
      await pause(rng.chance(0.2) ? rng.int(1_500) : rng.int(30))
      start()
      await pause(rng.int(600))
    } else {
      // `anything` is any process of the protocol at any step: forks on their way, timers, children before their exec.
      const pid =
        target === 'launcher'
          ? launcherOf(folder)
          : rng.pick([
              0,
              ...(target === 'supervisor'
                ? supervisorsOf(folder)
                : processesWith(`${folder}/local/launcher-`)),
            ])
      if (pid && killNow(pid)) hits[target] += 1
    }
  }

  fs.writeFileSync(path.join(folder, 'rest'), '')
  await until(() => isAtRest(folder), 'everything to come to rest')
  const before = readLedger(folder)
  for (const taskId of before.live) {
    expect(processesOf(folder, taskId), `processes of ${taskId}, which was not reported ended`).not.toEqual(
      [],
    )
  }
  for (const taskId of before.ends.keys()) {
    expect(processesOf(folder, taskId), `processes of ${taskId}, which was reported ended`).toEqual([])
  }

  fs.writeFileSync(path.join(folder, 'stop'), '')
  await until(() => fs.existsSync(path.join(folder, 'stopped')), 'all tasks to end')
  const after = readLedger(folder)
  const tally: Record<string, number> = {}
  for (const [taskId, { state, message }] of after.ends) {
    const runs = (textOf(path.join(folder, 'runs', taskId)) ?? '').split('\n').filter(Boolean)
    expect(runs.length, `starts of ${taskId}`).toBeLessThanOrEqual(1)
    if (state === 'TASK_DROPPED' || state === 'TASK_GONE')
      expect(runs, `starts of dropped ${taskId}`).toEqual([])
    if (state === 'TASK_FINISHED') expect(taskId).toMatch(/^middle/)
    const kind = `${state}: ${message}`
    tally[kind] = (tally[kind] ?? 0) + 1
  }
  expect(after.problems).toEqual([])
  expect(processesWith(`${folder}/runs`)).toEqual([])
  await until(
    () => fs.readdirSync(path.join(folder, 'local/launches')).length === 0,
    'launches to be forgotten',
  )
  await until(() => cgroupsOf(folder).length === 0, 'cgroups to be removed')
  console.log({ kills: hits, tasks: after.ends.size, ends: tally })

  server!.kill('SIGKILL')
  const launcher = launcherOf(folder)
  if (launcher) killNow(launcher)
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

interface Ledger {
  readonly live: ReadonlySet<string>
  readonly ends: ReadonlyMap<string, { readonly state: string; readonly message: string }>
  readonly problems: readonly string[]
}

function readLedger(folder: string): Ledger {
  const live = new Set<string>()
  const ends = new Map<string, { state: string; message: string }>()
  const problems: string[] = []
  for (const line of (textOf(path.join(folder, 'ledger')) ?? '').split('\n')) {
    const [word, taskId, state, ...message] = line.split(' ')
    if (word === 'launch') live.add(taskId!)
    if (word === 'end') {
      expect(ends.has(taskId!), `${taskId} ended once`).toBe(false)
      live.delete(taskId!)
      ends.set(taskId!, { state: state!, message: message.join(' ') })
    }
    if (word === 'problem' || word === 'unknown-task') problems.push(line)
  }
  return { live, ends, problems }
}

/** Every live task runs its own command, and the short ones are over. */
function isAtRest(folder: string): boolean {
  const { live } = readLedger(folder)
  return [...live].every(
    (taskId) =>
      /^(long|stubborn)/.test(taskId) &&
      processesOf(folder, taskId).length > 0 &&
      !isBeingKilled(folder, taskId),
  )
}

const isBeingKilled = (folder: string, taskId: string): boolean =>
  (textOf(path.join(folder, 'ledger')) ?? '').includes(`kill ${taskId}\n`)

/** The task's own processes: they were started in its sandbox. */
function processesOf(folder: string, taskId: string): number[] {
  const sandbox = path.join(folder, 'local/sandboxes/agent-1', taskId)
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return fs.readlinkSync(`/proc/${pid}/cwd`) === sandbox
      } catch {
        return false
      }
    })
    .map(Number)
}

function launcherOf(folder: string): number | undefined {
  const pid = Number(textOf(path.join(folder, 'local/launcher'))?.split(' ')[2])
  return textOf(`/proc/${pid}/cmdline`)?.includes(folder) ? pid : undefined
}

function supervisorsOf(folder: string): number[] {
  const launches = path.join(folder, 'local/launches')
  const pids: number[] = []
  for (const id of fs.readdirSync(launches)) {
    const claim = parseClaim(textOf(path.join(launches, id, 'claim')) ?? '')
    const adopter = Number(textOf(path.join(launches, id, 'adopter'))?.split(' ')[2])
    for (const pid of [claim.kind === 'child' ? claim.supervisor.pid : 0, adopter]) {
      if (pid && textOf(`/proc/${pid}/cmdline`)?.includes(folder)) pids.push(pid)
    }
  }
  return pids
}

function cgroupsOf(folder: string): string[] {
  const parent = /marathon-[0-9a-f]{12}/.exec(textOf(`/proc/${launcherOf(folder)}/cmdline`) ?? '')?.[0]
  if (!parent) return []
  return fs.readdirSync('/sys/fs/cgroup').flatMap((hierarchy) => {
    const at = `/sys/fs/cgroup/${hierarchy}/${parent}`
    if (!fs.existsSync(at)) return []
    return fs
      .readdirSync(at, { withFileTypes: true })
      .filter((one) => one.isDirectory() && one.name !== 'supervisors')
      .map((one) => one.name)
  })
}

function killNow(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 45_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited 45 s for ${what}`)
    await pause(50)
  }
}
