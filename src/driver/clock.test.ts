import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SystemClock } from './clock.ts'

function sources(wall: number) {
  const time = { wall, monotonic: 5_000 }
  const clock = new SystemClock({ wallMs: () => time.wall, monotonicMs: () => time.monotonic })
  return {
    clock,
    pass(ms: number): void {
      time.wall += ms
      time.monotonic += ms
    },
    setBack(ms: number): void {
      time.wall -= ms
    },
  }
}

describe('the clock', () => {
  it('shows the wall clock while that runs evenly', () => {
    const { clock, pass } = sources(1_000_000)
    expect(clock.now()).toBe(1_000_000)
    pass(1_234)
    expect(clock.now()).toBe(1_001_234)
  })

  it('follows the wall clock when that is set forward', () => {
    const { clock, setBack } = sources(1_000_000)
    setBack(-3_600_000)
    expect(clock.now()).toBe(4_600_000)
  })

  it('goes on, a tenth slower, while the wall clock is behind, and meets it again', () => {
    const { clock, pass, setBack } = sources(1_000_000)
    setBack(60_000)
    expect(clock.now()).toBe(1_000_000)
    pass(10_000)
    expect(clock.now()).toBe(1_009_000)
    pass(590_000)
    expect(clock.now()).toBe(1_540_000)
    pass(1_000)
    expect(clock.now()).toBe(1_541_000)
  })

  it('never goes back and never stands still for long, whatever the wall clock does', () => {
    const jump = fc.record({ passes: fc.nat(10_000), back: fc.integer({ min: -1e9, max: 1e9 }) })
    fc.assert(
      fc.property(fc.array(jump), (jumps) => {
        const { clock, pass, setBack } = sources(1e12)
        let last = clock.now()
        for (const { passes, back } of jumps) {
          setBack(back)
          pass(passes)
          const now = clock.now()
          expect(now).toBeGreaterThanOrEqual(last + Math.floor(passes * 0.9) - 1)
          expect(now).toBeGreaterThanOrEqual(last)
          last = now
        }
      }),
    )
  })
})
