// The definitions and command lines that people have posted, run letter by letter: JSON over HTTP, HTTPie's calls of
// the v1 API, the command line of the first releases.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { maySkip } from '../support/child-program.ts'
import { example, exampleFile } from './support/examples.ts'
import { canHaveIsland, type Island, makeIsland } from './support/island.ts'
import { taskProcesses } from './support/machine.ts'
import { type Server, type ServerOptions, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const has = (program: string) => !maySkip(['sh', '-c', `command -v ${program}`])
const isIslandPossible = canHaveIsland() || process.env['CI'] === 'true'

const servers = useServers()

describe.runIf(has('nc'))('basic-service', () => {
  it('answers on the port of each instance, and is back after it has answered', async () => {
    const server = await servers.start()
    await server.api.create(example('basic-service.json'))
    const tasks = await server.api.running('/basic-service', 2)
    for (const task of tasks) {
      expect(task.ports).toHaveLength(1)
      // nc serves one connection and ends; the loop of the definition starts it again.
      for (const line of ['first', 'second']) await say(task.ports[0]!, line)
      await until('what was said in the log', async () => {
        const { text } = await server.api.get(`/v2/tasks/${task.id}/logs/stdout`)
        return text === 'first\nsecond\n'
      })
    }
  })

  it('is replaced when a process of it is killed from outside', async () => {
    const server = await servers.start()
    await server.api.create(example('basic-service.json'))
    const before = await server.api.running('/basic-service', 2)
    const victim = before[0]!
    for (const { pid, taskId } of await server.processes(4))
      if (taskId === victim.id) process.kill(pid, 'SIGKILL')
    const after = await until('another task', async () => {
      const tasks = await server.api.tasks('/basic-service')
      const isReplaced = tasks.every((task) => task.id !== victim.id && task.state === 'TASK_RUNNING')
      return tasks.length === 2 && isReplaced && tasks
    })
    for (const task of after) await say(task.ports[0]!, 'still there')
  })
})

describe.runIf(isIslandPossible)('command lines, in a network where their hosts are this machine', () => {
  let island: Island
  const startIn = (options: ServerOptions = {}): Promise<Server> =>
    servers.start({
      ...options,
      within: island.within,
      env: island.env,
      port: 8080,
      socketPath: island.socketPath,
    })
  const settle = async (...hosts: readonly string[]) => {
    island = await makeIsland(hosts)
    servers.afterwards(island.remove)
  }

  it.runIf(has('http'))('the three calls of HTTPie start, scale and stop sleep', async () => {
    await settle()
    const server = await startIn()
    const call = async (name: string) => {
      const run = await island.shell(`sh ${exampleFile(name)}`, { isTerminal: true })
      expect(stripVTControlCharacters(run.stdout)).toContain('HTTP/1.1 204 No Content')
    }
    await call('sleep-start.sh')
    await server.api.running('/sleep', 1)
    await until('its process', () => sleepers(server).length === 1)
    expect((await server.api.get('/v2/apps/sleep')).body.app).toMatchObject({
      id: '/sleep',
      cmd: 'sleep 600',
      cpus: 1,
      mem: 128,
      instances: 1,
    })
    await call('sleep-scale.sh')
    await server.api.running('/sleep', 2)
    await until('both processes', () => sleepers(server).length === 2)
    await call('sleep-stop.sh')
    await until('the end of both', () => taskProcesses(server.dataDir).length === 0)
    expect((await server.api.get('/v1/apps')).body).toEqual([])
  })

  it('marathon start fetches, unpacks and runs chronos', async () => {
    await settle('foo.bar', 's3.amazonaws.com')
    island.serve('s3.amazonaws.com/mesosphere-binaries-public/chronos/chronos.tgz', chronosArchive())
    const server = await startIn()
    const run = await island.shell(`sh ${exampleFile('chronos-start.sh')}`)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('Started /chronos')
    const [task] = await server.api.running('/chronos', 1)
    const log = await until('its first words', async () => {
      const { text } = await server.api.get(`/v2/tasks/${task!.id}/logs/stdout`)
      return text.includes('\n') && text
    })
    expect(log).toBe(
      'chronos with ./chronos/config/nomail.yml and ./chronos/target/chronos-1.0-SNAPSHOT.jar\n',
    )
    expect((await server.api.get('/v2/apps/chronos')).body.app).toMatchObject({
      cpus: 1,
      mem: 1024,
      instances: 1,
    })
    const requests = readFileSync(join(island.folder, 'requests'), 'utf8')
    expect(requests).toBe('s3.amazonaws.com/mesosphere-binaries-public/chronos/chronos.tgz\n')
    const stopped = await island.shell('marathon stop -i chronos -H http://foo.bar:8080 --wait')
    expect(stopped.code).toBe(0)
    expect(taskProcesses(server.dataDir)).toEqual([])
  })

  it('the text list has service port, hosts and ports, each followed by a tab', async () => {
    await settle('host')
    const ports = 'ports:[31336-31336,31364-31364]'
    const server = await startIn({ flags: ['--hostname', 'host', '--local_resources', ports] })
    await server.api.create(example('my-app.json'))
    await server.api.running('/my-app', 2)
    const reply = await server.api.get('/v2/tasks', { accept: 'text/plain' })
    expect(reply.headers['content-type']).toMatch(/^text\/plain/)
    // Which instance got which port is chance.
    expect(
      ['host:31336\thost:31364', 'host:31364\thost:31336'].map((hosts) => `my-app\t19385\t${hosts}\t\n`),
    ).toContain(reply.text)
    const answered = await island.shell('nc -N host 31336 < /dev/null')
    expect(answered.stdout).toBe(readFileSync('/etc/hostname', 'utf8'))
  })
})

const sleepers = (server: Server) =>
  taskProcesses(server.dataDir).filter(({ pid }) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep\x00600'),
  )

/** Connects, sends one line, hangs up. */
function say(port: number, line: string): Promise<void> {
  return until(
    `a listener on port ${port}`,
    () =>
      new Promise<boolean>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => socket.end(`${line}\n`))
        socket.on('error', () => resolve(false))
        socket.on('close', (hadError) => resolve(!hadError))
        socket.resume()
      }),
  ).then(() => {})
}

/** An archive of the shape that the command line of chronos expects. */
function chronosArchive(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'marathon-chronos-'))
  try {
    for (const name of ['bin', 'config', 'target'])
      mkdirSync(join(folder, 'chronos', name), { recursive: true })
    const script =
      '#!/bin/sh\ntest -s "$1" && test -s "$2" || exit 3\necho "chronos with $1 and $2"\nexec sleep 600\n'
    writeFileSync(join(folder, 'chronos/bin/demo'), script, { mode: 0o755 })
    writeFileSync(join(folder, 'chronos/config/nomail.yml'), 'mail: none\n')
    writeFileSync(join(folder, 'chronos/target/chronos-1.0-SNAPSHOT.jar'), 'PK')
    return execFileSync('tar', ['-czf', '-', '-C', folder, 'chronos'])
  } finally {
    rmSync(folder, { recursive: true })
  }
}
