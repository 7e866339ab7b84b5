// Five hundred `sleep` up and down: one app of ours on the local engine, durable; supervisor and pm2 doing the same
// beside it in the same run; and bare spawns, which nobody can undercut. Counted are processes that run the command
// itself, not what anybody reports about them. Ratios are what carries over to other machines.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Measured, UpAndDown } from './lib/peer.ts'
import { installPm2, measurePm2 } from './lib/peer-pm2.ts'
import { measureSupervisor } from './lib/peer-supervisor.ts'
import { ProcessCounter, pidsNaming, pidsOf, proportionalBytes, signalAll } from './lib/processes.ts'
import { roomyResources, startServer, withDataDir } from './lib/server.ts'
import { mebibytes, round2 } from './lib/statistics.ts'

export interface FiveHundredFigures {
  readonly marathon: MarathonFigures
  /** The same again on the same server, now warm. */
  readonly marathonAgain: MarathonFigures
  readonly bareSpawns: UpAndDown
  readonly supervisor: Measured
  readonly pm2Hundred: Measured
  readonly pm2: Measured
  /** Our time up divided by theirs: below one we are faster. */
  readonly ratios: Readonly<Record<string, number>>
}

interface MarathonFigures extends UpAndDown {
  /** POST sent → no deployment under way: every status has come and is stored. */
  readonly deployedMs: number
  /** Resident memory of the server alone. */
  readonly serverMib: number
}

const processes = 500
const fewer = 100
const withinMs = 60_000
/** A duration nobody else sleeps: it tells our processes from others. */
const argv = (who: number): string[] => ['sleep', String(86_430 + who)]

export async function run(): Promise<FiveHundredFigures> {
  try {
    const [marathon, marathonAgain] = await measureMarathon()
    const bareSpawns = await measureBareSpawns()
    const supervisor = await withDataDir((folder) => measureSupervisor(folder, argv(2), processes))
    const { pm2Hundred, pm2 } = await withDataDir(async (folder) => {
      const installed = installPm2(join(folder, 'pm2'))
      if ('notMeasured' in installed) return { pm2Hundred: installed, pm2: installed }
      return {
        pm2Hundred: await measurePm2(installed.program, folder, argv(3), fewer),
        pm2: await measurePm2(installed.program, folder, argv(3), processes),
      }
    })
    const ratios = {
      toBareSpawns: round2(marathon.upMs / bareSpawns.upMs),
      ...('upMs' in supervisor && { toSupervisor: round2(marathon.upMs / supervisor.upMs) }),
      ...('upMs' in pm2 && { toPm2: round2(marathon.upMs / pm2.upMs) }),
    }
    return { marathon, marathonAgain, bareSpawns, supervisor, pm2Hundred, pm2, ratios }
  } finally {
    for (let who = 0; who < 4; who++) signalAll(pidsOf(argv(who)), 'SIGKILL')
  }
}

function measureMarathon(): Promise<[MarathonFigures, MarathonFigures]> {
  return withDataDir(async (dataDir) => {
    const server = await startServer(dataDir, { flags: ['--local_resources', roomyResources] })
    const upAndDown = async (id: string): Promise<MarathonFigures> => {
      const counter = new ProcessCounter(argv(0))
      const startedMs = performance.now()
      const posted = server.call('POST', '/v2/apps', {
        id,
        cmd: argv(0).join(' '),
        cpus: 0.01,
        mem: 16,
        instances: processes,
      })
      const upMs = (await counter.reaches(processes, withinMs)) - startedMs
      await posted
      await server.settled(withinMs)
      const deployedMs = performance.now() - startedMs
      const serverMib = mebibytes(server.residentBytes())
      const own = pidsNaming(dataDir).concat(server.pid)
      const ownMib = mebibytes([...new Set(own)].reduce((sum, pid) => sum + proportionalBytes(pid), 0))
      const stoppedMs = performance.now()
      await server.call('DELETE', `/v2/apps${id}`)
      const downMs = (await counter.reaches(0, withinMs)) - stoppedMs
      await server.settled(withinMs)
      return {
        processes,
        upMs: Math.round(upMs),
        deployedMs: Math.round(deployedMs),
        downMs: Math.round(downMs),
        serverMib,
        ownMib,
      }
    }
    try {
      return [await upAndDown('/bench/first'), await upAndDown('/bench/second')]
    } finally {
      await server.stop()
    }
  })
}

async function measureBareSpawns(): Promise<UpAndDown> {
  const [command, ...args] = argv(1) as [string, ...string[]]
  const counter = new ProcessCounter(argv(1))
  const startedMs = performance.now()
  const children: ChildProcess[] = []
  for (let n = 0; n < processes; n++) children.push(spawn(command, args, { stdio: 'ignore' }))
  const upMs = (await counter.reaches(processes, withinMs)) - startedMs
  const stoppedMs = performance.now()
  for (const child of children) child.kill('SIGTERM')
  const downMs = (await counter.reaches(0, withinMs)) - stoppedMs
  return { processes, upMs: Math.round(upMs), downMs: Math.round(downMs), ownMib: 0 }
}
