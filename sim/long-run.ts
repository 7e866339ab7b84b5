// Many simulated days, one seed after the other, with the results of each appended to a file: what was interrupted goes
// on where it stopped, and several processes share the work by taking every nth seed.

import { appendResult, isDone, readResults, resultOf } from './results.ts'
import type { RunOptions } from './swarm.ts'
import { runSeed } from './swarm.ts'

export interface LongRun {
  readonly seeds: readonly number[]
  /** Where the results are. */
  readonly path: string
  readonly code: string | undefined
  readonly optionsOf: (seed: number) => RunOptions
  readonly clockMs: () => number
  readonly print: (line: string) => void
}

/** Every `parts`th seed from `first`, `count` seeds among all parts together; `part` counts from 1. */
export function seedsOf(first: number, count: number, [part, parts]: readonly [number, number]): number[] {
  const all = Array.from({ length: count }, (_, i) => first + i)
  return all.filter((_, i) => i % parts === part - 1)
}

/** Runs the seeds that are not done yet. Returns how many failed. */
export function runLong({ seeds, path, code, optionsOf, clockMs, print }: LongRun): number {
  const known = readResults(path)
  const left = seeds.filter((seed) => !isDone(known.get(seed)))
  if (left.length < seeds.length)
    print(`${seeds.length - left.length} of ${seeds.length} seeds are done already`)
  let failures = 0
  left.forEach((seed, index) => {
    const startedMs = clockMs()
    try {
      const result = resultOf(runSeed(optionsOf(seed)), clockMs() - startedMs, code)
      appendResult(path, result)
      const { hours, steps, launches, ms } = result
      print(
        `${index + 1}/${left.length} seed ${seed}: ${hours} h in ${ms} ms, ${steps} steps, ${launches} launches`,
      )
    } catch (error) {
      failures++
      const failure = error instanceof Error ? error.message : String(error)
      const ms = Math.round(clockMs() - startedMs)
      const nothing = { hours: 0, steps: 0, launches: 0, changes: 0, faults: {} }
      appendResult(path, { seed, failure, ...nothing, ms, ...(code === undefined ? {} : { code }) })
      print(`${index + 1}/${left.length} seed ${seed} FAILED: ${failure}`)
      print(`  see it again with: npm run sim -- --day --seed ${seed} --log`)
    }
  })
  return failures
}
