// Checks of apps as their users see them, on this machine: health checks by command and by what listens on the task's
// port, a check whose result is shown, and a server that is killed in between.

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Server, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()
const quick = { gracePeriodSeconds: 60, intervalSeconds: 1, timeoutSeconds: 5, delaySeconds: 0 }
const small = { cpus: 0.01, mem: 32, instances: 1 }
const web = `exec ${process.execPath} -e 'require("http").createServer((q, a) => { a.statusCode = q.url === "/up" ? 200 : 404; a.end() }).listen(process.env.PORT0)'`

const sandboxFile = (server: Server, taskId: string, name: string): string =>
  join(server.dataDir, 'local/sandboxes/agent-1', taskId, name)

const appOf = async (server: Server, id: string) =>
  (await server.api.get(`/v2/apps${id}?embed=app.tasks`)).body.app

const healthy = (server: Server, id: string, count: number) =>
  until(
    `${count} healthy tasks of ${id}`,
    async () => {
      const app = await appOf(server, id)
      return app.tasksHealthy === count && app
    },
    { seen: () => appOf(server, id) },
  )

describe('a health check that the engine runs', () => {
  it.each([
    ['MESOS_HTTP', { protocol: 'MESOS_HTTP', path: '/up', portIndex: 0 }],
    ['MESOS_TCP', { protocol: 'MESOS_TCP', portIndex: 0 }],
    ['COMMAND', { protocol: 'COMMAND', command: { value: 'kill -0 $PPID; [ "$PORT0" -gt 0 ]' } }],
  ])('by %s makes tasks healthy, and the deployment waits for it', async (protocol, check) => {
    const server = await servers.start()
    await server.api.create({
      ...small,
      id: 'web',
      cmd: web,
      instances: 2,
      healthChecks: [{ ...quick, ...check, delaySeconds: 1, maxConsecutiveFailures: 3 }],
    })
    await server.api.running('/web', 2)
    expect((await server.api.get('/v2/deployments')).body).toHaveLength(1)
    const app = await healthy(server, '/web', 2)
    await server.api.settled()
    expect(app.tasksUnhealthy).toBe(0)
    for (const task of app.tasks) expect(task.healthCheckResults, protocol).toMatchObject([{ alive: true }])
  })

  it('that finds nothing there keeps the deployment waiting', async () => {
    const server = await servers.start()
    const check = { ...quick, protocol: 'MESOS_HTTP', path: '/nowhere', maxConsecutiveFailures: 0 }
    await server.api.create({
      ...small,
      id: 'web',
      cmd: web,
      healthChecks: [{ ...check, gracePeriodSeconds: 0 }],
    })
    const app = await until('an unhealthy task', async () => {
      const app = await appOf(server, '/web')
      return app.tasksUnhealthy === 1 && app
    })
    expect(app.deployments).toHaveLength(1)
    expect(app.tasksRunning).toBe(1)
  })

  it('has the task replaced that fails it too often', async () => {
    const server = await servers.start()
    const command = { value: '[ -e up ]' }
    const check = { ...quick, protocol: 'COMMAND', command, maxConsecutiveFailures: 2 }
    await server.api.create({ ...small, id: 'web', cmd: 'touch up; exec sleep 1000', healthChecks: [check] })
    const [first] = (await healthy(server, '/web', 1)).tasks
    rmSync(sandboxFile(server, first.id, 'up'))
    const second = await until('another task', async () => {
      const [task] = await server.api.tasks('/web')
      return task !== undefined && task.id !== first.id && task
    })
    expect(second.id.split('.')[1]).toBe(first.id.split('.')[1])
    await healthy(server, '/web', 1)
    await server.processes(1)
  })

  it('goes on after the server was killed, and is no reason to start anything anew', async () => {
    const server = await servers.start()
    const command = { value: '[ -e up ]' }
    const check = { ...quick, protocol: 'COMMAND', command, maxConsecutiveFailures: 2 }
    await server.api.create({ ...small, id: 'web', cmd: 'touch up; exec sleep 1000', healthChecks: [check] })
    const [first] = (await healthy(server, '/web', 1)).tasks
    await server.crash()
    await server.start()
    const [again] = (await healthy(server, '/web', 1)).tasks
    expect(again.id).toBe(first.id)
    rmSync(sandboxFile(server, first.id, 'up'))
    await until('its end', async () => (await server.api.tasks('/web')).every(({ id }) => id !== first.id))
  })
})

describe('a check', () => {
  it('shows with the task what it found last', async () => {
    const server = await servers.start()
    const check = { ...quick, exec: { command: { shell: '[ ! -e bad ]' } }, gracePeriodSeconds: undefined }
    await server.api.create({ ...small, id: 'web', cmd: 'exec sleep 1000', check })
    const found = (exitCode: number) =>
      until(`exit code ${exitCode}`, async () => {
        const [task] = (await server.api.tasks('/web')) as readonly {
          readonly id: string
          readonly checkResult?: { readonly command?: { readonly exitCode: number } }
        }[]
        return task?.checkResult?.command?.exitCode === exitCode && task
      })
    const { id } = await found(0)
    writeFileSync(sandboxFile(server, id, 'bad'), '')
    expect((await found(1)).id).toBe(id)
    expect(existsSync(sandboxFile(server, id, 'bad'))).toBe(true)
  })
})
