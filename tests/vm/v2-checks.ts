// What only a kernel with nothing but cgroup v2 can show of the local engine, as seen by a user of the server and by
// somebody who looks at /sys/fs/cgroup. Runs inside the machine that run-v2.sh boots, as a plain program: one line per
// fact.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseClaim } from '../../src/engine/local/records.ts'
import { launchIdOf } from '../../src/engine/local/task-files.ts'
import { Api, type Task } from '../system/support/api.ts'
import { cgroupsOf, processesOf, processesWith } from '../system/support/machine.ts'
import { until } from '../system/support/until.ts'

const program = fileURLToPath(new URL('../bin/marathon', import.meta.url))
const tree = '/sys/fs/cgroup'
/** Emulated, everything takes ten to fifty times as long. */
const patience = { withinMs: 120_000, everyMs: 200 }

let failures = 0

const textOf = (file: string): string => readFileSync(file, 'utf8').trimEnd()
const cgroupOf = (pid: number): string => textOf(`/proc/${pid}/cgroup`)
const pidsIn = (folder: string): number[] =>
  textOf(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)
const sessionOf = (pid: number): string | undefined =>
  existsSync(`/proc/${pid}`)
    ? textOf(`/proc/${pid}/stat`)
        .replace(/^.*\) /, '')
        .split(' ')[3]
    : undefined

class TestServer {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'marathon-v2-'))
  readonly api = new Api(() => ({ url: this.#url! }))
  readonly #within: readonly string[]
  #process: ChildProcess | undefined
  #output = ''
  #url: string | undefined

  /** @param within what runs the server's command, such as `unshare …` */
  constructor(within: readonly string[] = []) {
    this.#within = within
  }

  get pid(): number {
    return this.#process!.pid!
  }

  async start(): Promise<void> {
    const flags = ['--data_dir', this.dataDir, '--http_port', '0', '--local_resources', 'cpus:8;mem:8192']
    const [first, ...rest] = [...this.#within, program, 'server', ...flags]
    this.#output = ''
    const child = spawn(first!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk))
    this.#process = child
    this.#url = await until('the server to listen', () => /"url":"(http:[^"]+)"/.exec(this.#output)?.[1], {
      ...patience,
      seen: () => this.#output,
    })
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process!
    child.kill(signal)
    await until('the server to end', () => child.exitCode !== null || child.signalCode !== null, {
      ...patience,
      seen: () => this.#output,
    })
  }

  async run(app: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<Task> {
    await this.api.create(app)
    try {
      const [task] = await this.api.running(app.id, 1, patience.withinMs)
      return task!
    } catch (error) {
      const { lastTaskFailure } = (await this.api.get(`/v2/apps${app.id}`)).body.app
      throw new Error(`${app.id} does not run; it failed last with "${lastTaskFailure?.message}"`, {
        cause: error,
      })
    }
  }

  /** Deletes all apps and waits until nothing is left to do. */
  async clear(): Promise<void> {
    const { body } = await this.api.get('/v2/apps')
    for (const app of body.apps) await this.api.delete(`/v2/apps${app.id}?force=true`)
    await this.api.settled(patience.withinMs)
    await until('the tasks to go', async () => (await this.api.tasks()).length === 0, patience)
  }

  /** The folder of the server's cgroups. */
  get parent(): string {
    const [parent, ...others] = cgroupsOf(this.dataDir)
    assert.deepEqual(others, [])
    return parent!
  }

  cgroupOfTask(task: Task): string {
    return join(this.parent, launchIdOf(task.id))
  }

  claimOf(task: Task): { readonly child: number; readonly supervisor: number } {
    const claim = parseClaim(
      readFileSync(join(this.dataDir, 'local/launches', launchIdOf(task.id), 'claim'), 'utf8'),
    )
    assert(claim.kind === 'child')
    return { child: claim.child.pid, supervisor: claim.supervisor.pid }
  }
}

/** One fact: what is returned is printed beside it. */
async function check(fact: string, look: () => unknown): Promise<void> {
  const begun = Date.now()
  try {
    const seen = await look()
    const shown = seen === undefined ? '' : `: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`
    console.log(`ok      ${fact}${shown} (${Date.now() - begun} ms)`)
  } catch (error) {
    failures += 1
    console.log(`FAILED  ${fact}: ${error instanceof Error ? error.stack : String(error)}`)
  }
}

async function aServiceOfItsMachine(): Promise<void> {
  const server = new TestServer()
  await server.start()
  const sleep = 'sleep 100000'

  await check('the engine says that it uses version 2 with all limits', async () => {
    const { isolation } = (await server.api.get('/v2/info?embed=isolation')).body
    assert.deepEqual(isolation, { cgroups: 'v2', limits: ['cpu', 'memory', 'pids'] })
    return isolation
  })

  const limited = await server.run({
    id: '/limited',
    cmd: sleep,
    cpus: 0.5,
    mem: 64,
    resourceLimits: { cpus: 1.5, mem: 128 },
  })
  await check('a task has the limits it asked for', () => {
    const folder = server.cgroupOfTask(limited)
    const wanted = {
      'cpu.weight': '50',
      'cpu.max': '150000 100000',
      'memory.max': String(128 * 1024 * 1024),
      'memory.swap.max': '0',
      'memory.oom.group': '1',
      'pids.max': '4096',
    }
    const seen = Object.fromEntries(Object.keys(wanted).map((file) => [file, textOf(join(folder, file))]))
    assert.deepEqual(seen, wanted)
    return seen
  })

  await check('task, supervisors and server are in leaves of their own, nothing is in between', () => {
    const { child, supervisor } = server.claimOf(limited)
    const name = server.parent.slice(tree.length)
    const seen = { task: cgroupOf(child), supervisor: cgroupOf(supervisor), server: cgroupOf(server.pid) }
    assert.deepEqual(seen, {
      task: `0::${name}/${launchIdOf(limited.id)}`,
      supervisor: `0::${name}/supervisors`,
      server: '0::/system.slice/checks.service',
    })
    assert.deepEqual(pidsIn(server.parent), [])
    assert.equal(textOf(join(server.parent, 'cgroup.subtree_control')), 'cpu memory pids')
    // A service whose cgroup has children with controllers could not be started again.
    assert.equal(textOf(`${tree}/system.slice/checks.service/cgroup.subtree_control`), '')
    return seen
  })

  await check('a quota of cpu is held', async () => {
    const busy = await server.run({
      id: '/busy',
      cmd: 'while :; do :; done',
      cpus: 0.1,
      mem: 32,
      resourceLimits: { cpus: 0.1 },
    })
    const file = join(server.cgroupOfTask(busy), 'cpu.stat')
    const seen = await until(
      'the quota to be used up five times',
      () => {
        const throttled = /nr_throttled (\d+)/.exec(textOf(file))?.[1]
        return Number(throttled) >= 5 && `nr_throttled ${throttled}`
      },
      { ...patience, seen: () => textOf(file) },
    )
    await server.api.delete('/v2/apps/busy?force=true')
    return seen
  })

  await check('a task that exceeds its memory fails with limit and highest use', async () => {
    await server.api.create({ id: '/hog', cmd: 'head -c 200000000 /dev/zero | tail', cpus: 0.1, mem: 32 })
    const failure = await until(
      'the failure',
      async () => (await server.api.get('/v2/apps/hog')).body.app.lastTaskFailure,
      patience,
    )
    assert.equal(failure.state, 'TASK_FAILED')
    assert.match(
      failure.message,
      /^Memory limit exceeded: the limit is 32 MiB, the most used was 3\d(\.\d)? MiB$/,
    )
    await server.api.delete('/v2/apps/hog?force=true')
    return failure.message
  })

  await check('a kill reaches grandchildren in sessions of their own, through cgroup.kill', async () => {
    const marker = 'stubborn-grandchild'
    const deaf = `trap "" TERM; : ${marker}; while :; do sleep 1; done`
    const task = await server.run({
      id: '/stubborn',
      cmd: `trap '' TERM; setsid sh -c '${deaf}' & (setsid setsid sh -c '${deaf}' &) ; while :; do sleep 1; done`,
      cpus: 0.1,
      mem: 32,
      taskKillGracePeriodSeconds: 3,
    })
    const folder = server.cgroupOfTask(task)
    const launch = textOf(join(server.dataDir, 'local/launches', launchIdOf(task.id), 'launch'))
    assert(launch.includes(`${folder}/cgroup.kill`), launch)
    const sessionsOf = (pids: readonly number[]) => new Set(pids.map(sessionOf))
    await until('the sessions', () => sessionsOf(pidsIn(folder)).size >= 3, patience)
    const members = pidsIn(folder)
    const asked = Date.now()
    await server.api.delete('/v2/apps/stubborn?force=true')
    await until('all of them to go', () => processesWith(`: ${marker};`).length === 0, patience)
    const took = Date.now() - asked
    assert(took >= 2_900, `gone after ${took} ms, before the grace period was over`)
    assert.deepEqual(
      members.filter((pid) => existsSync(`/proc/${pid}`)),
      [],
    )
    await until('the cgroup to go', () => !existsSync(folder), patience)
    return `${members.length} processes of several sessions gone after ${took} ms`
  })

  await check('a server killed with SIGKILL finds its task as it was', async () => {
    const before = { ...server.claimOf(limited), cgroup: cgroupOf(server.claimOf(limited).child) }
    await server.end('SIGKILL')
    assert.equal(cgroupOf(before.child), before.cgroup)
    await server.start()
    const [task] = await server.api.running('/limited', 1, patience.withinMs)
    assert.equal(task!.id, limited.id)
    const after = { ...server.claimOf(limited), cgroup: cgroupOf(server.claimOf(limited).child) }
    assert.deepEqual(after, before)
    return after
  })

  await check('a task whose supervisor was killed runs on, and can be stopped', async () => {
    const { child, supervisor } = server.claimOf(limited)
    process.kill(supervisor, 'SIGKILL')
    const adopter = join(server.dataDir, 'local/launches', launchIdOf(limited.id), 'adopter')
    await until('the successor', () => existsSync(adopter), patience)
    const successor = Number(textOf(adopter).split(' ')[2])
    assert(cgroupOf(successor).endsWith('/supervisors'))
    assert(existsSync(`/proc/${child}`))
    await server.clear()
    assert(!existsSync(`/proc/${child}`))
  })

  await check('nothing is left: no process, no cgroup', async () => {
    const { parent } = server
    assert.deepEqual(leavesOf(parent), ['supervisors'])
    await server.end('SIGTERM')
    await until('the launcher to go', () => processesOf(server.dataDir).length === 0, patience)
    assert.deepEqual(cgroupsOf(server.dataDir), [])
    return `${parent} is gone`
  })
}

const leavesOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)

/**
 * As in a container: what is mounted is no root for the kernel, and holds processes, so it cannot hand out
 * controllers of resources.
 */
async function insideOfAContainer(): Promise<void> {
  const server = new TestServer([
    'sh',
    '-c',
    `mkdir -p ${tree}/container && echo 0 >${tree}/container/cgroup.procs && exec "$@"`,
    'sh',
    ...['unshare', '--mount', '--cgroup', 'sh', '-c'],
    `umount ${tree} && mount -t cgroup2 cgroup2 ${tree} && exec "$@"`,
    'sh',
  ])
  await server.start()
  await check(
    'in a container whose root holds processes tasks run without limits, and it says so',
    async () => {
      const { isolation } = (await server.api.get('/v2/info?embed=isolation')).body
      assert.deepEqual(isolation, {
        cgroups: 'v2',
        limits: [],
        reason:
          'Tasks run without limits of cpu, memory, pids: this kernel or container does not hand out the controllers',
      })
      return isolation
    },
  )
  await check('in a container a task runs in its cgroup and is killed through it', async () => {
    const marker = 'contained-grandchild'
    const task = await server.run({
      id: '/contained',
      cmd: `(setsid sh -c 'trap "" TERM; : ${marker}; while :; do sleep 1; done' &) ; sleep 100000`,
      cpus: 0.1,
      mem: 32,
    })
    await until('the grandchild', () => processesWith(`: ${marker};`).length > 0, patience)
    const own = cgroupOf(server.claimOf(task).child)
    assert(own.endsWith(`/${launchIdOf(task.id)}`), own)
    await server.clear()
    await until('all of them to go', () => processesWith(`: ${marker};`).length === 0, patience)
    return own
  })
  await server.end('SIGTERM')
}

console.log(`Linux ${textOf('/proc/sys/kernel/osrelease')}, Node ${process.version}`)
console.log(
  textOf('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes('cgroup'))
    .join('\n'),
)
for (const part of [aServiceOfItsMachine, insideOfAContainer]) {
  await part().catch((error: Error) => {
    failures += 1
    console.log(`FAILED  ${part.name}: ${error.stack}`)
  })
}
console.log(failures === 0 ? 'all facts hold' : `${failures} facts do not hold`)
process.exit(failures === 0 ? 0 : 1)
