// Flags of the original, from the command line to what they do.

import { describe, expect, it } from 'vitest'
import { FlagError } from '../../src/config/flag.ts'
import { parseFlags } from '../../src/config/flags.ts'
import { settingsOf } from '../../src/config/settings.ts'
import { acceptedRoles } from '../../src/core/placement/filters/role.ts'
import { placedApp } from '../support/build-placement.ts'

describe('--accepted_resource_roles_default_behavior (events-metrics-flags 3.2)', () => {
  it.each([
    [[], ['dev', '*']],
    [['any'], ['dev', '*']],
    [['unreserved'], ['*']],
    [['reserved'], ['dev']],
  ])('%j lets an app of role dev use resources of %j', (values, roles) => {
    const argv = values.flatMap((value) => ['--accepted_resource_roles_default_behavior', value])
    expect([...acceptedRoles(placedApp({ role: 'dev' }), settingsOf(parseFlags(argv, {})))]).toEqual(roles)
  })

  it('is nothing else', () => {
    expect(() => parseFlags(['--accepted_resource_roles_default_behavior', 'some'], {})).toThrow(FlagError)
  })
})

describe('variables of the environment (events-metrics-flags 3.1)', () => {
  it.each([
    [{ MARATHON_HTTP_PORT: '8090' }, { http_port: 8090 }],
    [{ MARATHON_DISABLE_SUPPRESS_OFFERS: '' }, { suppress_offers: false }],
    [{ MARATHON_APP_HTTP_PORT: '1' }, { http_port: 8080 }],
    [{ HTTP_PORT: '1', marathon_http_port: '2' }, { http_port: 8080 }],
  ])('%j', (env, expected) => {
    expect(parseFlags([], env)).toMatchObject(expected)
  })

  it('and the command line do not both name a flag', () => {
    expect(() => parseFlags(['--http_port', '1'], { MARATHON_HTTP_PORT: '1' })).toThrow(FlagError)
  })
})
