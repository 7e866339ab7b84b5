// Requests with something wrong in them, by the thousand, against a running server: none may be answered with a
// failure of the server, bring it down, or make it grow. `FUZZ=100000 SEED=7` for the long run; a failure names the
// request.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, inflateSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stream } from '../../src/lib/rng.ts'
import { Connection, type FuzzAnswer, shown } from '../fuzz/connection.ts'
import { type FuzzRequest, nextRequest, someDeployment } from '../fuzz/requests.ts'
import { type Server, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()
const total = Number(process.env['FUZZ'] ?? 6_000)
const seed = process.env['SEED'] ?? '1'
const connections = 8

/** MiB of resident memory. */
function residentMiB(server: Server): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024
}

/** What is wrong with an answer; undefined for a good one. */
function fault({ status, headers, body }: FuzzAnswer, request: FuzzRequest): string | undefined {
  // The simulated cluster has no output of tasks to show, and says so.
  if (status === 501) return undefined
  if (status >= 500) return `answered ${status}: ${body.toString().slice(0, 300)}`
  if (status < 400 || request.method === 'HEAD') return undefined
  if (!headers['content-type']?.startsWith('application/json')) return undefined
  const text =
    headers['content-encoding'] === 'gzip'
      ? gunzipSync(body)
      : headers['content-encoding'] === 'deflate'
        ? inflateSync(body)
        : body
  try {
    const { message, errors } = JSON.parse(text.toString()) as Readonly<Record<string, unknown>>
    const isSaid =
      (typeof message === 'string' && message !== '') || (Array.isArray(errors) && errors.length > 0)
    return isSaid ? undefined : `refused without a message: ${text}`
  } catch {
    return `refused with what is no JSON: ${text.toString().slice(0, 300)}`
  }
}

let store: string
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'marathon-fuzz-'))
})
afterEach(() => rmSync(store, { recursive: true, force: true }))

test(`${total} mutated requests: no failure, no crash, no growth`, {
  timeout: 60_000 + total * 20,
}, async () => {
  const server = await servers.start({
    flags: [
      '--master',
      'sim',
      '--event_subscriber',
      'http_callback',
      '--enable_features',
      'secrets,external_volumes',
      '--artifact_store',
      `file://${store}`,
    ],
  })
  const port = Number(new URL(server.url).port)
  const rng = stream(seed, 'fuzz')
  const statuses = new Map<number, number>()
  const faults: string[] = []
  let sent = 0
  let settled = 0
  // The one begun last: it may run still.
  let deployment = someDeployment

  const worker = async (): Promise<void> => {
    const connection = new Connection(port)
    while (sent < total && faults.length < 5) {
      sent++
      const next = nextRequest(rng)
      const request = { ...next, target: next.target.replace(someDeployment, deployment) }
      if (request.cutAt !== undefined) {
        await connection.breakOff(request)
        continue
      }
      const answer = await connection.send(request).catch((error: Error) => error)
      if (answer instanceof Error) {
        faults.push(answer.message)
        connection.close()
        continue
      }
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      deployment = answer.headers['marathon-deployment-id'] ?? deployment
      const wrong = fault(answer, request)
      if (wrong !== undefined) faults.push(`${shown(request)}\n  ${wrong}`)
      // Once everything is loaded and warm, memory shall stay where it is.
      if (sent === Math.floor(total / 3)) settled = residentMiB(server)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: connections }, worker))

  // One that ends takes its time.
  if (faults.length > 0) await sleep(2_000)
  if (!server.isAlive) faults.unshift(`the server ended: ${server.output.slice(-2_000)}`)
  expect(faults).toEqual([])
  // Every upload has come to an end.
  await until('the uploads to be over', () => readdirSync(join(store, '.uploads')).length === 0)
  const { body } = await server.api.call('DELETE', '/v2/groups?force=true')
  expect(body).toMatchObject({ deploymentId: expect.any(String) })
  // One that somebody paused goes on when it is told to, whatever is deleted meanwhile.
  const { body: left } = await server.api.call('GET', '/v2/deployments')
  for (const { id, paused } of left as readonly { readonly id: string; readonly paused?: boolean }[]) {
    if (paused === true) await server.api.call('POST', `/v2/deployments/${id}/resume`)
  }
  const grown = residentMiB(server)
  console.log(
    `seed ${seed}: ${sent} requests, ${[...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}; ${settled.toFixed(0)} MiB after a third, ${grown.toFixed(0)} at the end`,
  )
  expect(grown).toBeLessThan(settled * 1.5 + 64)
})
