// The program that local-engine-kills.test.ts kills: a scheduler that keeps a few tasks alive on the local engine and
// writes every decision and every answer to a ledger before it acts on it, as the core does (D3). Commands come by
// the ledger folder.

import fs from 'node:fs'
import path from 'node:path'
import type { EngineEvent } from '../../src/core/events.ts'
import type { Offer } from '../../src/core/mesos.ts'
import { LocalEngine } from '../../src/engine/local/engine.ts'
import { millis } from '../../src/lib/instant.ts'
import { stream } from '../../src/lib/rng.ts'
import { machine, taskInfo, terminalStates } from './local-engine-scheduler.ts'

const [folder, seed] = process.argv.slice(2) as [string, string]
const ledgerFile = path.join(folder, 'ledger')
const rng = stream(seed, `churn-${process.pid}`)
const wanted = 10

/** Whatever is killed around it, a task that is well must not end for its health: two failures in a row are lies. */
const healthCheck = {
  command: { shell: true, value: ': a check; sleep 0.05' },
  delay: millis(0),
  interval: millis(150),
  timeout: millis(5_000),
  gracePeriod: millis(0),
  consecutiveFailures: 2,
}

/** What a task does; each appends a line to its file in runs/ first, so that a second start shows. */
const behaviours = [
  { name: 'short', after: 'sleep 0.1; exit 7' },
  { name: 'middle', after: 'sleep 0.7; exit 0' },
  { name: 'daemon', after: '(setsid sh -c \'trap "" TERM; sleep 900; sleep 900\' &) ; sleep 0.5; exit 7' },
  { name: 'long', after: 'sleep 900; exit 7' },
  { name: 'stubborn', after: 'trap "" TERM; while :; do sleep 0.2; done' },
] as const

const live = new Set<string>()
const ended = new Set<string>()
const killed = new Set<string>()
for (const line of fs.existsSync(ledgerFile) ? fs.readFileSync(ledgerFile, 'utf8').split('\n') : []) {
  const [word, taskId] = line.split(' ')
  if (word === 'launch') live.add(taskId!)
  if (word === 'kill') killed.add(taskId!)
  if (word === 'end') {
    live.delete(taskId!)
    ended.add(taskId!)
  }
}
const ledger = fs.openSync(ledgerFile, 'a')
const write = (line: string) => fs.writeSync(ledger, `${line}\n`)

const engine = new LocalEngine({
  dataDir: folder,
  agents: [{ id: 'agent-1', attributes: [], resources: machine }],
  address: '127.0.0.1',
  onProblem: (message) => write(`problem ${message}`),
})
let offer: Offer | undefined
let count = 0

await engine.start((event) => hear(event))
const unsure = [...live].map((taskId) => ({ taskId, agentId: 'agent-1' }))
if (unsure.length > 0) engine.perform([{ kind: 'reconcile', tasks: unsure }])
// A kill may have been lost with the process that asked for it.
for (const taskId of killed) if (live.has(taskId)) kill(taskId)
setInterval(decide, 20)

function hear(event: EngineEvent): void {
  if (event.kind === 'offers') offer = event.offers[0]
  if (event.kind === 'offer-rescinded' && offer?.id === event.offerId) offer = undefined
  if (event.kind !== 'status') return
  const { taskId, state, uuid, message, healthy } = event.status
  if (terminalStates.has(state) && healthy === false) write(`problem ${taskId} was killed for its health`)
  if (terminalStates.has(state) && live.has(taskId)) {
    write(`end ${taskId} ${state} ${message}`)
    live.delete(taskId)
    ended.add(taskId)
  } else if (terminalStates.has(state) && !ended.has(taskId)) {
    write(`unknown-task ${taskId} ${state}`)
  }
  if (uuid !== undefined) engine.perform([{ kind: 'acknowledge', taskId, uuid }])
}

/** `stop` in the folder ends all tasks, `rest` keeps what is there. */
function decide(): void {
  const isStopping = fs.existsSync(path.join(folder, 'stop'))
  if (isStopping) {
    for (const taskId of live) if (!killed.has(taskId)) kill(taskId)
    if (live.size === 0) fs.writeFileSync(path.join(folder, 'stopped'), '')
    return
  }
  if (fs.existsSync(path.join(folder, 'rest'))) return
  const victim = [...live].filter((taskId) => !killed.has(taskId))
  if (victim.length > 0 && rng.chance(0.15)) kill(rng.pick(victim))
  if (live.size < wanted && offer) {
    const behaviour = rng.pick(behaviours)
    const taskId = `${behaviour.name}-${process.pid}-${Date.now()}-${count++}`
    write(`launch ${taskId}`)
    live.add(taskId)
    const cmd = `echo $$ >> ${folder}/runs/${taskId}; ${behaviour.after}`
    const accepted = offer
    offer = undefined
    engine.perform([
      {
        kind: 'accept',
        offerIds: [accepted.id],
        agentId: 'agent-1',
        operations: [{ type: 'LAUNCH', tasks: [taskInfo({ id: taskId, cmd, healthCheck })] }],
      },
    ])
  }
}

function kill(taskId: string): void {
  if (!killed.has(taskId)) write(`kill ${taskId}`)
  killed.add(taskId)
  engine.perform([{ kind: 'kill', taskId, cause: 'api-request', gracePeriod: 300 as never }])
}
