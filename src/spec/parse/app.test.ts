import { describe, expect, it } from 'vitest'
import { completeApp, parseApp, parseAppArray, parseAppUpdate, parseAppV1, parseScaleV1 } from './app.ts'
import type { Issue } from './issues.ts'

type Parsed = { readonly ok: true } | { readonly ok: false; readonly error: readonly Issue[] }

const issuesOf = (parsed: Parsed): string[] =>
  parsed.ok ? [] : parsed.error.flatMap(({ path, errors }) => errors.map((error) => `${path} ${error}`))

const issuesIn = (fields: object): string[] => issuesOf(parseApp({ id: 'web', ...fields }))

describe('the shape of an app', () => {
  it('has every default filled in', () => {
    expect(parseApp({ id: 'web', cmd: 'serve' })).toMatchObject({
      ok: true,
      value: {
        id: 'web',
        cmd: 'serve',
        args: [],
        backoffFactor: 1.15,
        backoffSeconds: 1,
        maxLaunchDelaySeconds: 300,
        cpus: 1,
        mem: 128,
        disk: 0,
        gpus: 0,
        instances: 1,
        executor: '',
        killSelection: 'YOUNGEST_FIRST',
        requirePorts: false,
        env: {},
        labels: {},
        networks: [],
      },
    })
  })

  it('drops what it does not know and takes null for absent', () => {
    const parsed = parseApp({ id: 'web', cmd: null, cpus: null, env: null, container: null, wings: 2 })
    expect(parsed).toEqual(parseApp({ id: 'web' }))
  })

  it.each([
    ['not an object is read as one without fields', 5, ['/id error.path.missing']],
    ['so is a list', [], ['/id error.path.missing']],
    ['a required field that is null has the wrong type', { id: null }, ['/id error.expected.jsstring']],
    [
      'all errors are collected',
      { id: 'Web', cpus: 'x', instances: -1, mem: true },
      [
        '/id error.pattern',
        '/cpus error.expected.jsnumber',
        '/instances error.min',
        '/mem error.expected.jsnumber',
      ],
    ],
  ])('%s', (_, json, expected) => expect(issuesOf(parseApp(json))).toEqual(expected))

  it.each([
    [{ id: '' }, '/id error.minLength'],
    [{ id: 'a_b' }, '/id error.pattern'],
    [{ id: 'a-' }, '/id error.pattern'],
    [{ cmd: '' }, '/cmd error.minLength'],
    [{ cmd: 5 }, '/cmd error.expected.jsstring'],
    [{ cpus: 0 }, '/cpus error.min'],
    [{ mem: -1 }, '/mem error.min'],
    [{ backoffFactor: 0.5 }, '/backoffFactor error.min'],
    [{ instances: 1.5 }, '/instances error.expected.int'],
    [{ instances: 2 ** 31 }, '/instances error.expected.int'],
    [{ instances: '2' }, '/instances error.expected.jsnumber'],
    [{ requirePorts: 'true' }, '/requirePorts error.expected.jsboolean'],
    [{ args: 'a' }, '/args error.expected.jsarray'],
    [{ args: ['a', 1] }, '/args(1) error.expected.jsstring'],
    [{ env: [] }, '/env error.expected.jsobject'],
    [{ env: { A: 1 } }, '/env/A error.expected.jsobject'],
    [{ env: { A: { secret: 1 } } }, '/env/A/secret error.expected.jsstring'],
    [{ env: { A: {} } }, '/env/A/secret error.path.missing'],
    [{ labels: { a: null } }, '/labels/a error.expected.jsstring'],
    [{ killSelection: 'NEWEST' }, '/killSelection error.unknown.enum.literal'],
    [{ killSelection: 1 }, '/killSelection error.unknown.enum.literal'],
    [{ upgradeStrategy: {} }, '/upgradeStrategy/maximumOverCapacity error.path.missing'],
    [
      { upgradeStrategy: { maximumOverCapacity: 2, minimumHealthCapacity: 1 } },
      '/upgradeStrategy/maximumOverCapacity error.max',
    ],
    [
      { unreachableStrategy: { inactiveAfterSeconds: -1 } },
      '/unreachableStrategy/inactiveAfterSeconds error.min',
    ],
    [{ resourceLimits: 5 }, '/resourceLimits error.expected.jsobject'],
    [{ resourceLimits: { cpus: true } }, '/resourceLimits/cpus error.expected.jsnumber'],
    [{ executor: '//' }, '/executor error.pattern'],
    [{ portDefinitions: [{ port: 65536 }] }, '/portDefinitions(0)/port error.max'],
    [{ portDefinitions: [{ name: 'Http' }] }, '/portDefinitions(0)/name error.pattern'],
    [
      { portDefinitions: [{ protocol: 'tcp,udp' }] },
      '/portDefinitions(0)/protocol error.unknown.enum.literal',
    ],
    [{ healthChecks: [{ timeoutSeconds: 'x' }] }, '/healthChecks(0)/timeoutSeconds error.expected.jsnumber'],
    [{ healthChecks: [{ command: 'true' }] }, '/healthChecks(0)/command error.expected.jsobject'],
    [
      { readinessChecks: [{ httpStatusCodesForReady: [] }] },
      '/readinessChecks(0)/httpStatusCodesForReady error.minLength',
    ],
    [{ fetch: [{}] }, '/fetch(0)/uri error.path.missing'],
    [{ fetch: ['http://x'] }, '/fetch(0)/uri error.path.missing'],
    [{ container: { docker: {} } }, '/container/docker/image error.path.missing'],
    [{ container: { linuxInfo: 1 } }, '/container/linuxInfo error.expected.jsobject'],
    [{ version: 'yesterday' }, '/version error.expected.date.isoformat'],
    [{ secrets: { s: { source: '' } } }, '/secrets/s/source error.minLength'],
  ])('refuses %j', (fields, issue) => expect(issuesIn(fields)).toContain(issue))

  it('reports of a volume of no kind what is missing for the last kind', () => {
    expect(issuesIn({ container: { volumes: [{ containerPath: '/a', mode: 'RW' }] } })).toEqual([
      '/container/volumes(0)/hostPath error.path.missing',
    ])
  })

  it('tells volumes apart by their key', () => {
    const volumes = [
      { containerPath: 'data', mode: 'rw', persistent: { size: 10 } },
      {
        containerPath: 'ext',
        mode: 'RW',
        external: { name: 'v', provider: 'dvdi', options: { 'dvdi/driver': 'x' } },
      },
      { containerPath: 'key', secret: 'tls' },
      { containerPath: '/a', hostPath: '/b', mode: 'RO' },
    ]
    expect(parseApp({ id: 'web', container: { type: 'mesos', volumes } })).toMatchObject({
      value: {
        container: {
          type: 'MESOS',
          volumes: [
            { containerPath: 'data', mode: 'RW', persistent: { size: 10, constraints: [] } },
            { external: { name: 'v', provider: 'dvdi', shared: false } },
            { secret: 'tls' },
            { hostPath: '/b', mode: 'RO' },
          ],
        },
      },
    })
  })

  it.each([
    ['constraints of any length', { constraints: [['a'], ['a', 'b', 'c', 'd'], []] }],
    ['ports out of range', { ports: [70000, -1] }],
    ['uris without text', { uris: [''] }],
    ['dependencies that are no paths', { dependencies: ['A B'] }],
    ['ready statuses out of range', { readinessChecks: [{ httpStatusCodesForReady: [1, 2000] }] }],
    ['numbers with a zero fraction for integers', { instances: 2.0 }],
    ['any text for a disabled unreachable strategy', { unreachableStrategy: 'off' }],
    ['a number for an unreachable strategy, as one without fields', { unreachableStrategy: 5 }],
    [
      'a wrong seccomp.unconfined, as false',
      { container: { linuxInfo: { seccomp: { unconfined: 'yes' } } } },
    ],
  ])('lets %s pass the parser', (_, fields) => expect(issuesIn(fields)).toEqual([]))

  it('drops duplicates from sets', () => {
    const parsed = parseApp({
      id: 'web',
      constraints: [
        ['hostname', 'UNIQUE'],
        ['hostname', 'UNIQUE'],
      ],
      acceptedResourceRoles: ['*', '*'],
      healthChecks: [{ protocol: 'TCP' }, { protocol: 'tcp', gracePeriodSeconds: 300 }],
    })
    expect(parsed).toMatchObject({
      value: {
        constraints: [['hostname', 'UNIQUE']],
        acceptedResourceRoles: ['*'],
        healthChecks: [{ protocol: 'TCP' }],
      },
    })
  })

  it('is not fooled by keys of the language', () => {
    const env = JSON.parse('{"__proto__": "x", "constructor": "y"}') as unknown
    const parsed = parseApp({ id: 'web', env })
    if (!parsed.ok) throw new Error('not parsed')
    expect(Object.entries(parsed.value.env)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(issuesOf(parseApp(JSON.parse('{"__proto__": {"id": "web"}}')))).toEqual(['/id error.path.missing'])
  })

  it('judges a long id in no time', () => {
    expect(issuesIn({ id: `${'a-'.repeat(200_000)}` })).toEqual(['/id error.pattern'])
    expect(issuesIn({ executor: `${'a/'.repeat(200_000)}/` })).toEqual(['/executor error.pattern'])
  })
})

describe('an update', () => {
  it('has the fields given and no others', () => {
    expect(parseAppUpdate({ instances: 3, cmd: null })).toEqual({ ok: true, value: { instances: 3 } })
    expect(parseAppUpdate({})).toEqual({ ok: true, value: {} })
  })

  it('has defaults inside the fields given', () => {
    expect(parseAppUpdate({ healthChecks: [{}] })).toMatchObject({
      value: { healthChecks: [{ protocol: 'HTTP', gracePeriodSeconds: 300 }] },
    })
  })

  it('becomes a complete app under the id of the path', () => {
    const update = parseAppUpdate({ id: 'other', cmd: 'serve', version: '2031-04-02T09:15:20.480Z' })
    if (!update.ok) throw new Error('not parsed')
    expect({ ok: true, value: completeApp(update.value, '/web') }).toEqual(
      parseApp({ id: '/web', cmd: 'serve' }),
    )
  })
})

describe('a list of apps', () => {
  it('names the place of each error', () => {
    expect(issuesOf(parseAppArray([{ id: 'a' }, {}, { id: 'b', cpus: 0 }]))).toEqual([
      '(1)/id error.path.missing',
      '(2)/cpus error.min',
    ])
  })

  it('is not something else', () => expect(issuesOf(parseAppArray({}))).toEqual([' error.expected.jsarray']))
})

describe('the v1 dialect', () => {
  it('takes what HTTPie sends for `id=sleep cmd=… instances=1 mem=128 cpus=1`', () => {
    const parsed = parseAppV1({ id: 'sleep', cmd: 'sleep 600', instances: '1', mem: '128', cpus: '0.5' })
    expect(parsed).toMatchObject({ value: { id: 'sleep', instances: 1, mem: 128, cpus: 0.5 } })
  })

  it.each([
    [{ instances: 'two' }, '/instances error.expected.numberformatexception'],
    [{ instances: '1.5' }, '/instances error.expected.int'],
    [{ instances: '-1' }, '/instances error.min'],
    [{ requirePorts: 'maybe' }, '/requirePorts error.expected.jsboolean'],
  ])('refuses %j', (fields, issue) => expect(issuesOf(parseAppV1({ id: 'a', ...fields }))).toEqual([issue]))

  it('has the defaults of its time', () => {
    expect(
      parseAppV1({ id: 'a', cmd: '', container: {}, taskRateLimit: 1, healthChecks: [{}] }),
    ).toMatchObject({
      value: {
        instances: 0,
        healthChecks: [
          { path: '/', portIndex: 0, gracePeriodSeconds: 15, intervalSeconds: 10, timeoutSeconds: 20 },
        ],
      },
    })
    expect(parseAppV1({ id: 'a', cmd: '', container: {} })).toMatchObject({
      value: expect.not.objectContaining({ cmd: expect.anything(), container: expect.anything() }),
    })
  })

  it('takes constraint operators in any case', () => {
    expect(parseAppV1({ id: 'a', constraints: [['hostname', 'unique']] })).toMatchObject({
      value: { constraints: [['hostname', 'UNIQUE']] },
    })
  })

  it('scales to none when nothing is said', () => {
    expect(parseScaleV1({ id: 'sleep', instances: '2' })).toEqual({
      ok: true,
      value: { id: 'sleep', instances: 2 },
    })
    expect(parseScaleV1({ id: 'sleep' })).toEqual({ ok: true, value: { id: 'sleep', instances: 0 } })
  })
})
