// Pod definitions and what becomes of them: ours, each on top of the smallest pod, with the whole JSON it is shown as
// or the whole list of what is wrong with it (pods/*.json); and those written by other people (MANIFEST.json).

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rootId } from '../../src/lib/path-id.ts'
import type { NormaliseContext } from '../../src/spec/normalise/context.ts'
import { renderPod } from '../../src/spec/render/pod.ts'
import { roleSettings } from '../../src/spec/roles.ts'
import { podOf, problemsOf, readPod, versionedPod } from '../support/normalise.ts'

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

type Fields = Readonly<Record<string, unknown>>

interface Flags {
  readonly mesosRole?: string
  readonly features?: readonly string[]
  readonly defaultNetworkName?: string
  /** Of the top-level group the pod lies in, which does not exist otherwise. */
  readonly group?: 'enforced' | 'free'
  readonly previousRole?: string
  readonly force?: boolean
}

interface Case {
  readonly name: string
  readonly flags?: Flags
  /** What is beside, or instead of, the fields of the smallest pod. */
  readonly pod?: Fields
  /** The same in its one container. */
  readonly container?: Fields
  readonly without?: readonly string[]
}

interface Taken extends Case {
  /** What is shown beside, or instead of, what is shown of the smallest pod. */
  readonly shown?: Fields
  readonly shownContainer?: Fields
  readonly shownScheduling?: Fields
}

type Refused = Case &
  (
    | { readonly as: 'shape' | 'object'; readonly details: Readonly<Record<string, readonly string[]>> }
    | { readonly as: 'message'; readonly message: string }
  )

function definitionOf({ pod = {}, container = {}, without = [] }: Case): Fields {
  const definition = { id: '/p', containers: [{ name: 'c', resources: {}, ...container }], ...pod }
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !without.includes(key)))
}

const shownOf = ({ shown = {}, shownContainer = {}, shownScheduling = {} }: Taken): Fields => ({
  id: '/p',
  version: '2031-04-02T09:15:20.480Z',
  containers: [{ name: 'c', resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 }, ...shownContainer }],
  scaling: { instances: 1, kind: 'fixed' },
  scheduling: {
    backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
    upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    placement: {},
    killSelection: 'YOUNGEST_FIRST',
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    ...shownScheduling,
  },
  executorResources: { cpus: 0.1, mem: 32, disk: 10 },
  role: '*',
  ...shown,
})

const contextOf = (id: unknown, flags: Flags = {}): NormaliseContext => ({
  roles: roleSettings({
    id: typeof id === 'string' && id.startsWith('/') ? id : '/p',
    mesosRole: flags.mesosRole ?? '*',
    newGroupEnforceRole: 'off',
    group: flags.group === undefined ? undefined : { enforceRole: flags.group === 'enforced' },
    previousRole: flags.previousRole,
    isRoleChangeForced: flags.force ?? false,
  }),
  mesosBridgeName: 'mesos-bridge',
  enabledFeatures: new Set(flags.features),
  base: rootId,
  ...(flags.defaultNetworkName === undefined ? {} : { defaultNetworkName: flags.defaultNetworkName }),
})

const shownFrom = (definition: Fields, flags?: Flags): unknown =>
  JSON.parse(JSON.stringify(renderPod(versionedPod(podOf(definition, contextOf(definition['id'], flags))))))

describe('a pod is taken with', () => {
  it.each(read('pods/taken.json') as readonly Taken[])('$name', (example) => {
    const shown = shownFrom(definitionOf(example), example.flags)
    expect(shown).toEqual(shownOf(example))
    // What was answered can be sent again, and means the same.
    expect(shownFrom(shown as Fields, example.flags)).toEqual(shown)
  })
})

describe('a pod is refused with', () => {
  it.each(read('pods/refused.json') as readonly Refused[])('$name', (example) => {
    const definition = definitionOf(example)
    const result = readPod(definition, contextOf(definition['id'], example.flags))
    if (example.as === 'message') {
      expect(result).toEqual({ ok: false, error: { kind: 'unprocessable', message: example.message } })
      return
    }
    const issues = Object.entries(example.details).map(([path, errors]) => ({ path, errors }))
    expect(result).toMatchObject({
      ok: false,
      error: { kind: example.as === 'shape' ? 'invalid-json-shape' : 'invalid-object' },
    })
    expect(byPath(result.ok ? [] : (result.error as { issues?: Issues }).issues)).toEqual(byPath(issues))
  })
})

type Issues = readonly { readonly path: string; readonly errors: readonly string[] }[]
const byPath = (issues: Issues = []): Issues => [...issues].sort((a, b) => (a.path < b.path ? -1 : 1))

interface Entry {
  readonly file: string
  readonly kind: string
  readonly expect: 'accept' | 'reject' | 'depends'
}

const entries = (read('MANIFEST.json') as { readonly entries: readonly Entry[] }).entries.filter(
  ({ kind }) => kind === 'pod',
)

/** What the user is told, by the number of the file, and the flags with which it is something else. */
const judgements: Readonly<
  Record<
    string,
    { readonly told?: readonly string[]; readonly flags?: Flags; readonly inTurn?: readonly string[] }
  >
> = {
  '047': {},
  '049': {
    told: ['/networks: Network name must be specified when container network is selected.'],
    flags: { defaultNetworkName: 'dcos' },
    inTurn: [],
  },
  '067': { told: ['/containers(0)/resources: error.path.missing'] },
  '069': { told: ['/containers(0)/resources: error.path.missing'] },
  '073': { told: ['/: unreachableStrategy must be disabled for pods with persistent volumes'] },
  '075': { told: ['/acceptedResourceRoles: A resident pod must have `acceptedResourceRoles = ["*"]`.'] },
  '077': {
    told: [
      '/containers(0)/image/pullConfig: must be empty',
      '/containers(0)/image/pullConfig: Feature secrets is not enabled. Enable with --enable_features secrets)',
      '/containers(0)/image/pullConfig: pullConfig.secret must refer to an existing secret',
    ],
    flags: { features: ['secrets'] },
    inTurn: ['/containers(0)/image/pullConfig: pullConfig.secret must refer to an existing secret'],
  },
  '079': {
    told: ['/containers(0)/linuxInfo/seccomp: Seccomp unconfined can NOT be true when Profile is defined'],
  },
  '081': { told: ['/linuxInfo/seccomp: Seccomp configuration on executor level is not supported'] },
  '083': {
    told: ['/containers(0)/linuxInfo/ipcInfo: ipcInfo shmSize can NOT be set when mode is SHARE_PARENT'],
  },
  '093': { told: ['/containers(0)/name: error.pattern', '/containers(1)/name: error.pattern'] },
  '121': {
    told: ['/networks: Network name must be specified when container network is selected.'],
    flags: { defaultNetworkName: 'dcos' },
    inTurn: [],
  },
  '123': {
    told: ['/role: Resident pods cannot have the role *'],
    flags: { mesosRole: 'database' },
    inTurn: [],
  },
  '125': {
    told: [
      '/secrets: Feature secrets is not enabled. Enable with --enable_features secrets)',
      '/containers(0)/image/pullConfig: must be empty',
      '/containers(0)/image/pullConfig: Feature secrets is not enabled. Enable with --enable_features secrets)',
    ],
    flags: { features: ['secrets'] },
    inTurn: [],
  },
}

describe('pod definitions found in the wild', () => {
  it('are all here', () => expect(entries).toHaveLength(Object.keys(judgements).length))

  for (const { file, expect: verdict } of entries) {
    const { told = [], flags, inTurn } = judgements[file.slice(0, 3)] ?? { told: ['not listed'] }
    it(`${verdict}: ${file}`, () => {
      const definition = read(file) as Fields
      const judge = (judged?: Flags) => problemsOf(readPod(definition, contextOf(definition['id'], judged)))
      expect(judge()).toEqual(told)
      expect(told.length === 0).toBe(verdict === 'accept')
      if (flags !== undefined) expect(judge(flags)).toEqual(inTurn)
    })
  }
})
