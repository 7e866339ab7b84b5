import { describe, expect, it } from 'vitest'
import { describeFieldWarning, FieldWarnings } from '../field-warnings.ts'
import { parsePod } from './pod.ts'

const smallest = { id: '/p', containers: [{ name: 'c', resources: {} }] }

function warningsOf(json: object): string[] {
  const warnings = new FieldWarnings()
  parsePod({ ...smallest, ...json }, { warnings })
  return warnings.list().map(describeFieldWarning)
}

const errorsOf = (json: unknown): readonly string[] => {
  const parsed = parsePod(json)
  return parsed.ok
    ? []
    : parsed.error.flatMap(({ path, errors }) => errors.map((error) => `${path}: ${error}`))
}

describe('a pod as it is sent', () => {
  it('has every default of its schema filled in', () => {
    expect(parsePod(smallest)).toEqual({
      ok: true,
      value: {
        id: '/p',
        labels: {},
        environment: {},
        containers: [
          {
            name: 'c',
            resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
            endpoints: [],
            environment: {},
            volumeMounts: [],
            artifacts: [],
            labels: {},
          },
        ],
        secrets: {},
        volumes: [],
        networks: [],
      },
    })
  })

  it('is told everything that is wrong with its shape at once', () => {
    const container = { name: '_', resources: { cpus: 'x' }, exec: 1, image: { kind: 'OCI' } }
    expect(errorsOf({ containers: [container], scaling: {}, networks: 7 })).toEqual([
      '/id: error.path.missing',
      '/containers(0)/name: error.pattern',
      '/containers(0)/exec: error.expected.jsobject',
      '/containers(0)/resources/cpus: error.expected.jsnumber',
      '/containers(0)/image/kind: error.unknown.enum.literal',
      '/containers(0)/image/id: error.path.missing',
      '/networks: error.expected.jsarray',
      '/scaling: error.expected.jsstring',
    ])
  })

  it.each([null, 7, 'pod', [], [smallest]])('that is %j lacks what is required', (json) =>
    expect(errorsOf(json)).toEqual(['/id: error.path.missing', '/containers: error.path.missing']),
  )

  it('may have variables with any name that a shell takes, and no other', () => {
    const named = (name: string) => errorsOf({ ...smallest, environment: { [name]: '1' } })
    expect(named('A_1')).toEqual([])
    expect(named(`A${'b'.repeat(253)}`)).toEqual([])
    expect(named('')).toEqual(['/environment/: error.pattern'])
    expect(named(`A${'b'.repeat(254)}`)).toEqual([`/environment/A${'b'.repeat(254)}: error.pattern`])
    expect(named('A\nB')).toEqual(['/environment/A\nB: error.pattern'])
    expect(errorsOf(JSON.parse('{"environment":{"__proto__":"1"},"id":"/p","containers":[{}]}'))).toEqual([
      '/containers(0)/name: error.path.missing',
      '/containers(0)/resources: error.path.missing',
    ])
  })

  it.each([
    [
      'persistent',
      { persistent: { size: 1, maxSize: 'x' } },
      '/volumes(0)/persistent/maxSize: error.expected.jsnumber',
    ],
    ['of a secret', { secret: 7 }, '/volumes(0)/secret: error.expected.jsstring'],
    ['of the host', { host: {} }, '/volumes(0)/host: error.expected.jsstring'],
  ])('has a wrong volume %s refused, not taken for another kind', (_, volume, error) =>
    expect(errorsOf({ ...smallest, volumes: [{ name: 'v', ...volume }] })).toEqual([error]),
  )

  it('has a volume without anything but its name, whatever is null', () => {
    const volumes = [{ name: 'v', host: null, persistent: null, secret: null }]
    expect(parsePod({ ...smallest, volumes })).toMatchObject({
      ok: true,
      value: { volumes: [{ name: 'v' }] },
    })
  })
})

describe('a field of a pod that nothing understands', () => {
  it.each([
    ['is named', { instances: 3 }, ['/instances: unknown field, ignored; did you mean /scaling/instances?']],
    [
      'in a container',
      { containers: [{ name: 'c', resources: {}, image: { kind: 'DOCKER', id: 'a', force: true } }] },
      ['/containers(0)/image/force: unknown field, ignored'],
    ],
    [
      'by what was meant',
      { containers: [{ name: 'c', resources: {}, enviroment: {} }] },
      ['/containers(0)/enviroment: unknown field, ignored; did you mean environment?'],
    ],
    [
      'beside the kind of scaling',
      { scaling: { kind: 'fixed', instnaces: 1 } },
      ['/scaling/instnaces: unknown field, ignored; did you mean instances?'],
    ],
    [
      'of a volume',
      { volumes: [{ name: 'v', persistent: { size: 1, typ: 'root' } }] },
      ['/volumes(0)/persistent/typ: unknown field, ignored; did you mean type?'],
    ],
    ['but not the version, which answers have', { version: '2031-04-02T09:15:20.480Z' }, []],
    [
      'nor a check, which is understood and dropped',
      { containers: [{ name: 'c', resources: {}, check: {} }] },
      [],
    ],
    ['nor what is null', { scaling: { kind: 'fixed', maxInstances: null } }, []],
  ])('%s', (_, json, expected) => expect(warningsOf(json)).toEqual(expected))
})
