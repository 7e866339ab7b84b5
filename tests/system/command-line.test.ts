// The command line against a real server: the life of an app with --wait, what scripts read, and the logs of tasks.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { taskProcesses } from './support/machine.ts'
import { cleanEnvironment, marathonProgram } from './support/programs.ts'
import { type Server, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()
let server: Server

beforeEach(async () => {
  server = await servers.start()
})

/** Runs a command that must succeed, and gives what it said. */
async function marathon(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await server.cli(args)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

/** What the server said, for a script; progress and notes are on the other stream. */
async function json(...args: readonly string[]) {
  const { code, stdout } = await server.cli([...args, '-o', 'json'])
  expect({ args, code }).toEqual({ args, code: 0 })
  return JSON.parse(stdout)
}

describe('the life of an app', () => {
  it('add, update, scale, restart, stop and remove wait until what was asked for is there', async () => {
    const file = join(server.dataDir, 'web.json')
    writeFileSync(
      file,
      JSON.stringify({ id: 'web', cmd: 'exec sleep 1000', cpus: 0.01, mem: 32, instances: 2 }),
    )
    expect(await marathon('app', 'add', file, '--wait')).toMatch(/✓ \/web runs, 2 instances/)
    const first = (await server.processes(2)).map((process) => process.taskId)
    expect(await marathon('app', 'list')).toMatch(/^\/web +running +2\/2 /m)

    await marathon('app', 'update', 'web', 'env.MODE=live', 'instances=3', '--wait')
    const second = await server.processes(3)
    expect(second.map((process) => process.env['MODE'])).toEqual(['live', 'live', 'live'])
    expect(second.filter((process) => first.includes(process.taskId))).toEqual([])

    await marathon('app', 'scale', 'web', '1', '--wait')
    const [third] = await server.processes(1)
    await marathon('app', 'restart', 'web', '--wait')
    expect((await server.processes(1))[0]!.taskId).not.toBe(third!.taskId)
    expect((await marathon('app', 'versions', 'web')).trim().split('\n').length).toBeGreaterThanOrEqual(3)

    await marathon('app', 'stop', 'web', '--wait')
    expect(taskProcesses(server.dataDir)).toEqual([])
    expect((await server.api.get('/v2/apps/web')).body.app.instances).toBe(0)
    await marathon('app', 'remove', 'web', '--wait')
    expect((await server.api.get('/v2/apps')).body.apps).toEqual([])
  })

  it('kills a task that is replaced, or one less with --scale', async () => {
    await marathon(
      'app',
      'add',
      '--id',
      'web',
      '--cmd',
      'exec sleep 1000',
      '--cpus',
      '0.01',
      '--mem',
      '32',
      '--instances',
      '2',
      '--wait',
    )
    const [one, two] = await server.api.running('/web', 2)
    await marathon('task', 'kill', one!.id)
    const after = await until('a replacement', async () => {
      const tasks = await server.api.running('/web', 2)
      return tasks.every((task) => task.id !== one!.id) && tasks
    })
    expect(after.map((task) => task.id)).toContain(two!.id)
    await marathon('task', 'kill', two!.id, '--scale', '--wait')
    expect((await server.api.running('/web', 1))[0]!.id).not.toBe(two!.id)
    expect(await marathon('task', 'list', 'web')).toContain((await server.api.tasks('/web'))[0]!.id)
  })

  it('waiting bears a kill -9 of the server and a new start', async () => {
    const stranger = net.createServer()
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    servers.afterwards(() => stranger.close())
    const taken = (stranger.address() as AddressInfo).port
    // A port of its own, so that the same URL leads to the server again.
    const steady = await servers.start({
      port: 20_000 + (process.pid % 8_000),
      flags: ['--local_resources', `ports:[${taken}-${taken}]`],
    })
    const file = join(steady.dataDir, 'late.json')
    const definition = { id: 'late', cmd: 'exec sleep 1000', cpus: 0.01, mem: 32 }
    writeFileSync(file, JSON.stringify({ ...definition, ports: [taken], requirePorts: true }))
    const waiting = steady.cli(['app', 'add', file, '--wait', '--timeout', '30'])
    await until('the app', async () => (await steady.api.get('/v2/apps/late')).status === 200)
    await sleep(300)
    await steady.crash()
    await sleep(500)
    stranger.close()
    await steady.start()
    const { code, stdout, stderr } = await waiting
    expect({ code, stderr }, stdout).toMatchObject({ code: 0 })
    expect(stdout).toContain('InsufficientPorts')
    expect(stdout).toContain('the server does not answer, trying again')
    expect(stdout).toMatch(/✓ \/late runs, 1 instance/)
  })
})

describe('the form of the first releases', () => {
  it('starts, lists, finds, scales, kills and stops with its letters', async () => {
    const at = ['-H', server.url]
    const started = await marathon(
      'start',
      ...at,
      '-i',
      'sleeper',
      '-C',
      'exec sleep 1000',
      '-c',
      '0.01',
      '-m',
      '32',
      '-n',
      '2',
      '--wait',
    )
    expect(started).toContain('Started /sleeper')
    await server.processes(2)
    expect(await marathon('list', ...at)).toMatch(/^sleeper +2 +0\.01 +32 +exec sleep 1000$/m)
    expect(await marathon('search', ...at, '-C', 'SLEEP 1000')).toContain('sleeper')
    expect(await marathon('search', ...at, '-i', 'other')).toContain('No app matches.')
    expect(await marathon('endpoints', ...at)).toMatch(/^sleeper +10000 +127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+$/m)
    await marathon('scale', ...at, '-i', 'sleeper', '-n', '3', '--wait')
    const [task] = await server.api.running('/sleeper', 3)
    await marathon('kill', ...at, '-i', 'sleeper', '-t', task!.id, '--scale')
    await server.api.running('/sleeper', 2)
    await server.processes(2)
    await marathon('kill', ...at, '-i', 'sleeper')
    await until('others in their place', async () => {
      const tasks = await server.api.tasks('/sleeper')
      return tasks.length === 2 && tasks.every((one) => one.state === 'TASK_RUNNING')
    })
    await marathon('stop', ...at, '-i', 'sleeper', '--wait')
    expect(taskProcesses(server.dataDir)).toEqual([])
    expect(await marathon('list', ...at)).toContain('No apps.')
  })
})

describe('scripts', () => {
  it('read what the server said with -o json, and exit codes with one meaning each', async () => {
    const add = ['app', 'add', '--id', 'web', '--cmd', 'exec sleep 1000', '--cpus', '0.01', '--mem', '32']
    expect(await json(...add, '--wait')).toMatchObject({ id: '/web' })
    expect((await json('app', 'list')).apps).toMatchObject([{ id: '/web', tasksRunning: 1 }])
    expect((await json('task', 'list')).tasks).toHaveLength(1)
    expect((await json('agent', 'list')).agents).toMatchObject([{ id: 'agent-1', tasks: 1 }])
    expect((await json('info')).name).toBe('marathon')
    expect(await marathon('ping')).toMatch(/pong|answers/)

    const codes: readonly (readonly [number, readonly string[], RegExp])[] = [
      [6, add, /already/],
      [4, ['app', 'show', 'nope'], /nope/],
      [1, ['app', 'add', '--id', 'idle'], /cmd/],
      [2, ['app', 'scale', 'web', 'many'], /many/],
      [2, ['app', 'add', '/no/such/file.json'], /\/no\/such\/file\.json/],
      [3, ['app', 'list', '--url', 'http://127.0.0.1:1'], /127\.0\.0\.1:1/],
    ]
    for (const [code, args, message] of codes) {
      const run = await server.cli(args)
      expect({ args, code: run.code, stdout: run.stdout }).toEqual({ args, code, stdout: '' })
      expect(run.stderr).toMatch(message)
    }
  })
})

describe('logs', () => {
  const definition = { id: 'talker', cpus: 0.01, mem: 32, instances: 1 }
  // Says a line for every line of the file that the test writes, so that nothing hangs on timing.
  const cmd = 'echo started; echo trouble >&2; : > said; exec tail -n +1 -f said'

  it('of a running task are read from any offset, and followed as they grow', async () => {
    await server.api.create({ ...definition, cmd })
    const [task] = await server.api.running('/talker', 1)
    const stdout = `/v2/tasks/${task!.id}/logs/stdout`
    await until('its first line', async () => (await server.api.get(stdout)).text === 'started\n')
    const part = await server.api.get(`${stdout}?offset=2&limit=3`)
    expect(part).toMatchObject({ status: 200, text: 'art' })
    expect(part.headers).toMatchObject({
      'marathon-log-start': '2',
      'marathon-log-end': '5',
      'marathon-log-size': '8',
    })
    expect((await server.api.get(`${stdout}?offset=-4`)).text).toBe('ted\n')
    expect((await server.api.get(stdout.replace('stdout', 'stderr'))).text).toBe('trouble\n')
    expect((await server.api.get(stdout.replace('stdout', 'stdin'))).status).toBe(404)

    const followed = await follow(`${stdout}?follow=true`)
    await until('what there is', () => followed.text === 'started\n')
    await say('one')
    await until('a new line', () => followed.text === 'started\none\n')
    await say('two')
    await until('another', () => followed.text === 'started\none\ntwo\n')
    expect(followed.isOpen).toBe(true)
    await server.api.delete('/v2/apps/talker')
    await until('the end of the stream', () => !followed.isOpen)
  })

  it('marathon task logs shows them, -f until the task ends', async () => {
    await server.api.create({ ...definition, cmd })
    const [task] = await server.api.running('/talker', 1)
    await until('its first words', async () => (await marathon('task', 'logs', task!.id)) === 'started\n')
    expect(await marathon('task', 'logs', 'talker', '--stderr')).toBe('trouble\n')

    const child = spawn(marathonProgram, ['task', 'logs', '-f', task!.id], {
      env: cleanEnvironment({ MARATHON_URL: server.url }),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk))
    const ended = new Promise((resolve) => child.on('close', resolve))
    await say('one')
    await until('the new line', () => shown === 'started\none\n')
    // The task and its log outlive the server; what reads it does too, where the server comes back.
    await say('two')
    await until('the next line', () => shown === 'started\none\ntwo\n')
    await server.api.delete('/v2/apps/talker')
    expect(await ended).toBe(0)
    expect(shown).toBe('started\none\ntwo\n')
    expect(await marathon('task', 'logs', task!.id, '--tail', '1')).toBe('two\n')
  })

  it('of a task that failed are still there, and the app leads to them', async () => {
    await server.api.create({ ...definition, cmd: 'echo last words; exit 9', backoffSeconds: 3600 })
    await until('its failure', async () => (await server.api.get('/v2/apps/talker')).body.app.lastTaskFailure)
    const { code, stdout, stderr } = await server.cli(['task', 'logs', 'talker'])
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'last words\n' })
  })

  async function say(line: string): Promise<void> {
    const [process] = await until('the task', () => {
      const found = taskProcesses(server.dataDir)
      return found.length === 1 && found
    })
    writeFileSync(join(process!.env['MESOS_SANDBOX']!, 'said'), `${line}\n`, { flag: 'a' })
  }

  function follow(path: string): Promise<{ text: string; isOpen: boolean }> {
    const state = { text: '', isOpen: true }
    return new Promise((resolve, reject) => {
      const request = http.get(new URL(path, server.url), { agent: false }, (response) => {
        response.on('data', (chunk: Buffer) => {
          state.text += chunk
        })
        response.on('close', () => {
          state.isOpen = false
        })
        resolve(state)
      })
      request.on('error', reject)
    })
  }
})
