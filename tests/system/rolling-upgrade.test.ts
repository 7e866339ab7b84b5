// Rolling upgrades under load: real processes, requests without a pause through a real proxy that learns of tasks from
// the event stream. Not one request may fail, and capacity may not be below the minimum at any moment looked at.

import http from 'node:http'
import { describe, expect, it } from 'vitest'
import { BalancedApp, shownBy } from './support/balanced-app.ts'
import { example, exampleFile } from './support/examples.ts'
import { Haproxy, hasHaproxy } from './support/haproxy.ts'
import { type Server, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()

/** Callers at one time. Each opens a connection for every request. */
const callers = 8

interface Called {
  /** Requests by what answered: the version of the app, or how it failed. */
  readonly answers: Map<string, number>
  stop(): Promise<void>
}

/** Calls without a pause until it is told to stop. */
function callAlways(port: number): Called {
  const answers = new Map<string, number>()
  let isStopped = false
  const callOn = async () => {
    while (!isStopped) {
      const answer = await ask(port)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      await sleep(5)
    }
  }
  const calling = Array.from({ length: callers }, callOn)
  return {
    answers,
    async stop() {
      isStopped = true
      await Promise.all(calling)
    },
  }
}

function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/', agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve(response.statusCode === 200 ? body.trim() : `${response.statusCode}`))
      response.on('error', (error) => resolve(error.message))
    })
    request.on('error', (error) => resolve(error.message))
  })
}

interface Sample {
  /** Tasks that run and are healthy, as the API says. */
  readonly healthy: number
  /** Tasks there are, those included that are ending. */
  readonly tasks: number
  /** Servers the proxy sends requests to. */
  readonly open: number
}

/** Looks at the capacity without a pause. Moments in which the server is down are left out. */
function sampleAlways(server: Server, haproxy: Haproxy) {
  const samples: Sample[] = []
  let isStopped = false
  const sampleOn = async () => {
    while (!isStopped) {
      const shown = await shownBy(server, '/v2/apps/web')
      if (shown?.status === 200) {
        const { tasksHealthy, tasks } = shown.body.app
        samples.push({ healthy: tasksHealthy, tasks: tasks.length, open: await haproxy.open() })
      }
      await sleep(10)
    }
  }
  const sampling = sampleOn()
  return {
    samples,
    async stop() {
      isStopped = true
      await sampling
    },
  }
}

interface Definition {
  readonly instances: number
  readonly upgradeStrategy: { readonly minimumHealthCapacity: number; readonly maximumOverCapacity: number }
}

/** Deploys the example, and starts calling once all of it answers. */
async function deployed(change: Partial<Definition> = {}) {
  const server = await servers.start({
    flags: ['--enable_features', 'task_killing', '--local_agents', exampleFile('five-agents.json')],
  })
  const haproxy = await Haproxy.start(16)
  servers.afterwards(() => haproxy.stop())
  const app: Definition = { ...JSON.parse(example('rolling-upgrade.json')), ...change }
  const cmd = `exec ${process.execPath} ${exampleFile('web-service.mjs')}`
  expect((await server.api.post('/v2/apps', { ...app, cmd })).status).toBe(201)
  const balanced = new BalancedApp(server, haproxy, '/web')
  servers.afterwards(() => balanced.close())
  await until('all instances behind the proxy', async () => (await haproxy.open()) === app.instances, {
    seen: async () => (await server.api.get('/v2/apps/web?embed=app.tasks')).body,
  })
  const called = callAlways(haproxy.port)
  const sampled = sampleAlways(server, haproxy)
  const upgrade = async (version: string) => {
    const { status, body } = await server.api.call('PUT', '/v2/apps/web', {
      body: { env: { VERSION: version } },
    })
    expect(status).toBe(200)
    return body.deploymentId as string
  }
  const ended = (id: string) =>
    until(
      `the end of ${id}`,
      async () => {
        const deployments = await shownBy(server, '/v2/deployments')
        return deployments?.status === 200 && !deployments.body.some((each: { id: string }) => each.id === id)
      },
      { withinMs: 90_000, everyMs: 50 },
    )
  const stop = async () => {
    await called.stop()
    await sampled.stop()
  }
  return { server, app, upgrade, ended, stop, answers: called.answers, samples: sampled.samples }
}

const lowest = (samples: readonly Sample[], of: keyof Sample): number =>
  samples.reduce((least, sample) => Math.min(least, sample[of]), Number.POSITIVE_INFINITY)
const highest = (samples: readonly Sample[], of: keyof Sample): number =>
  samples.reduce((most, sample) => Math.max(most, sample[of]), 0)

describe.skipIf(!hasHaproxy)('an upgrade under load', () => {
  it('adds before it takes away where nothing may be missing: no request fails', {
    timeout: 180_000,
  }, async () => {
    const { upgrade, ended, stop, answers, samples } = await deployed()
    for (const version of ['two', 'three']) await ended(await upgrade(version))
    await until('the last version', () => (answers.get('three') ?? 0) > 100)
    await stop()
    expect([...answers.keys()].sort()).toEqual(['one', 'three', 'two'])
    expect(answers.get('two')).toBeGreaterThan(100)
    expect(samples.length).toBeGreaterThan(50)
    expect(lowest(samples, 'healthy')).toBeGreaterThanOrEqual(4)
    expect(lowest(samples, 'open')).toBeGreaterThanOrEqual(4)
    expect(highest(samples, 'tasks')).toBeLessThanOrEqual(6)
  })

  it('replaces half at a time where half may be missing: no request fails', {
    timeout: 180_000,
  }, async () => {
    const half = { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }
    const { upgrade, ended, stop, answers, samples } = await deployed({ upgradeStrategy: half })
    await ended(await upgrade('two'))
    await until('the last version', () => (answers.get('two') ?? 0) > 100)
    await stop()
    expect([...answers.keys()].sort()).toEqual(['one', 'two'])
    expect(lowest(samples, 'healthy')).toBe(2)
    expect(lowest(samples, 'open')).toBe(2)
    expect(highest(samples, 'tasks')).toBeLessThanOrEqual(4)
  })

  it('goes on where it stopped when the server is killed in its middle: no request fails', {
    timeout: 180_000,
  }, async () => {
    const { server, upgrade, ended, stop, answers, samples } = await deployed()
    const deployment = await upgrade('two')
    await until('the upgrade to be halfway', () => (answers.get('two') ?? 0) > 20)
    await server.crash()
    await server.start()
    await ended(deployment)
    await stop()
    expect([...answers.keys()].sort()).toEqual(['one', 'two'])
    expect(lowest(samples, 'healthy')).toBeGreaterThanOrEqual(4)
    expect(lowest(samples, 'open')).toBeGreaterThanOrEqual(4)
    expect(highest(samples, 'tasks')).toBeLessThanOrEqual(6)
  })
})
