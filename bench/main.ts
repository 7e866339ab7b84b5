// `npm run bench -- [NAME …]`: runs the named benches, or all, each in a process of its own so that none inherits
// another's heap; prints what each measured against its budget; writes it all to bench/results/.

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { budgets } from './budgets.ts'
import { describeMachine } from './lib/machine.ts'
import { type BenchResult, printResult, writeReport } from './lib/report.ts'

/** In the order in which they run. */
const benches: Readonly<Record<string, () => Promise<{ run(): unknown }>>> = {
  'cold-start': () => import('./cold-start.bench.ts'),
  'post-to-running': () => import('./post-to-running.bench.ts'),
  'five-hundred': () => import('./five-hundred.bench.ts'),
  'api-churn': () => import('./api-churn.bench.ts'),
  groups: () => import('./groups.bench.ts'),
  'list-apps': () => import('./list-apps.bench.ts'),
  sse: () => import('./sse.bench.ts'),
  store: () => import('./store.bench.ts'),
  placement: () => import('./placement.bench.ts'),
  constraints: () => import('./constraints.bench.ts'),
  explain: () => import('./explain.bench.ts'),
  memory: () => import('./memory.bench.ts'),
  sim: () => import('./sim.bench.ts'),
  mesos: () => import('./mesos.bench.ts'),
  health: () => import('./health.bench.ts'),
  grid: () => import('./grid.bench.ts'),
}

const args = process.argv.slice(2)
if (args[0] === '--one') await runOne(args[1] ?? '', args[2] ?? '')
else if (args[0] === '--fill') await (await import('./memory-fill.ts')).fill(args[1] ?? '')
else if (args[0] === '--fake-mesos')
  await (await import('../tests/fakes/mesos/program.ts')).runFakeMesos(args.slice(1))
else if (args[0] === '--probed-server') await probedServer(args[1] ?? '', args[2] ?? '')
else await runAll(args)

async function runAll(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in benches))
  if (unknown.length > 0) {
    console.error(`unknown bench ${unknown.join(', ')}; expected some of ${Object.keys(benches).join(', ')}`)
    process.exit(2)
  }
  const { status } = spawnSync(process.execPath, ['tools/build.mjs'], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
  const folder = mkdtempSync(join(tmpdir(), 'marathon-bench-'))
  // Tasks of other users pass through it.
  chmodSync(folder, 0o755)
  try {
    await runIn(folder, names)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function runIn(folder: string, names: readonly string[]): Promise<void> {
  const machine = describeMachine(folder)
  const results: BenchResult[] = []
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    console.log(`\n${name} …`)
    const load = loadavg()[0]!
    const startedMs = performance.now()
    const outcome = await runInOwnProcess(name, folder)
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    const result: BenchResult = { name, seconds, loadBefore: load, ...outcome }
    printResult(result, budgets)
    results.push(result)
  }
  const files = writeReport({ machine, results, budgets })
  console.log(`\nwritten: ${files.join(', ')}`)
  if (results.some((result) => result.error !== undefined)) process.exitCode = 1
}

async function runInOwnProcess(
  name: string,
  folder: string,
): Promise<Pick<BenchResult, 'figures' | 'error'>> {
  const file = join(folder, `${name}.json`)
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, '--one', name, file], {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: folder },
  })
  const code = await new Promise((resolve) =>
    child.once('exit', (status, signal) => resolve(status ?? signal)),
  )
  if (code !== 0) return { error: `ended with ${String(code)}` }
  return { figures: JSON.parse(readFileSync(file, 'utf8')) as unknown }
}

async function probedServer(dataDir: string, answerers: string): Promise<void> {
  const { serveProbed } = await import('./probed-server.ts')
  await serveProbed(dataDir, answerers.split(',').map(Number))
}

async function runOne(name: string, file: string): Promise<void> {
  const load = benches[name]
  if (load === undefined) throw new Error(`unknown bench ${name}`)
  const { run } = await load()
  writeFileSync(file, JSON.stringify(await run()))
  // Sockets and timers of a bench's peers do not keep the next one waiting.
  process.exit(0)
}
