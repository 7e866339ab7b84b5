import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Resource } from '../../core/mesos.ts'
import { type Amounts, amountsOf, flat, minus, plus } from './amounts.ts'
import { type Keeping, type OperationRules, operationOf, performKeeping } from './operations.ts'
import { withoutReservation } from './parcels.ts'

const labels = { marathon_framework_id: 'fw', marathon_task_id: 'db.instance-1' }

const kept = (name: string, scalar: number, over: Partial<Resource> = {}): Resource => ({
  name,
  scalar,
  role: 'web',
  reservations: [{ type: 'DYNAMIC', role: 'web', principal: 'marathon', labels }],
  ...over,
})
const volume = (id: string, scalar = 10, over: Partial<Resource> = {}): Resource =>
  kept('disk', scalar, {
    disk: { persistence: { id }, volume: { containerPath: 'data', mode: 'RW' } },
    ...over,
  })
const ports = (begin: number, end: number): Resource => {
  const { scalar: _scalar, ...rest } = kept('ports', 0)
  return { ...rest, ranges: [{ begin, end }] }
}

const agent = amountsOf([
  { name: 'cpus', scalar: 4, role: '*' },
  { name: 'mem', scalar: 1_024, role: '*' },
  { name: 'disk', scalar: 1_000, role: '*' },
  { name: 'ports', ranges: [{ begin: 31_000, end: 31_009 }], role: '*' },
  { name: 'disk', scalar: 500, role: '*', disk: { source: { type: 'PATH', root: '/path' } } },
  { name: 'disk', scalar: 200, role: '*', disk: { source: { type: 'MOUNT', root: '/mount' } } },
  { name: 'cpus', scalar: 1, role: 'ops', reservations: [{ type: 'STATIC', role: 'ops', labels: {} }] },
])

const rules: OperationRules = { role: 'web', principal: 'marathon', isVolume: () => false }
const hasVolume: OperationRules = { ...rules, isVolume: (id) => id === 'v' }

function done(from: Amounts, operation: Keeping, how = rules): Amounts {
  const after = performKeeping(from, operation, how)
  if (typeof after === 'string') throw new Error(after)
  return after
}

const reserved = done(agent, {
  type: 'RESERVE',
  resources: [kept('cpus', 1), kept('mem', 64), kept('disk', 10)],
})
const created = done(reserved, { type: 'CREATE', volumes: [volume('v')] })

test('what is reserved is taken from what anybody may use, and given back whole', () => {
  expect([reserved.cpus, reserved.mem, reserved.disk]).toEqual([3_000, 960_000, 990_000])
  const freed = done(reserved, {
    type: 'UNRESERVE',
    resources: [kept('disk', 10), kept('cpus', 1), kept('mem', 64)],
  })
  expect(freed).toEqual(agent)
})

test('a volume is made of reserved disk, and is that again once it is destroyed', () => {
  expect(minus(created, amountsOf([kept('disk', 10)]))).toBe('disk reserved for web')
  expect(minus(created, amountsOf([volume('v')]))).not.toBeTypeOf('string')
  expect(flat(done(created, { type: 'DESTROY', volumes: [volume('v')] }, hasVolume))).toEqual(flat(reserved))
})

test('what a volume is mounted as does not tell it apart', () => {
  const elsewhere = volume('v', 10, {
    disk: { persistence: { id: 'v' }, volume: { containerPath: 'x', mode: 'RO' } },
  })
  expect(minus(created, amountsOf([elsewhere]))).not.toBeTypeOf('string')
})

test('ports are reserved as well, and those around stay free', () => {
  const some = done(agent, { type: 'RESERVE', resources: [ports(31_003, 31_004)] })
  expect(some.ports).toEqual([
    { begin: 31_000, end: 31_002 },
    { begin: 31_005, end: 31_009 },
  ])
  expect(done(some, { type: 'UNRESERVE', resources: [ports(31_003, 31_004)] })).toEqual(agent)
})

test('a reservation on top of another leaves that one when it goes', () => {
  const refined = kept('cpus', 1, {
    reservations: [
      { type: 'STATIC', role: 'ops', labels: {} },
      { type: 'DYNAMIC', role: 'ops/db', labels },
    ],
    role: 'ops/db',
  })
  const how = { ...rules, role: 'ops/db', principal: undefined }
  const refinedAgent = done(agent, { type: 'RESERVE', resources: [refined] }, how)
  expect(withoutReservation(refined)).toEqual({
    name: 'cpus',
    scalar: 1,
    role: 'ops',
    reservations: [{ type: 'STATIC', role: 'ops', labels: {} }],
  })
  expect(flat(refinedAgent)).toEqual(flat(agent))
  expect(done(refinedAgent, { type: 'UNRESERVE', resources: [refined] }, how)).toEqual(agent)
})

describe('a master refuses', () => {
  const mount = kept('disk', 100, { disk: { source: { type: 'MOUNT', root: '/mount' } } })
  test.each<[string, Amounts, Keeping, OperationRules, string]>([
    ['nothing at all', agent, { type: 'RESERVE', resources: [] }, rules, 'RESERVE of nothing'],
    [
      'more than there is',
      agent,
      { type: 'RESERVE', resources: [kept('cpus', 5)] },
      rules,
      'too little cpus',
    ],
    [
      'a part of a disk that is mounted as one',
      agent,
      { type: 'RESERVE', resources: [mount] },
      rules,
      'too little disk',
    ],
    [
      'to reserve for a role it was not offered to',
      agent,
      { type: 'RESERVE', resources: [kept('cpus', 1)] },
      { ...rules, role: 'other' },
      'it was allocated to role other, not web',
    ],
    [
      'to reserve in the name of somebody else',
      agent,
      { type: 'RESERVE', resources: [kept('cpus', 1)] },
      { ...rules, principal: 'somebody' },
      'its principal is marathon, not somebody',
    ],
    [
      'to reserve without saying for what',
      agent,
      { type: 'RESERVE', resources: [{ name: 'cpus', scalar: 1, role: '*' }] },
      rules,
      'it has no dynamic reservation',
    ],
    [
      'a volume of what was never reserved',
      agent,
      { type: 'CREATE', volumes: [volume('v')] },
      rules,
      'too little disk reserved for web',
    ],
    [
      'a volume of disk nobody has reserved',
      agent,
      {
        type: 'CREATE',
        volumes: [
          {
            name: 'disk',
            scalar: 10,
            role: '*',
            disk: { persistence: { id: 'v' }, volume: { containerPath: 'data', mode: 'RW' } },
          },
        ],
      },
      rules,
      'it is not reserved',
    ],
    [
      'a volume that is there already',
      created,
      { type: 'CREATE', volumes: [volume('v')] },
      hasVolume,
      'volume v exists',
    ],
    [
      'to destroy a volume nobody has made',
      created,
      { type: 'DESTROY', volumes: [volume('nope')] },
      hasVolume,
      'persistent volumes not found',
    ],
    [
      'to destroy a volume that is in use',
      reserved,
      { type: 'DESTROY', volumes: [volume('v')] },
      hasVolume,
      'too little disk reserved for web of volume v',
    ],
    [
      'to free a volume before it is destroyed',
      created,
      { type: 'UNRESERVE', resources: [volume('v')] },
      hasVolume,
      'its volume has to be destroyed first',
    ],
    [
      'to free what its operator has reserved',
      agent,
      {
        type: 'UNRESERVE',
        resources: [
          {
            name: 'cpus',
            scalar: 1,
            role: 'ops',
            reservations: [{ type: 'STATIC', role: 'ops', labels: {} }],
          },
        ],
      },
      rules,
      'it has no dynamic reservation',
    ],
  ])('%s', (_, from, operation, how, why) => {
    expect(performKeeping(from, operation, how)).toContain(why)
  })
})

test('operators find what they destroy by the id of the volume, and what they free by its labels', () => {
  expect(operationOf({ kind: 'destroy', persistenceId: 'v' }, created)).toEqual({
    type: 'DESTROY',
    volumes: [volume('v')],
  })
  expect(operationOf({ kind: 'destroy', persistenceId: 'w' }, created)).toBeUndefined()
  expect(operationOf({ kind: 'unreserve', labels }, created)).toEqual({
    type: 'UNRESERVE',
    resources: [kept('cpus', 1), kept('mem', 64)],
  })
  expect(operationOf({ kind: 'unreserve', labels: { marathon_task_id: 'other' } }, created)).toBeUndefined()
})

const wishes: fc.Arbitrary<Keeping> = fc
  .record({
    type: fc.constantFrom('RESERVE', 'UNRESERVE', 'CREATE', 'DESTROY'),
    name: fc.constantFrom('cpus', 'mem', 'disk'),
    scalar: fc.integer({ min: 1, max: 3_000 }).map((thousandths) => thousandths / 1_000),
    id: fc.constantFrom('a', 'b', 'c'),
  })
  .map(({ type, name, scalar, id }): Keeping => {
    if (type === 'RESERVE' || type === 'UNRESERVE') return { type, resources: [kept(name, scalar)] }
    return { type, volumes: [volume(id, scalar)] } as Keeping
  })

test('whatever is done, an agent has as much as before, to the thousandth', () => {
  fc.assert(
    fc.property(fc.array(wishes, { maxLength: 40 }), (operations) => {
      const volumes = new Set<string>()
      let free = agent
      for (const operation of operations) {
        const after = performKeeping(free, operation, { ...rules, isVolume: (id) => volumes.has(id) })
        if (typeof after === 'string') continue
        free = after
        if (operation.type === 'CREATE') volumes.add(operation.volumes[0]!.disk!.persistence!.id)
        if (operation.type === 'DESTROY') volumes.delete(operation.volumes[0]!.disk!.persistence!.id)
        // A task that comes and goes meanwhile, on everything.
        const left = minus(free, free)
        if (typeof left === 'string') throw new Error(left)
        free = plus(left, free)
        expect(flat(free)).toEqual(flat(agent))
      }
    }),
    { numRuns: 200 },
  )
})
