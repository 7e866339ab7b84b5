// npm run sim -- --seed 7 --agents 100 --hours 24 [--faults crashes,agents] [--swarm 50] [--log] Prints what
// happened, the seed and the final hash; a broken promise ends it with code 1 and the command to see it again.

import { parseArgs } from 'node:util'
import { type FaultRates, faultKinds, noFaults } from './faults.ts'
import { drawOptions, type RunOptions, type RunResult, runSeed } from './swarm.ts'

const usage = `usage: npm run sim -- [--seed N] [--agents N] [--apps N] [--pods N] [--instances N] [--hours N]
                      [--faults all|none|${Object.keys(faultKinds).join('|')},…] [--swarm N] [--log]`

function main(): number {
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
      log: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  const first = numberOf('seed', values.seed) ?? 1
  const count = numberOf('swarm', values.swarm) ?? 1
  const faults = faultsOf(values.faults)
  let failures = 0
  for (let seed = first; seed < first + count; seed++) {
    const drawn = drawOptions(seed)
    const options: RunOptions = {
      ...drawn,
      agents: numberOf('agents', values.agents) ?? drawn.agents,
      apps: numberOf('apps', values.apps) ?? drawn.apps,
      pods: numberOf('pods', values.pods) ?? drawn.pods,
      mostInstances: numberOf('instances', values.instances) ?? drawn.mostInstances,
      hours: numberOf('hours', values.hours) ?? drawn.hours,
      faults: faults ?? drawn.faults,
      ...(values.log === true ? { log: (line: string) => console.log(line) } : {}),
    }
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

function faultsOf(text: string | undefined): FaultRates | undefined {
  if (text === undefined) return undefined
  const names = text === 'all' ? Object.keys(faultKinds) : text === 'none' ? [] : text.split(',')
  return names.reduce((rates, name) => {
    const add = faultKinds[name]
    if (add === undefined) throw new Error(`--faults ${name}: unknown\n${usage}`)
    return add(rates)
  }, noFaults)
}

process.exitCode = main()
