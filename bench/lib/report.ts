// From figures to what people read: the table on the terminal, and the files in bench/results/.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Budget } from '../budgets.ts'
import { type Machine, machineSlug } from './machine.ts'

export interface BenchResult {
  readonly name: string
  readonly seconds: number
  /** The machine's load in the minute before: above zero, figures are pessimistic. */
  readonly loadBefore: number
  /** What the bench returned; absent when it failed. */
  readonly figures?: unknown
  readonly error?: string
}

export interface Report {
  readonly machine: Machine
  readonly results: readonly BenchResult[]
  readonly budgets: readonly Budget[]
}

interface Row {
  readonly what: string
  readonly measured: string
  readonly budget: string
  readonly isOk: boolean
}

export function printResult(result: BenchResult, budgets: readonly Budget[]): void {
  if (result.error !== undefined) console.error(`  failed: ${result.error}`)
  for (const [path, value] of flatten(result.figures)) console.log(`  ${path.padEnd(48)} ${format(value)}`)
  for (const row of rowsOf(result, budgets))
    console.log(`  ${row.isOk ? '✓' : '✗'} ${row.what}: ${row.measured} (budget ${row.budget})`)
}

/**
 * Writes `<date>-<machine>.json` and `.md`; returns their paths. What other benches gave on the same machine and day
 * stays.
 */
export function writeReport(given: Report, folder = join('bench', 'results')): string[] {
  mkdirSync(folder, { recursive: true })
  const date = new Date().toISOString().slice(0, 10)
  const base = join(folder, `${date}-${machineSlug(given.machine)}`)
  const report = { ...given, results: [...readOthers(`${base}.json`, given.results), ...given.results] }
  writeFileSync(`${base}.json`, `${JSON.stringify({ date, ...report, budgets: undefined }, undefined, 2)}\n`)
  writeFileSync(`${base}.md`, renderMarkdown(report, date))
  return [`${base}.md`, `${base}.json`]
}

function readOthers(file: string, results: readonly BenchResult[]): readonly BenchResult[] {
  if (!existsSync(file)) return []
  const before = JSON.parse(readFileSync(file, 'utf8')) as Report
  return before.results.filter(({ name }) => !results.some((result) => result.name === name))
}

function renderMarkdown({ machine, results, budgets }: Report, date: string): string {
  const lines = [
    `# Benchmarks of ${date}`,
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB · ${machine.kernel}, cgroups ${machine.cgroups} · Node ${machine.node} · ${machine.disk}, ${machine.fileCreationMicroseconds} µs per new file`,
    ...warning(results),
    '',
    '| figure | measured | budget | ok |',
    '|---|---:|---:|---|',
    ...results
      .flatMap((result) => rowsOf(result, budgets))
      .map((row) => `| ${row.what} | ${row.measured} | ${row.budget} | ${row.isOk ? 'yes' : '**no**'} |`),
    '',
  ]
  for (const { name, seconds, loadBefore, figures, error } of results) {
    lines.push(`## ${name}`, '', `${seconds} s; load of the machine before it ${loadBefore.toFixed(1)}.`, '')
    if (error !== undefined) lines.push(`Failed: ${error}`, '')
    const all = flatten(figures)
    if (all.length === 0) continue
    lines.push('| figure | value |', '|---|---:|')
    lines.push(...all.map(([path, value]) => `| ${path} | ${format(value)} |`), '')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Figures of a busy machine are upper bounds, and readers must know. */
function warning(results: readonly BenchResult[]): string[] {
  const highest = Math.max(...results.map(({ loadBefore }) => loadBefore))
  if (highest <= busyLoad) return []
  return ['', `**The machine was busy** (load up to ${highest.toFixed(1)}): these are upper bounds.`]
}

/** Benches themselves leave this much behind for the next one; more is somebody else's. */
const busyLoad = 2.5

function rowsOf(result: BenchResult, budgets: readonly Budget[]): Row[] {
  const figures = new Map(flatten(result.figures))
  return budgets
    .filter(({ bench }) => bench === result.name)
    .map(({ path, what, bound, limit, unit }) => {
      const value = figures.get(path)
      const isKnown = typeof value === 'number'
      const withUnit = (n: number): string => `${format(n)}${unit === '' ? '' : ` ${unit}`}`
      return {
        what,
        measured: isKnown ? withUnit(value) : 'not measured',
        budget: `${bound} ${withUnit(limit)}`,
        isOk: isKnown && (bound === 'at most' ? value <= limit : value >= limit),
      }
    })
}

/** Every number and text in the figures, by its path. */
function flatten(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [[path, value]]
  return Object.entries(value).flatMap(([key, one]) => flatten(one, path === '' ? key : `${path}.${key}`))
}

function format(value: unknown): string {
  if (typeof value !== 'number') return String(value)
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 })
}
