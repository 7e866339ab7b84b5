// Tasks outlive the server, and the next server finds them (D5); what a full disk and a dead supervisor do.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LocalEngineOptions } from '../../src/engine/local/engine.ts'
import { readBootId } from '../../src/engine/local/processes.ts'
import { parseClaim } from '../../src/engine/local/records.ts'
import { launchIdOf } from '../../src/engine/local/task-files.ts'
import { processesWith, TestScheduler, taskInfo, temporaryFolder, textOf } from './local-engine-scheduler.ts'

let folder: string
let scheduler: TestScheduler
const isRoot = process.getuid?.() === 0

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(async () => {
  scheduler.acknowledges = true
  for (const { taskId } of scheduler.statuses) scheduler.kill(taskId, 0)
  await scheduler.until(
    () => scheduler.engine.agents.list().every((agent) => agent.tasks === 0),
    'all tasks to end',
  )
  await scheduler.engine.stop()
  // Lazily: the last processes of launcher and supervisors may still be ending.
  spawnSync('umount', ['-q', '-l', folder])
  fs.rmSync(folder, { recursive: true, force: true })
})

const start = async (options: Partial<LocalEngineOptions> = {}) => {
  scheduler = await new TestScheduler(folder, options).start()
}
const restart = async (options: Partial<LocalEngineOptions> = {}) => {
  await scheduler.engine.stop()
  await start(options)
}
const sandboxFile = (taskId: string, name: string) =>
  textOf(path.join(folder, 'local/sandboxes/agent-1', taskId, name))
const launchFolder = (taskId: string) => path.join(folder, 'local/launches', launchIdOf(taskId))
const supervisorOf = (taskId: string): number => {
  const claim = parseClaim(textOf(path.join(launchFolder(taskId), 'claim')) ?? '')
  if (claim.kind !== 'child') throw new Error(`${taskId} is not claimed`)
  return claim.supervisor.pid
}

describe('after a restart', () => {
  it('tasks run on, are reported again, and hold what they were given', async () => {
    await start()
    await scheduler.run({ id: 'stays', cmd: 'echo $$; sleep 1000', cpus: 3, ports: [31_007] })
    await scheduler.state('stays', 'TASK_RUNNING')
    await scheduler.until(() => sandboxFile('stays', 'stdout') !== '', 'its pid')
    const pid = sandboxFile('stays', 'stdout')

    await restart()
    await scheduler.state('stays', 'TASK_RUNNING')
    expect(scheduler.events[0]).toMatchObject({ kind: 'engine-connected' })
    expect(fs.existsSync(`/proc/${pid!.trim()}`)).toBe(true)
    const [offer] = scheduler.offers.values()
    expect(offer!.resources).toContainEqual({ name: 'cpus', scalar: 5, role: '*' })
    expect(offer!.resources.find((one) => one.name === 'ports')?.ranges?.[0]).toEqual({
      begin: 31_000,
      end: 31_006,
    })
    scheduler.kill('stays')
    expect((await scheduler.end('stays')).state).toBe('TASK_KILLED')
  })

  it('exit statuses of tasks that ended meanwhile are there', async () => {
    await start()
    await scheduler.run({ id: 'meanwhile', cmd: 'sleep 0.3; exit 42' })
    await scheduler.state('meanwhile', 'TASK_RUNNING')
    await scheduler.engine.stop()
    await scheduler.until(
      () => fs.existsSync(path.join(folder, 'local/exits', launchIdOf('meanwhile'))),
      'the record',
    )
    await start()
    expect(await scheduler.end('meanwhile')).toMatchObject({
      state: 'TASK_FAILED',
      message: 'Command exited with status 42',
    })
  })

  it('a terminal status that was not acknowledged comes again, the same', async () => {
    await start()
    await scheduler.run({ id: 'twice', cmd: 'sleep 0.2; exit 0' })
    await scheduler.state('twice', 'TASK_RUNNING')
    scheduler.acknowledges = false
    const first = await scheduler.end('twice')
    await restart()
    const second = await scheduler.end('twice')
    expect(second).toEqual(first)
    await restart()
    expect(scheduler.statesOf('twice')).toEqual([])
  })

  it('a kill has been carried out to its end without the server', async () => {
    await start()
    const cmd = 'trap "" TERM; echo up; while :; do sleep 0.1; done'
    await scheduler.run({ id: 'orphan', cmd })
    await scheduler.until(() => sandboxFile('orphan', 'stdout') === 'up\n', 'the trap')
    scheduler.kill('orphan', 600)
    await scheduler.engine.stop()
    await scheduler.until(
      () => fs.existsSync(path.join(folder, 'local/exits', launchIdOf('orphan'))),
      'the record',
    )
    await start()
    expect(await scheduler.end('orphan')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Command terminated with signal Killed',
    })
  })
})

describe('the fence', () => {
  /** A launch as a server leaves it that dies right before, or right after, it sends the request. */
  const leaveLaunch = (taskId: string, cmd: string) => {
    const id = launchIdOf(taskId)
    const sandbox = path.join(folder, 'local/sandboxes/agent-1', taskId)
    const logs = path.join(folder, 'local/logs', id)
    for (const made of [sandbox, logs, launchFolder(taskId)]) fs.mkdirSync(made, { recursive: true })
    fs.writeFileSync(
      path.join(launchFolder(taskId), 'task.json'),
      JSON.stringify({ info: taskInfo({ id: taskId, cmd }), acceptedAt: 1 }),
    )
    fs.writeFileSync(
      path.join(launchFolder(taskId), 'launch'),
      `sandbox='${sandbox}'\nlog='${logs}'\nprocs=\nmembers=\nkill_file=\nfreezer=\nset -- setsid /bin/sh -c '${cmd}'\n`,
    )
    return id
  }

  it('keeps a late supervisor from ever starting what was reported dropped', async () => {
    await start()
    await scheduler.run({ id: 'other', cmd: 'sleep 1000' })
    await scheduler.state('other', 'TASK_RUNNING')
    await scheduler.engine.stop()
    const marker = path.join(folder, 'started-late')
    const id = leaveLaunch('late', `touch ${marker}; sleep 1000`)
    await start()
    scheduler.acknowledges = false
    expect(await scheduler.end('late')).toMatchObject({
      state: 'TASK_DROPPED',
      reason: 'REASON_SLAVE_RESTARTED',
    })

    // The request comes late: before the acknowledgement, and after it, when the folder is gone.
    fs.appendFileSync(path.join(folder, 'local/requests'), `launch ${id}\n`)
    const uuid = scheduler.statuses.find((status) => status.taskId === 'late')!.uuid!
    scheduler.engine.perform([{ kind: 'acknowledge', taskId: 'late', uuid }])
    scheduler.acknowledges = true
    await scheduler.until(() => !fs.existsSync(launchFolder('late')), 'the launch to be forgotten')
    fs.appendFileSync(path.join(folder, 'local/requests'), `launch ${id}\n`)
    // A launch after those: the launcher has handled them.
    await scheduler.run({ id: 'after', cmd: 'true' })
    await scheduler.end('after')
    expect(fs.existsSync(marker)).toBe(false)
    expect(scheduler.statesOf('late')).toEqual(['TASK_DROPPED'])
  })

  it('does not take another process for the task when its pid was given away', async () => {
    await start()
    await scheduler.engine.stop()
    const stranger = spawn('sleep', ['1000'])
    leaveLaunch('reused', 'true')
    const boot = readBootId()
    fs.writeFileSync(
      path.join(launchFolder('reused'), 'claim'),
      `1 ${boot} ${stranger.pid} 1 ${stranger.pid} 1\n`,
    )
    fs.writeFileSync(path.join(launchFolder('reused'), 'kill'), '0\n')
    await start()
    const status = await scheduler.end('reused')
    expect(status.message).toBe('Command ended while its supervisor was gone; its exit status is not known')
    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
    stranger.kill()
  })

  it('tells a restart of the machine', async () => {
    await start()
    await scheduler.engine.stop()
    leaveLaunch('rebooted', 'true')
    fs.writeFileSync(path.join(launchFolder('rebooted'), 'claim'), '1 another-boot 10 20 30 40\n')
    await start()
    expect(await scheduler.end('rebooted')).toMatchObject({
      state: 'TASK_GONE',
      reason: 'REASON_SLAVE_RESTARTED',
    })
  })
})

describe('a supervisor that is killed', () => {
  it('is replaced; the task runs on and can be stopped', async () => {
    await start()
    const marker = `adopted-${process.pid}`
    await scheduler.run({
      id: 'adopted',
      cmd: `(setsid sh -c ': ${marker}; sleep 1000; sleep 1' &) ; sleep 1000; sleep 1`,
    })
    await scheduler.state('adopted', 'TASK_RUNNING')
    process.kill(supervisorOf('adopted'), 'SIGKILL')
    await scheduler.until(() => fs.existsSync(path.join(launchFolder('adopted'), 'adopter')), 'the successor')
    expect(scheduler.statesOf('adopted')).toEqual(['TASK_RUNNING'])
    scheduler.kill('adopted', 500)
    expect((await scheduler.end('adopted')).state).toBe('TASK_KILLED')
    expect(processesWith(marker)).toEqual([])
  })
})

describe('a launcher whose folder went to another', () => {
  it('ends, so that none is left when a data directory is removed under it', async () => {
    await start({ logRotateSeconds: 1 })
    const record = path.join(folder, 'local/launcher')
    await scheduler.until(() => (textOf(record) ?? '') !== '', 'the launcher to be up')
    const [form, bootId, pid, ...rest] = textOf(record)!.split(' ')
    fs.writeFileSync(record, [form, bootId, String(Number(pid) + 1), ...rest].join(' '))
    await scheduler.until(() => !fs.existsSync(`/proc/${pid}`), 'the launcher to end')
  })
})

describe('logs', () => {
  it('are rotated without the server, and read on across the rotation', async () => {
    await start({ logRotateBytes: 1_000, logRotateSeconds: 1 })
    const cmd =
      'i=0; while [ $i -lt 300 ]; do echo "line $i"; i=$((i+1)); done; while [ ! -e more ]; do sleep 0.1; done; echo last; sleep 1000'
    await scheduler.run({ id: 'talker', cmd })
    await scheduler.until(() => sandboxFile('talker', 'stdout')?.endsWith('line 299\n') ?? false, 'the lines')
    const before = await scheduler.log('talker')
    await scheduler.engine.stop()
    const logs = path.join(folder, 'local/logs', launchIdOf('talker'))
    await scheduler.until(
      () => textOf(path.join(logs, 'stdout.start')) === `${before.length}\n`,
      'the rotation',
    )
    fs.writeFileSync(path.join(folder, 'local/sandboxes/agent-1/talker/more'), '')
    await start()
    await scheduler.until(() => textOf(path.join(logs, 'stdout')) === 'last\n', 'the last line')
    expect(await scheduler.log('talker')).toBe(`${before}last\n`)
    const end = await scheduler.engine.logs.read('talker', 'stdout', -5, 100)
    expect(end).toMatchObject({
      start: before.length,
      end: before.length + 5,
      size: before.length + 5,
      isOpen: true,
    })
  })

  it('of an ended task can be read, of an unknown one not', async () => {
    await start()
    await scheduler.run({ id: 'over', cmd: 'echo out; echo err >&2' })
    await scheduler.end('over')
    await restart()
    expect(await scheduler.log('over')).toBe('out\n')
    expect(await scheduler.log('over', 'stderr')).toBe('err\n')
    expect((await scheduler.engine.logs.read('over', 'stdout', 0, 10))?.isOpen).toBe(false)
    expect(await scheduler.engine.logs.read('never', 'stdout', 0, 10)).toBeUndefined()
  })
})

describe.runIf(isRoot)('a full disk', () => {
  it('fails the launch with that reason; what runs is not harmed, its end is not lost', async (context) => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status === 0
    if (!mounted && process.env['CI'] !== 'true')
      context.skip('mounting a small file system is not allowed here')
    expect(mounted).toBe(true)
    await start()
    await scheduler.run({ id: 'runs', cmd: 'while [ ! -e stop ]; do sleep 0.1; done; exit 9' })
    await scheduler.state('runs', 'TASK_RUNNING')
    fs.writeFileSync(path.join(folder, 'local/sandboxes/agent-1/runs/stop.later'), '')
    const filler = path.join(folder, 'filler')
    try {
      fs.writeFileSync(filler, Buffer.alloc(4 * 1024 * 1024))
    } catch {
      // Full.
    }
    await scheduler.run({ id: 'fails', cmd: 'true' })
    const status = await scheduler.end('fails')
    expect(status).toMatchObject({ state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED' })
    expect(status.message).toMatch(/the disk is full/)

    // A rename needs no room: the task ends while its supervisor cannot write the record.
    fs.renameSync(
      path.join(folder, 'local/sandboxes/agent-1/runs/stop.later'),
      path.join(folder, 'local/sandboxes/agent-1/runs/stop'),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    fs.rmSync(filler)
    expect(await scheduler.end('runs')).toMatchObject({
      state: 'TASK_FAILED',
      message: 'Command exited with status 9',
    })
  })
})
