import { describe, expect, it } from 'vitest'
import { nearestWord } from './nearest-word.ts'

const fields = ['id', 'cmd', 'cpus', 'mem', 'instances', 'minimumHealthCapacity', 'maximumOverCapacity']

describe('the word that was meant', () => {
  it.each([
    ['minimumHealthCapcity', 'minimumHealthCapacity'],
    ['instnaces', 'instances'],
    ['instance', 'instances'],
    ['Instances', 'instances'],
    ['cpu', 'cpus'],
    ['CPU', 'cpus'],
    ['command', undefined],
    ['wings', undefined],
    ['x', undefined],
    ['', undefined],
    ['minimum', undefined],
    ['i'.repeat(10_000), undefined],
  ])('%s: %s', (word, expected) => expect(nearestWord(word, fields)).toBe(expected))

  it('is the one with the fewest slips, of equals the first', () => {
    expect(nearestWord('ports', ['port', 'sports', 'portz'])).toBe('port')
    expect(nearestWord('healthCheck', ['check', 'healthChecks'])).toBe('healthChecks')
  })
})
