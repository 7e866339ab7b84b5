// App definitions written by other people for the original, and whether a server with default flags takes them.
// MANIFEST.json has the origin of each (repository, commit, path) and the verdict to be expected.

import { readFileSync } from 'node:fs'
import { assert, describe, expect, it } from 'vitest'
import { rootId } from '../../src/lib/path-id.ts'
import type { Result } from '../../src/lib/result.ts'
import type { AppSpec } from '../../src/spec/app.ts'
import { normaliseApp } from '../../src/spec/normalise/app.ts'
import { parseApp, parseAppArray } from '../../src/spec/parse/app.ts'
import type { Refusal } from '../../src/spec/refusal.ts'
import { renderApp } from '../../src/spec/render/app.ts'
import { roleSettings } from '../../src/spec/roles.ts'

interface Entry {
  readonly file: string
  readonly kind: 'app' | 'apps'
  readonly expect: 'accept' | 'reject' | 'depends'
  readonly why: readonly string[]
  readonly depends_on: readonly string[]
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const entries = (
  read('MANIFEST.json') as { readonly entries: readonly (Entry | { readonly kind: 'pod' | 'group' })[] }
).entries.filter((entry): entry is Entry => entry.kind === 'app' || entry.kind === 'apps')

interface Flags {
  readonly mesosRole: string
  readonly features: readonly string[]
  readonly defaultNetworkName?: string
}

const defaultFlags: Flags = { mesosRole: '*', features: [] }

function judge(json: unknown, kind: Entry['kind'], flags: Flags): Result<AppSpec, Refusal>[] {
  const parsed = kind === 'apps' ? parseAppArray(json) : parseApp(json)
  if (!parsed.ok) return [{ ok: false, error: { kind: 'invalid-json-shape', issues: parsed.error } }]
  return [parsed.value].flat().map((app) =>
    normaliseApp(app, {
      roles: roleSettings({
        id: app.id.startsWith('/') ? app.id : `/${app.id}`,
        mesosRole: flags.mesosRole,
        newGroupEnforceRole: 'off',
        group: undefined,
      }),
      mesosBridgeName: 'mesos-bridge',
      enabledFeatures: new Set(flags.features),
      base: rootId,
      ...(flags.defaultNetworkName === undefined ? {} : { defaultNetworkName: flags.defaultNetworkName }),
    }),
  )
}

const refusals = (verdicts: readonly Result<AppSpec, Refusal>[]): Refusal[] =>
  verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict.error]))

/** The flags that make the definitions acceptable which the default flags refuse. */
function helpfulFlags(entry: Entry): Flags {
  const text = entry.depends_on.join(' ')
  return {
    mesosRole: text.includes('slave_public') ? 'slave_public' : 'database',
    features: ['secrets', 'external_volumes'].filter((feature) => text.includes(feature)),
  }
}

const version = '2031-04-02T09:15:20.480Z'

const shape = (...paths: readonly (readonly [path: string, error: string])[]): Refusal => ({
  kind: 'invalid-json-shape',
  issues: paths.map(([path, error]) => ({ path, errors: [error] })),
})
const object = (...paths: readonly (readonly [path: string, ...errors: string[]])[]): Refusal => ({
  kind: 'invalid-object',
  issues: paths.map(([path, ...errors]) => ({ path, errors })),
})

/**
 * What the user is told, by the number of the file. The manifest lists everything wrong with a definition; a user
 * hears of it stage by stage: shape, then deprecated fields, then the rest (app-definition 8).
 */
const refusalOf: Readonly<Record<string, Refusal>> = {
  '001': object(['/uris', 'may not be set in conjunction with fetch']),
  '005': object(['/container/docker/network', 'must be empty']),
  '023': shape(
    ['/cpus', 'error.expected.jsnumber'],
    ['/instances', 'error.expected.jsnumber'],
    ['/mem', 'error.expected.jsnumber'],
  ),
  '029': shape(['/container/docker/network', 'error.unknown.enum.literal']),
  '039': shape(['/container/type', 'error.unknown.enum.literal']),
  '041': shape(['/id', 'error.pattern']),
  '043': object(['/container/docker/credential', 'must be empty']),
  '057': object(
    ['/ipAddress', 'ipAddress/discovery is not allowed for Docker containers'],
    ['/', 'must not specify both networks and ipAddress', 'cannot specify both an IP address and port'],
  ),
  '065': object(
    ['/ipAddress', 'ipAddress/discovery is not allowed for Docker containers'],
    ['/', 'cannot specify both an IP address and port'],
  ),
  '085': object(['/container/docker/credential', 'must be empty']),
  '087': object(['/container/docker/network', 'must be empty']),
  '089': object(['/container/docker', 'not defined']),
  '091': object(['/', 'cannot specify both an IP address and port']),
  '133': object(['/', 'must not specify both container.docker.network and networks']),
  '135': object([
    '/',
    'must not specify both container.docker.network and networks',
    'must not specify both networks and ipAddress',
  ]),
}

describe('app definitions found in the wild', () => {
  it('are all here', () => expect(entries).toHaveLength(62))

  for (const entry of entries.filter((candidate) => candidate.expect === 'accept')) {
    it(`takes ${entry.file}`, () => {
      expect(refusals(judge(read(entry.file), entry.kind, defaultFlags))).toEqual([])
    })
  }

  for (const entry of entries.filter((candidate) => candidate.expect === 'accept')) {
    it(`gives ${entry.file} back so that posting the answer again changes nothing`, () => {
      for (const verdict of judge(read(entry.file), entry.kind, defaultFlags)) {
        assert(verdict.ok)
        const app = {
          ...verdict.value,
          version,
          versionInfo: { lastScalingAt: version, lastConfigChangeAt: version },
        }
        const [again] = judge(JSON.parse(JSON.stringify(renderApp(app))), 'app', defaultFlags)
        expect(again).toEqual({ ok: true, value: verdict.value })
      }
    })
  }

  for (const entry of entries.filter((candidate) => candidate.expect === 'reject')) {
    it(`refuses ${entry.file}`, () => {
      const [found, ...others] = refusals(judge(read(entry.file), entry.kind, defaultFlags))
      expect(others).toEqual([])
      expect(found).toMatchObject(refusalOf[entry.file.slice(0, 3)] ?? { kind: 'not listed' })
    })
  }

  for (const entry of entries.filter((candidate) => candidate.expect === 'depends')) {
    it(`takes ${entry.file} only with the flags it needs`, () => {
      expect(refusals(judge(read(entry.file), entry.kind, defaultFlags))).not.toEqual([])
      expect(refusals(judge(read(entry.file), entry.kind, helpfulFlags(entry)))).toEqual([])
    })
  }
})
