// Queue, deployments, agents, info, leader, ping, metrics: what operators look at.

import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Deployment } from '../../src/core/deployments/deployment.ts'
import { noMatchReasons } from '../../src/core/reasons.ts'
import type { QueueItem } from '../../src/core/view.ts'
import { seconds } from '../../src/lib/instant.ts'
import type { AgentStatus } from '../../src/ports/engine.ts'
import { deployed, fakeApi } from '../support/fake-api.ts'
import { at, fakeApp, fakeNow } from '../support/fake-view.ts'

const version = '2031-04-02T09:15:20.480Z'
const web = fakeApp({ id: '/shop/web' })

describe('/v2/queue', () => {
  const item: QueueItem = {
    runSpec: web,
    role: '*',
    count: 1,
    since: at('2031-04-02T09:15:20.600Z'),
    waitingOn: [{ kind: 'no-match', runSpecId: '/shop/web', count: 1, reasons: ['InsufficientCpus'] }],
    processedOffers: 4,
    unusedOffers: 4,
    lastUnusedOfferAt: at('2031-04-02T09:16:00.020Z'),
    rejectSummaryLastOffers: [
      { reason: 'UnfulfilledRole', declined: 0, processed: 3 },
      { reason: 'UnfulfilledConstraint', declined: 1, processed: 3 },
      { reason: 'InsufficientCpus', declined: 2, processed: 2 },
    ],
    rejectSummaryLaunchAttempt: [],
    lastUnusedOffers: [
      {
        offer: {
          id: 'O44',
          agentId: 'S0',
          hostname: 'n1.example',
          role: '*',
          resources: [
            { name: 'cpus', role: '*', scalar: 0.1 },
            { name: 'ports', role: '*', ranges: [{ begin: 31000, end: 31999 }] },
          ],
          attributes: [{ name: 'rack', text: 'r1' }],
        },
        reasons: ['InsufficientCpus'],
        timestamp: at('2031-04-02T09:16:00.020Z'),
      },
    ],
  }

  it('says how many wait, since when, and why', async () => {
    const { server } = fakeApi({ state: { apps: [web], queue: [item] } })
    const { queue } = (await server.inject('/v2/queue')).json()
    const app = (await server.inject('/v2/apps/shop/web/versions/' + version)).json()
    const declined: Record<string, number> = { UnfulfilledConstraint: 1, InsufficientCpus: 2 }
    const processed = [3, 3, 2, 2, 2, 0, 0, 0, 0, 0]
    expect(queue).toEqual([
      {
        count: 1,
        role: '*',
        delay: { timeLeftSeconds: 0, overdue: true },
        since: '2031-04-02T09:15:20.600Z',
        processedOffersSummary: {
          processedOffersCount: 4,
          unusedOffersCount: 4,
          lastUnusedOfferAt: '2031-04-02T09:16:00.020Z',
          rejectSummaryLastOffers: noMatchReasons.map((reason, index) => ({
            reason,
            declined: declined[reason] ?? 0,
            processed: processed[index],
          })),
          rejectSummaryLaunchAttempt: noMatchReasons.map((reason) => ({ reason, declined: 0, processed: 0 })),
        },
        waitingOn: [
          {
            reason: 'no-match',
            message: '1 instance of /shop/web waits: no agent offers enough cpus (InsufficientCpus).',
            runSpecId: '/shop/web',
            count: 1,
            reasons: ['InsufficientCpus'],
          },
        ],
        app,
      },
    ])
  })

  it('shows the last offers it could not use when asked to', async () => {
    const { server } = fakeApi({ state: { queue: [item, { ...item, lastUnusedOffers: [] }] } })
    const { queue } = (await server.inject('/v2/queue?embed=lastUnusedOffers')).json()
    expect(queue[0].lastUnusedOffers).toEqual([
      {
        offer: {
          id: 'O44',
          hostname: 'n1.example',
          agentId: 'S0',
          resources: [
            { name: 'cpus', role: '*', scalar: 0.1 },
            { name: 'ports', role: '*', ranges: [{ begin: 31000, end: 31999 }] },
          ],
          attributes: [{ name: 'rack', text: 'r1' }],
        },
        reason: ['InsufficientCpus'],
        timestamp: '2031-04-02T09:16:00.020Z',
      },
    ])
    expect(queue[1].lastUnusedOffers).toEqual([])
  })

  it.each([
    [10_900, { timeLeftSeconds: 10, overdue: false }],
    [900, { timeLeftSeconds: 0, overdue: false }],
    [-900, { timeLeftSeconds: 0, overdue: false }],
    [-1_000, { timeLeftSeconds: 0, overdue: true }],
  ])('counts a delay that ends in %i ms in whole seconds', async (left, delay) => {
    const delayUntil = (fakeNow + left) as typeof fakeNow
    const { server } = fakeApi({ state: { queue: [{ ...item, delayUntil }] } })
    expect((await server.inject('/v2/queue')).json().queue[0].delay).toEqual(delay)
  })

  it.each(['/v2/queue/shop/web/delay', '/v2/queue//shop/web/delay'])(
    'lets go of a delay: %s',
    async (url) => {
      const { server, requests } = fakeApi({ outcome: { kind: 'done' } })
      const response = await server.inject({ method: 'DELETE', url })
      expect(response.statusCode).toBe(204)
      expect(response.body).toBe('')
      expect(requests).toEqual([{ kind: 'reset-delay', id: '/shop/web' }])
    },
  )
})

describe('/v2/deployments', () => {
  const deployment: Deployment = {
    id: '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10',
    version,
    steps: [
      { actions: [{ kind: 'StartApplication', runSpecId: '/shop/web' }] },
      { actions: [{ kind: 'ScaleApplication', runSpecId: '/shop/web' }] },
    ],
    changes: [
      { id: '/shop/web', to: version },
      { id: '/shop/same', from: version, to: version },
    ],
    currentStep: 1,
    startedAt: at(version),
  }

  it('lists what is being changed, and what it waits for', async () => {
    const until = (fakeNow + seconds(3)) as typeof fakeNow
    const { server } = fakeApi({
      state: {
        deployments: [deployment],
        waitingOn: { [deployment.id]: [{ kind: 'backoff', runSpecId: '/shop/web', until }] },
      },
    })
    expect((await server.inject('/v2/deployments?embed=waitingOn')).json()).toEqual([
      {
        id: '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10',
        steps: [
          { actions: [{ action: 'StartApplication', app: '/shop/web' }] },
          { actions: [{ action: 'ScaleApplication', app: '/shop/web' }] },
        ],
        version,
        affectedApps: ['/shop/web'],
        affectedPods: [],
        currentActions: [{ action: 'ScaleApplication', app: '/shop/web', readinessCheckResults: [] }],
        currentStep: 2,
        totalSteps: 2,
        waitingOn: [
          {
            reason: 'backoff',
            message:
              '/shop/web failed lately; it is launched again after 2031-04-02T09:20:43.000Z. DELETE /v2/queue/shop/web/delay launches it at once.',
            runSpecId: '/shop/web',
            until: '2031-04-02T09:20:43.000Z',
          },
        ],
      },
    ])
  })

  it('rolls one back by another', async () => {
    const { server, requests } = fakeApi({ outcome: deployed })
    const response = await server.inject({ method: 'DELETE', url: '/v2/deployments/d1' })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toHaveProperty('deploymentId')
    expect(requests).toEqual([{ kind: 'cancel-deployment', id: 'd1', force: false }])
  })

  it('abandons one with force', async () => {
    const { server, requests } = fakeApi({ outcome: { kind: 'done' } })
    const response = await server.inject({ method: 'DELETE', url: '/v2/deployments/d1?force=true' })
    expect(response.statusCode).toBe(202)
    expect(response.body).toBe('')
    expect(requests).toEqual([{ kind: 'cancel-deployment', id: 'd1', force: true }])
  })
})

describe('/v2/agents', () => {
  const agent: AgentStatus = {
    id: 'rack-1',
    hostname: 'rack-1',
    connected: true,
    attributes: { rack_id: 'rack-1' },
    resources: { cpus: 2, mem: 1024, disk: 100, gpus: 0, ports: '31000-31999' },
    used: { cpus: 1, mem: 128, disk: 0, gpus: 0, ports: '31000' },
    tasks: 1,
  }
  const agents = {
    list: () => [agent],
    unplug: (id: string) => (id === agent.id ? { ...agent, connected: false, tasks: 0 } : undefined),
    plug: (id: string) => (id === agent.id ? agent : undefined),
  }
  const { server } = fakeApi({ engine: { name: 'local', agents } })

  it('lists agents and shows one', async () => {
    expect((await server.inject('/v2/agents')).json()).toEqual({ agents: [agent] })
    expect((await server.inject('/v2/agents/rack-1')).json()).toEqual({ agent })
  })

  it('unplugs one and plugs it in again', async () => {
    const unplugged = await server.inject({ method: 'POST', url: '/v2/agents/rack-1/unplug' })
    expect(unplugged.json()).toEqual({ agent: { ...agent, connected: false, tasks: 0 } })
    const plugged = await server.inject({ method: 'POST', url: '/v2/agents/rack-1/plug' })
    expect(plugged.json()).toEqual({ agent })
  })

  it.each([
    ['GET', '/v2/agents/x'],
    ['POST', '/v2/agents/x/unplug'],
    ['POST', '/v2/agents/x/plug'],
  ] as const)('%s %s does not know the agent', async (method, url) => {
    const response = await server.inject({ method, url })
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: "Agent 'x' does not exist", details: [] },
    ])
  })

  it.each([
    ['GET', '/v2/agents'],
    ['GET', '/v2/agents/x'],
    ['POST', '/v2/agents/x/plug'],
  ] as const)('%s %s says which engine has none', async (method, url) => {
    const response = await fakeApi({ engine: { name: 'mesos' } }).server.inject({ method, url })
    expect([response.statusCode, response.json()]).toEqual([
      501,
      { message: "The engine 'mesos' does not offer control over agents." },
    ])
  })
})

describe('/v2/info and /v2/leader', () => {
  it('show the configuration under the keys clients know, credentials masked', async () => {
    const { server } = fakeApi({
      info: {
        marathonConfig: {
          master: 'zk://user:pw@zk1.example:2181/mesos',
          ha: false,
          features: ['secrets'],
          other: 1,
        },
        zookeeperConfig: { zk: 'zk://user:pw@zk1.example:2181/marathon' },
      },
      engine: { describeIsolation: () => ({ cgroups: 'none', limits: [], reason: 'not root' }) },
    })
    const info = (await server.inject('/v2/info?embed=isolation')).json()
    expect(info).toMatchObject({
      name: 'marathon',
      version: '1.11.24',
      buildref: '0badc0de',
      elected: true,
      leader: 'm1.example:8080',
      frameworkId: 'local-1',
      http_config: { http_port: 8080, https_port: null },
      isolation: { cgroups: 'none', limits: [], reason: 'not root' },
    })
    expect(info.marathon_config).toMatchObject({
      access_control_allow_origin: null,
      ha: false,
      features: ['secrets'],
      master: 'zk://xxxxxxxx:xxxxxxxx@zk1.example:2181/mesos',
    })
    expect(info.marathon_config).not.toHaveProperty('other')
    expect(Object.keys(info.marathon_config)).toHaveLength(41)
    expect(Object.keys(info.zookeeper_config)).toHaveLength(8)
    expect(info.zookeeper_config.zk).toBe('zk://xxxxxxxx:xxxxxxxx@zk1.example:2181/marathon')
  })

  it('name the leader', async () => {
    expect((await fakeApi({}).server.inject('/v2/leader')).json()).toEqual({ leader: 'm1.example:8080' })
  })

  it('say that there is none', async () => {
    const { leader: _leader, ...info } = { leader: '', name: 'x' }
    const { server } = fakeApi({ info: { ...info, leader: undefined as never } })
    const response = await server.inject('/v2/leader')
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: 'There is no leader', details: [] },
    ])
    expect(response.headers).not.toHaveProperty('x-marathon-leader')
  })
})

describe('/ping', () => {
  it.each([
    [undefined, 'text/plain', 'pong'],
    ['*/*', 'text/plain', 'pong'],
    ['text/*', 'text/plain', 'pong'],
    ['text/plain', 'text/plain', 'pong'],
    ['text/html', 'text/html', 'pong'],
    ['application/json', 'application/json', '"pong"'],
    ['text/html;q=0.2, application/json;q=0.9', 'application/json', '"pong"'],
  ])('answers %j with %s', async (accept, type, body) => {
    const response = await fakeApi({}).server.inject({
      url: '/ping',
      headers: accept === undefined ? {} : { accept },
    })
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']?.toString().split(';')[0]).toBe(type)
    expect(response.body).toBe(body)
  })

  it('has nothing to say in other types', async () => {
    const response = await fakeApi({}).server.inject({ url: '/ping', headers: { accept: 'image/png' } })
    expect([response.statusCode, response.body]).toEqual([204, ''])
  })
})

describe('/metrics', () => {
  it('counts requests and answers', async () => {
    const { server } = fakeApi({ outcome: deployed })
    await server.inject('/v2/apps')
    await server.inject('/none')
    await server.inject({ method: 'DELETE', url: '/v2/apps/a' })
    const metrics = (await server.inject('/metrics')).json()
    expect(metrics.version).toBe('4.0.0')
    expect(metrics.counters['marathon.deployments.counter']).toEqual({ count: 1 })
    expect(metrics.meters['marathon.http.responses.2xx.rate.meter']).toMatchObject({
      count: 2,
      units: 'events/second',
    })
    expect(metrics.meters['marathon.http.responses.4xx.rate.meter'].count).toBe(1)
    expect(metrics.timers['marathon.http.requests.get.duration.timer.seconds']).toMatchObject({
      count: 2,
      duration_units: 'seconds',
      rate_units: 'calls/second',
    })
    expect(metrics.gauges['marathon.http.requests.active.gauge']).toEqual({ value: 1 })
  })

  it('counts the bytes that leave, and those that leave compressed', async () => {
    const { server } = fakeApi({
      state: { apps: Array.from({ length: 20 }, (_, n) => fakeApp({ id: `/a-${n}` })) },
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    try {
      const { port } = server.server.address() as AddressInfo
      const counters = async () => {
        const { counters } = (await server.inject('/metrics')).json()
        return {
          sent: counters['marathon.http.responses.size.counter.bytes'].count,
          gzipped: counters['marathon.http.responses.size.gzipped.counter.bytes'].count,
        }
      }
      const plain = await fetch(`http://127.0.0.1:${port}/v2/apps`, {
        headers: { 'accept-encoding': 'identity' },
      })
      const { length } = await plain.text()
      await expect.poll(async () => (await counters()).sent).toBeGreaterThan(length)
      const before = await counters()
      expect(before.gzipped).toBe(0)
      await (
        await fetch(`http://127.0.0.1:${port}/v2/apps`, { headers: { 'accept-encoding': 'gzip' } })
      ).text()
      await expect.poll(async () => (await counters()).gzipped).toBeGreaterThan(0)
      const after = await counters()
      expect(after.sent - before.sent).toBe(after.gzipped)
      expect(after.gzipped).toBeLessThan(length)
    } finally {
      await server.close()
    }
  })

  it('speaks to Prometheus', async () => {
    const response = await fakeApi({}).server.inject('/metrics/prometheus')
    expect(response.headers['content-type']).toMatch(/^text\/plain/)
    expect(response.body).toContain(
      '# TYPE marathon_http_requests_active_gauge gauge\nmarathon_http_requests_active_gauge 1\n\n',
    )
  })

  it('does not when that is switched off', async () => {
    const response = await fakeApi({ options: { prometheus: false } }).server.inject('/metrics/prometheus')
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: 'Prometheus reporter is disabled', details: [] },
    ])
  })
})
