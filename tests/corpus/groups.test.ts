// Groups and what becomes of them, through the whole server: ours, each as what the tree is afterwards or all that is
// wrong with the request (groups/*.json), and those written by other people (MANIFEST.json).

import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Stack } from '../compat/stack.ts'
import { type Flags, ServersByFlags } from './servers.ts'
import { smallestApp } from './smallest-app.ts'

type Fields = Readonly<Record<string, unknown>>
type Details = Readonly<Record<string, readonly string[]>>

interface Case {
  readonly name: string
  readonly source: string
  readonly flags?: Flags
  /** What is there before: the body of the root, and pods. */
  readonly given?: { readonly root?: Fields; readonly pods?: readonly Fields[] }
  readonly request: {
    readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    readonly path: string
    readonly body?: unknown
  }
}

/** Of an app what differs from the smallest, of a pod its id; lists that are not named are empty. */
interface Tree {
  readonly id: string
  readonly apps?: readonly Fields[]
  readonly pods?: readonly string[]
  readonly groups?: readonly Tree[]
  readonly dependencies?: readonly string[]
  readonly enforceRole?: boolean
}

interface Taken extends Case {
  readonly shown: Tree
}

interface Refused extends Case {
  readonly refused: { readonly status: number; readonly message: string; readonly details?: Details }
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const taken = read('groups/taken.json') as readonly Taken[]
const refused = read('groups/refused.json') as readonly Refused[]

const servers = new ServersByFlags()
afterAll(() => servers.close())

async function prepare(stack: Stack, { root, pods = [] }: NonNullable<Case['given']>): Promise<void> {
  if (root !== undefined) expect((await stack.send('PUT', '/v2/groups', root)).status).toBe(200)
  for (const pod of pods) expect((await stack.send('POST', '/v2/pods', pod)).status).toBe(201)
}

/** Whatever is being started meanwhile is no part of these cases. */
const forced = (path: string, method: string): string => (method === 'PATCH' ? path : `${path}?force=true`)

const wholeTree = ({ id, apps = [], pods = [], groups = [], dependencies = [], ...rest }: Tree): object => ({
  id,
  apps: apps.map((app) => ({ ...smallestApp, portDefinitions: [], ...app })),
  pods: pods.map((pod) => ({ id: pod })),
  groups: groups.map(wholeTree),
  dependencies,
  ...rest,
})

interface Shown extends Fields {
  readonly apps: readonly Fields[]
  readonly pods: readonly Fields[]
  readonly groups: readonly Shown[]
}

/** Without what differs from run to run; pods have their own cases. */
function comparable({ version: _version, apps, pods, groups, ...rest }: Shown): object {
  return {
    ...rest,
    apps: apps.map(({ version: _v, versionInfo: _i, ...app }) => app),
    pods: pods.map(({ id }) => ({ id })),
    groups: groups.map(comparable),
  }
}

/** Groups get a version with each change; services keep theirs when they are not changed (app-definition 2). */
const versionsIn = ({ apps, pods, groups }: Shown): unknown[] => [
  ...[...apps, ...pods].map((service) => service['version'] ?? service['spec']),
  ...groups.flatMap(versionsIn),
]

describe('groups are what they shall be after', () => {
  it.each(taken)('$request.method: $name ($source)', async ({ flags, given = {}, request, shown }) => {
    const { stack, clear } = await servers.of(flags)
    try {
      await prepare(stack, given)
      const { method, path, body } = request
      const answer = await stack.send(method, forced(path, method), body)
      expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status)
      const tree = (await stack.send('GET', '/v2/groups')).body as Shown
      expect(comparable(tree)).toEqual(wholeTree(shown))

      // The apps and groups that were answered can be sent again, and mean the same.
      const again = await stack.send('PUT', '/v2/groups?force=true', sendable(tree))
      expect([again.status, again.body.details]).toEqual([200, undefined])
      const after = (await stack.send('GET', '/v2/groups')).body as Shown
      expect(versionsIn(after)).toEqual(versionsIn(tree))
      expect(comparable(after)).toEqual(comparable(tree))
    } finally {
      await clear()
    }
  })
})

/** A version in it would mean to go back to that version; pods cannot be sent this way. */
function sendable({ version: _version, pods: _pods, groups, ...rest }: Shown): object {
  return { ...rest, groups: groups.map(sendable) }
}

describe('a group is refused for', () => {
  it.each(refused)(
    '$request.method: $name ($source)',
    async ({ flags, given = {}, request, refused: expected }) => {
      const { stack, clear } = await servers.of(flags)
      try {
        await prepare(stack, given)
        const before = await stack.send('GET', '/v2/groups')
        const { method, path, body } = request
        const answer = await stack.send(method, forced(path, method), body)
        const { details } = answer.body as { details?: Issues }
        expect({
          status: answer.status,
          message: answer.body.message,
          ...(Array.isArray(details) && details.length > 0 ? { details: byPath(details) } : {}),
        }).toEqual(expected)
        expect(await stack.send('GET', '/v2/groups')).toEqual(before)
      } finally {
        await clear()
      }
    },
  )

  it('is one of many reasons', () => expect(taken.length + refused.length).toBeGreaterThanOrEqual(40))
})

type Issues = readonly { readonly path: string; readonly errors: readonly string[] }[]
const byPath = (details: Issues): Details =>
  Object.fromEntries(details.map(({ path, errors }) => [path, errors]))

interface Entry {
  readonly file: string
  readonly kind: 'app' | 'apps' | 'pod' | 'group'
  readonly endpoint: string
  readonly expect: 'accept' | 'reject' | 'depends'
}

const { entries } = read('MANIFEST.json') as { readonly entries: readonly Entry[] }

const notIso = ['error.expected.date.isoformat']
const alone = ['not allowed in conjunction with other properties.']

/**
 * Answers of the API that somebody kept for tests of a client (021, 063) name the version of each group, with which a
 * group goes back to that version: together with anything else it is refused (rest-api 4).
 */
const told: Readonly<Record<string, Details>> = {
  '021': {
    '/version': notIso,
    '/groups(0)/version': notIso,
    '/groups(0)/groups(0)/version': notIso,
    '/groups(0)/groups(0)/groups(0)/version': notIso,
    '/groups(0)/groups(0)/groups(1)/version': notIso,
    '/groups(0)/groups(1)/version': notIso,
    '/groups(0)/groups(0)/groups(0)/apps(0)/versionInfo/lastScalingAt': notIso,
    '/groups(0)/groups(0)/groups(0)/apps(0)/versionInfo/lastConfigChangeAt': notIso,
  },
  '063': { '/version': alone, '/groups(0)/version': alone },
  '071': { '/apps(0)/id': ["Identifier is not child of '/foo/sub'"] },
}

describe('group definitions found in the wild', () => {
  for (const { file, endpoint, expect: verdict } of entries.filter(({ kind }) => kind === 'group')) {
    it(`${verdict}: ${file}`, async () => {
      const { stack, clear } = await servers.of()
      try {
        const { status, body } = await stack.send('POST', endpoint.replace('POST ', ''), read(file))
        const reasons = told[file.slice(0, 3)]
        expect([status, reasons === undefined]).toEqual(verdict === 'accept' ? [201, true] : [422, false])
        if (reasons !== undefined) expect(byPath(body.details)).toEqual(reasons)
      } finally {
        await clear()
      }
    })
  }
})

describe('definitions written by other people', () => {
  it('are all here, and each is in the list', () => {
    const count = (kind: Entry['kind']): number => entries.filter((entry) => entry.kind === kind).length
    expect({ app: count('app'), apps: count('apps'), pod: count('pod'), group: count('group') }).toEqual({
      app: 61,
      apps: 1,
      pod: 14,
      group: 5,
    })
    const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^\d{3}-.*\.json$/.test(name))
    expect(files.sort()).toEqual(entries.map(({ file }) => file).sort())
    expect(files).toHaveLength(81)
  })
})
