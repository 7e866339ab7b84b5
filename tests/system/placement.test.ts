// Several machines on one: virtual agents with labels and racks, constraints on them, and the loss of one of them.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Task } from './support/api.ts'
import { example, exampleFile } from './support/examples.ts'
import { type Server, useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()
let server: Server

const rackOf: Readonly<Record<string, string>> = {
  'agent-1': 'rack-1',
  'agent-2': 'rack-1',
  'agent-3': 'rack-2',
  'agent-4': 'rack-2',
  'agent-5': 'rack-3',
}

beforeEach(async () => {
  const flags = ['--local_agents', exampleFile('five-agents.json'), '--local_resources', 'cpus:5;mem:2560']
  server = await servers.start({ flags })
})

describe('constraints', () => {
  it('UNIQUE on hostname puts every instance on an agent of its own, and leaves waiting what has none', async () => {
    await server.api.create(example('constraint-unique.json'))
    expect(new Set(agentsOf(await server.api.running('/sleep-unique', 3))).size).toBe(3)
    const { body } = await server.api.put('/v2/apps/sleep-unique', { instances: 6 })
    expect(body.deploymentId).toBeTypeOf('string')
    expect(new Set(agentsOf(await server.api.running('/sleep-unique', 5))).size).toBe(5)
    const item = await queued('/sleep-unique')
    expect(item.count).toBe(1)
    expect(reasons(item)).toContain('UnfulfilledConstraint')
    expect(JSON.stringify(item.waitingOn)).toMatch(/constraint/i)
  })

  it('CLUSTER with a value keeps all of them on that rack', async () => {
    await server.api.create(example('constraint-cluster.json'))
    expect(racksOf(await server.api.running('/sleep-cluster', 3))).toEqual(['rack-1', 'rack-1', 'rack-1'])
  })

  it('GROUP_BY spreads them over the racks as evenly as it goes', async () => {
    await server.api.create(example('constraint-group-by.json'))
    expect(racksOf(await server.api.running('/sleep-group-by', 3))).toEqual(['rack-1', 'rack-2', 'rack-3'])
    await server.api.put('/v2/apps/sleep-group-by', { instances: 7 })
    const counts = count(racksOf(await server.api.running('/sleep-group-by', 7)))
    expect(Object.values(counts).sort()).toEqual([2, 2, 3])
    await server.api.put('/v2/apps/sleep-group-by', { instances: 3 })
    expect(racksOf(await server.api.running('/sleep-group-by', 3))).toEqual(['rack-1', 'rack-2', 'rack-3'])
  })
})

describe('search, jetty and rails on five machines', () => {
  it('scale, lose a machine, run elsewhere within seconds, and keep their constraints', async () => {
    for (const name of ['search.json', 'jetty.json', 'rails.json']) await server.api.create(example(name))
    await server.api.running('/search', 1)
    keepsConstraints(await server.api.running('/jetty', 3), await server.api.running('/rails', 5))

    expect((await server.api.put('/v2/apps/search', { instances: 2 })).status).toBe(200)
    expect((await server.api.put('/v2/apps/rails', { instances: 8 })).status).toBe(200)
    await server.api.running('/search', 2)
    const [jetty, rails] = [await server.api.running('/jetty', 3), await server.api.running('/rails', 8)]
    keepsConstraints(jetty, rails)

    // The agent with a jetty on it that has most tasks.
    const load = count(agentsOf(await server.api.tasks()))
    const victim = [...agentsOf(jetty)].sort((a, b) => load[b]! - load[a]!)[0]!
    const doomed = (await server.api.tasks()).filter((task) => task.slaveId === victim).map((task) => task.id)
    expect(doomed.length).toBeGreaterThan(1)
    const unplugged = await server.cli(['agent', 'unplug', victim])
    expect(unplugged.code, unplugged.stderr).toBe(0)
    const at = Date.now()
    await until(
      'the lost ones elsewhere',
      async () => {
        const tasks = await server.api.tasks()
        const isWhole = tasks.length === 13 && tasks.every((task) => task.state === 'TASK_RUNNING')
        return isWhole && tasks.every((task) => task.slaveId !== victim)
      },
      { withinMs: 10_000, seen: () => server.api.tasks() },
    )
    expect(Date.now() - at).toBeLessThan(5_000)
    keepsConstraints(await server.api.running('/jetty', 3), await server.api.running('/rails', 8), {
      without: rackOf[victim]!,
      remaining: Object.entries(rackOf).filter(([agent]) => agent !== victim),
    })
    // Power is off: nothing of it runs, and every task that is listed does.
    const processes = (await server.processes(13)).map((one) => one.taskId)
    expect(processes.filter((id) => doomed.includes(id))).toEqual([])
    expect(new Set(processes)).toEqual(new Set((await server.api.tasks()).map((task) => task.id)))
    expect((await agent(victim)).connected).toBe(false)

    expect((await server.cli(['agent', 'plug', victim])).code).toBe(0)
    expect((await agent(victim)).connected).toBe(true)
    await server.api.put('/v2/apps/jetty', { instances: 5 })
    const spread = await server.api.running('/jetty', 5)
    expect(agentsOf(spread).sort()).toEqual(Object.keys(rackOf))
    expect((await server.api.tasks()).length).toBe(15)
  })

  it('does the same for an agent pulled by the API, and waits while no other machine may take the place', async () => {
    await server.api.create({ ...JSON.parse(example('jetty.json')), instances: 5 })
    await server.api.running('/jetty', 5)
    const reply = await server.api.post('/v2/agents/agent-4/unplug')
    expect(reply.body.agent).toMatchObject({ id: 'agent-4', connected: false })
    await server.api.running('/jetty', 4)
    const item = await queued('/jetty')
    expect(item.count).toBe(1)
    await server.api.post('/v2/agents/agent-4/plug')
    expect(agentsOf(await server.api.running('/jetty', 5)).sort()).toEqual(Object.keys(rackOf))
    expect((await server.api.post('/v2/agents/agent-9/plug')).status).toBe(404)
  })
})

/** jetty on different machines; rails over the racks with at most one more on the fullest than on the emptiest. */
function keepsConstraints(
  jetty: readonly Task[],
  rails: readonly Task[],
  loss?: { readonly without: string; readonly remaining: readonly (readonly [string, string])[] },
): void {
  expect(new Set(agentsOf(jetty)).size).toBe(jetty.length)
  const racks = new Set(loss === undefined ? Object.values(rackOf) : loss.remaining.map(([, rack]) => rack))
  const counts = Object.values(count(racksOf(rails)))
  expect(counts).toHaveLength(racks.size)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
}

const agentsOf = (tasks: readonly Task[]): string[] => tasks.map((task) => task.slaveId)

const racksOf = (tasks: readonly Task[]): string[] => tasks.map((task) => rackOf[task.slaveId]!).sort()

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

async function agent(id: string): Promise<{ readonly connected: boolean }> {
  return (await server.api.get(`/v2/agents/${id}`)).body.agent
}

interface QueueItem {
  readonly count: number
  readonly waitingOn: unknown
  readonly processedOffersSummary: {
    readonly rejectSummaryLastOffers: readonly { readonly reason: string; readonly declined: number }[]
  }
}

const queued = (appId: string): Promise<QueueItem> =>
  until('an item of the queue', async () => {
    const { queue } = (await server.api.get('/v2/queue')).body
    return queue.find((item: { app: { id: string } }) => item.app.id === appId)
  })

const reasons = (item: QueueItem): string[] =>
  item.processedOffersSummary.rejectSummaryLastOffers
    .filter((step) => step.declined > 0)
    .map((step) => step.reason)
