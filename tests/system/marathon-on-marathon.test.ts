// Schedulers as apps: Marathon starts another Marathon on the same cluster, as a task like others. The inner one
// registers with the same master under its own name and runs its own apps, whatever becomes of its process.

import { describe, expect, it } from 'vitest'
import { FakeCluster } from '../fakes/mesos/cluster.ts'
import type { Framework } from '../fakes/mesos/framework.ts'
import { ProcessRunner } from '../fakes/mesos/process-runner.ts'
import { Api } from './support/api.ts'
import { marathonProgram } from './support/programs.ts'
import { type Server, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()

interface Stack {
  readonly cluster: FakeCluster
  readonly runner: ProcessRunner
  readonly outer: Server
  readonly inner: Api
  /** The task of the outer Marathon that the inner one is. */
  innerTask(): Promise<{ readonly id: string; readonly slaveId: string }>
}

async function startBoth(): Promise<Stack> {
  const runner = new ProcessRunner()
  const cluster = await FakeCluster.start({
    agents: 3,
    runner,
    timing: { allocationMs: 100, heartbeatMs: 1_000, repeatMs: 1_000, reregisterMs: 300, graceMs: 8_000 },
    // All agents are this machine.
    ports: (i) => [41_000 + 100 * i, 41_099 + 100 * i],
  })
  servers.afterwards(() => cluster.close())
  const flags = ['--master', cluster.address, '--min_revive_offers_interval', '100']
  const outer = await servers.start({ flags: [...flags, '--framework_name', 'outer'] })
  const command = [
    `exec ${marathonProgram} server`,
    `--data_dir ${servers.dataDir()}`,
    '--http_port $PORT0',
    '--framework_name inner',
    ...flags,
  ]
  await outer.api.create({
    id: '/inner',
    cmd: command.join(' '),
    env: { MARATHON_HEAP_MB: '256' },
    cpus: 0.5,
    mem: 256,
    instances: 1,
    unreachableStrategy,
    backoffSeconds: 1,
    labels: { DCOS_PACKAGE_NAME: 'marathon', DCOS_SERVICE_NAME: 'inner' },
    healthChecks: [
      { protocol: 'MESOS_HTTP', path: '/ping', portIndex: 0, intervalSeconds: 1, delaySeconds: 0 },
    ],
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  })
  const innerTask = () =>
    until('the inner Marathon', async () => {
      const tasks = await outer.api.tasks('/inner')
      const [task] = tasks as unknown as readonly {
        id: string
        slaveId: string
        state: string
        ports: number[]
      }[]
      return tasks.length === 1 && task?.state === 'TASK_RUNNING' && task
    })
  const inner = new Api(() => ({ url: `http://127.0.0.1:${port}` }))
  let port = 0
  await until('the inner Marathon to answer', async () => {
    port = (await innerTask()).ports[0]!
    return inner.get('/ping').then(
      ({ status }) => status === 200,
      () => false,
    )
  })
  await outer.api.settled()
  return {
    cluster,
    runner,
    outer,
    inner: new Api(() => ({ url: `http://127.0.0.1:${port}` })),
    innerTask: async () => {
      const task = await innerTask()
      port = task.ports[0]!
      return task
    },
  }
}

const frameworkNamed = ({ cluster }: Stack, name: string): Framework =>
  [...cluster.master.frameworks.values()].find(({ info }) => info.name === name)!

/** Nothing is replaced while a network fails. */
const unreachableStrategy = { inactiveAfterSeconds: 600, expungeAfterSeconds: 1_200 }

const sleepApp = (instances: number): object => ({
  id: '/web',
  unreachableStrategy,
  cmd: 'sleep 100000',
  cpus: 0.1,
  mem: 32,
  instances,
})

const isUp = (api: Api): Promise<boolean> =>
  api.get('/v2/info').then(
    ({ status }) => status === 200,
    () => false,
  )

describe('a Marathon that runs as an app of another', () => {
  it('registers with the same master, runs its own apps and scales them', async () => {
    const stack = await startBoth()
    const { cluster, outer, inner } = stack
    await inner.create(sleepApp(2))
    await inner.running('/web', 2)
    const names = [...cluster.master.frameworks.values()].map(({ info }) => info.name)
    expect(names.sort()).toEqual(['inner', 'outer'])
    expect([...frameworkNamed(stack, 'outer').tasks.values()].map(({ name }) => name)).toEqual(['inner'])
    const tasks = await inner.tasks('/web')
    expect([...frameworkNamed(stack, 'inner').tasks.keys()].sort()).toEqual(tasks.map(({ id }) => id).sort())
    // What a gateway finds the inner one by.
    const [task] = frameworkNamed(stack, 'outer').tasks.values()
    expect(task!.labels?.labels).toContainEqual({ key: 'DCOS_SERVICE_NAME', value: 'inner' })
    await inner.put('/v2/apps/web', { instances: 5 })
    await inner.running('/web', 5)
    await inner.put('/v2/apps/web', { instances: 1 })
    await inner.running('/web', 1)
    expect((await outer.api.tasks()).length).toBe(1)
    expect(cluster.leaks).toEqual([])
  })

  it('keeps its tasks when its process is killed, and is started again by the outer one', async () => {
    const stack = await startBoth()
    const { inner, innerTask } = stack
    await inner.create(sleepApp(2))
    await inner.running('/web', 2)
    const before = (await inner.tasks('/web')).map(({ id }) => id).sort()
    const { id: framework } = frameworkNamed(stack, 'inner')
    const first = await innerTask()
    const { frameworkId: id } = (await inner.get('/v2/info')).body
    expect(id).toBe(framework)
    process.kill(stack.runner.pidOf(first.id)!, 'SIGKILL')
    const second = await until('another inner Marathon', async () => {
      const task = await innerTask()
      return task.id !== first.id && (await isUp(inner)) && task
    })
    expect(second.id).not.toBe(first.id)
    await inner.running('/web', 2)
    expect((await inner.tasks('/web')).map(({ id: taskId }) => taskId).sort()).toEqual(before)
    expect(frameworkNamed(stack, 'inner').id).toBe(framework)
  })

  it('keeps its tasks and its own place when its agent restarts, and when the master does', async () => {
    const stack = await startBoth()
    const { cluster, inner, innerTask } = stack
    await inner.create(sleepApp(1))
    const [before] = await inner.running('/web', 1)
    const first = await innerTask()
    const agent = cluster.agents.find(({ info }) => info.id === first.slaveId)!
    cluster.loseAgent(agent)
    await new Promise((resolve) => setTimeout(resolve, 500))
    cluster.returnAgent(agent)
    await cluster.failOver()
    await until('both frameworks to be back', () =>
      ['inner', 'outer'].every((name) => frameworkNamed(stack, name)?.isConnected),
    )
    expect((await innerTask()).id).toBe(first.id)
    expect((await inner.running('/web', 1))[0]!.id).toBe(before!.id)
    // Both go on launching.
    await inner.put('/v2/apps/web', { instances: 3 })
    await inner.running('/web', 3)
  })

  it('keeps its tasks and its own place when the network fails, and the master is another one afterwards', async () => {
    const stack = await startBoth()
    const { cluster, inner, innerTask } = stack
    await inner.create(sleepApp(2))
    const before = (await inner.running('/web', 2)).map(({ id }) => id).sort()
    const first = await innerTask()
    for (const agent of cluster.agents) cluster.partition(agent)
    await until('unreachable tasks', async () =>
      (await inner.tasks('/web')).every(({ state }) => state === 'TASK_UNREACHABLE'),
    )
    await cluster.failOver()
    await inner.running('/web', 2)
    expect((await inner.tasks('/web')).map(({ id }) => id).sort()).toEqual(before)
    expect((await innerTask()).id).toBe(first.id)
  })

  it('finds its tasks again when it is removed and started anew', async () => {
    const stack = await startBoth()
    const { outer, inner, innerTask } = stack
    await inner.create(sleepApp(2))
    const before = (await inner.running('/web', 2)).map(({ id }) => id).sort()
    expect((await outer.api.put('/v2/apps/inner', { instances: 0 })).status).toBe(200)
    await outer.api.settled()
    await until('the inner Marathon to be gone', async () => !(await isUp(inner)))
    expect([...frameworkNamed(stack, 'inner').tasks.keys()].sort()).toEqual(before)
    await outer.api.put('/v2/apps/inner', { instances: 1 })
    await until('the inner Marathon', async () => {
      await innerTask()
      return isUp(inner)
    })
    expect((await inner.running('/web', 2)).map(({ id }) => id).sort()).toEqual(before)
  })
})
