// supervisord, from Debian's package: one program with numprocs, added to a running daemon by `supervisorctl update`,
// which is its way to define and start something new.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled, type Measured, peerStepMs, runCommand, startCommand } from './peer.ts'
import { isRunning, ProcessCounter, pause, proportionalBytes, signalAll } from './processes.ts'
import { mebibytes } from './statistics.ts'

export async function measureSupervisor(
  folder: string,
  argv: readonly string[],
  processes: number,
): Promise<Measured> {
  const missing = install()
  if (missing !== undefined) return { notMeasured: missing }
  mkdirSync(join(folder, 'programs'), { recursive: true })
  const config = join(folder, 'supervisord.conf')
  writeFileSync(config, daemonConfig(folder))
  const daemon = startCommand('supervisord', ['-n', '-c', config])
  const control = (...args: string[]) => startCommand('supervisorctl', ['-c', config, ...args])
  const counter = new ProcessCounter(argv)
  try {
    await answers(config)
    writeFileSync(join(folder, 'programs', 'bench.conf'), programConfig(argv, processes))
    const startedMs = performance.now()
    const update = control('update')
    const upMs = (await counter.reaches(processes, peerStepMs)) - startedMs
    await update.ended
    const ownMib = mebibytes(proportionalBytes(daemon.process.pid!))
    const stoppedMs = performance.now()
    const stop = control('stop', 'all')
    const downMs = (await counter.reaches(0, peerStepMs)) - stoppedMs
    await stop.ended
    return { processes, upMs: Math.round(upMs), downMs: Math.round(downMs), ownMib }
  } catch (error) {
    return { notMeasured: (error as Error).message }
  } finally {
    const pid = daemon.process.pid!
    signalAll([pid], 'SIGTERM')
    const until = performance.now() + 20_000
    while (isRunning(pid) && performance.now() < until) await pause(20)
    signalAll([pid], 'SIGKILL')
    await daemon.ended
  }
}

/** What is in the way, if anything is. The package's own service is kept from starting. */
function install(): string | undefined {
  if (isInstalled('supervisord')) return undefined
  if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
    return 'supervisord is not installed, and this is no Debian machine with root'
  try {
    const args = ['-qq', 'install', '-y', '--no-install-recommends', 'supervisor']
    runCommand('apt-get', args, { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

async function answers(config: string): Promise<void> {
  const until = performance.now() + 10_000
  for (;;) {
    try {
      runCommand('supervisorctl', ['-c', config, 'pid'])
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await pause(50)
    }
  }
}

/** Two pipes for each process, hence the file descriptors. */
const daemonConfig = (folder: string): string => `[supervisord]
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
minfds=8192
user=${process.env['USER'] ?? 'root'}
[unix_http_server]
file=${folder}/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/supervisor.sock
[include]
files=${folder}/programs/*.conf
`

const programConfig = (argv: readonly string[], processes: number): string => `[program:bench]
command=${argv.join(' ')}
numprocs=${processes}
process_name=%(program_name)s_%(process_num)03d
`
