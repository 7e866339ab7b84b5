// Real processes in real cgroups: what a task's life looks like from the scheduler's side, and what is left of it on
// the machine. Where a test needs root or cgroups and has neither, it says so and is skipped; in CI a skip is a
// failure.

import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseMounts } from '../../src/engine/local/cgroup-limits.ts'
import { machine, processesWith, TestScheduler, temporaryFolder, textOf } from './local-engine-scheduler.ts'

let folder: string
let scheduler: TestScheduler
const isRoot = process.getuid?.() === 0

// Children that left the process group and the session, and ignore SIGTERM.
const stubborn = (marker: string) =>
  `trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 1 ${marker}; sleep 1; done' & ` +
  `(trap '' TERM; setsid setsid sh -c 'trap "" TERM; : ${marker}; sleep 1000; sleep 1000' &) ; `

const v1Mounts = parseMounts(textOf('/proc/self/mountinfo') ?? '').filter((mount) => mount.version === 1)

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

describe('how a task ends', () => {
  it.each([
    ['exit 0', 'TASK_FINISHED', 'Command exited with status 0'],
    ['exit 3', 'TASK_FAILED', 'Command exited with status 3'],
    ['exit 137', 'TASK_FAILED', 'Command exited with status 137'],
    ['kill -KILL $$', 'TASK_FAILED', 'Command terminated with signal Killed'],
    ['kill -SEGV $$', 'TASK_FAILED', 'Command terminated with signal Segmentation fault'],
    ['no-such-program-anywhere', 'TASK_FAILED', 'Command exited with status 127'],
  ])('tells %s as %s: %s', async (cmd, state, message) => {
    await scheduler.run({ id: 'end', cmd })
    expect(await scheduler.end('end')).toMatchObject({ state, message })
    expect(scheduler.statesOf('end')).toEqual(['TASK_RUNNING', state])
  })

  it('runs args directly, without a shell', async () => {
    await scheduler.run({ id: 'args', args: ['/bin/echo', '$HOME', "it's", '*'] })
    await scheduler.end('args')
    expect(await scheduler.log('args')).toBe("$HOME it's *\n")
  })

  it('tells a requested kill as TASK_KILLED', async () => {
    await scheduler.run({ id: 'victim', cmd: 'sleep 1000' })
    await scheduler.state('victim', 'TASK_RUNNING')
    scheduler.kill('victim')
    expect(await scheduler.end('victim')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Command terminated with signal Terminated',
    })
  })

  it('kills a task that is not started yet', async () => {
    await scheduler.run({ id: 'early', cmd: 'sleep 1000' })
    scheduler.kill('early')
    expect((await scheduler.end('early')).state).toBe('TASK_KILLED')
    expect(processesWith(`${folder}/local/sandboxes/agent-1/early`)).toEqual([])
  })
})

describe('what a task gets', () => {
  it('is the environment of its task info, a PATH and its sandbox, nothing of the server', async () => {
    process.env['SECRET_OF_THE_SERVER'] = 'x'
    const env = { MARATHON_APP_ID: '/a', 'PORT_WEB-UI': '31000', TEXT: 'line 1\nit\'s $HOME `x` \\ "q"' }
    await scheduler.run({ id: 'env', args: ['/usr/bin/env', '-0'], env })
    await scheduler.end('env')
    const seen = Object.fromEntries(
      (await scheduler.log('env')).split('\0').filter(Boolean).map(splitAtEquals),
    )
    expect(seen).toEqual({
      ...env,
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      MESOS_SANDBOX: `${folder}/local/sandboxes/agent-1/env`,
    })
  })

  it('is default signal handling', async () => {
    await scheduler.run({ id: 'signals', args: ['/bin/grep', 'SigIgn', '/proc/self/status'] })
    await scheduler.end('signals')
    expect(await scheduler.log('signals')).toMatch(/SigIgn:\t0+\n/)
  })

  it('is its sandbox as working folder, with both streams in files', async () => {
    await scheduler.run({ id: 'where', cmd: 'pwd; echo wrong >&2' })
    await scheduler.end('where')
    const sandbox = `${folder}/local/sandboxes/agent-1/where`
    expect(await scheduler.log('where')).toBe(`${sandbox}\n`)
    expect(textOf(`${sandbox}/stderr`)).toBe('wrong\n')
  })

  it.runIf(isRoot)('is the user it asked for, with its groups', async () => {
    await scheduler.run({
      id: 'user',
      cmd: 'id -un; id -gn; touch mine; echo own > /dev/stderr',
      user: 'nobody',
    })
    expect(await scheduler.end('user')).toMatchObject({ state: 'TASK_FINISHED' })
    expect(await scheduler.log('user')).toBe('nobody\nnogroup\n')
    expect(await scheduler.log('user', 'stderr')).toBe('own\n')
  })

  it('is refused with the name of a user that does not exist', async () => {
    await scheduler.run({ id: 'nouser', cmd: 'true', user: 'nobody-knows-me' })
    expect(await scheduler.end('nouser')).toMatchObject({
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: 'Cannot run as user "nobody-knows-me": there is no such user on this machine',
    })
  })

  it('is refused with the name of what cannot run here yet', async () => {
    await scheduler.run({ id: 'docker', cmd: 'true', container: { type: 'DOCKER', image: 'redis:7' } })
    expect(await scheduler.end('docker')).toMatchObject({
      state: 'TASK_ERROR',
      message: 'The local engine cannot run Docker containers yet (image "redis:7")',
    })
  })
})

describe('nothing a task started outlives it', () => {
  it('when it ignores SIGTERM: gone after the grace period, grandchildren too', async () => {
    const marker = `stubborn-${process.pid}-a`
    await scheduler.run({ id: 'stubborn', cmd: `${stubborn(marker)} echo ready; while :; do sleep 1; done` })
    await scheduler.until(() => processesWith(marker).length >= 2, 'the grandchildren')
    const asked = Date.now()
    scheduler.kill('stubborn', 500)
    expect(await scheduler.end('stubborn')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Command terminated with signal Killed',
    })
    expect(Date.now() - asked).toBeGreaterThanOrEqual(450)
    expect(processesWith(marker)).toEqual([])
  })

  it('when its main process ends by itself', async () => {
    const marker = `stubborn-${process.pid}-b`
    await scheduler.run({ id: 'daemon', cmd: `${stubborn(marker)} sleep 0.3; exit 0` })
    expect((await scheduler.end('daemon')).state).toBe('TASK_FINISHED')
    expect(processesWith(marker)).toEqual([])
  })

  it('and its cgroup is gone', async () => {
    await scheduler.run({ id: 'group', cmd: 'true' })
    await scheduler.end('group')
    await scheduler.until(() => cgroupsOf(folder).length === 0, 'its cgroup to be removed')
  })

  it('when it exits within the grace period, at once', async () => {
    await scheduler.run({
      id: 'polite',
      cmd: 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done',
    })
    await scheduler.until(
      () => textOf(`${folder}/local/sandboxes/agent-1/polite/stdout`) === 'up\n',
      'the trap',
    )
    const asked = Date.now()
    scheduler.kill('polite', 10_000)
    expect(await scheduler.end('polite')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Command exited with status 0',
    })
    expect(Date.now() - asked).toBeLessThan(3_000)
    expect(await scheduler.log('polite')).toBe('up\nbye\n')
  })

  it('and a second kill may shorten the grace period', async () => {
    await scheduler.run({ id: 'hurry', cmd: 'trap "" TERM; echo up; while :; do sleep 0.1; done' })
    await scheduler.until(
      () => textOf(`${folder}/local/sandboxes/agent-1/hurry/stdout`) === 'up\n',
      'the trap',
    )
    scheduler.kill('hurry', 60_000)
    scheduler.kill('hurry', 100)
    expect((await scheduler.end('hurry')).state).toBe('TASK_KILLED')
  })
})

describe.runIf(isRoot)('limits', () => {
  it('reports a task that exceeds its memory with limit and use', async () => {
    await scheduler.run({ id: 'hog', mem: 32, cmd: 'head -c 200000000 /dev/zero | tail' })
    const status = await scheduler.end('hog')
    expect(status).toMatchObject({ state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY' })
    expect(status.message).toMatch(
      /^Memory limit exceeded: the limit is 32 MiB, the most used was 3\d(\.\d)? MiB$/,
    )
  })

  it('ends a task that survives the loss of a process to its memory limit', async () => {
    await scheduler.run({ id: 'stoic', mem: 32, cmd: 'head -c 200000000 /dev/zero | tail; sleep 1000' })
    expect(await scheduler.end('stoic')).toMatchObject({ reason: 'REASON_CONTAINER_LIMITATION_MEMORY' })
  })

  it('keeps a task from forking without end', async () => {
    await scheduler.engine.stop()
    scheduler = await new TestScheduler(folder, { pidsPerTask: 20 }).start()
    await scheduler.run({
      id: 'bomb',
      cmd: 'i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done; echo survived',
    })
    await scheduler.end('bomb')
    expect(await scheduler.log('bomb', 'stderr')).toMatch(/fork/i)
  })

  it('tells how tasks are isolated', () => {
    expect(scheduler.engine.describeIsolation()).toEqual({
      cgroups: expect.stringMatching(/^(v1|v2|hybrid)$/),
      limits: ['cpu', 'memory', 'pids'],
    })
  })
})

describe.runIf(isRoot && v1Mounts.length > 0)('with version 1 alone', () => {
  it('catches all processes with the freezer', async () => {
    await scheduler.engine.stop()
    scheduler = await new TestScheduler(folder, { cgroupMounts: v1Mounts }).start()
    expect(scheduler.engine.describeIsolation().cgroups).toBe('v1')
    const marker = `frozen-${process.pid}`
    await scheduler.run({
      id: 'frozen',
      cmd: `${stubborn(marker)} trap '' TERM; while :; do sleep 0.1; done`,
    })
    await scheduler.until(() => processesWith(marker).length >= 2, 'the grandchildren')
    scheduler.kill('frozen', 200)
    expect((await scheduler.end('frozen')).state).toBe('TASK_KILLED')
    expect(processesWith(marker)).toEqual([])
    await scheduler.until(() => cgroupsOf(folder).length === 0, 'its cgroup to be removed')
  })
})

describe('without cgroups', () => {
  it('still runs, stops and cleans up, and says so', async () => {
    await scheduler.engine.stop()
    scheduler = await new TestScheduler(folder, { cgroupMounts: [] }).start()
    expect(scheduler.engine.describeIsolation()).toEqual({
      cgroups: 'none',
      limits: [],
      reason:
        'Tasks run without limits, and what they leave behind is found by session alone: no cgroup hierarchy is mounted',
    })
    const marker = `plain-${process.pid}`
    await scheduler.run({
      id: 'plain',
      cmd: `trap '' TERM; (sh -c 'trap "" TERM; : ${marker}; sleep 1000; sleep 1' &); echo up; while :; do sleep 0.1; done`,
    })
    await scheduler.until(() => processesWith(marker).length > 0, 'the child')
    scheduler.kill('plain', 200)
    expect((await scheduler.end('plain')).state).toBe('TASK_KILLED')
    expect(processesWith(marker)).toEqual([])
  })
})

describe('fetching', () => {
  let server: http.Server
  let origin: string
  const requests: string[] = []

  beforeEach(async () => {
    requests.length = 0
    server = http.createServer((request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers['if-none-match'] ?? ''}`.trim())
      if (request.url === '/redirect') response.writeHead(302, { location: '/tool' }).end()
      else if (request.url === '/tool') {
        if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
        else response.writeHead(200, { etag: '"1"' }).end('#!/bin/sh\necho fetched\n')
      } else if (request.url === '/hang') response.writeHead(200).write('x')
      else response.writeHead(404, 'Not Found').end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const uri = (value: string, more: object = {}) => ({
    value,
    extract: true,
    executable: false,
    cache: false,
    ...more,
  })

  it('brings an executable along a redirect, under the name asked for', async () => {
    const uris = [uri(`${origin}/redirect`, { executable: true, outputFile: 'bin/run' })]
    await scheduler.run({ id: 'tool', cmd: './bin/run', uris })
    expect((await scheduler.end('tool')).state).toBe('TASK_FINISHED')
    expect(scheduler.statesOf('tool')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'])
    expect(await scheduler.log('tool')).toBe('fetched\n')
  })

  it('asks once where the cache is allowed, and then only whether it changed', async () => {
    const uris = [uri(`${origin}/tool`, { cache: true })]
    await scheduler.run({ id: 'one', cmd: 'sh tool', uris })
    await scheduler.end('one')
    await scheduler.run({ id: 'two', cmd: 'sh tool', uris })
    await scheduler.end('two')
    expect(await scheduler.log('two')).toBe('fetched\n')
    expect(requests).toEqual(['GET /tool', 'GET /tool "1"'])
  })

  it('tells what the server answered', async () => {
    await scheduler.run({ id: 'absent', cmd: 'true', uris: [uri(`${origin}/absent`)] })
    expect(await scheduler.end('absent')).toMatchObject({
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: `Failed to fetch ${origin}/absent: the server answered 404 Not Found`,
    })
  })

  it.each([
    [
      'http://127.0.0.1:1/x',
      /^Failed to fetch http:\/\/127\.0\.0\.1:1\/x: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    ],
    ['/no/such/file', /^Failed to fetch \/no\/such\/file: there is no such file$/],
    ['ftp://host/x', /expected http, https or file$/],
  ])('tells why %s cannot be had', async (value, message) => {
    await scheduler.run({ id: 'bad', cmd: 'true', uris: [uri(value)] })
    const status = await scheduler.end('bad')
    expect(status.state).toBe('TASK_FAILED')
    expect(status.message).toMatch(message)
  })

  it('stops when the task is killed', async () => {
    await scheduler.run({ id: 'slow', cmd: 'true', uris: [uri(`${origin}/hang`)] })
    await scheduler.until(() => requests.length === 1, 'the request')
    scheduler.kill('slow')
    expect(await scheduler.end('slow')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'The task was killed before it was started',
    })
  })
})

describe('offers', () => {
  it('hold what is left at once, and what was given back', async () => {
    await scheduler.run({ id: 'taker', cmd: 'sleep 1000', cpus: 3, ports: [31_005] })
    await scheduler.until(() => scheduler.offers.size === 1, 'the rest')
    expect(scheduler.offerOf('agent-1')!.resources).toContainEqual({ name: 'cpus', scalar: 5, role: '*' })
    await scheduler.state('taker', 'TASK_RUNNING')
    scheduler.kill('taker', 0)
    await scheduler.end('taker')
    await scheduler.until(
      () =>
        scheduler.offerOf('agent-1')?.resources.find((one) => one.name === 'cpus')?.scalar === machine.cpus,
      'the whole machine',
    )
    expect(scheduler.offers.size).toBe(1)
  })

  it('leave out ports that others use', async () => {
    const server = http.createServer()
    await new Promise<void>((resolve) => server.listen(31_500, '127.0.0.1', resolve))
    await scheduler.until(
      () => scheduler.offerOf('agent-1')?.resources.find((one) => one.name === 'ports')?.ranges?.length === 2,
      'an offer without 31500',
    )
    server.close()
  })

  it('are refused twice: the second accept drops its tasks', async () => {
    const offer = scheduler.offerOf('agent-1')!
    scheduler.launchOn(offer, [{ id: 'first', cmd: 'true' }])
    scheduler.launchOn(offer, [{ id: 'second', cmd: 'true' }])
    expect(await scheduler.end('second')).toMatchObject({
      state: 'TASK_DROPPED',
      reason: 'REASON_INVALID_OFFERS',
    })
    expect((await scheduler.end('first')).state).toBe('TASK_FINISHED')
  })
})

describe('the power cord', () => {
  beforeEach(async () => {
    await scheduler.engine.stop()
    const half = { ...machine, cpus: 4, ports: [{ begin: 31_000, end: 31_010 }] }
    scheduler = await new TestScheduler(folder, {
      agents: [
        { id: 'agent-1', attributes: [], resources: half },
        { id: 'agent-2', attributes: [], resources: { ...half, ports: [{ begin: 31_011, end: 31_020 }] } },
      ],
    }).start()
  })

  it('takes its agent and tasks away at once, and tells what became of them when it is back', async () => {
    const marker = `cord-${process.pid}`
    const cmd = `trap '' TERM; : ${marker}; while :; do sleep 1; done`
    await scheduler.run(
      { id: 'lost', cmd, agentId: 'agent-1' },
      { id: 'safe', cmd: 'sleep 1000', agentId: 'agent-2' },
    )
    await scheduler.state('lost', 'TASK_RUNNING')
    await scheduler.state('safe', 'TASK_RUNNING')
    await scheduler.until(() => scheduler.offers.size === 2, 'both offers')

    expect(scheduler.engine.agents.unplug('agent-1')).toMatchObject({ id: 'agent-1', connected: false })
    expect(await scheduler.state('lost', 'TASK_UNREACHABLE')).toMatchObject({
      reason: 'REASON_SLAVE_REMOVED',
    })
    expect(scheduler.events).toContainEqual({ kind: 'agent-lost', agentId: 'agent-1' })
    await scheduler.until(() => processesWith(marker).length === 0, 'the task to die', 2_000)
    expect(scheduler.offerOf('agent-1')).toBeUndefined()

    expect(scheduler.engine.agents.plug('agent-1')).toMatchObject({ connected: true, tasks: 0 })
    expect(await scheduler.end('lost')).toMatchObject({ state: 'TASK_GONE' })
    await scheduler.until(() => scheduler.offerOf('agent-1') !== undefined, 'an offer')
    expect(scheduler.statesOf('safe')).toEqual(['TASK_RUNNING'])
    expect(scheduler.engine.agents.unplug('agent-3')).toBeUndefined()
  })
})

describe('a folder that cannot be written', () => {
  it('fails the task with the reason and leaves nothing behind', async () => {
    fs.rmSync(`${folder}/local/sandboxes`, { recursive: true })
    fs.writeFileSync(`${folder}/local/sandboxes`, '')
    await scheduler.run({ id: 'nowhere', cmd: 'true' })
    const status = await scheduler.end('nowhere')
    expect(status).toMatchObject({ state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED' })
    expect(status.message).toContain(path.join(folder, 'local/sandboxes'))
    expect(cgroupsOf(folder)).toEqual([])
    await scheduler.until(
      () => fs.readdirSync(`${folder}/local/launches`).length === 0,
      'its record to be removed',
    )
  })
})

const splitAtEquals = (line: string) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]

/** Cgroups of tasks of the engine of this test, in any hierarchy. */
function cgroupsOf(dataDir: string): string[] {
  const script = fs.readdirSync(`${dataDir}/local`).find((name) => name.startsWith('launcher-'))
  if (!script) return []
  const pid = Number(textOf(`${dataDir}/local/launcher`)?.split(' ')[2])
  const groups = textOf(`/proc/${pid}/cgroup`) ?? ''
  const parents = new Set(groups.match(/marathon-[0-9a-f]{12}/g))
  const found: string[] = []
  for (const parent of parents) {
    for (const hierarchy of fs.readdirSync('/sys/fs/cgroup')) {
      const at = `/sys/fs/cgroup/${hierarchy}/${parent}`
      if (!fs.existsSync(at)) continue
      for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
        if (entry.isDirectory() && entry.name !== 'supervisors') found.push(`${at}/${entry.name}`)
      }
    }
  }
  return found
}
