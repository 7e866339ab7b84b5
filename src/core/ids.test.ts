import { describe, expect, test } from 'vitest'
import { instant } from '../lib/instant.ts'
import { stream } from '../lib/rng.ts'
import {
  executorId,
  Ids,
  instanceId,
  parseTaskId,
  randomUuid,
  runSpecIdOf,
  TimeUuids,
  taskId,
} from './ids.ts'

const uuid = '0a1c7e50-3b5d-11ff-8d2e-02420a000501'
const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-([14])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The 100 ns since 1582-10-15 that a time-based UUID holds. */
const ticksOf = (text: string): bigint => {
  const [low, mid, high] = text.split('-')
  return BigInt(`0x${high!.slice(1)}${mid}${low}`)
}

describe('the forms of runtime 2', () => {
  test('an instance of /shop/web and its second task', () => {
    expect(instanceId('/shop/web', uuid)).toBe(`shop_web.instance-${uuid}`)
    expect(taskId(instanceId('/shop/web', uuid), 2)).toBe(`shop_web.instance-${uuid}._app.2`)
    expect(taskId(instanceId('/shop/pair', uuid), 1, 'front')).toBe(`shop_pair.instance-${uuid}.front.1`)
  })

  test('the executor of an instance, whatever form its id has', () => {
    expect(executorId(instanceId('/shop/pair', uuid))).toBe(`instance-shop_pair.${uuid}`)
    expect(executorId(instanceId('/a.b/c', uuid))).toBe(`instance-a.b_c.${uuid}`)
    expect(executorId(`shop_pair.marathon-${uuid}`)).toBe(`instance-shop_pair.${uuid}`)
  })

  const ours = `shop_web.instance-${uuid}`
  const legacy = `shop_web.marathon-${uuid}`
  test.each([
    [`${ours}._app.1`, { instanceId: ours, runSpecId: '/shop/web', name: '_app', attempt: 1 }],
    [`${ours}._app.12`, { instanceId: ours, runSpecId: '/shop/web', name: '_app', attempt: 12 }],
    [`${ours}.front-end.3`, { instanceId: ours, runSpecId: '/shop/web', name: 'front-end', attempt: 3 }],
    [`${ours}._app`, { instanceId: ours, runSpecId: '/shop/web', name: '_app' }],
    [`${ours}.front`, { instanceId: ours, runSpecId: '/shop/web', name: 'front' }],
    [`${legacy}._app`, { instanceId: legacy, runSpecId: '/shop/web', name: '_app' }],
    [`${legacy}.front.2`, { instanceId: legacy, runSpecId: '/shop/web', name: 'front', attempt: 2 }],
    [`shop_web.${uuid}.4`, { instanceId: legacy, runSpecId: '/shop/web', attempt: 4 }],
    [`shop_web.${uuid}`, { instanceId: legacy, runSpecId: '/shop/web' }],
    [`shop_web_${uuid}`, { instanceId: legacy, runSpecId: '/shop/web' }],
    [
      `a.b.c.instance-${uuid}._app.1`,
      {
        instanceId: `a.b.c.instance-${uuid}`,
        runSpecId: '/a.b.c',
        name: '_app',
        attempt: 1,
      },
    ],
  ] as const)('%s', (text, parsed) => {
    expect(parseTaskId(text)).toEqual(parsed)
  })

  test.each([
    '',
    'web',
    ours,
    legacy,
    `.instance-${uuid}._app.1`,
    `${ours}._app.`,
    `${ours}._app.x`,
    `${ours}._app.1.2`,
    'shop_web.instance-nouuid._app.1',
    'ct:1412345678:0:chronos:',
  ])('%s is no task id', (text) => {
    expect(parseTaskId(text)).toBeUndefined()
  })

  test('an instance id names its run spec', () => {
    expect(runSpecIdOf(ours)).toBe('/shop/web')
    expect(runSpecIdOf(legacy)).toBe('/shop/web')
    expect(runSpecIdOf(`${ours}._app.1`)).toBeUndefined()
  })
})

describe('time-based UUIDs', () => {
  const now = instant(Date.UTC(2031, 3, 2, 9, 15))

  test('hold the time', () => {
    const made = new TimeUuids(stream(1, 'test')).next(now)
    expect(made).toMatch(pattern)
    expect(made[14]).toBe('1')
    expect(ticksOf(made) / 10_000n - 12_219_292_800_000n).toBe(BigInt(now))
  })

  test('the node is no address of a network card', () => {
    for (let seed = 0; seed < 200; seed++) {
      const node = new TimeUuids(stream(seed, 'test')).next(now).split('-')[4]!
      expect(Number.parseInt(node.slice(0, 2), 16) & 1).toBe(1)
    }
  })

  test('rise without repetition while the clock stands still, runs ahead and goes back', () => {
    const source = new TimeUuids(stream(1, 'test'))
    const made: string[] = []
    for (let i = 0; i < 25_000; i++) made.push(source.next(now))
    for (const shift of [1, 2, 3, 1000, -5000, 0, 1001]) made.push(source.next(instant(now + shift)))
    let last = -1n
    for (const text of made) {
      expect(ticksOf(text) > last).toBe(true)
      last = ticksOf(text)
    }
    expect(new Set(made).size).toBe(made.length)
  })

  test('two processes with seeds of their own never meet in the same moment', () => {
    const first = new TimeUuids(stream('a', 'test')).next(now)
    expect(new TimeUuids(stream('b', 'test')).next(now)).not.toBe(first)
    expect(new TimeUuids(stream('a', 'test')).next(now)).toBe(first)
  })
})

test('random UUIDs are well formed, reproducible and different', () => {
  const rng = stream(7, 'test')
  const made = Array.from({ length: 2000 }, () => randomUuid(rng))
  for (const text of made) expect(text.replace(pattern, '$1')).toBe('4')
  expect(new Set(made).size).toBe(made.length)
  expect(randomUuid(stream(7, 'test'))).toBe(made[0])
})

test('one more deployment does not change the next instance id', () => {
  const now = instant(0)
  const quiet = new Ids('seed')
  const busy = new Ids('seed')
  for (let i = 0; i < 10; i++) busy.deploymentId()
  expect(busy.instanceId('/shop/web', now)).toBe(quiet.instanceId('/shop/web', now))
  expect(quiet.deploymentId()).toBe(new Ids('seed').deploymentId())
})
