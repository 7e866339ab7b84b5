// kill -9 of the server at random moments while clients change everything: afterwards exactly the wanted processes
// run, none orphaned, none doubled, and nothing that was acknowledged is lost. KILLS sets how often (100 take about a
// minute and a half on two cores), SEED repeats a run's choices.

import { expect, it } from 'vitest'
import { stream } from '../../src/lib/rng.ts'
import { ChurnClient } from './support/churn.ts'
import { taskProcesses } from './support/machine.ts'
import { useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const kills = Number(process.env['KILLS'] ?? 100)
const seed = Number(process.env['SEED'] ?? 20_260_717)
const clientNames = ['ann', 'ben', 'cyd']
/** How long a server is left alone at most, from its start or from its first answer. */
const startupMs = 350
const servingMs = 500

const servers = useServers()

it(
  `loses nothing in ${kills} kills of the server (SEED=${seed})`,
  async () => {
    const server = servers.prepare({ flags: ['--local_resources', 'cpus:4;mem:8192'] })
    const clients = clientNames.map((name) => new ChurnClient(server, name, seed))
    let problem: unknown
    const runs = clients.map((client) =>
      client.run().catch((error: unknown) => {
        problem ??= error
      }),
    )
    const moments = stream(seed, 'moments')
    let killedAtStart = 0
    for (let n = 0; n < kills && problem === undefined; n++) {
      server.spawn()
      if (moments.chance(0.25)) {
        await sleep(moments.int(startupMs))
        killedAtStart++
      } else {
        await server.listening()
        await sleep(moments.int(servingMs))
      }
      expect(doubled(server.dataDir)).toEqual([])
      await server.crash()
    }
    await server.start()
    for (const client of clients) client.stop()
    await Promise.all(runs)
    if (problem !== undefined) throw problem

    const wanted = new Map(
      (await Promise.all(clients.map((client) => client.settle()))).flatMap((map) => [...map]),
    )
    const expected: Record<string, number> = {}
    for (const [id, { instances, generation }] of wanted)
      if (instances > 0) expected[`${id} ${generation}`] = instances
    let seen: unknown
    await until(
      'exactly the wanted processes',
      async () => {
        const running = countByApp(server.dataDir)
        seen = { running, expected }
        return isEqual(running, expected)
      },
      { seen: async () => ({ seen, deployments: (await server.api.get('/v2/deployments')).body }) },
    )
    await server.api.settled()
    // It stays so, and the API lists the very tasks that are there.
    await sleep(500)
    expect(countByApp(server.dataDir)).toEqual(expected)
    const listed = (await server.api.tasks()).map((task) => `${task.id} ${task.state}`)
    const real = taskProcesses(server.dataDir).map((process) => `${process.taskId} TASK_RUNNING`)
    expect(real.sort()).toEqual(listed.sort())
    expect((await server.api.get('/v2/queue')).body.queue).toEqual([])
    expect((await server.api.get('/v2/apps')).body.apps.map((app: { id: string }) => app.id).sort()).toEqual(
      [...wanted.keys()].sort(),
    )

    const counts = clients.map((client) => client.counts)
    const acknowledged = counts.reduce((sum, one) => sum + one.acknowledged, 0)
    const cutOff = counts.reduce((sum, one) => sum + one.unanswered, 0)
    console.log(
      `${kills} kills, ${killedAtStart} at start: ${acknowledged} changes acknowledged, ${cutOff} cut off`,
    )
    expect(counts.flatMap((one) => one.refused)).toEqual([])
    expect(acknowledged).toBeGreaterThan(kills)
  },
  60_000 + kills * 4_000,
)

/** Instances of which two processes run at the same time: every task is one process. */
function doubled(dataDir: string): string[] {
  const instances = taskProcesses(dataDir).map((one) => one.taskId.replace(/\._app\.\d+$/, ''))
  return instances.filter((id, index) => instances.indexOf(id) !== index)
}

/** How many processes run of each app in each generation. */
function countByApp(dataDir: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { appId, env } of taskProcesses(dataDir)) {
    const key = `${appId} ${env['GENERATION']}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

const isEqual = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([key, value]) => b[key] === value)
