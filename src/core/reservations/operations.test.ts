// The operations of worked-examples 9.5, as they leave.

import { describe, expect, test } from 'vitest'
import {
  appVersion,
  buildOffer,
  fixedRng,
  placedApp,
  ports,
  scalar,
  scheduledInstance,
} from '../../../tests/support/build-placement.ts'
import { plainPod } from '../../../tests/support/plain-pod.ts'
import { instant } from '../../lib/instant.ts'
import type { App, PersistentVolume } from '../../spec/app.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Offer, Operation, Resource } from '../mesos.ts'
import { buildPlacedIndex } from '../placement/constraint-index.ts'
import { matchReservation } from '../placement/match.ts'
import { openOffer, type RemainingOffer } from '../placement/remaining.ts'
import { defaultSettings } from '../settings.ts'
import { findReservations } from './offered.ts'
import { takeBackOperations } from './operations.ts'
import { reserveFor } from './reserve.ts'

const id = 'db_pg.instance-81b7e0d2-0b1f-11ec-9a03-0242ac110002'
const instance = scheduledInstance({ id, runSpecId: '/db/pg', role: 'db' })

const root = (size: number): PersistentVolume => ({ type: 'root', size, constraints: [] })

const postgres = (volumes: Readonly<Record<string, PersistentVolume>>, change: Partial<App> = {}): App =>
  placedApp({
    id: '/db/pg',
    role: 'db',
    cpus: 0.5,
    mem: 256,
    portDefinitions: [{ port: 0, protocol: 'tcp', labels: {} }],
    container: {
      type: 'MESOS',
      volumes: Object.entries(volumes).map(([containerPath, persistent]) => {
        return { containerPath, mode: 'RW', persistent }
      }),
    },
    ...change,
  })

/** What is done to reserve for an instance of this run spec, or why it cannot be. */
function reserving(runSpec: RunSpec, remaining: RemainingOffer) {
  const match = matchReservation({
    remaining,
    runSpec,
    placed: buildPlacedIndex([], runSpec),
    settings: defaultSettings,
    rng: fixedRng(20),
    now: instant(0),
    reserves: true,
  })
  if (match.kind === 'no-match') return match.reasons
  return reserveFor({
    instance,
    match,
    frameworkId: '5d0c-0001',
    principal: 'marathon',
    newVolumeId: (name) => `db_pg#${name}#81b80000-0b1f-11ec-9a03-0242ac110002`,
    deadline: instant(20_000),
  })
}

function operationsOn(offer: Partial<Offer>, runSpec: RunSpec): readonly Operation[] {
  const made = reserving(runSpec, openOffer(buildOffer(offer)))
  return 'operations' in made ? made.operations : []
}

const reservations = [
  {
    type: 'DYNAMIC',
    role: 'db',
    principal: 'marathon',
    labels: { marathon_framework_id: '5d0c-0001', marathon_task_id: id },
  },
]
const kept = { role: 'db', reservations }
const disk = (amount: number, more: object = {}) => ({
  name: 'disk',
  scalar: amount,
  ...kept,
  ...(Object.keys(more).length === 0 ? {} : { disk: more }),
})
const persisted = (name: string) => ({
  persistence: { id: `db_pg#${name}#81b80000-0b1f-11ec-9a03-0242ac110002`, principal: 'marathon' },
  volume: { containerPath: name, mode: 'RW' },
})

describe('what an app needs is reserved, and its volume made', () => {
  test('of unreserved resources, in its role, in our name, under its id', () => {
    expect(reserving(postgres({ data: root(512) }), openOffer(buildOffer()))).toEqual({
      instance,
      agent: {
        agentId: '5d0c-S4',
        hostname: 'node7.example',
        address: 'node7.example',
        attributes: [],
      },
      reservation: {
        id,
        volumes: [{ name: 'data', persistenceId: persisted('data').persistence.id }],
        state: 'new',
        deadline: 20_000,
      },
      operations: [
        {
          type: 'RESERVE',
          resources: [
            { name: 'cpus', scalar: 0.5, ...kept },
            { name: 'mem', scalar: 256, ...kept },
            disk(512),
            { name: 'ports', ranges: [{ begin: 31_020, end: 31_020 }], ...kept },
          ],
        },
        { type: 'CREATE', volumes: [disk(512, persisted('data'))] },
      ],
    })
  })

  test('the sandbox has disk of its own, beside the volumes', () => {
    const [reserve, create] = operationsOn({}, postgres({ data: root(512), wal: root(64) }, { disk: 100 }))
    const resources = reserve?.type === 'RESERVE' ? reserve.resources : []
    expect(resources.flatMap(({ name, scalar: amount }) => (name === 'disk' ? [amount] : []))).toEqual([
      512, 100, 64,
    ])
    expect(create).toEqual({
      type: 'CREATE',
      volumes: [disk(512, persisted('data')), disk(64, persisted('wal'))],
    })
  })

  test('nothing of what somebody has reserved, whatever roles it accepts', () => {
    const reserved = [scalar('cpus', 8, { role: 'db' }), scalar('mem', 9_000), scalar('disk', 9_000)]
    const app = postgres({ data: root(512) }, { acceptedResourceRoles: ['db', '*'], portDefinitions: [] })
    expect(reserving(app, openOffer(buildOffer({ resources: reserved })))).toEqual(['InsufficientCpus'])
    const onlyReserved = reserved.map((resource) => ({ ...resource, role: 'db' }))
    expect(reserving(app, openOffer(buildOffer({ resources: onlyReserved })))).toContain('UnfulfilledRole')
  })

  test.each(['path', 'mount'] as const)('a %s disk keeps its source, and a mount is taken whole', (type) => {
    const source = { type: type === 'path' ? 'PATH' : 'MOUNT', root: '/mnt/1', id: 'x', vendor: 'v' } as const
    const resources = [scalar('cpus', 1), scalar('mem', 512), scalar('disk', 1_000.5, { disk: { source } })]
    const app = postgres({ data: { ...root(512), type } }, { portDefinitions: [] })
    const size = type === 'path' ? 512 : 1_000.5
    expect(operationsOn({ resources }, app)).toMatchObject([
      { type: 'RESERVE', resources: [{ name: 'cpus' }, { name: 'mem' }, disk(size, { source })] },
      { type: 'CREATE', volumes: [disk(size, { ...persisted('data'), source })] },
    ])
  })

  test('one operation of each kind for every resource provider', () => {
    const source = { type: 'MOUNT', id: 'csi-1', profile: 'fast' } as const
    const provided = scalar('disk', 600, { disk: { source }, providerId: 'rp-1' })
    const app = postgres({
      data: root(512),
      fast: { ...root(500), type: 'mount', profileName: 'fast' },
    })
    const operations = operationsOn({ resources: [...buildOffer().resources, provided] }, app)
    expect(operations).toMatchObject([
      { type: 'RESERVE', resources: [{ name: 'cpus' }, { name: 'mem' }, disk(512), { name: 'ports' }] },
      { type: 'RESERVE', resources: [{ ...disk(600, { source }), providerId: 'rp-1' }] },
      { type: 'CREATE', volumes: [disk(512, persisted('data'))] },
      { type: 'CREATE', volumes: [{ ...disk(600, { ...persisted('fast'), source }), providerId: 'rp-1' }] },
    ])
  })

  test('the next instance sees what is left', () => {
    const remaining = openOffer(buildOffer())
    const app = postgres({ data: root(6_000) })
    expect(reserving(app, remaining)).toHaveProperty('operations')
    expect(reserving(app, remaining)).toEqual(['InsufficientDisk'])
  })

  test('for a pod all that its containers and its executor take, and volumes by their names', () => {
    const pod = plainPod({
      id: '/db/pg',
      version: appVersion,
      role: 'db',
      volumes: [{ name: 'pgdata', persistent: root(512) }],
    })
    const { containers, executorResources } = pod
    const sum = (name: 'cpus' | 'mem') =>
      containers.reduce((total, { resources }) => total + resources[name], executorResources[name])
    const [reserve, create] = operationsOn({}, pod)
    expect(reserve).toMatchObject({
      resources: expect.arrayContaining([
        { name: 'cpus', scalar: sum('cpus'), ...kept },
        { name: 'mem', scalar: sum('mem'), ...kept },
      ]),
    })
    expect(create).toEqual({ type: 'CREATE', volumes: [disk(512, persisted('pgdata'))] })
  })
})

test('an engine that reserves nothing has no place for volumes', () => {
  const runSpec = postgres({ data: root(512) })
  const match = matchReservation({
    remaining: openOffer(buildOffer()),
    runSpec,
    placed: buildPlacedIndex([], runSpec),
    settings: defaultSettings,
    rng: fixedRng(),
    now: instant(0),
  })
  expect(match).toEqual({ kind: 'no-match', reasons: ['NoCorrespondingReservationFound'] })
})

describe('what is taken back', () => {
  const source = { type: 'PATH', root: '/mnt/1' } as const
  const offered = (...resources: readonly object[]) =>
    findReservations(buildOffer({ resources: resources as Resource[] }), new Set(['5d0c-0001']))[0]!

  test('volumes are destroyed before they and the rest are unreserved, disks as they were', () => {
    const cpus = { name: 'cpus', scalar: 0.5, ...kept }
    const shares = ports([[31_020, 31_020]], kept as Partial<Resource>)
    const data = disk(512, persisted('data'))
    const logs = disk(64, { ...persisted('logs'), source })
    expect(takeBackOperations(offered(cpus, data, logs, shares))).toEqual([
      { type: 'DESTROY', volumes: [data, logs] },
      { type: 'UNRESERVE', resources: [cpus, shares, disk(512), disk(64, { source })] },
    ])
  })

  test('without volumes there is nothing to destroy', () => {
    const cpus = { name: 'cpus', scalar: 0.5, ...kept }
    expect(takeBackOperations(offered(cpus))).toEqual([{ type: 'UNRESERVE', resources: [cpus] }])
  })

  test('one operation of each kind for every resource provider', () => {
    const [a, b] = ['rp-1', 'rp-2'].map((providerId) => ({ ...disk(64, persisted(providerId)), providerId }))
    expect(takeBackOperations(offered(a!, b!)).map(({ type }) => type)).toEqual([
      'DESTROY',
      'DESTROY',
      'UNRESERVE',
      'UNRESERVE',
    ])
  })
})
