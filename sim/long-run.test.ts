// Long runs can be interrupted and shared: what is done is not done again, and nothing is left out.

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { drawDay } from './draw.ts'
import { runLong, seedsOf } from './long-run.ts'
import { appendResult, readResults, summaryOf } from './results.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'long-run-'))
  path = join(folder, 'results', 'days.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs minutes instead of days, and returns the seeds that were run. */
function run(seeds: readonly number[], breaks?: number): readonly number[] {
  const ran: number[] = []
  let ms = 0
  runLong({
    seeds,
    path,
    code: 'abc',
    optionsOf: (seed) => {
      ran.push(seed)
      if (seed === breaks) throw new Error('the world is not round')
      return { ...drawDay(seed), hours: 0.02, apps: 1, pods: 0, agents: 2 }
    },
    clockMs: () => ++ms,
    print: () => undefined,
  })
  return ran
}

test('a run goes on where it stopped', () => {
  expect(run([1, 2])).toEqual([1, 2])
  expect(run([1, 2, 3])).toEqual([3])
  expect([...readResults(path).keys()]).toEqual([1, 2, 3])
})

test('a seed that failed is run again, and its last result counts', () => {
  run([1, 2], 2)
  expect(readResults(path).get(2)?.failure).toBe('the world is not round')
  expect(run([1, 2])).toEqual([2])
  expect(readResults(path).get(2)?.failure).toBeUndefined()
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(3)
})

test('a line that was cut off counts as none', () => {
  run([1])
  appendFileSync(path, '{"seed":2,"ha')
  expect([...readResults(path).keys()]).toEqual([1])
})

test('the parts of a run share all of its seeds', () => {
  const parts = [1, 2, 3].map((part) => seedsOf(5, 100, [part, 3]))
  expect(parts.flat().sort((a, b) => a - b)).toEqual(seedsOf(5, 100, [1, 1]))
  expect(seedsOf(5, 100, [1, 1])[0]).toBe(5)
})

test('the summary adds up hours, launches and faults of every kind', () => {
  const common = { hash: 'x', hours: 36, steps: 10, launches: 5, changes: 2, ms: 1_000, code: 'abc' }
  appendResult(path, { seed: 1, ...common, faults: { crash: 3, disconnect: 1 } })
  appendResult(path, { seed: 2, ...common, faults: { crash: 1_000 } })
  const text = summaryOf(readResults(path).values())
  expect(text).toContain('seeds: 2, failed: 0, code: abc')
  expect(text).toContain('simulated hours: 72 (3 days)')
  expect(text).toContain('launches: 10')
  expect(text).toContain('faults: 1,004\n  crash: 1,003\n  disconnect: 1')
})
