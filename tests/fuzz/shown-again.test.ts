// Definitions nobody would write, made of sound ones by a few changes: those that are taken can be sent again as they
// are shown, and nothing changes by it. So what is parsed, normalised and written has one form, for apps, pods and
// groups.

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rng, stream } from '../../src/lib/rng.ts'
import { type Stack, startStack } from '../compat/stack.ts'
import { mutatedBody } from './bodies.ts'

type Definition = Parameters<typeof mutatedBody>[0]
type Fields = { readonly [key: string]: Definition }

interface Case {
  readonly app?: Fields
  readonly pod?: Fields
  readonly container?: Fields
  readonly shown?: unknown
  readonly refused?: unknown
  readonly request?: { readonly method: string; readonly path: string; readonly body?: Definition }
}

const corpus = new URL('../corpus/', import.meta.url)
const read = (name: string): readonly Case[] => JSON.parse(readFileSync(new URL(name, corpus), 'utf8'))

const appCases = readdirSync(new URL('apps/', corpus)).flatMap((name) => read(`apps/${name}`))
const apps = appCases
  .filter(({ refused }) => refused === undefined)
  .map(({ app = {} }): Definition => ({ cmd: 'sleep 600', ...app, id: '/x' }))
const pods = read('pods/taken.json').map(
  ({ pod = {}, container = {} }): Definition => ({
    containers: [{ name: 'c', resources: {}, ...container }],
    ...pod,
    id: '/x',
  }),
)
const groups = read('groups/taken.json').flatMap(({ request }) =>
  request?.body === undefined || request.method === 'PATCH'
    ? []
    : [{ id: '/', groups: [{ ...(request.body as object), id: 'x' }] }],
) as readonly Definition[]

const features = new Set(['secrets', 'external_volumes', 'gpu_resources'])

/** A definition; undefined when no JSON is left of it, or none that is read at all. */
function mutated(definitions: readonly Definition[], rng: Rng): object | undefined {
  const body = mutatedBody(rng.pick(definitions), rng)
  if (body.length > 100_000) return undefined
  try {
    const json: unknown = JSON.parse(body.toString())
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}

/** Counts what was taken, so that a test of nothing is none. */
async function forMany(
  definitions: readonly Definition[],
  check: (stack: Stack, definition: object) => Promise<boolean>,
): Promise<number> {
  const stack = await startStack({ agents: 0, settings: { enabledFeatures: features } })
  let taken = 0
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
      const definition = mutated(definitions, stream(seed, 'definitions'))
      if (definition === undefined) return
      try {
        if (await check(stack, definition)) taken++
      } catch (error) {
        throw new Error(JSON.stringify(definition).slice(0, 2_000), { cause: error })
      }
      await stack.send('DELETE', '/v2/groups?force=true')
      await stack.elapse(1)
    }),
    { numRuns: 250, interruptAfterTimeLimit: 20_000, endOnFailure: true },
  )
  await stack.close()
  return taken
}

describe('what is shown can be sent again, and changes nothing', () => {
  it('of apps', async () => {
    const taken = await forMany(apps, async (stack, definition) => {
      const { status, body } = await stack.send('POST', '/v2/apps', definition)
      if (status !== 201) return false
      const { app } = (await stack.send('GET', `/v2/apps${body.id}`)).body
      const again = await stack.send('PUT', `/v2/apps${body.id}?partialUpdate=false&force=true`, app)
      expect([again.status, again.body.details]).toEqual([200, undefined])
      expect((await stack.send('GET', `/v2/apps${body.id}`)).body.app).toEqual({
        ...app,
        deployments: expect.anything(),
      })
      return true
    })
    expect(taken).toBeGreaterThan(5)
  }, 60_000)

  it('of pods', async () => {
    const taken = await forMany(pods, async (stack, definition) => {
      const { status, body } = await stack.send('POST', '/v2/pods', definition)
      if (status !== 201) return false
      const pod = (await stack.send('GET', `/v2/pods${body.id}`)).body
      const again = await stack.send('PUT', `/v2/pods${body.id}?force=true`, pod)
      expect([again.status, again.body]).toEqual([200, pod])
      return true
    })
    expect(taken).toBeGreaterThan(5)
  }, 60_000)

  it('of groups', async () => {
    const taken = await forMany(groups, async (stack, definition) => {
      if ((await stack.send('PUT', '/v2/groups?force=true', definition)).status !== 200) return false
      const tree = (await stack.send('GET', '/v2/groups')).body
      const again = await stack.send('PUT', '/v2/groups?force=true', withoutVersions(tree))
      expect([again.status, again.body.details]).toEqual([200, undefined])
      const after = (await stack.send('GET', '/v2/groups')).body
      expect(withoutVersions(after)).toEqual(withoutVersions(tree))
      return true
    })
    expect(taken).toBeGreaterThan(5)
  }, 60_000)
})

interface Tree {
  readonly version: string
  readonly groups: readonly Tree[]
  readonly apps: readonly unknown[]
}

/** Groups have a version of each change; apps have their own, and keep it. */
const withoutVersions = ({ version: _version, groups: within, ...rest }: Tree): object => ({
  ...rest,
  groups: within.map(withoutVersions),
})
