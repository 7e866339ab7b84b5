// As whom Marathon registers, first and later.

import { describe, expect, test } from 'vitest'
import { seconds } from '../../../lib/instant.ts'
import { type Framework, frameworkInfo, subscribeCall } from './registration.ts'

const framework: Framework = {
  name: 'marathon',
  user: 'root',
  failoverTimeout: seconds(604_800),
  checkpoint: true,
  hostname: 'lead.example',
  webuiUrl: 'http://lead.example:8080',
  principal: 'me',
  features: { taskKilling: false, gpuResources: false },
}

const types = (features: Framework['features']): string[] =>
  frameworkInfo({ ...framework, features }, { roles: ['*'] }).capabilities.map(({ type }) => type)

describe('the description of the framework (runtime 1)', () => {
  test('has what the flags say, and the roles', () => {
    expect(frameworkInfo(framework, { frameworkId: 'F1', roles: ['*', 'web'] })).toEqual({
      id: { value: 'F1' },
      name: 'marathon',
      user: 'root',
      failover_timeout: 604_800,
      checkpoint: true,
      hostname: 'lead.example',
      webui_url: 'http://lead.example:8080',
      principal: 'me',
      roles: ['*', 'web'],
      capabilities: [
        { type: 'PARTITION_AWARE' },
        { type: 'REGION_AWARE' },
        { type: 'MULTI_ROLE' },
        { type: 'RESERVATION_REFINEMENT' },
      ],
    })
  })

  test('has nothing of what is not known', () => {
    const { hostname, webuiUrl, principal, ...plain } = framework
    expect([hostname, webuiUrl, principal]).not.toContain(undefined)
    expect(Object.keys(frameworkInfo(plain, { roles: ['*'] })).sort()).toEqual(
      ['user', 'name', 'failover_timeout', 'checkpoint', 'roles', 'capabilities'].sort(),
    )
  })

  test.each([
    [{ taskKilling: true, gpuResources: false }, ['TASK_KILLING_STATE']],
    [{ taskKilling: false, gpuResources: true }, ['GPU_RESOURCES']],
    [{ taskKilling: true, gpuResources: true }, ['TASK_KILLING_STATE', 'GPU_RESOURCES']],
  ])('with the features %o has also %s', (features, expected) => {
    expect(types(features).slice(4)).toEqual(expected)
  })
})

describe('subscribing', () => {
  test('the first time has no id', () => {
    expect(subscribeCall(framework, { roles: ['*'], suppressedRoles: [] })).toEqual({
      type: 'SUBSCRIBE',
      subscribe: { framework_info: frameworkInfo(framework, { roles: ['*'] }) },
    })
  })

  test('again has the id twice, the suppressed roles and what offers are wanted', () => {
    const call = subscribeCall(framework, {
      frameworkId: 'F1',
      roles: ['*', 'web'],
      suppressedRoles: ['web'],
      offerConstraints: {
        web: [
          [
            { selector: { pseudo: 'HOSTNAME' }, predicate: { kind: 'text-equals', value: 'node1' } },
            { selector: { attribute: 'rack' }, predicate: { kind: 'text-matches', regex: 'r[12]' } },
          ],
          [{ selector: { pseudo: 'REGION' }, predicate: { kind: 'exists' } }],
        ],
      },
    })
    expect(call).toEqual({
      type: 'SUBSCRIBE',
      framework_id: { value: 'F1' },
      subscribe: {
        framework_info: frameworkInfo(framework, { frameworkId: 'F1', roles: ['*', 'web'] }),
        suppressed_roles: ['web'],
        offer_constraints: {
          role_constraints: {
            web: {
              groups: [
                {
                  attribute_constraints: [
                    {
                      selector: { pseudoattribute_type: 'HOSTNAME' },
                      predicate: { text_equals: { value: 'node1' } },
                    },
                    { selector: { attribute_name: 'rack' }, predicate: { text_matches: { regex: 'r[12]' } } },
                  ],
                },
                {
                  attribute_constraints: [
                    { selector: { pseudoattribute_type: 'REGION' }, predicate: { exists: {} } },
                  ],
                },
              ],
            },
          },
        },
      },
    })
  })

  test.each([
    [{ kind: 'not-exists' }, { not_exists: {} }],
    [{ kind: 'text-not-equals', value: 'a' }, { text_not_equals: { value: 'a' } }],
    [{ kind: 'text-not-matches', regex: 'a*' }, { text_not_matches: { regex: 'a*' } }],
  ] as const)('says of an attribute %o', (predicate, expected) => {
    const call = subscribeCall(framework, {
      roles: ['*'],
      suppressedRoles: [],
      offerConstraints: { '*': [[{ selector: { pseudo: 'ZONE' }, predicate }]] },
    })
    expect(call).toMatchObject({
      subscribe: {
        offer_constraints: {
          role_constraints: { '*': { groups: [{ attribute_constraints: [{ predicate: expected }] }] } },
        },
      },
    })
  })

  test('says nothing of roles that are not its own, which the master would refuse', () => {
    const exists = [[{ selector: { pseudo: 'ZONE' }, predicate: { kind: 'exists' } }]] as const
    const { subscribe } = subscribeCall(framework, {
      roles: ['*'],
      suppressedRoles: ['gone'],
      offerConstraints: { gone: exists, '*': [] },
    }) as Extract<ReturnType<typeof subscribeCall>, { type: 'SUBSCRIBE' }>
    expect(Object.keys(subscribe)).toEqual(['framework_info'])
  })
})
