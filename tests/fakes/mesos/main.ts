// The fake cluster as a program: `--port 5050 --agents 5000 --cpus 32 --mem 65536 --mode simulated|processes`. It says
// where it listens on its first line, then, for each line it reads, what it holds: tasks, memory, calls.

import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { FakeCluster } from './cluster.ts'
import { ProcessRunner } from './process-runner.ts'

const { values } = parseArgs({
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
  const states: Record<string, number> = {}
  for (const agent of cluster.agents)
    for (const { told } of agent.tasks.values()) states[told] = (states[told] ?? 0) + 1
  const calls = Object.fromEntries(cluster.server.calls)
  process.stdout.write(`${JSON.stringify({ states, calls, rss: process.memoryUsage().rss })}\n`)
})

async function end(): Promise<void> {
  await cluster.close()
  process.exit(0)
}
process.on('SIGTERM', () => void end())
process.on('SIGINT', () => void end())
