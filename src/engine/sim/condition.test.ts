import { describe, expect, test } from 'vitest'
import { seconds } from '../../lib/instant.ts'
import { behaviourOf } from './behaviour.ts'
import { conditionOf, isGoodAt, nextTurn } from './condition.ts'

const of = (value: string) => behaviourOf({ command: { shell: true, value, environment: [], uris: [] } })

/** Whether it is well at 0, 5, 10 … 60 s: one letter each. */
const course = (turns: Parameters<typeof isGoodAt>[0]): string =>
  Array.from({ length: 13 }, (_, i) => (isGoodAt(turns, seconds(5 * i)) ? 'w' : '-')).join('')

describe('how a task fares', () => {
  test.each([
    ['healthy', 'wwwwwwwwwwwww'],
    ['unhealthy', '-------------'],
    ['unhealthy after 30 s', 'wwwwww-------'],
    ['healthy after 10s', '--wwwwwwwwwww'],
    ['unhealthy after 40 s, healthy after 10 s', '--wwwwww-----'],
    ['flapping', '--ww--ww--ww-'],
    ['flapping every 20 s after 10 s', 'ww----wwww---'],
    ['flapping every 5 s, healthy after 30 s', '-w-w-wwwwwwww'],
    ['ready after 10 s', 'wwwwwwwwwwwww'],
  ])('%s', (words, expected) => {
    expect(course(conditionOf(words)!.health)).toBe(expected)
  })

  test('readiness runs beside health', () => {
    const { health, readiness } = conditionOf('ready after 20 s, unhealthy after 60 s')!
    expect([course(readiness), course(health)]).toEqual(['----wwwwwwwww', 'wwwwwwwwwwww-'])
    expect(course(conditionOf('unready')!.readiness)).toBe('-------------')
  })

  test.each(['sick', 'unhealthy soon', 'healthy every 5 s', 'unhealthy, and what else', ''])(
    'nothing is understood of %j',
    (words) => expect(conditionOf(words)).toBeUndefined(),
  )

  test('the next change is known, so that nobody looks before', () => {
    const { health } = conditionOf('flapping every 5 s after 10 s, healthy after 22 s')!
    const changes: number[] = []
    for (let at = nextTurn(health, seconds(0)); at !== undefined; at = nextTurn(health, at)) changes.push(at)
    expect(changes).toEqual([10_000, 15_000, 20_000, 22_000])
  })
})

describe('a command', () => {
  test('may say both what is done and how the task fares', () => {
    const { runsFor, condition } = of('sleep 600 # ready after 20 s, unhealthy after 60 s')
    expect(runsFor).toBe(600_000)
    expect(condition.health).toHaveLength(1)
    expect(condition.readiness).toHaveLength(1)
    expect(of('stubborn sleep 5 # unhealthy')).toMatchObject({ ignoresTerm: true, runsFor: 5_000 })
  })

  test('of nothing but how it fares runs until it is killed', () => {
    expect(of('unhealthy after 30 s')).toMatchObject({ start: 'normal', condition: { readiness: [] } })
    expect(of('unhealthy after 30 s').runsFor).toBeUndefined()
  })

  test.each(['./server # by the team of web', 'echo "#1"', 'python3 -m http.server'])(
    'with a remark for people is a command like another: %s',
    (text) => expect(of(text).condition).toEqual({ health: [], readiness: [] }),
  )
})
