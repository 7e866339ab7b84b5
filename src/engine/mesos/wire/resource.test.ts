// What is sent of a resource is understood as it was meant, and nothing of an amount is lost on the way.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Resource } from '../../../core/mesos.ts'
import { instant } from '../../../lib/instant.ts'
import { decodeEvent } from './decode-event.ts'
import { Malformed } from './fields.ts'
import { decodeResource, encodeResource, type WireResource } from './resource.ts'

const disk = { name: 'disk', scalar: 64, role: '*' }
const wireDisk = { name: 'disk', type: 'SCALAR', scalar: { value: 64 } } as const

const labels = { labels: [{ key: 'for', value: 'db' }] }
const dynamic = { type: 'DYNAMIC', role: 'pv', principal: 'me', labels: { for: 'db' } } as const

/** The same in both directions. */
const equivalents: [string, Resource, WireResource][] = [
  [
    'an amount',
    { name: 'cpus', scalar: 0.25, role: '*' },
    { name: 'cpus', type: 'SCALAR', scalar: { value: 0.25 } },
  ],
  [
    'ports',
    {
      name: 'ports',
      ranges: [
        { begin: 1, end: 2 },
        { begin: 9, end: 9 },
      ],
      role: '*',
    },
    {
      name: 'ports',
      type: 'RANGES',
      ranges: {
        range: [
          { begin: 1, end: 2 },
          { begin: 9, end: 9 },
        ],
      },
    },
  ],
  [
    'a set',
    { name: 'zones', set: ['a', 'b'], role: '*' },
    { name: 'zones', type: 'SET', set: { item: ['a', 'b'] } },
  ],
  [
    'what the operator of an agent reserved',
    { ...disk, role: 'pv', reservations: [{ type: 'STATIC', role: 'pv', labels: {} }] },
    { ...wireDisk, reservations: [{ type: 'STATIC', role: 'pv' }] },
  ],
  [
    'what an operation reserved',
    { ...disk, role: 'pv', reservations: [dynamic] },
    { ...wireDisk, reservations: [{ type: 'DYNAMIC', role: 'pv', principal: 'me', labels }] },
  ],
  [
    'a reservation of a reservation: the last one counts',
    {
      ...disk,
      role: 'pv/db',
      reservations: [
        { type: 'STATIC', role: 'pv', labels: {} },
        { ...dynamic, role: 'pv/db' },
      ],
    },
    {
      ...wireDisk,
      reservations: [
        { type: 'STATIC', role: 'pv' },
        { type: 'DYNAMIC', role: 'pv/db', principal: 'me', labels },
      ],
    },
  ],
  [
    'a persistent volume',
    {
      ...disk,
      role: 'pv',
      reservations: [dynamic],
      disk: {
        persistence: { id: 'db#data#1', principal: 'me' },
        volume: { containerPath: 'data', mode: 'RW' },
      },
    },
    {
      ...wireDisk,
      reservations: [{ type: 'DYNAMIC', role: 'pv', principal: 'me', labels }],
      disk: {
        persistence: { id: 'db#data#1', principal: 'me' },
        volume: { container_path: 'data', mode: 'RW' },
      },
    },
  ],
  [
    'a volume of nobody, to be read only',
    { ...disk, disk: { persistence: { id: 'x' }, volume: { containerPath: 'd', mode: 'RO' } } },
    { ...wireDisk, disk: { persistence: { id: 'x' }, volume: { container_path: 'd', mode: 'RO' } } },
  ],
  [
    'a path disk',
    { ...disk, disk: { source: { type: 'PATH', root: '/mnt/a' } } },
    { ...wireDisk, disk: { source: { type: 'PATH', path: { root: '/mnt/a' } } } },
  ],
  [
    'a mount disk whose root is not told',
    { ...disk, disk: { source: { type: 'MOUNT', profile: 'fast' } } },
    { ...wireDisk, disk: { source: { type: 'MOUNT', mount: {}, profile: 'fast' } } },
  ],
  [
    'a disk of a resource provider',
    {
      ...disk,
      providerId: 'rp1',
      disk: { source: { type: 'RAW', id: 'v7', vendor: 'org.x', metadata: { a: '1' } } },
    },
    {
      ...wireDisk,
      provider_id: { value: 'rp1' },
      disk: {
        source: { type: 'RAW', vendor: 'org.x', id: 'v7', metadata: { labels: [{ key: 'a', value: '1' }] } },
      },
    },
  ],
  [
    'a block device',
    { ...disk, disk: { source: { type: 'BLOCK' } } },
    { ...wireDisk, disk: { source: { type: 'BLOCK' } } },
  ],
  ['what several may share', { ...disk, shared: true }, { ...wireDisk, shared: {} }],
]

describe('a resource', () => {
  test.each(equivalents)('sent: %s', (_, resource, wire) => {
    expect(encodeResource(resource)).toEqual(wire)
  })

  test.each(equivalents)('understood: %s', (_, resource, wire) => {
    expect(decodeResource({ ...wire, allocation_info: { role: 'pv' } })).toEqual(resource)
  })

  test('is rounded to thousandths, as Mesos does', () => {
    expect(encodeResource({ name: 'cpus', scalar: 0.1 + 0.2, role: '*' }).scalar).toEqual({ value: 0.3 })
    expect(encodeResource({ name: 'cpus', scalar: 0.0005, role: '*' }).scalar).toEqual({ value: 0.001 })
  })

  test('with a role and no word of its reservation is of the operator of the agent', () => {
    expect(encodeResource({ ...disk, role: 'pv' })).toEqual({
      ...wireDisk,
      reservations: [{ type: 'STATIC', role: 'pv' }],
    })
  })

  test('never has the role of the older format', () => {
    for (const [, resource] of equivalents) expect(encodeResource(resource)).not.toHaveProperty('role')
  })
})

describe('the older format', () => {
  test.each<[string, object, Partial<Resource>]>([
    ['is free with the role *', { role: '*' }, {}],
    [
      'is of the operator with a role alone',
      { role: 'pv' },
      { role: 'pv', reservations: [{ type: 'STATIC', role: 'pv', labels: {} }] },
    ],
    [
      'is reserved by an operation with a reservation, even an empty one',
      { role: 'pv', reservation: {} },
      { role: 'pv', reservations: [{ type: 'DYNAMIC', role: 'pv', labels: {} }] },
    ],
    [
      'has principal and labels there',
      { role: 'pv', reservation: { principal: 'me', labels } },
      { role: 'pv', reservations: [dynamic] },
    ],
  ])('%s', (_, fields, expected) => {
    expect(decodeResource({ ...wireDisk, ...fields })).toEqual({ ...disk, ...expected })
  })
})

describe('what cannot be used', () => {
  test('is left out: what may be taken away at any time', () => {
    expect(decodeResource({ ...wireDisk, revocable: {} })).toBeUndefined()
  })

  test.each<[string, object, string, string]>([
    ['a value of no kind', { ...wireDisk, type: 'TEXT' }, 'type', 'SCALAR, RANGES or SET'],
    ['no value', { name: 'cpus', type: 'SCALAR' }, 'scalar', 'an object'],
    ['an amount in words', { ...wireDisk, scalar: { value: 'much' } }, 'scalar.value', 'a number'],
    [
      'a range without end',
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 1, end: 2 }, { begin: 3 }] } },
      'ranges.range[1].end',
      'a number',
    ],
    [
      'a disk of a kind nobody knows',
      { ...wireDisk, disk: { source: { type: 'TAPE' } } },
      'disk.source.type',
      'PATH, MOUNT, BLOCK or RAW',
    ],
    ['a reservation for nobody', { ...wireDisk, reservations: [{}] }, 'reservations[0].role', 'a text'],
  ])('is refused with its place: %s', (_, wire, where, expected) => {
    let error: unknown
    try {
      decodeResource({ ...wire })
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(Malformed)
    expect(error).toMatchObject({ where, expected })
  })
})

const name = fc.string({ minLength: 1, maxLength: 12 })
const role = fc.stringMatching(/^[a-z][a-z0-9/-]{0,10}$/)
/** Without what no label has: keys that are numbers change their place in a record, `__proto__` is no key at all. */
const someLabels = fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,8}$/), fc.string({ maxLength: 10 }), {
  maxKeys: 4,
  noNullPrototype: true,
})
const reservation = fc.record(
  { type: fc.constantFrom('STATIC', 'DYNAMIC'), role, principal: name, labels: someLabels },
  { requiredKeys: ['type', 'role', 'labels'] },
)
const thousandths = fc.integer({ min: 0, max: 10 ** 10 }).map((amount) => amount / 1000)
const ranges = fc.array(
  fc.tuple(fc.nat(60_000), fc.nat(5_000)).map(([begin, length]) => ({ begin, end: begin + length })),
  { maxLength: 6 },
)
const diskInfo = fc.record(
  {
    persistence: fc.record({ id: name, principal: name }, { requiredKeys: ['id'] }),
    volume: fc.record({ containerPath: name, mode: fc.constantFrom('RO', 'RW') }),
    source: fc.oneof(
      fc.record(
        {
          type: fc.constantFrom('PATH', 'MOUNT'),
          root: name,
          profile: name,
          id: name,
          vendor: name,
          metadata: someLabels,
        },
        { requiredKeys: ['type'] },
      ),
      fc.record(
        { type: fc.constantFrom('BLOCK', 'RAW'), profile: name, id: name },
        { requiredKeys: ['type'] },
      ),
    ),
  },
  { requiredKeys: [] },
)
const value = fc.oneof(
  thousandths.map((scalar) => ({ scalar })),
  ranges.map((all) => ({ ranges: all })),
  fc.array(name, { maxLength: 4 }).map((set) => ({ set })),
)
const resource = fc
  .tuple(
    fc.record(
      { name, disk: diskInfo, shared: fc.constant(true), providerId: name },
      { requiredKeys: ['name'] },
    ),
    value,
    fc.array(reservation, { maxLength: 3 }),
  )
  .map(([fields, amount, reservations]) => ({
    ...fields,
    ...amount,
    role: reservations.at(-1)?.role ?? '*',
    ...(reservations.length === 0 ? {} : { reservations }),
  })) as fc.Arbitrary<Resource>

const overTheWire = (wire: unknown): unknown => JSON.parse(JSON.stringify(wire))

test('what is sent is understood as it was meant, whatever it is', () => {
  fc.assert(
    fc.property(resource, (sent) => {
      expect(decodeResource(overTheWire(encodeResource(sent)) as Record<string, unknown>)).toEqual(sent)
    }),
  )
})

test('an offer keeps all its amounts, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(resource, { maxLength: 6 }), { maxLength: 4 }), (agents) => {
      const offers = agents.map((resources, i) => ({
        id: { value: `O${i}` },
        agent_id: { value: `S${i}` },
        hostname: `node${i}`,
        resources: resources.map(encodeResource),
        allocation_info: { role: 'web' },
      }))
      const decoded = decodeEvent(overTheWire({ type: 'OFFERS', offers: { offers } }), instant(0))
      expect(decoded).toEqual({
        ok: true,
        value: {
          kind: 'events',
          events: [
            {
              kind: 'offers',
              offers: agents.map((resources, i) => ({
                id: `O${i}`,
                agentId: `S${i}`,
                hostname: `node${i}`,
                role: 'web',
                resources,
                attributes: [],
              })),
            },
          ],
        },
      })
    }),
  )
})

test('no record whatever makes decoding fail', () => {
  const types = fc.constantFrom(
    ...['SUBSCRIBED', 'OFFERS', 'INVERSE_OFFERS', 'RESCIND', 'RESCIND_INVERSE_OFFER', 'UPDATE'],
    ...['UPDATE_OPERATION_STATUS', 'MESSAGE', 'FAILURE', 'ERROR', 'HEARTBEAT'],
  )
  const keys = fc.constantFrom(
    ...['offers', 'update', 'status', 'id', 'value', 'resources', 'attributes', 'type', 'task_id', 'state'],
    ...['failure', 'message', 'error', 'subscribed', 'framework_id', 'master_info', 'agent_id', 'hostname'],
    ...['name', 'scalar', 'ranges', 'disk', 'source', 'unavailability', 'start', 'nanoseconds', 'domain'],
  )
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>('TASK_RUNNING', 'SCALAR', 'x', 1, -1, true, null),
      fc.dictionary(keys, tie('node')),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }))
  fc.assert(
    fc.property(types, fc.dictionary(keys, node), (type, fields) => {
      const result = decodeEvent({ ...fields, type }, instant(0))
      if (!result.ok)
        expect(result.error).toEqual({
          where: expect.any(String),
          expected: expect.any(String),
          given: expect.any(String),
        })
    }),
    { numRuns: 500 },
  )
})
