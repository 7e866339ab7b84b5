// The artifact store of a real server: what is uploaded with curl is what tasks fetch; large files go through it and
// are never held whole; what a crash cuts short is gone.

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collectEvents } from './support/event-stream.ts'
import { type Server, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()
const run = promisify(execFile)
let store: string
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'marathon-artifacts-'))
})
afterEach(() => rmSync(store, { recursive: true, force: true }))

const withStore = () => ['--artifact_store', `file://${store}`]
const uploads = (): string[] => readdirSync(join(store, '.uploads'))

/** Status, headers and body of what curl gets. */
async function curl(server: Server, path: string, ...args: readonly string[]) {
  const { stdout } = await run('curl', ['-sS', '-i', '-H', 'Expect:', ...args, `${server.url}${path}`])
  const [head, body] = stdout.split(/\r\n\r\n(.*)/s) as [string, string]
  return { status: Number(head.split(' ')[1]), location: /^location: (.*)$/im.exec(head)?.[1], body }
}

it('what was uploaded is fetched by a task, also after a crash of the server', async () => {
  const server = await servers.start({ flags: withStore() })
  const script = join(store, 'upload.sh')
  writeFileSync(script, 'echo fetched > proof; exec sleep 1000\n')
  const created = await curl(server, '/v2/artifacts', '-F', `file=@${script};filename=run.sh`)
  expect(created).toMatchObject({ status: 201, body: '' })
  expect(created.location).toBe(`${server.url}/v2/artifacts/run.sh`)
  const put = await curl(server, '/v2/artifacts/deep/run.sh', '-T', script)
  expect(put).toMatchObject({ status: 201, location: `${server.url}/v2/artifacts/deep/run.sh` })
  expect(await curl(server, '/v2/artifacts/deep/run.sh', '-F', `file=@${script}`)).toMatchObject({
    status: 200,
  })

  await server.crash()
  await server.start()
  expect((await curl(server, '/v2/artifacts/deep/run.sh')).body).toBe(readFileSync(script, 'utf8'))
  const uri = `${server.url}/v2/artifacts/deep/run.sh`
  await server.api.create({ id: '/a', cmd: '. ./run.sh', cpus: 0.01, mem: 32, fetch: [{ uri }] })
  const [task] = await server.api.running('/a', 1)
  const proof = await until('the task to show what it fetched', async () => {
    const found = await run('find', [server.dataDir, '-path', `*${task!.id}*`, '-name', 'proof'])
    return found.stdout.trim() || undefined
  })
  expect(readFileSync(proof, 'utf8')).toBe('fetched\n')

  expect(await curl(server, '/v2/artifacts/deep/run.sh', '-X', 'DELETE')).toMatchObject({ status: 200 })
  expect(await curl(server, '/v2/artifacts/deep/run.sh')).toMatchObject({ status: 404 })
  expect(readdirSync(store).sort()).toEqual(['.uploads', 'run.sh', 'upload.sh'])
})

it('a large one goes through in pieces, both ways', async () => {
  const server = await servers.start({ flags: [...withStore(), '--master', 'sim'] })
  const size = 400 * 1024 * 1024
  const large = join(store, 'large')
  await run('sh', ['-c', `head -c ${size} /dev/urandom > ${large}`])
  const before = residentMb(server.pid)
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, residentMb(server.pid))), 20)
  expect(await curl(server, '/v2/artifacts/form', '-F', `file=@${large}`)).toMatchObject({ status: 201 })
  expect(await curl(server, '/v2/artifacts/raw', '-T', large)).toMatchObject({ status: 201 })
  const back = join(store, 'back')
  await run('curl', ['-sS', '-o', back, `${server.url}/v2/artifacts/form`])
  clearInterval(watch)
  for (const name of ['form', 'raw', 'back']) {
    expect(statSync(join(store, name)).size).toBe(size)
    await run('cmp', [large, join(store, name)])
  }
  expect(most - before).toBeLessThan(150)
})

it('one that a crash cuts short is not there, and nothing of it is left', async () => {
  const server = await servers.start({ flags: [...withStore(), '--master', 'sim'] })
  expect((await curl(server, '/v2/artifacts/a', '-d', 'old')).status).toBe(201)
  const request = http.request(`${server.url}/v2/artifacts/a`, { method: 'PUT', agent: false })
  request.on('error', () => undefined)
  request.write('half')
  await until('the upload to begin', () => uploads().length === 1)
  await server.crash()
  await server.start()
  expect(uploads()).toEqual([])
  expect((await curl(server, '/v2/artifacts/a')).body).toBe('old')
})

it('one under way is not harmed by a second server, which may not run', async () => {
  const flags = [...withStore(), '--master', 'sim']
  const server = await servers.start({ flags })
  const request = http.request(`${server.url}/v2/artifacts/a`, { method: 'PUT', agent: false })
  const answered = new Promise<number>((resolve) =>
    request.on('response', ({ statusCode }) => resolve(statusCode!)),
  )
  request.write('half ')
  await until('the upload to begin', () => uploads().length === 1)
  const second = servers.prepare({ dataDir: server.dataDir, flags })
  second.spawn()
  expect(await second.exited()).toEqual({ code: 114, signal: null })
  request.end('and half')
  expect(await answered).toBe(201)
  expect((await curl(server, '/v2/artifacts/a')).body).toBe('half and half')
})

it('one under way, and whoever listens, keep no server from stopping', async () => {
  const deaf = net.createServer()
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
  servers.afterwards(() => deaf.close())
  const { port } = deaf.address() as AddressInfo
  const flags = ['--event_subscriber', 'http_callback', '--http_endpoints', `http://127.0.0.1:${port}/`]
  const server = await servers.start({ flags: [...withStore(), '--master', 'sim', ...flags] })
  const request = http.request(`${server.url}/v2/artifacts/a`, { method: 'PUT', agent: false })
  request.on('error', () => undefined)
  request.write('half')
  await until('the upload to begin', () => uploads().length === 1)
  const events = await collectEvents(server)
  await server.api.post('/v2/apps', { id: '/a', cmd: 'x', instances: 1 })
  const startedAt = Date.now()
  expect(await server.terminate()).toEqual({ code: 0, signal: null })
  expect(Date.now() - startedAt).toBeLessThan(5_000)
  events.close()
})

describe('storeUrls', () => {
  const app = { id: '/site', cmd: '. ./run.sh', cpus: 0.01, mem: 32 }

  it('are in the store before the app starts, which fetches them from there; also across a crash', async () => {
    const source = await fileServer()
    source.hold()
    const server = await servers.start({ flags: withStore(), port: await freePort() })
    const created = await server.api.post('/v2/apps', { ...app, storeUrls: [`${source.url}/dir/run.sh?v=1`] })
    expect(created.status).toBe(201)
    const [{ uri }] = created.body.fetch
    expect(uri).toMatch(new RegExp(`^${server.url}/v2/artifacts/[0-9a-f]{40}/run\\.sh$`))
    await until('the file to be asked for', () => source.asked() === 1)
    const [deployment] = (await server.api.get('/v2/deployments?embed=waitingOn')).body
    expect(deployment.currentActions).toMatchObject([{ action: 'ResolveArtifacts', app: '/site' }])
    expect(deployment.waitingOn).toMatchObject([{ reason: 'artifacts', runSpecId: '/site', count: 1 }])
    expect(await server.api.tasks('/site')).toEqual([])

    await server.crash()
    await server.start()
    await until('the file to be asked for again', () => source.asked() === 2)
    source.release()
    await server.api.running('/site', 1)
    expect((await server.api.get(new URL(uri).pathname)).text).toBe(source.text)
    expect(readdirSync(store).filter((name) => name !== '.uploads')).toHaveLength(1)
  })

  it('bring a file once, whatever becomes of its source', async () => {
    const source = await fileServer()
    const server = await servers.start({ flags: withStore() })
    const storeUrls = [`${source.url}/run.sh`]
    await server.api.create({ ...app, storeUrls })
    await server.api.running('/site', 1)
    source.break()
    await server.api.create({ ...app, id: '/two', storeUrls })
    await server.api.running('/two', 1)
    expect(source.asked()).toBe(1)
    expect((await server.api.get('/v2/apps/site')).body.app.storeUrls).toBeUndefined()
  })

  it('that cannot be had end the deployment with the reason, and leave everything as it was', async () => {
    const source = await fileServer()
    const server = await servers.start({ flags: withStore() })
    await server.api.create({ ...app, cmd: 'exec sleep 1000' })
    const [before] = await server.api.running('/site', 1)
    const events = await collectEvents(server)
    source.break()
    const changed = await server.api.put('/v2/apps/site', { ...app, storeUrls: [`${source.url}/run.sh`] })
    expect(changed.status).toBe(200)
    await until('the failure', () => events.seen.some(({ name }) => name === 'deployment_failed'))
    await server.api.settled()
    expect(events.seen.map(({ name }) => name)).toContain('deployment_step_failure')
    expect(events.seen.find(({ name }) => name === 'deployment_failed')?.data.reason).toBe(
      `Could not store ${source.url}/run.sh: the server answered 503 Service Unavailable`,
    )
    events.close()
    expect((await server.api.get('/v2/apps/site')).body.app).toMatchObject({ cmd: 'exec sleep 1000' })
    expect((await server.api.tasks('/site')).map(({ id }) => id)).toEqual([before!.id])
    expect(readdirSync(store)).toEqual(['.uploads'])
    expect(uploads()).toEqual([])
  })

  it('need a store', async () => {
    const server = await servers.start({ flags: ['--master', 'sim'] })
    const refused = await server.api.post('/v2/apps', { ...app, storeUrls: ['http://127.0.0.1:1/x'] })
    expect(refused).toMatchObject({
      status: 422,
      body: { message: 'No storage provider available to load/persist artifacts. Configuration problem?' },
    })
  })
})

describe('it does not start', () => {
  it.each([
    ['hdfs://localhost:54310/path/to/store', /--artifact_store .*hdfs:.*file:/s],
    ['/just/a/path', /--artifact_store .*\/just\/a\/path.*file:/s],
    ['file:///no/such/folder', /--artifact_store .*\/no\/such\/folder.*ENOENT/s],
    ['file://host/path', /--artifact_store .*file:\/\/host\/path/s],
  ])('with the store %s', async (url, message) => {
    const server = servers.prepare({ flags: ['--artifact_store', url] })
    server.spawn()
    expect(await server.exited()).toEqual({ code: 112, signal: null })
    expect(server.output).toMatch(message)
  })
})

async function freePort(): Promise<number> {
  const listener = net.createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  await new Promise((resolve) => listener.close(resolve))
  return port
}

/** A server of one file, which can hold its answers back, or be out of order. */
async function fileServer() {
  const text = 'exec sleep 1000\n'
  let asked = 0
  let state: 'well' | 'holding' | 'broken' = 'well'
  const held: (() => void)[] = []
  const listener = http.createServer((_request, response) => {
    asked += 1
    if (state === 'broken') response.writeHead(503).end()
    else if (state === 'holding') held.push(() => response.end(text))
    else response.end(text)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  servers.afterwards(() => {
    listener.closeAllConnections()
    listener.close()
  })
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    text,
    asked: () => asked,
    hold: () => (state = 'holding'),
    break: () => (state = 'broken'),
    release() {
      state = 'well'
      for (const answer of held.splice(0)) answer()
    },
  }
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}
