// Health checks by HTTP, HTTPS and TCP through a real server: its thread that asks, tasks of the local engine that
// answer, and what people see of both.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Server, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()

/** Answers 200 as long as there is a file `well` in its sandbox, 503 otherwise. */
const service = `
require('node:http').createServer((request, response) => {
  response.statusCode = require('node:fs').existsSync('well') ? 200 : 503
  response.end()
}).listen(process.env.PORT0)`

/** The same by HTTPS, with the key and the certificate in its environment. */
const securedService = service.replace(
  "require('node:http').createServer(",
  "require('node:https').createServer({ key: process.env.KEY, cert: process.env.CERT }, ",
)

/** A key and a certificate that nobody vouches for, made for another host. */
function selfSigned(): { readonly KEY: string; readonly CERT: string } {
  const folder = mkdtempSync(join(tmpdir(), 'marathon-tls-'))
  servers.afterwards(() => rmSync(folder, { recursive: true }))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem']
  const args = ['req', '-x509', ...key, '-subj', '/CN=another.example', '-days', '1', '-out', 'cert.pem']
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { KEY: read('key.pem'), CERT: read('cert.pem') }
}

const app = (id: string, check: object, cmd = `touch well; exec "$NODE" -e "$SERVICE"`) => ({
  id,
  cmd,
  cpus: 0.01,
  mem: 64,
  env: { NODE: process.execPath, SERVICE: service },
  portDefinitions: [{ port: 0 }],
  healthChecks: [{ portIndex: 0, intervalSeconds: 1, gracePeriodSeconds: 60, timeoutSeconds: 10, ...check }],
})

const appsOf = async (server: Server) =>
  Object.fromEntries(
    ((await server.api.get('/v2/apps')).body.apps as Record<string, unknown>[]).map((one) => [
      one['id'],
      one,
    ]),
  ) as Record<string, { readonly tasksHealthy: number; readonly tasksUnhealthy: number }>

const resultOf = async (server: Server, id: string) =>
  (await server.api.get(`/v2/apps${id}/tasks`)).body.tasks[0]?.healthCheckResults?.[0]

const metric = async (server: Server, kind: 'counters' | 'gauges', name: string): Promise<number> => {
  const { body } = await server.api.get('/metrics')
  const { count, value } = body[kind][`marathon.${name}`]
  return count ?? value
}

describe('tasks are asked how they are', () => {
  it('by HTTP, HTTPS and TCP, and again by the next server', async () => {
    const server = await servers.start({})
    expect(await metric(server, 'gauges', 'probes.active.gauge')).toBe(0)
    await server.api.create(app('/web', { protocol: 'HTTP', path: '/health' }))
    const web = app('/secured', { protocol: 'HTTPS', path: '/health' })
    await server.api.create({ ...web, env: { ...web.env, ...selfSigned(), SERVICE: securedService } })
    await server.api.create(app('/port', { protocol: 'TCP' }))
    await server.api.create(app('/ill', { protocol: 'HTTP', path: '/health' }, 'exec "$NODE" -e "$SERVICE"'))
    await until('three to be healthy', async () => {
      const found = await appsOf(server)
      return ['/web', '/secured', '/port'].every((id) => found[id]?.tasksHealthy === 1)
    })
    expect(await resultOf(server, '/web')).toMatchObject({ alive: true, consecutiveFailures: 0 })
    await until('questions to the fourth', async () => (await resultOf(server, '/ill')) !== undefined)
    expect(await resultOf(server, '/ill')).toMatchObject({ alive: false })
    expect(await metric(server, 'gauges', 'probes.active.gauge')).toBe(4)
    const before = await metric(server, 'counters', 'probes.asked.counter')
    await until(
      'more questions',
      async () => (await metric(server, 'counters', 'probes.asked.counter')) >= before + 3,
    )

    await server.crash()
    await server.start()
    await until('another question', async () => (await resultOf(server, '/web'))?.lastSuccess != null)
    expect((await appsOf(server))['/web']).toMatchObject({ tasksHealthy: 1, tasksUnhealthy: 0 })
  })

  it('by a server that ends while it waits for an answer', async () => {
    const server = await servers.start({ flags: ['--max_concurrent_marathon_health_checks', '1'] })
    const deaf = 'require("node:net").createServer(() => {}).listen(process.env.PORT0)'
    const cmd = `exec "$NODE" -e '${deaf}'`
    await server.api.create(app('/deaf', { protocol: 'HTTP', path: '/', timeoutSeconds: 60 }, cmd))
    await until(
      'a question under way',
      async () => (await metric(server, 'gauges', 'probes.in-flight.gauge')) === 1,
    )
    expect(await server.terminate()).toEqual({ code: 0, signal: null })
  })
})
