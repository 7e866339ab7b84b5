// The engine's contract for the local engine: real processes on this machine.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LocalEngine } from '../../src/engine/local/engine.ts'
import { describeEngine, type EngineHarness } from '../contracts/engine.contract.ts'

const agent = (id: string, begin: number) => ({
  id,
  attributes: [],
  resources: { cpus: 2, mem: 1_024, disk: 0, gpus: 0, ports: [{ begin, end: begin + 99 }] },
})

async function create(): Promise<EngineHarness> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-contract-'))
  const open = (): LocalEngine =>
    new LocalEngine({
      dataDir,
      agents: [agent('agent-1', 31_000), agent('agent-2', 31_100)],
      address: '127.0.0.1',
    })
  let engine = open()
  return {
    engine,
    restart: async () => {
      await engine.stop()
      engine = open()
      return engine
    },
    remove: async () => {
      await end(engine, open, path.join(dataDir, 'local', 'launcher'))
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Pulls every plug, so that nothing runs on, and lets go once a new engine finds nothing that is still ending. */
async function end(last: LocalEngine, open: () => LocalEngine, launcher: string): Promise<void> {
  for (let engine = last; ; engine = open()) {
    if (engine !== last) await acknowledgeAll(engine)
    for (const { id } of engine.agents.list()) engine.agents.unplug(id)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await engine.stop()
    if (!fs.existsSync(launcher) || !isAlive(Number(fs.readFileSync(launcher, 'utf8').split(' ')[2]))) return
  }
}

/** An ended task is remembered until somebody has heard of it. */
function acknowledgeAll(engine: LocalEngine): Promise<void> {
  return engine.start((event) => {
    if (event.kind !== 'status' || event.status.uuid === undefined) return
    engine.perform([{ kind: 'acknowledge', taskId: event.status.taskId, uuid: event.status.uuid }])
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describeEngine('local', {
  create,
  commands: {
    runs: 'sleep 600',
    finishes: 'true',
    fails: 'exit 3',
    turnsBad: 'touch well; sleep 2; rm well; sleep 600',
  },
  checkCommands: { well: 'true', badly: 'exit 9', whileWell: '[ -e well ]' },
  patienceMs: 15_000,
  repeatsInTime: true,
  outlivesProcess: true,
  controlsAgents: true,
  pods: { refusedWith: /^The local engine cannot run pods yet \(container "c\d"\)$/ },
})
