// pm2, from npm, installed into a folder of its own: one app with instances in fork mode, started by a running daemon.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Measured, peerStepMs, runCommand, startCommand } from './peer.ts'
import { isRunning, ProcessCounter, pause, pidsNaming, proportionalBytes, signalAll } from './processes.ts'
import { mebibytes } from './statistics.ts'

/** Installs pm2 once. Returns its program, or what is in the way. */
export function installPm2(folder: string): { readonly program: string } | { readonly notMeasured: string } {
  mkdirSync(folder, { recursive: true })
  try {
    runCommand('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', 'pm2'])
    return { program: join(folder, 'node_modules', '.bin', 'pm2') }
  } catch (error) {
    return { notMeasured: (error as Error).message }
  }
}

export async function measurePm2(
  program: string,
  folder: string,
  argv: readonly string[],
  processes: number,
): Promise<Measured> {
  const home = join(folder, `home-${processes}`)
  mkdirSync(home, { recursive: true })
  const env = { PM2_HOME: home }
  const apps = [
    {
      name: 'bench',
      script: runCommand('sh', ['-c', `command -v ${argv[0]}`]).trim(),
      args: argv.slice(1).join(' '),
      interpreter: 'none',
      exec_mode: 'fork',
      instances: processes,
    },
  ]
  const file = join(home, 'bench.config.json')
  writeFileSync(file, JSON.stringify({ apps }))
  const counter = new ProcessCounter([apps[0]!.script, ...argv.slice(1)])
  try {
    runCommand(program, ['ping'], env)
    const startedMs = performance.now()
    const start = startCommand(program, ['start', file], env)
    const upMs = (await counter.reaches(processes, peerStepMs)) - startedMs
    await start.ended
    const ownMib = mebibytes(pidsNaming(home).reduce((sum, pid) => sum + proportionalBytes(pid), 0))
    const stoppedMs = performance.now()
    const stop = startCommand(program, ['delete', 'all'], env)
    const downMs = (await counter.reaches(0, peerStepMs)) - stoppedMs
    await stop.ended
    return { processes, upMs: Math.round(upMs), downMs: Math.round(downMs), ownMib }
  } catch (error) {
    return { notMeasured: (error as Error).message }
  } finally {
    startCommand(program, ['kill'], env)
    const until = performance.now() + 30_000
    while (pidsNaming(home).some(isRunning) && performance.now() < until) await pause(50)
    signalAll(pidsNaming(home), 'SIGKILL')
  }
}
