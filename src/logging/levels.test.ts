import { describe, expect, it } from 'vitest'
import { HandClock } from '../../tests/support/hand-clock.ts'
import { instant, seconds } from '../lib/instant.ts'
import { LogLevels } from './levels.ts'
import { createLogger } from './logger.ts'

function server() {
  const clock = new HandClock(instant(0))
  const levels = new LogLevels('info', clock)
  const written: string[] = []
  const log = createLogger(levels, { write: (line) => void written.push(JSON.parse(line).message) })
  const shown = () => levels.list().map(({ name, level, isInherited }) => `${name} ${level} ${isInherited}`)
  return { clock, levels, log, written, shown }
}

describe('loggers', () => {
  it('are known from the moment a part gets one, and follow ROOT', () => {
    const { log, shown } = server()
    expect(shown()).toEqual(['ROOT info false'])
    log.child({ part: 'http' })
    log.child({ part: 'driver' }).child({ epoch: 3 })
    expect(shown()).toEqual(['ROOT info false', 'driver info true', 'http info true'])
  })

  it('write more when they are told to, the others do not', () => {
    const { log, levels, written } = server()
    const http = log.child({ part: 'http' })
    const request = http.child({ requestId: 'r1' })
    const driver = log.child({ part: 'driver' })
    const say = () => {
      for (const [name, logger] of Object.entries({ log, http, request, driver })) logger.debug(name)
    }
    say()
    expect(written).toEqual([])
    levels.set('http', 'debug')
    say()
    expect(written).toEqual(['http', 'request'])
  })

  it('with a level of their own do not follow ROOT any more', () => {
    const { log, levels, shown, written } = server()
    const http = log.child({ part: 'http' })
    const driver = log.child({ part: 'driver' })
    levels.set('http', 'warn')
    levels.set('ROOT', 'error')
    expect(shown()).toEqual(['ROOT error false', 'driver error true', 'http warn false'])
    http.warn('http')
    driver.warn('driver')
    log.warn('root')
    expect(written).toEqual(['http'])
  })

  it('that nobody has cannot be set', () => {
    const { levels, shown } = server()
    expect(levels.set('mesosphere.marathon', 'debug')).toBe(false)
    expect(shown()).toEqual(['ROOT info false'])
  })
})

describe('a level for a time', () => {
  it.each([
    ['that followed ROOT follows it again', undefined, 'http info true'],
    ['that had its own has it again', 'error', 'http error false'],
  ] as const)('ends, and a logger %s', (_, before, after) => {
    const { log, levels, clock, shown } = server()
    log.child({ part: 'http' })
    if (before !== undefined) levels.set('http', before)
    levels.set('http', 'trace', seconds(10))
    clock.advance(9_999)
    expect(shown()).toContain('http trace false')
    clock.advance(1)
    expect(shown()).toContain(after)
    expect(clock.nextAlarm).toBeUndefined()
  })

  it('after another is followed by what was there before both', () => {
    const { levels, clock, shown } = server()
    levels.set('ROOT', 'debug', seconds(10))
    clock.advance(5_000)
    levels.set('ROOT', 'trace', seconds(10))
    clock.advance(5_000)
    expect(shown()).toEqual(['ROOT trace false'])
    clock.advance(5_000)
    expect(shown()).toEqual(['ROOT info false'])
  })

  it('gives way to one for good', () => {
    const { levels, clock, shown } = server()
    levels.set('ROOT', 'debug', seconds(10))
    levels.set('ROOT', 'warn')
    clock.advance(20_000)
    expect(shown()).toEqual(['ROOT warn false'])
  })

  it('is not cut short by an alarm that rings early', () => {
    const clock = new HandClock(instant(0))
    const early = {
      now: () => clock.now(),
      // As timers do that cannot wait longer.
      alarm: (at: Parameters<typeof clock.alarm>[0], ring: () => void) =>
        clock.alarm(instant(Math.min(at, clock.now() + 1_000)), ring),
    }
    const levels = new LogLevels('info', early)
    levels.set('ROOT', 'debug', seconds(5))
    clock.advance(4_999)
    expect(levels.list()[0]?.level).toBe('debug')
    clock.advance(1)
    expect(levels.list()[0]?.level).toBe('info')
  })
})
