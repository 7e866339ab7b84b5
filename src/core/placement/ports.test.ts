import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildOffer, fixedRng, placedApp, ports } from '../../../tests/support/build-placement.ts'
import { stream } from '../../lib/rng.ts'
import type { App, PortMapping } from '../../spec/app.ts'
import type { Resource } from '../mesos.ts'
import { assignPorts, portRequests } from './ports.ts'
import { openOffer, portResources, takePorts } from './remaining.ts'

const anyRole = new Set(['*', 'dev'])

/** The ports an app gets from these resources, undefined for requests without host port. */
function assigned(app: App, offered: readonly Resource[], draws: readonly number[] = [], roles = anyRole) {
  const { ports: spans } = openOffer(buildOffer({ resources: offered }))
  const claims = assignPorts(portRequests(app), spans, roles, fixedRng(...draws))
  return claims?.map((claim) => claim?.port)
}

const mapping = (
  containerPort: number,
  hostPort?: number,
  change: Partial<PortMapping> = {},
): PortMapping => ({
  containerPort,
  servicePort: 0,
  protocol: 'tcp',
  labels: {},
  ...(hostPort === undefined ? {} : { hostPort }),
  ...change,
})

const mapped = (...portMappings: PortMapping[]): App =>
  placedApp({
    networks: [{ mode: 'container', name: 'overlay-1' }],
    container: { type: 'MESOS', volumes: [], portMappings },
  })

const hostApp = (requirePorts: boolean, ...numbers: number[]): App =>
  placedApp({ requirePorts, portDefinitions: numbers.map((port) => ({ port, protocol: 'tcp' })) })

describe('which ports an app gets (worked-examples 7)', () => {
  const mixed = mapped(mapping(8080, 0), mapping(9090, 31700), mapping(5005), mapping(0, 0), mapping(0))
  const offered = [
    ports([
      [31000, 31003],
      [31700, 31710],
    ]),
  ]

  test('mixed mappings take fixed and random ports in their order', () => {
    expect(assigned(mixed, offered, [2])).toEqual([31002, 31700, undefined, 31003, undefined])
  })

  test('a fixed port is never given out as a random one, and the walk goes around the end', () => {
    const many = mapped(...Array.from({ length: 14 }, () => mapping(8080, 0)), mapping(9090, 31700))
    expect(assigned(many, offered, [2])).toEqual([
      31002, 31003, 31701, 31702, 31703, 31704, 31705, 31706, 31707, 31708, 31709, 31710, 31000, 31001, 31700,
    ])
    const tooMany = mapped(...Array.from({ length: 15 }, () => mapping(8080, 0)), mapping(9090, 31700))
    expect(assigned(tooMany, offered, [2])).toBeUndefined()
  })

  test('ranges are taken in assignment order, merged where one directly follows the other', () => {
    const claims = [31002, 31700, 31003].map((port) => ({ port, source: offered[0]! }))
    expect(portResources(claims)).toEqual([
      ports([
        [31002, 31002],
        [31700, 31700],
        [31003, 31003],
      ]),
    ])
    const following = [31002, 31003, 31004, 31001].map((port) => ({ port, source: offered[0]! }))
    expect(portResources(following)).toEqual([
      ports([
        [31002, 31004],
        [31001, 31001],
      ]),
    ])
  })

  test('ports of different roles or reservations stay apart', () => {
    const reserved: Partial<Resource> = {
      role: 'dev',
      reservations: [{ type: 'DYNAMIC', role: 'dev', principal: 'ops', labels: { a: 'b' } }],
    }
    const [plain, dev, same, other] = [
      ports([[1, 9]]),
      ports([[10, 19]], reserved),
      ports([[20, 29]], structuredClone(reserved)),
      ports([[30, 39]], { role: 'dev' }),
    ]
    const claims = [
      { port: 9, source: plain! },
      { port: 10, source: dev! },
      { port: 20, source: same! },
      { port: 21, source: same! },
      { port: 30, source: other! },
    ]
    expect(portResources(claims)).toEqual([
      ports([[9, 9]]),
      ports(
        [
          [10, 10],
          [20, 21],
        ],
        reserved,
      ),
      ports([[30, 30]], { role: 'dev' }),
    ])
  })

  test.each<
    [string, App, readonly Resource[], readonly number[], readonly (number | undefined)[] | undefined]
  >([
    [
      'random host ports wrap around',
      hostApp(false, 10000, 10001),
      [ports([[31005, 31006]])],
      [1],
      [31006, 31005],
    ],
    ['required ports not offered', hostApp(true, 10000, 10001), [ports([[31005, 31006]])], [], undefined],
    ['required ports offered', hostApp(true, 10000, 10001), [ports([[9000, 11000]])], [], [10000, 10001]],
    ['a required port 0, which no agent offers', hostApp(true, 0), [ports([[1, 11000]])], [], undefined],
    ['fewer ports than asked for', hostApp(false, 0, 0, 0), [ports([[31005, 31006]])], [], undefined],
    ['no ports asked for', hostApp(false), [], [], []],
    ['no ports offered', hostApp(false, 0), [], [], undefined],
    ['only a mapping without host port', mapped(mapping(8080)), [], [], [undefined]],
    ['a fixed port not offered', mapped(mapping(8080, 80)), [ports([[31005, 31006]])], [], undefined],
    ['ports of a role not accepted', hostApp(false, 0), [ports([[1, 9]], { role: 'x' })], [], undefined],
    [
      'ports of two roles',
      hostApp(false, 0, 0),
      [ports([[7, 7]]), ports([[5, 5]], { role: 'dev' })],
      [],
      [7, 5],
    ],
  ])('%s', (_name, app, resources, draws, expected) => {
    expect(assigned(app, resources, draws)).toEqual(expected)
  })

  test('port mappings of an app on the host network are not in force', () => {
    const app = { ...mapped(mapping(8080, 0)), networks: [{ mode: 'host' as const }] }
    expect(portRequests(app)).toEqual([])
  })
})

test('ports given out are offered, free and distinct, until none is left', () => {
  const begins = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(
      begins,
      fc.nat(9),
      fc.array(fc.nat(6), { maxLength: 12 }),
      fc.nat(),
      (starts, width, counts, seed) => {
        const ranges = starts.map((begin) => [begin * 100, begin * 100 + width] as const)
        const stock = openOffer(buildOffer({ resources: [ports(ranges)] }))
        const free = new Set(
          ranges.flatMap(([begin, end]) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i)),
        )
        const rng = stream(seed, 'ports')
        for (const count of counts) {
          const fixed = [...free].slice(0, 1)
          const app = mapped(
            ...fixed.map((port) => mapping(1, port)),
            ...Array.from({ length: count }, () => mapping(2, 0)),
          )
          const claims = assignPorts(portRequests(app), stock.ports, anyRole, rng)?.filter(
            (claim) => claim !== undefined,
          )
          expect(claims === undefined).toBe(count + fixed.length > free.size)
          if (claims === undefined) continue
          for (const { port } of claims) expect(free.delete(port)).toBe(true)
          takePorts(stock, claims)
          expect(stock.total.ports).toBe(free.size)
          expect(stock.ports.reduce((sum, { begin, end }) => sum + end - begin + 1, 0)).toBe(free.size)
        }
      },
    ),
  )
})
