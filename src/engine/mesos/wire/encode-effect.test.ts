// Each effect as the call it is.

import { describe, expect, test } from 'vitest'
import type { EngineEffect } from '../../../core/ready.ts'
import { millis, seconds } from '../../../lib/instant.ts'
import { type CallContext, encodeEffect, registrationAfter } from './encode-effect.ts'
import { frameworkInfo } from './registration.ts'

const context: CallContext = {
  framework: {
    name: 'marathon',
    user: 'root',
    failoverTimeout: seconds(60),
    checkpoint: true,
    features: { taskKilling: true, gpuResources: false },
  },
  registration: { frameworkId: 'F1', roles: ['*'], suppressedRoles: [] },
}

const framework_id = { value: 'F1' }
const agentId = 'S1'
const constraints = {
  '*': [[{ selector: { attribute: 'rack' }, predicate: { kind: 'exists' } }]],
} as const
const wireConstraints = {
  role_constraints: {
    '*': {
      groups: [
        { attribute_constraints: [{ selector: { attribute_name: 'rack' }, predicate: { exists: {} } }] },
      ],
    },
  },
}

const cpus = { name: 'cpus', scalar: 1, role: '*' }
const wireCpus = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }

const cases: [string, EngineEffect, object][] = [
  [
    'accepting: each operation in its place, and what is left over comes again at once',
    {
      kind: 'accept',
      offerIds: ['O1', 'O2'],
      agentId,
      operations: [
        { type: 'RESERVE', resources: [cpus] },
        { type: 'CREATE', volumes: [cpus] },
        { type: 'DESTROY', volumes: [cpus] },
        { type: 'UNRESERVE', resources: [cpus] },
      ],
    },
    {
      type: 'ACCEPT',
      accept: {
        offer_ids: [{ value: 'O1' }, { value: 'O2' }],
        operations: [
          { type: 'RESERVE', reserve: { resources: [wireCpus] } },
          { type: 'CREATE', create: { volumes: [wireCpus] } },
          { type: 'DESTROY', destroy: { volumes: [wireCpus] } },
          { type: 'UNRESERVE', unreserve: { resources: [wireCpus] } },
        ],
        filters: { refuse_seconds: 0 },
      },
    },
  ],
  [
    'declining for a while',
    { kind: 'decline', offerIds: ['O1'], refuseFor: millis(120_500) },
    { type: 'DECLINE', decline: { offer_ids: [{ value: 'O1' }], filters: { refuse_seconds: 120.5 } } },
  ],
  [
    'killing',
    { kind: 'kill', taskId: 'T', cause: 'scale-down' },
    { type: 'KILL', kill: { task_id: { value: 'T' } } },
  ],
  [
    'killing on an agent, with time to end',
    { kind: 'kill', taskId: 'T', agentId, gracePeriod: seconds(5), cause: 'api-request' },
    {
      type: 'KILL',
      kill: {
        task_id: { value: 'T' },
        agent_id: { value: 'S1' },
        kill_policy: { grace_period: { nanoseconds: 5_000_000_000 } },
      },
    },
  ],
  [
    'acknowledging',
    { kind: 'acknowledge', taskId: 'T', agentId, uuid: 'kq8uBzVlT26LjyuRwlMAkQ==' },
    {
      type: 'ACKNOWLEDGE',
      acknowledge: {
        agent_id: { value: 'S1' },
        task_id: { value: 'T' },
        uuid: 'kq8uBzVlT26LjyuRwlMAkQ==',
      },
    },
  ],
  [
    'asking how tasks are',
    { kind: 'reconcile', tasks: [{ taskId: 'T', agentId }, { taskId: 'U' }] },
    {
      type: 'RECONCILE',
      reconcile: {
        tasks: [{ task_id: { value: 'T' }, agent_id: { value: 'S1' } }, { task_id: { value: 'U' } }],
      },
    },
  ],
  [
    'asking how all tasks are',
    { kind: 'reconcile', tasks: [] },
    { type: 'RECONCILE', reconcile: { tasks: [] } },
  ],
  [
    'asking for offers of roles',
    { kind: 'revive', roles: ['a', 'b'] },
    { type: 'REVIVE', revive: { roles: ['a', 'b'] } },
  ],
  [
    'asking for no more offers of a role',
    { kind: 'suppress', roles: ['a'] },
    { type: 'SUPPRESS', suppress: { roles: ['a'] } },
  ],
  [
    'registering for other roles',
    {
      kind: 'update-framework',
      roles: ['*', 'web'],
      suppressedRoles: ['web'],
      offerConstraints: constraints,
    },
    {
      type: 'UPDATE_FRAMEWORK',
      update_framework: {
        framework_info: frameworkInfo(context.framework, { frameworkId: 'F1', roles: ['*', 'web'] }),
        suppressed_roles: ['web'],
        offer_constraints: wireConstraints,
      },
    },
  ],
  [
    'agreeing to a maintenance',
    { kind: 'answer-inverse-offers', answer: 'accept', offerIds: ['I1'] },
    { type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers: { inverse_offer_ids: [{ value: 'I1' }] } },
  ],
  [
    'not agreeing to a maintenance, for a while',
    { kind: 'answer-inverse-offers', answer: 'decline', offerIds: ['I1'], refuseFor: seconds(5) },
    {
      type: 'DECLINE_INVERSE_OFFERS',
      decline_inverse_offers: { inverse_offer_ids: [{ value: 'I1' }], filters: { refuse_seconds: 5 } },
    },
  ],
]

describe('a call of its own', () => {
  test.each(cases)('%s', (_, effect, expected) => {
    expect(encodeEffect(effect, context)).toEqual({ framework_id, ...expected })
  })

  test('is there none for an acknowledgement that names no agent', () => {
    expect(encodeEffect({ kind: 'acknowledge', taskId: 'T', uuid: 'u' }, context)).toBeUndefined()
  })
})

describe('registering for other roles', () => {
  const effect = { kind: 'update-framework', roles: ['web'], suppressedRoles: [] } as const

  test('without a word of which offers are wanted leaves that as it was', () => {
    const before = { ...context.registration, roles: ['*'], offerConstraints: { web: constraints['*'] } }
    expect(registrationAfter(effect, before)).toEqual({
      frameworkId: 'F1',
      roles: ['web'],
      suppressedRoles: [],
      offerConstraints: { web: constraints['*'] },
    })
    expect(encodeEffect(effect, { ...context, registration: before })).toMatchObject({
      update_framework: { offer_constraints: { role_constraints: { web: { groups: [{}] } } } },
    })
  })

  test('with another word replaces it', () => {
    const before = { ...context.registration, offerConstraints: constraints }
    expect(registrationAfter({ ...effect, offerConstraints: {} }, before).offerConstraints).toEqual({})
  })
})

test('a grace period of centuries is as long as an int64 can say', () => {
  const gracePeriod = seconds(2 ** 31 * 100)
  const call = encodeEffect({ kind: 'kill', taskId: 'T', gracePeriod, cause: 'api-request' }, context)
  const text = JSON.stringify(call)
  const written = BigInt(/"nanoseconds":(\d+)/.exec(text)?.[1] ?? 0)
  expect(written).toBeLessThan(2n ** 63n)
  expect(written).toBeGreaterThan(2n ** 62n)
})
