// The server as a process: whom it lets in, what it refuses to start with, and that stopping it stops no task.

import { existsSync, readFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { collectEvents } from './support/event-stream.ts'
import { cgroupsOf, processesOf, type TaskProcess, taskProcesses } from './support/machine.ts'
import { type Server, type ServerOptions, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()
const small = { cpus: 0.01, mem: 32, instances: 1 }

describe('who may reach it', () => {
  it('is this machine alone, unless credentials are set or it is told to let anybody in', async () => {
    const refused = await startAndEnd({ flags: ['--http_address', '0.0.0.0'] })
    expect(refused.code).toBe(112)
    expect(refused.output).toMatch(
      /--http_address is 0\.0\.0\.0, .*--http_credentials.*--allow_unauthenticated/s,
    )

    const plain = await servers.start()
    expect(new URL(plain.url).hostname).toBe('127.0.0.1')
    expect(await canConnect(otherAddress, Number(new URL(plain.url).port))).toBe(false)

    const open = await servers.start({ flags: ['--allow_unauthenticated'] })
    expect(await canConnect(otherAddress, Number(new URL(open.url).port))).toBe(true)
  })

  it('is whoever knows user and password, once they are set', async () => {
    const password = 'correct:horse'
    const server = await servers.start({ flags: ['--http_credentials', `ann:${password}`] })
    const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })
    for (const path of ['/v2/apps', '/v2/info', '/v2/events', '/metrics', '/v1/apps']) {
      const refused = await server.api.get(path)
      expect({ path, status: refused.status }).toEqual({ path, status: 401 })
      expect(refused.headers['www-authenticate']).toMatch(/^Basic realm="Mesosphere"/)
    }
    expect((await server.api.get('/v2/apps', basic('ann:wrong'))).status).toBe(401)
    expect((await server.api.get('/v2/apps', basic(`ann:${password}`))).status).toBe(200)
    const body = { ...small, id: 'a', cmd: 'exec sleep 1000' }
    expect((await server.api.post('/v2/apps', body)).status).toBe(401)
    expect((await server.api.get('/v2/apps', basic(`ann:${password}`))).body.apps).toEqual([])

    const refused = await server.cli(['app', 'list'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/MARATHON_CREDENTIALS|--user/)
    const listed = await server.cli(['app', 'list'], { env: { MARATHON_CREDENTIALS: `ann:${password}` } })
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    expect(server.output).not.toContain(password)
    expect((await server.api.get('/v2/info', basic(`ann:${password}`))).text).not.toContain(password)
  })
})

describe('it does not start', () => {
  it.each([
    [['--htp_port', '1'], /unknown flag --htp_port/],
    [
      ['--http_max_concurrent_requests', 'many'],
      /--http_max_concurrent_requests is 'many'; expected a whole number/,
    ],
    [['--local_agents', '/no/such/file'], /--local_agents.*\/no\/such\/file/],
    [['--local_resources', 'cpus:lots'], /--local_resources.*lots/],
    [['--http_credentials', 'nobody'], /--http_credentials has no user or no password/],
    [['--master', 'zk://127.0.0.1:lol/mesos'], /--master is 'zk:\/\/127\.0\.0\.1:lol\/mesos'; expected/],
  ])('with %j: code 112 and one line that says why', async (flags, message) => {
    const { code, output } = await startAndEnd({ flags })
    expect({ code, lines: output.trim().split('\n').length }, output).toEqual({ code: 112, lines: 1 })
    expect(output).toMatch(message)
  })

  it('on a data directory that another server holds: code 114, and the other goes on', async () => {
    const first = await servers.start()
    await first.api.create({ ...small, id: 'steady', cmd: 'exec sleep 1000' })
    const [task] = await first.api.running('/steady', 1)
    const second = servers.prepare({ dataDir: first.dataDir })
    second.spawn()
    expect(await second.exited()).toEqual({ code: 114, signal: null })
    expect(second.output).toContain(first.dataDir)
    expect(second.output).toContain(`process ${first.pid}`)
    expect(second.output).toContain('--data_dir')
    expect((await first.api.running('/steady', 1))[0]!.id).toBe(task!.id)
    await first.api.put('/v2/apps/steady', { instances: 2 })
    await first.api.running('/steady', 2)
  })

  it('on a port that is in use: code 111', async () => {
    const stranger = net.createServer()
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    servers.afterwards(() => stranger.close())
    const { port } = stranger.address() as AddressInfo
    const { code, output } = await startAndEnd({ port })
    expect(code).toBe(111)
    expect(output).toContain(`127.0.0.1:${port}`)
    expect(output).toContain('--http_port')
  })
})

describe('stopping it', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'by %s leaves the tasks running, and the next start finds them again',
    async (signal) => {
      const server = await servers.start()
      await server.api.create({ ...small, id: 'steady', cmd: 'exec sleep 1000', instances: 3 })
      await server.api.running('/steady', 3)
      await server.api.settled()
      const before = (await server.processes(3)).map(identity)
      const tasks = await server.api.tasks('/steady')
      process.kill(server.pid, signal)
      expect(await server.exited()).toEqual(
        signal === 'SIGKILL' ? { code: null, signal } : { code: 0, signal: null },
      )
      await sleep(300)
      expect(identities(server)).toEqual(before)

      await server.start()
      expect(await server.api.running('/steady', 3)).toEqual(tasks)
      await sleep(300)
      expect(identities(server)).toEqual(before)
    },
  )

  it('does not wait for those who listen to streams', async () => {
    const server = await servers.start()
    await server.api.create({ ...small, id: 'steady', cmd: 'exec sleep 1000' })
    const [task] = await server.api.running('/steady', 1)
    const events = await collectEvents(server)
    const logs = server.api.get(`/v2/tasks/${task!.id}/logs/stdout?follow=true`).catch(() => 'cut off')
    const idle = net.connect(Number(new URL(server.url).port), '127.0.0.1')
    await new Promise((resolve) => idle.on('connect', resolve))
    idle.on('error', () => {})
    const asked = Date.now()
    expect(await server.terminate()).toEqual({ code: 0, signal: null })
    expect(Date.now() - asked).toBeLessThan(5_000)
    await logs
    events.close()
    idle.destroy()
  })

  it('loses no exit status: what ended meanwhile is told after the start, and replaced', async () => {
    const server = await servers.start()
    const loop = (code: number) => `trap 'exit ${code}' USR1; while :; do sleep 0.05; done`
    await server.api.create({ ...small, id: 'seven', cmd: loop(7), backoffSeconds: 60 })
    await server.api.create({ ...small, id: 'zero', cmd: loop(0) })
    await server.api.create({ ...small, id: 'shot', cmd: 'exec sleep 1000' })
    await server.api.create({ ...small, id: 'steady', cmd: 'exec sleep 1000' })
    for (const id of ['/seven', '/zero', '/shot', '/steady']) await server.api.running(id, 1)
    await server.api.settled()
    const before = await server.api.tasks()
    // Each loop is the shell and its sleep.
    const shells = await until('the traps', () => {
      const found = taskProcesses(server.dataDir).filter(({ pid }) => isTrapping(pid))
      return found.length === 2 && found
    })
    expect(await server.terminate()).toEqual({ code: 0, signal: null })
    for (const { pid } of shells) process.kill(pid, 'SIGUSR1')
    const [shot] = taskProcesses(server.dataDir).filter((one) => one.appId === '/shot')
    process.kill(shot!.pid, 'SIGKILL')
    await until('their end', () => taskProcesses(server.dataDir).every(({ appId }) => appId === '/steady'))

    await server.start()
    const failure = async (id: string) => (await server.api.get(`/v2/apps${id}`)).body.app.lastTaskFailure
    expect(await until('the exit status', () => failure('/seven'))).toMatchObject({
      taskId: before.find((task) => task.appId === '/seven')!.id,
      state: 'TASK_FAILED',
      message: 'Command exited with status 7',
    })
    expect(await until('the signal', () => failure('/shot'))).toMatchObject({
      message: 'Command terminated with signal Killed',
    })
    expect(await failure('/zero')).toBeUndefined()
    for (const id of ['/zero', '/shot']) {
      const [again] = await server.api.running(id, 1)
      expect(again!.id).not.toBe(before.find((task) => task.appId === id)!.id)
    }
    expect(await server.api.tasks('/seven')).toMatchObject([{ state: 'TASK_FAILED' }])
    const [steady] = await server.api.running('/steady', 1)
    expect(steady!.id).toBe(before.find((task) => task.appId === '/steady')!.id)
  })

  it('in the middle of a deployment: the next start finishes it', async () => {
    const server = await servers.start()
    const stubborn = "trap '' TERM; while :; do sleep 0.1; done"
    const definition = { ...small, instances: 3, taskKillGracePeriodSeconds: 1 }
    await server.api.create({ ...definition, id: 'moving', cmd: stubborn })
    await server.api.running('/moving', 3)
    await server.api.settled()
    const old = (await server.api.tasks()).map((task) => task.id)
    const upgradeStrategy = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }
    await server.api.put('/v2/apps/moving', { env: { MODE: 'new' }, upgradeStrategy })
    await server.crash()
    await sleep(200)
    await server.start()
    await server.api.settled()
    const tasks = await server.api.running('/moving', 3)
    expect(tasks.filter((task) => old.includes(task.id))).toEqual([])
    const modes = new Set(taskProcesses(server.dataDir).map((process) => process.env['MODE']))
    expect([...modes]).toEqual(['new'])
  })

  it('with nothing running leaves no process, no cgroup and no lock', async () => {
    const server = await servers.start()
    await server.api.create({ ...small, id: 'brief', cmd: 'exec sleep 1000' })
    await server.api.running('/brief', 1)
    await server.api.delete('/v2/apps/brief')
    await server.api.settled()
    await until('its end', () => taskProcesses(server.dataDir).length === 0)
    expect(await server.terminate()).toEqual({ code: 0, signal: null })
    expect(processesOf(server.dataDir)).toEqual([])
    expect(cgroupsOf(server.dataDir)).toEqual([])
    await server.start()
    expect((await server.api.get('/v2/apps')).body.apps).toEqual([])
  })
})

/** A process that becomes another program by exec keeps both. */
const identity = ({ pid, taskId }: TaskProcess) => `${pid} ${taskId}`
const identities = (server: Server) => taskProcesses(server.dataDir).map(identity)

/** Any address of this machine outside 127.0.0.0/8 would do; this one needs no interface to be configured. */
const otherAddress = '127.0.0.2'

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 1_000 }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Starts a server that is expected to end by itself, with nothing left of it. */
async function startAndEnd(options: ServerOptions): Promise<{ code: number | null; output: string }> {
  const server: Server = servers.prepare(options)
  server.spawn()
  const { code } = await server.exited()
  expect(processesOf(server.dataDir)).toEqual([])
  expect(cgroupsOf(server.dataDir)).toEqual([])
  return { code, output: server.output }
}

/** Whether the shell has set its trap for USR1 (bit 9 of the caught signals). */
function isTrapping(pid: number): boolean {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'
  return (BigInt(`0x${caught}`) & (1n << 9n)) !== 0n
}
