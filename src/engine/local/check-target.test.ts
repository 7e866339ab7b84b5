import { describe, expect, it } from 'vitest'
import type { CheckInfo, HealthCheckInfo } from '../../core/mesos.ts'
import { seconds } from '../../lib/instant.ts'
import { type Answer, commandsOf, healthOf, resultOf, targetOf } from './check-target.ts'

const times = { delay: seconds(1), interval: seconds(1), timeout: seconds(1) }
const health = (what: Partial<HealthCheckInfo>): HealthCheckInfo => ({
  ...times,
  gracePeriod: seconds(1),
  consecutiveFailures: 3,
  ...what,
})
const check = (what: Partial<CheckInfo>): CheckInfo => ({ ...times, ...what })
const command = { shell: true, value: 'true' }

describe('what is asked', () => {
  it.each([
    [
      health({ http: { scheme: 'https', port: 1, path: '/up', ipProtocol: 'IPv6' } }),
      { kind: 'http', scheme: 'https', ipProtocol: 'IPv6', port: 1, path: '/up' },
    ],
    [check({ http: { port: 1 } }), { kind: 'http', scheme: 'http', ipProtocol: 'IPv4', port: 1, path: '/' }],
    [health({ tcp: { port: 2, ipProtocol: 'IPv6' } }), { kind: 'tcp', ipProtocol: 'IPv6', port: 2 }],
    [check({ tcp: { port: 2 } }), { kind: 'tcp', ipProtocol: 'IPv4', port: 2 }],
    [check({ command }), { kind: 'command', command }],
    [undefined, undefined],
  ])('of %j', (info, target) => {
    expect(targetOf(info)).toEqual(target)
  })

  it('by commands is named by its kind', () => {
    const other = { shell: false, arguments: ['/bin/true'] }
    expect(commandsOf({ healthCheck: health({ command }), check: check({ command: other }) })).toEqual([
      { kind: 'health', command },
      { kind: 'check', command: other },
    ])
    expect(commandsOf({ healthCheck: health({ tcp: { port: 1 } }) })).toEqual([])
  })
})

it.each<[Answer, boolean | undefined, object | undefined]>([
  [{ kind: 'exit', exitCode: 0 }, true, { command: { exitCode: 0 } }],
  [{ kind: 'exit', exitCode: 3 }, false, { command: { exitCode: 3 } }],
  [{ kind: 'status', statusCode: 302 }, true, { http: { statusCode: 302 } }],
  [{ kind: 'status', statusCode: 404 }, false, { http: { statusCode: 404 } }],
  [{ kind: 'connection', succeeded: true }, true, { tcp: { succeeded: true } }],
  [{ kind: 'connection', succeeded: false }, false, { tcp: { succeeded: false } }],
  [{ kind: 'failed' }, false, {}],
  [{ kind: 'unknown' }, undefined, undefined],
])('%j is health %s and the result %j', (answer, isHealthy, result) => {
  expect(healthOf(answer)).toBe(isHealthy)
  expect(resultOf(answer)).toEqual(result)
})
