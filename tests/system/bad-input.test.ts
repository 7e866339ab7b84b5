// What people get wrong, and what the machine lacks: a clear error in the right place, and nothing half-done.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { maySkip } from '../support/child-program.ts'
import { cgroupsOf, processesOf, taskProcesses } from './support/machine.ts'
import { type Server, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()
let server: Server

describe('requests', () => {
  beforeEach(async () => {
    server = await servers.start()
  })

  afterEach(async () => {
    expect((await server.api.get('/v2/apps')).body.apps).toEqual([])
    expect((await server.api.get('/v2/deployments')).body).toEqual([])
    expect(taskProcesses(server.dataDir)).toEqual([])
  })

  it('that are no JSON are told where they break off', async () => {
    expect(await server.api.post('/v2/apps', '{"id": "broken", "cmd": ')).toMatchObject({
      status: 400,
      body: {
        message: 'Invalid JSON',
        details: expect.stringMatching(/end-of-input.*line: 1, column: 2\d/),
      },
    })
    const unlabelled = await server.api.call('POST', '/v2/apps', {
      body: '{"id":"a","cmd":"true"}',
      headers: { 'content-type': 'text/plain' },
    })
    expect(unlabelled).toMatchObject({ status: 415, body: { message: 'Unsupported Media Type' } })
  })

  it('of wrong shape name every path that is wrong', async () => {
    const cases: readonly (readonly [object, readonly (readonly [string, string])[]])[] = [
      [{ cmd: 'true' }, [['/id', 'error.path.missing']]],
      [
        { id: 'a', cmd: 'true', cpus: 'many', instances: 1.5, env: [1] },
        [
          ['/cpus', 'error.expected.jsnumber'],
          ['/env', 'error.expected.jsobject'],
          ['/instances', 'error.expected.int'],
        ],
      ],
      [
        { id: 'A b', cmd: 'true', cpus: -1 },
        [
          ['/id', 'error.pattern'],
          ['/cpus', 'error.min'],
        ],
      ],
      [
        { id: 'a' },
        [['/', "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."]],
      ],
    ]
    for (const [definition, expected] of cases) {
      const { status, body } = await server.api.post('/v2/apps', definition)
      const details = expected.map(([path, error]) => ({ path, errors: [error] }))
      expect({ definition, status, details: body.details }).toEqual({ definition, status: 422, details })
    }
  })

  it('about what does not exist are answered 404 with its name', async () => {
    for (const [method, path, message] of [
      ['GET', '/v2/apps/nope', "App '/nope' does not exist"],
      ['DELETE', '/v2/apps/nope', "App '/nope' does not exist"],
      ['POST', '/v2/apps/nope/restart', "App '/nope' does not exist"],
      ['GET', '/v2/apps/nope/tasks', "App '/nope' does not exist"],
      ['DELETE', '/v2/apps/nope/tasks/nope.1', "App '/nope' does not exist"],
      ['GET', '/v2/apps/nope/versions', "App '/nope' does not exist"],
      ['DELETE', '/v2/queue//nope/delay', 'Application /nope not found in tasks queue.'],
      ['GET', '/v2/tasks/nope/logs/stdout', "Task 'nope' has no stdout here"],
      ['GET', '/nothing', 'URI not found: /nothing'],
    ] as const) {
      const { status, body } = await server.api.call(method, path)
      expect({ method, path, status }).toEqual({ method, path, status: 404 })
      expect(body.message).toContain(message)
    }
  })

  it('of the command line about what does not exist end with code 4 and say so', async () => {
    for (const args of [
      ['app', 'show', 'nope'],
      ['app', 'scale', 'nope', '3'],
      ['app', 'remove', 'nope'],
      ['task', 'logs', 'nope'],
      ['agent', 'unplug', 'agent-99'],
    ]) {
      const { code, stdout, stderr } = await server.cli(args)
      expect({ args, code, stdout }).toEqual({ args, code: 4, stdout: '' })
      expect(stderr).toMatch(/nope|agent-99/)
    }
  })
})

describe('what cannot run', () => {
  const flags = ['--local_resources', 'cpus:2;mem:1024']
  beforeEach(async () => {
    server = await servers.start({ flags })
  })

  it.each([
    [{ cpus: 3 }, 'InsufficientCpus', /cpus/],
    [{ mem: 2048 }, 'InsufficientMemory', /mem/],
    [{ constraints: [['rack_id', 'CLUSTER', 'rack-9']] }, 'UnfulfilledConstraint', /constraint/],
  ])('%j waits, and queue, deployment and command line tell why', async (wish, reason, words) => {
    const definition = { id: 'impossible', cmd: 'exec sleep 1000', cpus: 0.1, mem: 32, ...wish }
    await server.api.create(definition)
    const [item] = (await server.api.get('/v2/queue')).body.queue
    expect(item.waitingOn).toMatchObject([{ reason: 'no-match', count: 1, reasons: [reason] }])
    expect(item.waitingOn[0].message).toMatch(words)
    const [deployment] = (await server.api.get('/v2/deployments?embed=waitingOn')).body
    expect(JSON.stringify(deployment.waitingOn)).toContain(reason)
    expect((await server.cli(['app', 'show', 'impossible'])).stdout).toContain(item.waitingOn[0].message)
    const waiting = await server.cli(['app', 'restart', 'impossible', '--force', '--wait', '--timeout', '1'])
    expect(waiting.code).toBe(5)
    expect(waiting.stdout + waiting.stderr).toContain(reason)
    expect(taskProcesses(server.dataDir)).toEqual([])

    const { status } = await server.api.put('/v2/apps/impossible?force=true', {
      cpus: 0.1,
      mem: 32,
      constraints: [],
    })
    expect(status).toBe(200)
    await server.api.running('/impossible', 1)
  })

  it('because somebody else has the port waits for it, and runs when it is free', async () => {
    const stranger = net.createServer()
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    servers.afterwards(() => stranger.close())
    const { port } = stranger.address() as AddressInfo
    const ours = await servers.start({ flags: ['--local_resources', `ports:[${port}-${port}]`] })
    const cmd = 'exec sleep 1000'
    await ours.api.create({ id: 'web', cmd, cpus: 0.1, mem: 32, ports: [port], requirePorts: true })
    const [item] = (await ours.api.get('/v2/queue')).body.queue
    expect(item.waitingOn).toMatchObject([{ reasons: ['InsufficientPorts'] }])
    expect(taskProcesses(ours.dataDir)).toEqual([])
    stranger.close()
    const [task] = await ours.api.running('/web', 1)
    expect(task!.ports).toEqual([port])
    expect((await ours.processes(1))[0]!.env['PORT0']).toBe(String(port))
  })

  it.each([
    [
      'a missing user',
      { user: 'nobody-knows-me' },
      /^Cannot run as user "nobody-knows-me": there is no such user on this machine$/,
    ],
    [
      'an artifact nobody serves',
      { uris: ['http://127.0.0.1:1/tool.tgz'] },
      /^Failed to fetch http:\/\/127\.0\.0\.1:1\/tool\.tgz: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    ],
    [
      'an artifact that is not there',
      { fetch: [{ uri: 'file:///no/such/tool' }] },
      /^Failed to fetch file:\/\/\/no\/such\/tool: there is no such file$/,
    ],
    [
      'a command that does not exist',
      { cmd: 'no-such-program-anywhere' },
      /^Command exited with status 127$/,
    ],
  ])('%s is told by the app, and it backs off', async (_, wish, message) => {
    const definition = { id: 'hopeless', cmd: 'exec sleep 1000', cpus: 0.1, mem: 32, backoffSeconds: 60 }
    await server.api.create({ ...definition, ...wish })
    const failure = await until('its failure', async () => {
      return (await server.api.get('/v2/apps/hopeless')).body.app.lastTaskFailure
    })
    expect(failure).toMatchObject({ state: 'TASK_FAILED', message: expect.stringMatching(message) })
    const [item] = (await server.api.get('/v2/queue')).body.queue
    expect(item.delay.overdue).toBe(false)
    expect((await server.cli(['app', 'show', 'hopeless'])).stdout).toContain(failure.message)
    expect(taskProcesses(server.dataDir)).toEqual([])
  })

  it('with an artifact that cannot be unpacked leaves no process and names it', async () => {
    const files = http.createServer((_, response) => response.end('no archive at all'))
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
    servers.afterwards(() => files.close())
    const uri = `http://127.0.0.1:${(files.address() as AddressInfo).port}/tool.tgz`
    await server.api.create({ id: 'torn', cmd: 'exec sleep 1000', cpus: 0.1, mem: 32, uris: [uri] })
    const failure = await until('its failure', async () => {
      return (await server.api.get('/v2/apps/torn')).body.app.lastTaskFailure
    })
    expect(failure.message).toContain(uri)
    expect(taskProcesses(server.dataDir)).toEqual([])
  })
})

const canMount = !maySkip(['unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])

describe.runIf(canMount)('a full disk', () => {
  it('stops the server with code 116; tasks run on, and with room again nothing acknowledged is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marathon-full-disk-'))
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'tmpfs', folder]).status).toBe(0)
    servers.afterwards(() => {
      spawnSync('umount', [folder])
      rmdirSync(folder)
    })
    chmodSync(folder, 0o755)
    server = await servers.start({ dataDir: folder })
    const definition = (id: string) => ({ id, cmd: 'exec sleep 1000', cpus: 0.01, mem: 32 })
    await server.api.create(definition('keeper'))
    const [keeper] = await server.api.running('/keeper', 1)
    await server.api.settled()
    await server.processes(1)

    const { bavail, bsize } = statfsSync(folder)
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 1200 * 1024)))
    const acknowledged = ['/keeper']
    let isRefused = false
    for (let n = 0; n < 500 && !isRefused; n++) {
      const payload = { ...definition(`filler-${n}`), instances: 0, labels: { text: 'x'.repeat(4_000) } }
      const reply = await server.api.post('/v2/apps', payload).catch(() => undefined)
      if (reply?.status === 201) acknowledged.push(`/filler-${n}`)
      else isRefused = true
    }
    expect(isRefused).toBe(true)
    expect(await server.exited()).toEqual({ code: 116, signal: null })
    expect(server.output).toContain(folder)
    expect(server.output).toMatch(/no room|full|make room/i)
    expect(taskProcesses(folder).map((process) => process.taskId)).toEqual([keeper!.id])

    rmSync(ballast)
    await server.start()
    const apps = (await server.api.get('/v2/apps')).body.apps.map((app: { id: string }) => app.id)
    expect(apps).toEqual(expect.arrayContaining(acknowledged))
    // The one that was being written is there whole or not at all.
    expect(apps.length - acknowledged.length).toBeLessThanOrEqual(1)
    expect((await server.api.running('/keeper', 1))[0]!.id).toBe(keeper!.id)
    expect((await server.processes(1))[0]!.taskId).toBe(keeper!.id)
  })

  it('from the beginning on is an error of the start that leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marathon-full-disk-'))
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=755', 'tmpfs', folder]).status).toBe(0)
    servers.afterwards(() => {
      spawnSync('umount', [folder])
      rmdirSync(folder)
    })
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(1024 * 1024))
    expect(readdirSync(folder)).toEqual(['ballast'])
    server = servers.prepare({ dataDir: folder })
    server.spawn()
    expect(await server.exited()).toEqual({ code: 116, signal: null })
    expect(server.output).toContain(folder)
    expect(server.output).not.toMatch(/^\s+at /m)
    expect(processesOf(folder)).toEqual([])
    expect(cgroupsOf(folder)).toEqual([])
  })
})
