// What one placement costs beside ever more instances of the same app, counted and not timed: every look into a table
// of what is placed, and every instance that is looked at.

import { describe, expect, test } from 'vitest'
import { placedApp, placedInstance } from '../../../tests/support/build-placement.ts'
import type { Constraint } from '../../spec/app.ts'
import type { AgentInfo, Instance } from '../instances/instance.ts'
import {
  addPlaced,
  type FieldCounts,
  isPlaced,
  type PlacedIndex,
  PlacedIndexes,
  removePlaced,
} from './constraint-index.ts'
import { compileConstraint, meetsConstraints } from './filters/constraints.ts'

const racks = 50
const zones = 7
const sizes = [100, 1_000, 10_000, 100_000]

let looks = 0

class CountingMap<K, V> extends Map<K, V> {
  override get(key: K): V | undefined {
    looks++
    return super.get(key)
  }
  override has(key: K): boolean {
    looks++
    return super.has(key)
  }
  override set(key: K, value: V): this {
    looks++
    return super.set(key, value)
  }
  override delete(key: K): boolean {
    looks++
    return super.delete(key)
  }
  override *keys(): MapIterator<K> {
    for (const key of super.keys()) {
      looks++
      yield key
    }
  }
  override *[Symbol.iterator](): MapIterator<[K, V]> {
    for (const entry of super[Symbol.iterator]()) {
      looks++
      yield entry
    }
  }
}

const counting = ({ perValue, valuesWith, smallest, excess }: FieldCounts): FieldCounts => ({
  perValue: new CountingMap(perValue),
  valuesWith: new CountingMap(valuesWith),
  smallest,
  excess: { ...excess },
})

const place = (n: number): Instance => {
  const instance = placedInstance({ hostname: `node-${n}`, rack: `rack-${n % racks}` })
  return { ...instance, agent: { ...instance.agent!, zone: `zone-${n % zones}`, region: 'eu' } }
}

/** The most looks any of a hundred placements took, refused ones among them; each is undone before the next. */
function costBeside(count: number, constraints: readonly Constraint[]): { looks: number; visits: number } {
  const app = placedApp({ instances: count + 50, constraints })
  const compiled = constraints.map(compileConstraint)
  let visits = 0
  function* placed(): Generator<Instance> {
    for (let n = 0; n < count; n++) {
      visits++
      yield place(n)
    }
  }
  const indexes = new PlacedIndexes(isPlaced)
  const built = indexes.of(app, placed)
  const index: PlacedIndex = {
    fields: new Map([...built.fields].map(([field, counts]) => [field, counting(counts)])),
  }
  const agents: AgentInfo[] = [0, 1, 2, 49, count, count + 1].map((n) => place(n).agent!)
  const ask = (agent: AgentInfo): boolean => meetsConstraints(compiled, agent, index, app.instances)
  for (const agent of agents) ask(agent)
  let most = 0
  for (let round = 0; round < 100; round++) {
    const agent = agents[round % agents.length]!
    looks = 0
    ask(agent)
    addPlaced(index, agent)
    most = Math.max(most, looks)
    removePlaced(index, agent)
  }
  visits = 0
  for (let n = 0; n < 100; n++) {
    indexes.changed(undefined, place(count + n))
    indexes.of(app, placed)
  }
  return { looks: most, visits }
}

describe('one placement beside 100, 1,000, 10,000 and 100,000 placed instances looks at as much', () => {
  test.each<[string, Constraint[], most: number]>([
    ['UNIQUE', [['hostname', 'UNIQUE']], 8],
    ['CLUSTER without value', [['@region', 'CLUSTER']], 8],
    ['CLUSTER with a value', [['rack', 'CLUSTER', 'rack-1']], 0],
    ['GROUP_BY without value', [['rack', 'GROUP_BY']], 8],
    ['GROUP_BY with a value', [['rack', 'GROUP_BY', '50']], 8],
    ['GROUP_BY hostname', [['@hostname', 'GROUP_BY']], 8],
    ['MAX_PER', [['@zone', 'MAX_PER', '1000000']], 8],
    ['LIKE', [['rack', 'LIKE', 'rack-.*']], 0],
    ['UNLIKE', [['rack', 'UNLIKE', 'rack-1']], 0],
    ['IS', [['rack', 'IS', 'rack-1']], 0],
    [
      'several at once',
      [
        ['rack', 'GROUP_BY', '50'],
        ['@zone', 'MAX_PER', '1000000'],
        ['hostname', 'UNIQUE'],
        ['@region', 'CLUSTER'],
      ],
      32,
    ],
  ])('%s', (_name, constraints, most) => {
    const costs = sizes.map((count) => costBeside(count, constraints))
    expect(new Set(costs.map((cost) => cost.looks)).size).toBe(1)
    expect(costs[0]!.looks).toBeLessThanOrEqual(most)
    expect(costs.map(({ visits }) => visits)).toEqual([0, 0, 0, 0])
  })
})
