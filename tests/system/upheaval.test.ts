// The world changes while the server is away or busy: agents that are no more, artifacts half fetched, tasks
// that were stopped in their tracks, ports that two insist on.

import { existsSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { commandLine, taskProcesses } from './support/machine.ts'
import { useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()
const small = { cpus: 0.01, mem: 32, instances: 1, cmd: 'exec sleep 1000' }

it('fetching that a crash cut off begins again, and the task starts once', async () => {
  const held: http.ServerResponse[] = []
  let requests = 0
  const files = http.createServer((_, response) => {
    requests++
    held.push(response)
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  servers.afterwards(() => {
    files.closeAllConnections()
    files.close()
  })
  const server = await servers.start()
  const uri = `http://127.0.0.1:${(files.address() as AddressInfo).port}/tool`
  await server.api.create({ ...small, id: 'tool', cmd: 'cat tool; exec sleep 1000', uris: [uri] })
  await until('the request', () => requests === 1)
  const [task] = await server.api.tasks('/tool')
  expect(task!.state).toMatch(/^TASK_STA/)
  await server.crash()
  expect(taskProcesses(server.dataDir)).toEqual([])
  await server.start()
  await until('another request', () => requests === 2)
  for (const response of held) response.end('fetched\n')
  const [running] = await server.api.running('/tool', 1)
  await until('its log', async () => {
    return (await server.api.get(`/v2/tasks/${running!.id}/logs/stdout`)).text === 'fetched\n'
  })
  await server.processes(1)
})

it('tasks of agents that the next start no longer has run on, keep their ports, and are replaced elsewhere', async () => {
  const resources = ['--local_resources', 'cpus:3;mem:1536;ports:[31960-31965]']
  const three = await servers.start({ flags: ['--local_agents', '3', ...resources] })
  const constraints = [['hostname', 'MAX_PER', '2']]
  await three.api.create({ ...small, id: 'spread', instances: 6, constraints })
  const before = await three.api.running('/spread', 6)
  await three.api.settled()
  await three.terminate()

  const one = await servers.start({ dataDir: three.dataDir, flags: ['--local_agents', '1', ...resources] })
  expect((await one.api.running('/spread', 6)).map((task) => task.id)).toEqual(before.map((task) => task.id))
  const agents = async () =>
    (await one.api.get('/v2/agents')).body.agents.map((agent: { id: string; tasks: number }) => [
      agent.id,
      agent.tasks,
    ])
  expect((await agents()).sort()).toEqual([
    ['agent-1', 2],
    ['agent-2', 2],
    ['agent-3', 2],
  ])
  // All six ports of the one pool are held, two of them by tasks of agent-1.
  await one.api.create({ ...small, id: 'late' })
  const [item] = (await one.api.get('/v2/queue')).body.queue
  expect(item.waitingOn[0].reasons).toEqual(['InsufficientPorts'])

  await one.api.put('/v2/apps/spread?force=true', { instances: 2 })
  await one.api.running('/spread', 2)
  expect((await one.api.running('/late', 1))[0]!.slaveId).toBe('agent-1')
  await one.api.delete('/v2/apps/spread')
  await one.processes(1)
  await until('the agents that are no more to go', async () => (await agents()).length === 1)
})

it('an agent unplugged before a crash is back after it, and what it ran runs once', async () => {
  const flags = ['--local_agents', '2', '--local_resources', 'cpus:2;mem:1024']
  const server = await servers.start({ flags })
  await server.api.create({ ...small, id: 'pair', instances: 2, constraints: [['hostname', 'UNIQUE']] })
  await server.api.running('/pair', 2)
  await server.api.post('/v2/agents/agent-2/unplug')
  await server.crash()
  await server.start()
  expect((await server.api.get('/v2/agents/agent-2')).body.agent.connected).toBe(true)
  await server.api.running('/pair', 2)
  const found = (await server.processes(2)).map((process) => process.taskId)
  expect(found.sort()).toEqual((await server.api.tasks('/pair')).map((task) => task.id).sort())
})

it('a stopped process gets no SIGTERM; it is killed after its grace period', async () => {
  const server = await servers.start()
  await server.api.create({ ...small, id: 'frozen', taskKillGracePeriodSeconds: 1 })
  await server.api.running('/frozen', 1)
  const [victim] = await server.processes(1)
  // The shell has become its command: a process in the middle of an exec has neither name nor environment.
  await until('the command', () => commandLine(victim!.pid) === 'sleep 1000')
  process.kill(victim!.pid, 'SIGSTOP')
  const asked = Date.now()
  await server.api.delete('/v2/apps/frozen')
  await until('its end', () => !existsSync(`/proc/${victim!.pid}`))
  expect(Date.now() - asked).toBeGreaterThanOrEqual(1_000)
  expect(Date.now() - asked).toBeLessThan(3_000)
})

it('two apps that insist on one port: the second waits for the first to go', async () => {
  const server = await servers.start({ flags: ['--local_resources', 'ports:[31950-31951]'] })
  const definition = { ...small, requirePorts: true, portDefinitions: [{ port: 31_950 }] }
  await server.api.create({ ...definition, id: 'first' })
  await server.api.running('/first', 1)
  const clash = await server.api.post('/v2/apps', { ...definition, id: 'second' })
  expect(clash.status).toBe(201)
  const item = await until('its place in the queue', async () => {
    return (await server.api.get('/v2/queue')).body.queue[0]
  })
  expect(item.waitingOn[0].reasons).toEqual(['InsufficientPorts'])
  await server.api.delete('/v2/apps/first')
  expect((await server.api.running('/second', 1))[0]!.ports).toEqual([31_950])
})
