// npm run sim -- --seed 7 --agents 100 --hours 24 [--faults crashes,agents] [--swarm 50] [--log] Prints what
// happened, the seed and the final hash; a broken promise ends it with code 1 and the command to see it again. With
// --days the results are appended to a file (long-run.ts), with --summary the totals of such a file are printed, with
// --mutations known bugs are put back and found (mutations/).

import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { drawDay, drawOptions } from './draw.ts'
import { type FaultRates, faultKinds, noFaults } from './faults.ts'
import { runLong, seedsOf } from './long-run.ts'
import { readResults, summaryOf } from './results.ts'
import { type RunOptions, type RunResult, runSeed } from './swarm.ts'

const usage = `usage: npm run sim -- [--seed N] [--agents N] [--apps N] [--pods N] [--instances N] [--hours N]
                      [--faults all|none|${Object.keys(faultKinds).join('|')},…] [--swarm N] [--day] [--log]
       npm run sim -- --days N [--seed FIRST] [--part 1/2] [--results FILE]
       npm run sim -- --summary [--results FILE]
       npm run sim -- --mutations [--seed FIRST] [--swarm N]`

const usualResults = 'sim/results/days.jsonl'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    agents: { type: 'string' },
    apps: { type: 'string' },
    pods: { type: 'string' },
    instances: { type: 'string' },
    hours: { type: 'string' },
    faults: { type: 'string' },
    swarm: { type: 'string' },
    day: { type: 'boolean' },
    days: { type: 'string' },
    part: { type: 'string' },
    results: { type: 'string' },
    summary: { type: 'boolean' },
    mutations: { type: 'boolean' },
    log: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

async function main(): Promise<number> {
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  const path = values.results ?? usualResults
  if (values.summary === true) {
    console.log(summaryOf(readResults(path).values()))
    return 0
  }
  if (values.mutations === true) return findMutations()
  if (values.days !== undefined) return runDays(path)
  return runSwarm()
}

async function findMutations(): Promise<number> {
  const { runMutations } = await import('./mutations/run.ts')
  const missed = await runMutations({
    root: process.cwd(),
    seeds: seedsOf(numberOf('seed', values.seed) ?? 1, numberOf('swarm', values.swarm) ?? 20, [1, 1]),
    clockMs: () => performance.now(),
    print: (line) => console.log(line),
  })
  return missed === 0 ? 0 : 1
}

function runDays(path: string): number {
  const failures = runLong({
    seeds: seedsOf(
      numberOf('seed', values.seed) ?? 1,
      numberOf('days', values.days) ?? 0,
      partOf(values.part),
    ),
    path,
    code: codeOfTree(),
    optionsOf: (seed) => changed(drawDay(seed)),
    clockMs: () => performance.now(),
    print: (line) => console.log(line),
  })
  console.log(summaryOf(readResults(path).values()))
  return failures === 0 ? 0 : 1
}

function runSwarm(): number {
  const first = numberOf('seed', values.seed) ?? 1
  const count = numberOf('swarm', values.swarm) ?? 1
  let failures = 0
  for (let seed = first; seed < first + count; seed++) {
    const options = changed(values.day === true ? drawDay(seed) : drawOptions(seed))
    const startedMs = performance.now()
    try {
      print(runSeed(options), options, performance.now() - startedMs)
    } catch (error) {
      failures++
      console.error(
        `seed ${seed} failed: ${error instanceof Error ? (error.name === 'Violation' ? error.message : error.stack) : String(error)}`,
      )
      console.error(`  see it again with: npm run sim -- ${again(seed)} --log`)
    }
  }
  if (count > 1) console.log(`${count - failures} of ${count} seeds passed`)
  return failures === 0 ? 0 : 1
}

/** What was drawn, but for what was said. */
function changed(drawn: RunOptions): RunOptions {
  return {
    ...drawn,
    agents: numberOf('agents', values.agents) ?? drawn.agents,
    apps: numberOf('apps', values.apps) ?? drawn.apps,
    pods: numberOf('pods', values.pods) ?? drawn.pods,
    mostInstances: numberOf('instances', values.instances) ?? drawn.mostInstances,
    hours: numberOf('hours', values.hours) ?? drawn.hours,
    faults: faultsOf(values.faults) ?? drawn.faults,
    ...(values.log === true ? { log: (line: string) => console.log(line) } : {}),
  }
}

/** The options given, with one seed in place of many. */
function again(seed: number): string {
  const kept: string[] = []
  const args = process.argv.slice(2)
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--swarm' || args[i] === '--seed') i++
    else if (args[i] !== '--log') kept.push(args[i]!)
  }
  return [`--seed ${seed}`, ...kept].join(' ')
}

function print(result: RunResult, { agents, hours }: RunOptions, tookMs: number): void {
  console.log(
    [
      `seed ${result.seed}: ${agents} agents, ${hours} h in ${(tookMs / 1000).toFixed(1)} s`,
      `${result.steps} steps, ${result.launched} launches, ${result.crashes} crashes`,
      `${result.acknowledged} changes acknowledged, ${result.refused} refused, ${result.notAnswered} unanswered`,
      `${result.troubled} apps and pods could not settle`,
      `hash ${result.hash}`,
    ].join('; '),
  )
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`--${name} ${text}: a number of 0 or more is expected\n${usage}`)
  return value
}

function partOf(text = '1/1'): readonly [part: number, parts: number] {
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (part === undefined || Number(part) < 1 || Number(part) > Number(parts))
    throw new Error(`--part ${text}: a part like 1/2 is expected\n${usage}`)
  return [Number(part), Number(parts)]
}

/** What the version control calls the code that runs; `+` when files are not as committed. */
function codeOfTree(): string | undefined {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    const isChanged =
      git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'sim/*.ts', 'sim/checkers') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`
  } catch {
    return undefined
  }
}

function faultsOf(text: string | undefined): FaultRates | undefined {
  if (text === undefined) return undefined
  const names = text === 'all' ? Object.keys(faultKinds) : text === 'none' ? [] : text.split(',')
  return names.reduce((rates, name) => {
    const add = faultKinds[name]
    if (add === undefined) throw new Error(`--faults ${name}: unknown\n${usage}`)
    return add(rates)
  }, noFaults)
}

process.exitCode = await main()
