// No request of any shape makes the server fail, and one that is refused leaves nothing behind: no record, no other
// version, nothing for the engine, and no event but that a change has failed. The routes are those of the server, over
// a core whose outputs are all looked at and whose invariants are checked after each request.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ready } from '../../src/core/ready.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { stream } from '../../src/lib/rng.ts'
import { fakeApi } from '../support/fake-api.ts'
import { HandCore } from '../support/hand-core.ts'
import { shown as shownRequest } from './connection.ts'
import { type FuzzRequest, nextRequest } from './requests.ts'

/** A server on a core by hand. */
function serve() {
  const core = new HandCore({
    settings: {
      enabledFeatures: new Set(['secrets', 'external_volumes']),
      eventSubscriber: 'http_callback',
    },
  })
  const outputs: Ready[] = []
  const { server } = fakeApi({
    view: core.view,
    // What is injected has no socket that could be slow.
    options: { bodyPeriodMs: 3_600_000 },
    outcome: async (request) => {
      const { outcome, ready } = core.tell(request)
      outputs.push(ready)
      return outcome
    },
  })
  return { core, server, outputs }
}

type Served = ReturnType<typeof serve>

/** What of the root is told when a change of it fails (rest-api 4; events-metrics-flags 1.1). */
const toldOfRefusals: ReadonlySet<string> = new Set(['group_change_failed', 'deployment_failed'])

const contentOf = ({ core }: Served): unknown => ({
  revision: core.view.revision,
  version: core.view.rootVersion,
  // That it failed is told of, and what is told is kept.
  records: core.records.filter(({ table }) => table !== 'event-log'),
})

/** The status; fails when the answer is no good one. */
async function ask(served: Served, { method, target, headers, body }: FuzzRequest): Promise<number> {
  const before = contentOf(served)
  served.outputs.length = 0
  const answer = await served.server.inject({
    method: method as 'GET',
    url: target,
    headers: { ...headers } as Record<string, string>,
    ...(body === undefined ? {} : { payload: body }),
  })
  const { statusCode: status } = answer
  // The simulated cluster has no output of tasks to show, and says so.
  if (status >= 500 && status !== 501) throw new Error(`${status} ${answer.body}`)
  const isDryRun = /[?&]dryRun=true(&|$)/.test(target)
  if (status < 400 && !isDryRun) return status
  expect(contentOf(served)).toEqual(before)
  for (const { writes, effects, notices } of served.outputs) {
    expect(writes.filter(({ table }) => table !== 'event-log')).toEqual([])
    expect(effects).toEqual([])
    expect(notices.map(({ type }) => type).filter((type) => !toldOfRefusals.has(type))).toEqual([])
  }
  return status
}

describe('a request that is refused', () => {
  it('leaves nothing behind, whatever is wrong with it', async () => {
    const statuses = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        const rng = stream(seed, 'requests')
        const served = serve()
        for (let asked = 0; asked < 30; ) {
          const request = nextRequest(rng)
          if (request.method === 'GET' && !rng.chance(0.1)) continue
          // Streams do not end.
          if (/events/.test(request.target)) continue
          asked++
          try {
            const status = await ask(served, request)
            statuses.set(status, (statuses.get(status) ?? 0) + 1)
          } catch (error) {
            throw new Error(`request ${asked}: ${shownRequest(request)}`, { cause: error })
          }
        }
        await served.server.close()
      }),
      { numRuns: 25, interruptAfterTimeLimit: 12_000, endOnFailure: true },
    )
    // Both sides of it were seen.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 404, 422]))
  }, 30_000)

  const bodies = operations.filter(({ method, body }) => method !== 'GET' && body?.type === undefined)
  const withBody = bodies.filter(({ body }) => body !== undefined)

  it.each(withBody.map(({ method, path }) => [method, path] as const))(
    'leaves nothing behind of any JSON: %s %s',
    async (method, path) => {
      const served = serve()
      await ask(served, requestOf('POST', '/v2/apps', { id: '/a/web', cmd: 'sleep 600' }))
      await ask(served, requestOf('POST', '/v2/pods', { id: '/a/pod', containers: [container] }))
      const id = path.startsWith('/v2/pods') ? 'a/pod' : path.startsWith('/v2/groups') ? 'a' : 'a/web'
      const target = path.replace('{id}', id)
      await fc.assert(
        fc.asyncProperty(anyBody, async (body) => {
          await ask(served, requestOf(method, target, body))
        }),
        { numRuns: 40, interruptAfterTimeLimit: 3_000 },
      )
      await served.server.close()
    },
  )
})

const container = { name: 'c', resources: {} }

const requestOf = (method: string, target: string, body: unknown): FuzzRequest => ({
  method,
  target,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body) ?? 'null'),
})

/** Any JSON, and any beneath names that mean something. */
const fields = [
  'id',
  'cmd',
  'args',
  'instances',
  'container',
  'networks',
  'constraints',
  'healthChecks',
  'check',
  'fetch',
  'env',
  'secrets',
  'dependencies',
  'upgradeStrategy',
  'unreachableStrategy',
  'resourceLimits',
  'version',
  'apps',
  'groups',
  'scaleBy',
  'enforceRole',
  'containers',
  'scheduling',
  'scaling',
  'volumes',
  'ids',
  'logger',
  'level',
]
const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.anything({ maxDepth: 3, withNullPrototype: true }))
const sensible = fc.constantFrom<unknown>('/a', 'web', '', [], {}, null, 0, 1, true, 'host', [{}], ['a'])
const definition = fc.dictionary(fc.constantFrom(...fields), fc.oneof(sensible, anyJson), { maxKeys: 8 })
const anyBody = fc
  .oneof(anyJson, definition, fc.array(definition, { maxLength: 3 }))
  // What JSON cannot say is left out.
  .map((body) => JSON.parse(JSON.stringify(body, withoutBigInts) ?? 'null') as unknown)

function withoutBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
