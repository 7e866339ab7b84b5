// The fake cluster as a program, for benches and for trying things out by hand. It says where it listens on its first
// line, then, for each line it reads, how much it has: tasks by state, calls by type.

import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { FakeCluster } from './cluster.ts'
import { ProcessRunner } from './process-runner.ts'

/** What it answers to a line. */
export interface FakeFigures {
  readonly tasks: number
  /** Tasks of which TASK_RUNNING was told. */
  readonly running: number
  readonly calls: Readonly<Record<string, number>>
}

/**
 * `--port 5050 --agents 5000 --cpus 32 --mem 65536 --disk 10000 --ports 31000-31999 --mode simulated|processes
 * --work_dir DIR --allocation_interval MS`. Runs until SIGTERM or SIGINT.
 */
export async function runFakeMesos(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '5050' },
      agents: { type: 'string', default: '2' },
      cpus: { type: 'string', default: '4' },
      mem: { type: 'string', default: '4096' },
      disk: { type: 'string', default: '10000' },
      ports: { type: 'string', default: '31000-31999' },
      mode: { type: 'string', default: 'simulated' },
      allocation_interval: { type: 'string', default: '500' },
      work_dir: { type: 'string', default: '' },
    },
  })
  const [firstPort = 0, lastPort = 0] = values.ports.split('-').map(Number)
  const cluster = await FakeCluster.start({
    port: Number(values.port),
    agents: Number(values.agents),
    cpus: Number(values.cpus),
    mem: Number(values.mem),
    disk: Number(values.disk),
    ports: () => [firstPort, lastPort],
    timing: { allocationMs: Number(values.allocation_interval) },
    ...(values.mode === 'processes' ? { runner: new ProcessRunner(values.work_dir || undefined) } : {}),
  })
  process.stdout.write(`master at ${cluster.address}\n`)
  createInterface({ input: process.stdin }).on('line', () => {
    process.stdout.write(`${JSON.stringify(figuresOf(cluster))}\n`)
  })
  const end = async (): Promise<void> => {
    await cluster.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void end())
  process.on('SIGINT', () => void end())
}

function figuresOf(cluster: FakeCluster): FakeFigures {
  let tasks = 0
  let running = 0
  for (const agent of cluster.agents) {
    tasks += agent.tasks.size
    for (const { told } of agent.tasks.values()) if (told === 'TASK_RUNNING') running++
  }
  return { tasks, running, calls: Object.fromEntries(cluster.server.calls) }
}
