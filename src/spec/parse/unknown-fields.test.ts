import { describe, expect, it } from 'vitest'
import { limits } from '../../lib/limits.ts'
import { describeFieldWarning, FieldWarnings } from '../field-warnings.ts'
import { parseApp, parseAppUpdate, parseAppUpdateArray, parseAppV1 } from './app.ts'

type Parse = (json: unknown, options: { readonly warnings: FieldWarnings }) => unknown

function warningsOf(json: unknown, parse: Parse = parseApp): string[] {
  const warnings = new FieldWarnings()
  parse(json, { warnings })
  return warnings.list().map(describeFieldWarning)
}

const warningsIn = (fields: object): string[] => warningsOf({ id: 'web', ...fields })

describe('a field that nothing understands', () => {
  it.each([
    ['is named', { wings: 2 }, ['/wings: unknown field, ignored']],
    [
      'inside another too, with the field that was meant',
      { upgradeStrategy: { minimumHealthCapcity: 1, minimumHealthCapacity: 1, maximumOverCapacity: 0 } },
      ['/upgradeStrategy/minimumHealthCapcity: unknown field, ignored; did you mean minimumHealthCapacity?'],
    ],
    ['by its case alone', { Instances: 2 }, ['/Instances: unknown field, ignored; did you mean instances?']],
    [
      'in a list',
      { healthChecks: [{}, { path: '/', intervallSeconds: 5 }] },
      ['/healthChecks(1)/intervallSeconds: unknown field, ignored; did you mean intervalSeconds?'],
    ],
    [
      'where it belongs elsewhere',
      { minimumHealthCapacity: 0.5 },
      [
        '/minimumHealthCapacity: unknown field, ignored; did you mean /upgradeStrategy/minimumHealthCapacity?',
      ],
    ],
    [
      'but not where it could belong to several places',
      { image: 'nginx' },
      ['/image: unknown field, ignored'],
    ],
    [
      'of a volume, by what any kind of volume has',
      { container: { volumes: [{ containerPath: '/a', hostPath: '/b', mode: 'RO', mod: 'RW' }] } },
      ['/container/volumes(0)/mod: unknown field, ignored; did you mean mode?'],
    ],
    [
      'of the kind of volume that was taken, once',
      { container: { volumes: [{ containerPath: '/a', persistent: { size: 1, siez: 2 }, mode: 'RW' }] } },
      ['/container/volumes(0)/persistent/siez: unknown field, ignored; did you mean size?'],
    ],
    ['not when it is null, which counts as absent', { wings: null }, []],
    ['not in what has keys of its own', { env: { A: 'b' }, labels: { wings: '2' } }, []],
    [
      'not beside a wrong one of the same object',
      { cpus: 'x', wings: 2 },
      ['/wings: unknown field, ignored'],
    ],
  ])('%s', (_, fields, expected) => expect(warningsIn(fields)).toEqual(expected))

  it('is told by a path that starts at the item of a list', () => {
    const body = [{ id: 'a' }, { id: 'b', maximumOverCapacity: 0.5 }]
    expect(warningsOf(body, parseAppUpdateArray)).toEqual([
      '(1)/maximumOverCapacity: unknown field, ignored; did you mean (1)/upgradeStrategy/maximumOverCapacity?',
    ])
  })

  it('is told of updates and of the first dialect as well', () => {
    expect(warningsOf({ instnaces: 2 }, parseAppUpdate)).toEqual([
      '/instnaces: unknown field, ignored; did you mean instances?',
    ])
    expect(warningsOf({ id: 'web', wings: '2' }, parseAppV1)).toEqual(['/wings: unknown field, ignored'])
  })

  it('is counted beyond the first few', () => {
    const fields = Object.fromEntries(
      Array.from({ length: limits.fieldWarnings + 5 }, (_, i) => [`w${i}`, i]),
    )
    const told = warningsIn(fields)
    expect(told).toHaveLength(limits.fieldWarnings + 1)
    expect(told.at(-1)).toBe('and 5 more')
    const nested = { resourceLimits: fields, ...fields }
    expect(warningsIn(nested).at(-1)).toBe(`and ${limits.fieldWarnings + 10} more`)
  })

  it('is told in the definition that a server gave, sent back as it is, of nothing', () => {
    const given = {
      tasksStaged: 0,
      tasksRunning: 1,
      tasksHealthy: 0,
      tasksUnhealthy: 0,
      deployments: [],
      readinessCheckResults: [],
      tasks: [{ id: 'web.1' }],
      lastTaskFailure: { message: 'x' },
      tasksStats: {},
      version: '2031-04-02T09:15:20.480Z',
      versionInfo: {
        lastScalingAt: '2031-04-02T09:15:20.480Z',
        lastConfigChangeAt: '2031-04-02T09:15:20.480Z',
      },
    }
    expect(warningsIn(given)).toEqual([])
    expect(warningsOf({ id: 'web', ...given }, parseAppUpdate)).toEqual([])
  })

  it('is not one of those that older versions had', () => {
    const old = {
      storeUrls: [],
      taskRateLimit: 1,
      uris: ['http://a/b'],
      ports: [0],
      ipAddress: { groups: ['a'], labels: {}, discovery: { ports: [] } },
      residency: { taskLostBehavior: 'WAIT_FOREVER' },
      container: {
        type: 'DOCKER',
        docker: { image: 'a', network: 'BRIDGE', portMappings: [], credential: { principal: 'p' } },
      },
    }
    expect(warningsIn(old)).toEqual([])
    expect(warningsIn({ container: { image: 'docker:///a', options: ['-v'] } })).toEqual([])
  })

  it('is called by its name, whatever that is', () => {
    const json = JSON.parse('{"id":"web","__proto__":1,"constructor":2,"a/b":3}') as unknown
    expect(warningsOf(json)).toEqual([
      '/__proto__: unknown field, ignored',
      '/constructor: unknown field, ignored',
      '/a/b: unknown field, ignored',
    ])
  })
})
