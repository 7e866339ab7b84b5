// The artifact store of a real server: what is uploaded with curl is what tasks fetch; large files go through it and
// are never held whole; what a crash cuts short is gone.

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}
