// The whole server, in a process of its own with its store on disk, on a cluster that misbehaves. Whatever happens, in
// the end the cluster runs exactly what the API says, as many as are wanted, and every resource is accounted for.

import { describe, expect, it } from 'vitest'
import type { AgentTask } from '../fakes/mesos/agent.ts'
import { type ClusterOptions, FakeCluster } from '../fakes/mesos/cluster.ts'
import { type Server, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()

/** Times are short, so that the tests are. */
const timing = {
  allocationMs: 50,
  heartbeatMs: 200,
  repeatMs: 500,
  startMs: 20,
  reregisterMs: 400,
  unreachableMs: 2_000,
  executorEndMs: 5,
}

const flags = [
  '--mesos_heartbeat_interval',
  '300',
  '--mesos_heartbeat_failure_threshold',
  '3',
  '--reconciliation_initial_delay',
  '500',
  '--reconciliation_interval',
  '1000',
  '--min_revive_offers_interval',
  '100',
  '--task_launch_timeout',
  '3000',
  '--task_launch_confirm_timeout',
  '3000',
]

async function startCluster(options: ClusterOptions = {}): Promise<FakeCluster> {
  const cluster = await FakeCluster.start({ agents: 5, cpus: 16, mem: 16_384, timing, ...options })
  servers.afterwards(() => cluster.close())
  return cluster
}

const serve = (cluster: FakeCluster, more: readonly string[] = []): Promise<Server> =>
  servers.start({ flags: ['--master', cluster.address, ...flags, ...more] })

const app = (id: string, instances: number, cmd = 'sleep 1000000'): object => ({
  id,
  cmd,
  cpus: 0.1,
  mem: 32,
  instances,
  backoffSeconds: 1,
  maxLaunchDelaySeconds: 1,
  upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
})

/** Tasks there are in the cluster that have not ended, by name of their app. */
const alive = (cluster: FakeCluster, name?: string): readonly AgentTask[] =>
  cluster.tasks.filter(
    (task) =>
      !/FINISHED|FAILED|KILLED|LOST|GONE/.test(task.state) && (name === undefined || task.name === name),
  )

/** Waits until the server and the cluster agree on `count` running tasks and nothing is under way. */
async function converged(cluster: FakeCluster, server: Server, count: number): Promise<void> {
  const told = async () => (await server.api.tasks()).map(({ id, state }) => `${id} ${state}`).sort()
  const there = () =>
    alive(cluster)
      .map(({ id, told: state }) => `${id} ${state}`)
      .sort()
  await until(
    `${count} tasks, the same for the server and the cluster`,
    async () => {
      const [ours, theirs] = [await told(), there()]
      return (
        ours.length === count && ours.every((task) => task.endsWith('TASK_RUNNING')) && same(ours, theirs)
      )
    },
    {
      withinMs: 40_000,
      seen: async () => {
        const [ours, theirs] = [await told(), there()]
        return {
          wanted: count,
          ours: ours.length,
          theirs: theirs.length,
          onlyOurs: ours.filter((task) => !theirs.includes(task)).slice(0, 5),
          onlyTheirs: theirs.filter((task) => !ours.includes(task)).slice(0, 5),
          output: server.output.slice(-2_000),
        }
      },
    },
  )
  await server.api.settled()
  // Nothing that is still under way undoes it.
  await sleep(300)
  expect(await told()).toEqual(there())
  expect(cluster.leaks).toEqual([])
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each, i) => each === b[i])

const staged = (cluster: FakeCluster, count: number): Promise<unknown> =>
  until(`${count} launched tasks`, () => cluster.tasks.length >= count, { everyMs: 1 })

describe('a server on a Mesos cluster', () => {
  it('takes up where it was when a record breaks off in the middle', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 200))
    await staged(cluster, 20)
    cluster.stream!.cutWithin({ type: 'OFFERS', offers: { offers: [] } })
    await converged(cluster, server, 200)
  })

  it('reads a record of 20 MB', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 50))
    await staged(cluster, 1)
    const agent = cluster.agents[0]!.info.id
    const data = Buffer.alloc(15 * 1024 * 1024, 7).toString('base64')
    cluster.inject({
      type: 'MESSAGE',
      message: { agent_id: { value: agent }, executor_id: { value: 'somebody' }, data },
    })
    await converged(cluster, server, 50)
    expect(cluster.server.calls.get('SUBSCRIBE')).toBe(1)
  })

  it('leaves a stream on which nothing comes any more, and hears what it missed on the next', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 100))
    await staged(cluster, 10)
    cluster.stream!.stall()
    await until('another subscription', () => cluster.server.calls.get('SUBSCRIBE') === 2)
    await converged(cluster, server, 100)
  })

  it('asks a silent master for a word before it leaves it', async () => {
    const cluster = await startCluster({
      timing: { ...timing, heartbeatMs: 3_600_000, allocationMs: 3_600_000 },
    })
    const server = await serve(cluster)
    await until('a question', () => (cluster.server.calls.get('RECONCILE') ?? 0) > 3)
    expect(cluster.server.calls.get('SUBSCRIBE')).toBe(1)
    expect((await server.api.get('/v2/info')).body.marathon_config.master).toContain(cluster.address)
  })

  it('loses nothing when the master fails over while it launches', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 300))
    await staged(cluster, 50)
    const [before] = cluster.master.frameworks.keys()
    expect(alive(cluster).some(({ told }) => told !== 'TASK_RUNNING')).toBe(true)
    await cluster.failOver()
    await converged(cluster, server, 300)
    expect([...cluster.master.frameworks.keys()]).toEqual([before])
  })

  it('follows from a standby to the leader, again and again', async () => {
    const cluster = await startCluster()
    const standby = await cluster.addStandby()
    const server = await servers.start({ flags: ['--master', `127.0.0.1:${standby.port}`, ...flags] })
    await server.api.create(app('/web', 40))
    await staged(cluster, 5)
    await cluster.failOver()
    await converged(cluster, server, 40)
  })

  it('ends up with the master that has the agents when two answer', async () => {
    const cluster = await startCluster()
    const next = await cluster.addStandby()
    const server = await serve(cluster)
    await server.api.create(app('/web', 60))
    await staged(cluster, 10)
    const old = cluster.server
    await cluster.splitBrain(next)
    // The old one goes on for a while, believing that it leads, and offers nothing.
    await sleep(1_000)
    for (const stream of old.streams.keys()) stream.cut()
    await sleep(500)
    old.standing = { kind: 'stands-by', leaderPort: next.port }
    for (const stream of old.streams.keys()) stream.cut()
    await converged(cluster, server, 60)
  })

  it('takes 10,000 agents in one batch of offers', async () => {
    const cluster = await startCluster({ agents: 10_000, cpus: 1, mem: 256 })
    const batches: number[] = []
    cluster.server.tamper = (event) => {
      const { offers } = (event['offers'] ?? {}) as { readonly offers?: readonly unknown[] }
      if (offers !== undefined) batches.push(offers.length)
      return [event]
    }
    const server = await serve(cluster)
    await server.api.create({ ...app('/spread', 1_000), constraints: [['hostname', 'UNIQUE']] })
    await converged(cluster, server, 1_000)
    expect(new Set(alive(cluster).map(({ agentId }) => agentId)).size).toBe(1_000)
    expect(Math.max(...batches)).toBe(10_000)
  })

  it('finds out by asking that tasks are gone of which no update came', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 30))
    await converged(cluster, server, 30)
    cluster.disconnect()
    const [agent] = cluster.agents
    const lost = agent!.tasks.size
    expect(lost).toBeGreaterThan(0)
    // The updates of their end reach nobody.
    for (const task of [...agent!.tasks.values()]) agent!.drop(task)
    await converged(cluster, server, 30)
  })

  it('hears of an end whose update was lost on the way when it is repeated', async () => {
    const cluster = await startCluster()
    let drops = 10
    cluster.server.tamper = (event) => (event.type === 'UPDATE' && drops-- > 0 ? [] : [event])
    const server = await serve(cluster)
    await server.api.create(app('/web', 20))
    await converged(cluster, server, 20)
    expect(drops).toBeLessThan(1)
  })

  it('counts nothing twice when every update comes twice and late', async () => {
    const cluster = await startCluster()
    cluster.server.delayMs = 30
    cluster.server.tamper = (event) => (event.type === 'UPDATE' ? [event, event] : [event])
    const server = await serve(cluster)
    await server.api.create(app('/web', 50))
    await server.api.create(app('/short', 5, 'sleep 0.2; exit 1'))
    await until('a few failures', () => cluster.tasks.some(({ name }) => name === 'short'))
    await server.api.delete('/v2/apps/short?force=true')
    await converged(cluster, server, 50)
  })

  it('starts elsewhere what was launched on offers that no longer stood', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 200))
    for (let i = 0; i < 20; i++) {
      cluster.rescindAll()
      await sleep(10)
    }
    await converged(cluster, server, 200)
  })

  it('kills what it does not know and keeps what it does, whatever it is told', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 10))
    await converged(cluster, server, 10)
    const agent = cluster.agents[0]!.info.id
    const status = (taskId: string, state: string) => ({
      type: 'UPDATE',
      update: {
        status: {
          task_id: { value: taskId },
          state,
          source: 'SOURCE_EXECUTOR',
          agent_id: { value: agent },
          timestamp: Date.now() / 1_000,
          uuid: Buffer.alloc(16, 1).toString('base64'),
        },
      },
    })
    const [killed] = await server.api.tasks('/web')
    await server.api.delete(`/v2/apps/web/tasks/${killed!.id}`)
    cluster.inject(status(killed!.id, 'TASK_RUNNING'))
    cluster.inject(status('no-id-of-ours', 'TASK_RUNNING'))
    cluster.inject(status('web.instance-6ba7b810-9dad-11d1-80b4-00c04fd430c8._app.1', 'TASK_RUNNING'))
    cluster.inject(status('web.instance-6ba7b810-9dad-11d1-80b4-00c04fd430c9._app.1', 'TASK_NO_SUCH_STATE'))
    await until('the kill of a stranger', () => (cluster.server.calls.get('KILL') ?? 0) >= 2)
    await converged(cluster, server, 10)
  })

  it('launches again what the master refused to take', async () => {
    const cluster = await startCluster()
    let refusals = 3
    cluster.server.refuse = (type) =>
      type === 'ACCEPT' && refusals-- > 0
        ? { status: 503, text: 'Master has not finished recovery' }
        : undefined
    const server = await serve(cluster)
    await server.api.create(app('/web', 50))
    await converged(cluster, server, 50)
  })

  it('replaces what an agent took with it, and keeps what comes back', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create({
      ...app('/web', 25),
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    })
    await converged(cluster, server, 25)
    const [first, second] = cluster.agents
    cluster.partition(first!)
    cluster.loseAgent(second!, true)
    await until(
      'replacements',
      () => cluster.agents.slice(2).flatMap(({ tasks }) => [...tasks.values()]).length >= 25,
    )
    cluster.returnAgent(first!)
    cluster.returnAgent(second!)
    await converged(cluster, server, 25)
  })

  it('goes on where the last process was killed, as the same framework', async () => {
    const cluster = await startCluster()
    const server = await serve(cluster)
    await server.api.create(app('/web', 150))
    await staged(cluster, 40)
    const [before] = cluster.master.frameworks.keys()
    await server.crash()
    await sleep(200)
    await server.start()
    await converged(cluster, server, 150)
    expect([...cluster.master.frameworks.keys()]).toEqual([before])
  })
})
