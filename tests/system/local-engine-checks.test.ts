// Checks that the local engine runs itself, with real processes: what a command of a check gets and how it ends, what
// is told, what is killed, and what a restart of the server leaves of it.

import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CheckInfo, HealthCheckInfo, TaskStatus } from '../../src/core/mesos.ts'
import { parseMounts } from '../../src/engine/local/cgroup-limits.ts'
import { millis } from '../../src/lib/instant.ts'
import { processesWith, TestScheduler, temporaryFolder, textOf } from './local-engine-scheduler.ts'

const v1Mounts = parseMounts(textOf('/proc/self/mountinfo') ?? '').filter((mount) => mount.version === 1)

let folder: string
let scheduler: TestScheduler

beforeEach(async () => {
  folder = temporaryFolder()
  scheduler = await new TestScheduler(folder).start()
})

afterEach(async () => {
  for (const { taskId } of scheduler.statuses) scheduler.kill(taskId, 0)
  await scheduler.until(
    () => scheduler.engine.agents.list().every((agent) => agent.tasks === 0),
    'all tasks to end',
  )
  await scheduler.engine.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})

const times = { delay: millis(0), interval: millis(100), timeout: millis(5_000) }
const gentle = { ...times, gracePeriod: millis(0), consecutiveFailures: 0 }
const byCommand = (value: string, more: Partial<HealthCheckInfo> = {}): HealthCheckInfo => ({
  ...gentle,
  command: { shell: true, value },
  ...more,
})

const sandbox = (id: string, name: string): string => `${folder}/local/sandboxes/agent-1/${id}/${name}`

/** In the command lines of what a check runs, and of nothing else: that of the launcher has the folder. */
const markerOf = (): string => `check-in-${path.basename(folder)}`

/** What was told of the checks of a task, in order. */
const told = (id: string): readonly TaskStatus[] =>
  scheduler.statuses.filter(({ taskId, reason }) => taskId === id && reason?.includes('CHECK_STATUS_UPDATED'))

const flags = (id: string): readonly (boolean | undefined)[] => told(id).map(({ healthy }) => healthy)

async function flag(id: string, healthy: boolean): Promise<void> {
  await scheduler.until(() => flags(id).includes(healthy), `${id} to be told ${healthy ? '' : 'un'}healthy`)
}

/** The server process dies without a word, and another comes. */
async function restart(meanwhile: () => Promise<void> | void = () => {}): Promise<void> {
  await scheduler.engine.stop()
  await meanwhile()
  scheduler = await new TestScheduler(folder).start()
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const servesOn = (port: number, script: string): string =>
  `exec ${process.execPath} -e 'require("http").createServer((q, a) => { ${script} }).listen(${port}, "127.0.0.1")'`

describe('the command of a health check', () => {
  it('has the sandbox, the environment and the user of the task, and writes to its stderr', async () => {
    const isRoot = process.getuid?.() === 0
    await scheduler.run({
      id: 'web',
      cmd: 'sleep 1000',
      env: { WISH: "it's $HOME" },
      ...(isRoot ? { user: 'nobody' } : {}),
      healthCheck: byCommand('{ id -un; pwd; echo "$WISH"; } >seen; echo said; [ -e seen ]'),
    })
    await flag('web', true)
    const user = isRoot ? 'nobody' : process.env['USER']
    expect(textOf(sandbox('web', 'seen'))).toBe(`${user}\n${path.dirname(sandbox('web', 'x'))}\nit's $HOME\n`)
    expect(await scheduler.log('web', 'stderr')).toMatch(/^said\n/)
    expect(await scheduler.log('web')).toBe('')
  })

  it('is in the cgroup of the task, in every hierarchy', async () => {
    if (scheduler.engine.describeIsolation().cgroups === 'none') return
    await scheduler.run({
      id: 'web',
      cmd: 'cat /proc/self/cgroup >mine; sleep 1000',
      healthCheck: byCommand('cat /proc/self/cgroup >its; [ -s mine ]'),
    })
    await flag('web', true)
    const [mine, its] = ['mine', 'its'].map((name) => textOf(sandbox('web', name))?.trim().split('\n'))
    expect(its!.map((line) => line.replace(/\/health$/, ''))).toEqual(mine)
    expect(its!.filter((line) => line.endsWith('/health'))).toHaveLength(1)
  })

  it('ends with all it has started when its time is over, and that is a failure', async () => {
    const marker = markerOf()
    const hangs = `setsid sh -c 'trap "" TERM; sleep 1000; : ${marker}' & sleep 999; : ${marker}`
    await scheduler.run({
      id: 'web',
      cmd: 'sleep 1000',
      healthCheck: byCommand(hangs, { timeout: millis(500), interval: millis(3_000) }),
    })
    await scheduler.until(() => processesWith(`sleep 999; : ${marker}`).length > 0, 'the check to run')
    await flag('web', false)
    await scheduler.until(() => processesWith(marker).length === 0, 'all of the check to end')
    expect(scheduler.statesOf('web')).not.toContain('TASK_KILLED')
  })

  it('ends with the task', async () => {
    const marker = markerOf()
    const hangs = `setsid sh -c 'trap "" TERM; sleep 1000; : ${marker}' & sleep 999; : ${marker}`
    await scheduler.run({ id: 'web', cmd: 'sleep 1000', healthCheck: byCommand(hangs) })
    await scheduler.until(() => processesWith(`sleep 999; : ${marker}`).length > 0, 'the check to run')
    scheduler.kill('web')
    expect(await scheduler.end('web')).toMatchObject({ state: 'TASK_KILLED' })
    expect(processesWith(marker)).toEqual([])
    expect(told('web')).toEqual([])
  })

  it('is not asked after the end of the task, nor while it is killed', async () => {
    await scheduler.run({
      id: 'web',
      cmd: "trap 'sleep 0.6; exit 0' TERM; while :; do sleep 0.05; done",
      healthCheck: byCommand('echo x >>asked'),
    })
    await flag('web', true)
    scheduler.kill('web', 5_000)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const asked = textOf(sandbox('web', 'asked'))
    await scheduler.end('web')
    expect(textOf(sandbox('web', 'asked'))).toBe(asked)
  })
})

describe.each([
  ['with cgroups of version 1 alone', v1Mounts, v1Mounts.length > 0 && process.getuid?.() === 0],
  ['without cgroups', [], true],
] as const)('%s', (_, cgroupMounts, isPossible) => {
  it.runIf(isPossible)('a command ends with what it has started when its time is over', async () => {
    await scheduler.engine.stop()
    scheduler = await new TestScheduler(folder, { cgroupMounts }).start()
    const marker = markerOf()
    // Without cgroups a session of its own hides a process.
    const hidden = cgroupMounts.length > 0 ? 'setsid ' : ''
    const hangs = `${hidden}sh -c 'sleep 1000; : ${marker}' & sleep 999; : ${marker}`
    await scheduler.run({
      id: 'web',
      cmd: 'sleep 1000',
      healthCheck: byCommand(hangs, { timeout: millis(500), interval: millis(3_000) }),
    })
    await scheduler.until(() => processesWith(`sleep 999; : ${marker}`).length > 0, 'the check to run')
    await flag('web', false)
    await scheduler.until(() => processesWith(marker).length === 0, 'all of the check to end')
    scheduler.kill('web')
    await scheduler.end('web')
    expect(processesWith(marker)).toEqual([])
  })
})

describe('what follows from a health check', () => {
  it('a task that fails it too often is killed, and said to have been unhealthy', async () => {
    await scheduler.run({
      id: 'web',
      cmd: 'sleep 1000',
      healthCheck: byCommand('exit 9', { consecutiveFailures: 3 }),
    })
    expect(await scheduler.end('web')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Command terminated with signal Terminated',
      healthy: false,
    })
    expect(flags('web')).toEqual([false, false, false])
    expect(scheduler.statesOf('web').filter((state) => state !== 'TASK_RUNNING')).toEqual(['TASK_KILLED'])
  })

  it('failures before the first success are forgiven for the grace period', async () => {
    const healthCheck = byCommand('[ -e up ]', { gracePeriod: millis(60_000), consecutiveFailures: 1 })
    await scheduler.run({ id: 'web', cmd: 'sleep 1; touch up; sleep 1000', healthCheck })
    await flag('web', true)
    expect(flags('web')).toEqual([true])
    fs.rmSync(sandbox('web', 'up'))
    expect(await scheduler.end('web')).toMatchObject({ state: 'TASK_KILLED', healthy: false })
  })

  it('the flag stays with every later status, and with the answers of reconciliation', async () => {
    await scheduler.run({ id: 'web', cmd: 'sleep 1000', healthCheck: byCommand('true') })
    await flag('web', true)
    scheduler.engine.perform([{ kind: 'reconcile', tasks: [{ taskId: 'web' }] }])
    const isAnswer = ({ reason }: TaskStatus) => reason === 'REASON_RECONCILIATION'
    await scheduler.until(() => scheduler.statuses.some(isAnswer), 'an answer')
    expect(scheduler.statuses.find(isAnswer)).toMatchObject({ state: 'TASK_RUNNING', healthy: true })
  })
})

describe('checks over the network', () => {
  it.each([
    ['HTTP', 'a.end("fine")', true],
    [
      'HTTP that redirects to something fine',
      'q.url == "/" ? (a.statusCode = 302, a.setHeader("location", "/in"), a.end()) : a.end()',
      true,
    ],
    ['HTTP that says 500', 'a.statusCode = 500; a.end()', false],
    ['HTTP that does not answer in time', '', false],
  ])('of %s', async (_, script, expected) => {
    const port = await freePort()
    const http = { scheme: 'http', port, path: '/' } as const
    const healthCheck = { ...gentle, http, timeout: millis(700), delay: millis(1_000) }
    await scheduler.run({ id: 'web', cmd: servesOn(port, script), healthCheck })
    await flag('web', expected)
    expect(flags('web')[0]).toBe(expected)
  })

  it('of TCP: healthy while somebody listens, unhealthy afterwards', async () => {
    const port = await freePort()
    const healthCheck = { ...gentle, tcp: { port }, gracePeriod: millis(60_000) }
    const cmd = `${servesOn(port, '').replace('exec ', 'timeout 3 ')}; sleep 1000`
    await scheduler.run({ id: 'web', cmd, healthCheck })
    await flag('web', true)
    await flag('web', false)
    expect(flags('web')[0]).toBe(true)
  })
})

describe('a check', () => {
  const check = (what: Partial<CheckInfo>): CheckInfo => ({ ...times, ...what })

  it('is told when it finds something else than before', async () => {
    await scheduler.run({
      id: 'web',
      cmd: 'sleep 1000',
      check: check({ command: { shell: true, value: 'read code <code; exit ${code:-5}' } }),
    })
    const found = (exitCode: number) => () =>
      told('web').some(({ check }) => check?.command?.exitCode === exitCode)
    await scheduler.until(found(5), 'an answer')
    fs.writeFileSync(sandbox('web', 'code'), '7\n')
    await scheduler.until(found(7), 'another answer')
    expect(told('web').map(({ state, check }) => [state, check?.command?.exitCode])).toEqual([
      ['TASK_RUNNING', 5],
      ['TASK_RUNNING', 7],
    ])
  })

  it('by arguments is run without a shell', async () => {
    const command = { shell: false, arguments: ['/bin/sh', '-c', 'exit $#', 'x', 'a b', 'c'] }
    await scheduler.run({ id: 'web', cmd: 'sleep 1000', check: check({ command }) })
    await scheduler.until(() => told('web').length > 0, 'an answer')
    expect(told('web')[0]!.check).toEqual({ command: { exitCode: 2 } })
  })

  it('by HTTP tells the status, by TCP whether anybody listens', async () => {
    const port = await freePort()
    const cmd = servesOn(port, 'a.statusCode = 418; a.end()')
    await scheduler.run(
      { id: 'http', cmd, check: check({ http: { port, path: '/x' } }) },
      { id: 'tcp', cmd: 'sleep 1000', check: check({ tcp: { port: await freePort() } }) },
    )
    const status = () => told('http').some(({ check }) => check?.http?.statusCode === 418)
    await scheduler.until(status, 'a status')
    await scheduler.until(() => told('tcp').length > 0, 'an answer')
    expect(told('tcp')[0]!.check).toEqual({ tcp: { succeeded: false } })
  })
})

describe('a restart of the server', () => {
  it('leaves what was told as it is, and goes on asking', async () => {
    await scheduler.run({
      id: 'web',
      cmd: 'touch up; sleep 1000',
      healthCheck: byCommand('[ -e up ]', { interval: millis(500) }),
      check: { ...times, interval: millis(500), command: { shell: true, value: 'exit 4' } },
    })
    await flag('web', true)
    await scheduler.until(() => told('web').some(({ check }) => check !== undefined), 'the check')
    await restart()
    const again = await scheduler.state('web', 'TASK_RUNNING')
    expect(again).toMatchObject({ healthy: true, check: { command: { exitCode: 4 } } })
    fs.rmSync(sandbox('web', 'up'))
    await flag('web', false)
  })

  it('ends no check early, and leaves none that nobody waits for', async () => {
    const marker = markerOf()
    await scheduler.run({
      id: 'web',
      cmd: 'sleep 1000',
      healthCheck: byCommand(`sleep 999; : ${marker}`, { timeout: millis(1_000), interval: millis(1_000) }),
    })
    await scheduler.until(() => processesWith(`sleep 999; : ${marker}`).length > 0, 'the check to run')
    await restart()
    await flag('web', false)
    await scheduler.until(() => processesWith(`sleep 999; : ${marker}`).length < 2, 'the older one to end')
  })

  it('does not make a kill for health one that was asked for', async () => {
    await scheduler.run({
      id: 'web',
      cmd: "trap 'sleep 2; exit 0' TERM; touch set; while :; do sleep 0.05; done",
      healthCheck: byCommand('[ ! -e set ]', { consecutiveFailures: 1 }),
    })
    await flag('web', false)
    await scheduler.until(
      () =>
        fs
          .readdirSync(`${folder}/local/launches`)
          .some((id) => fs.existsSync(`${folder}/local/launches/${id}/kill`)),
      'the kill to be written down',
    )
    await restart()
    expect(await scheduler.end('web')).toMatchObject({ state: 'TASK_KILLED', healthy: false })
  })
})
