import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { type Instant, instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { HostNames } from './host-names.ts'

/** Names, with the lookups under way, and a time that is set. */
function setUp() {
  const underWay: { name: string; told: (error: Error | null, addresses: LookupAddress[]) => void }[] = []
  let now: Instant = instant(0)
  const names = new HostNames({ look: (name, told) => void underWay.push({ name, told }), now: () => now })
  return {
    underWay,
    at: (ms: number) => {
      now = instant(ms)
    },
    ask: (name: string, all = true) =>
      new Promise<unknown>((resolve) =>
        names.lookup(name, { all }, (error, address, family) =>
          resolve(error === null ? (all ? address : [address, family]) : error.message),
        ),
      ),
  }
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 })

describe('addresses of a host', () => {
  it('are looked up once for all who want them, and remembered for a while', async () => {
    const { underWay, ask, at } = setUp()
    const asked = [ask('a'), ask('a', false), ask('b')]
    expect(underWay.map(({ name }) => name)).toEqual(['a', 'b'])
    underWay[0]!.told(null, [v4('10.0.0.1'), v4('10.0.0.2')])
    underWay[1]!.told(null, [v4('10.0.0.3')])
    expect(await Promise.all(asked)).toEqual([
      [v4('10.0.0.1'), v4('10.0.0.2')],
      ['10.0.0.1', 4],
      [v4('10.0.0.3')],
    ])
    at(limits.probeNameFoundMs - 1)
    expect(await ask('a', false)).toEqual(['10.0.0.1', 4])
    expect(underWay).toHaveLength(2)
    at(limits.probeNameFoundMs)
    void ask('a')
    expect(underWay).toHaveLength(3)
  })

  it('that are missing are remembered as missing, but less long', async () => {
    const { underWay, ask, at } = setUp()
    const first = ask('nowhere')
    underWay[0]!.told(new Error('no such host'), [])
    expect(await first).toBe('no such host')
    at(limits.probeNameMissingMs - 1)
    expect(await ask('nowhere')).toBe('no such host')
    at(limits.probeNameMissingMs)
    void ask('nowhere')
    expect(underWay).toHaveLength(2)
  })

  it('are forgotten when there are too many, the oldest first', async () => {
    const { underWay, ask } = setUp()
    for (let n = 0; n <= limits.probeNames; n++) {
      const asked = ask(`host-${n}`)
      underWay[n]!.told(null, [v4('10.0.0.1')])
      await asked
    }
    void ask('host-1')
    expect(underWay).toHaveLength(limits.probeNames + 1)
    void ask('host-0')
    expect(underWay).toHaveLength(limits.probeNames + 2)
  })
})
