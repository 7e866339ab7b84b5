// What long runs leave behind: a file of lines, one for each seed, to which every run appends. A seed whose line is
// there is not run again, unless it failed; of several lines of a seed the last counts.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RunResult } from './swarm.ts'

export interface SeedResult {
  readonly seed: number
  /** Absent when it failed. */
  readonly hash?: string
  /** Why the run ended before its end. */
  readonly failure?: string
  /** Of virtual time. */
  readonly hours: number
  readonly steps: number
  readonly launches: number
  readonly changes: number
  readonly faults: Readonly<Record<string, number>>
  /** How many volumes were made; absent in lines older than volumes. */
  readonly volumes?: number
  /** Of real time. */
  readonly ms: number
  /** Which code it was, as the version control names it. */
  readonly code?: string
}

export function resultOf(result: RunResult, ms: number, code: string | undefined): SeedResult {
  const { seed, hash, hours, steps, launched, acknowledged, faults, volumes } = result
  return {
    seed,
    hash,
    hours: Math.round(hours * 100) / 100,
    steps,
    launches: launched,
    changes: acknowledged,
    faults,
    volumes: volumes.made,
    ms: Math.round(ms),
    ...(code === undefined ? {} : { code }),
  }
}

/** The results of a file by seed. A line that was cut off, as by a full disk, counts as none. */
export function readResults(path: string): ReadonlyMap<number, SeedResult> {
  const results = new Map<number, SeedResult>()
  if (!existsSync(path)) return results
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const result = parsed(line)
    if (result !== undefined) results.set(result.seed, result)
  }
  return results
}

function parsed(line: string): SeedResult | undefined {
  if (line === '') return undefined
  try {
    return JSON.parse(line) as SeedResult
  } catch {
    return undefined
  }
}

/** One write for the whole line, so that processes that share the work may share the file. */
export function appendResult(path: string, result: SeedResult): void {
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, `${JSON.stringify(result)}\n`)
}

export const isDone = (result: SeedResult | undefined): boolean =>
  result !== undefined && result.failure === undefined

/** The totals, as lines of text. */
export function summaryOf(results: Iterable<SeedResult>): string {
  let seeds = 0
  let failed = 0
  const sums = { hours: 0, steps: 0, launches: 0, changes: 0, volumes: 0, ms: 0 }
  const faults = new Map<string, number>()
  const codes = new Set<string>()
  for (const result of results) {
    seeds++
    if (!isDone(result)) failed++
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name] ?? 0
    for (const [kind, count] of Object.entries(result.faults))
      faults.set(kind, (faults.get(kind) ?? 0) + count)
    codes.add(result.code ?? 'unknown')
  }
  const all = [...faults.values()].reduce((sum, count) => sum + count, 0)
  const perSecond = sums.ms === 0 ? 0 : (sums.hours * 3_600) / (sums.ms / 1_000)
  return [
    `seeds: ${seeds}, failed: ${failed}, code: ${[...codes].join(', ')}`,
    `simulated hours: ${number(sums.hours)} (${number(sums.hours / 24)} days)`,
    `real time: ${number(sums.ms / 60_000)} minutes of one core, ${number(perSecond)} times as fast as the world`,
    `steps: ${number(sums.steps)}, launches: ${number(sums.launches)}, changes by users: ${number(sums.changes)}`,
    `volumes: ${number(sums.volumes)}`,
    `faults: ${number(all)}`,
    ...[...faults].sort(([, a], [, b]) => b - a).map(([kind, count]) => `  ${kind}: ${number(count)}`),
  ].join('\n')
}

const number = (value: number): string => Math.round(value).toLocaleString('en-US')
