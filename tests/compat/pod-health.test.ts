// Health checks of pods, seen from outside (runtime 9): the engine runs them, deployments wait for them, and a
// container that fails its check too often takes its instance with it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Stack, startStack } from './stack.ts'

let stack: Stack

beforeEach(async () => {
  stack = await startStack()
})
afterEach(() => stack.close())

const times = { gracePeriodSeconds: 60, intervalSeconds: 5, timeoutSeconds: 2, delaySeconds: 2 }

const container = (name: string, shell: string) => ({
  name,
  exec: { command: { shell } },
  resources: { cpus: 0.1, mem: 32 },
  endpoints: [{ name: `${name}-http`, hostPort: 0, protocol: ['tcp'] }],
  healthCheck: { ...times, http: { endpoint: `${name}-http`, path: '/health' }, maxConsecutiveFailures: 3 },
})

async function post(front: string, side: string, change: object = {}): Promise<void> {
  const containers = [container('front', front), container('side', side)]
  const pod = { id: '/pair', containers, networks: [{ mode: 'host' }], ...change }
  expect((await stack.send('POST', '/v2/pods', pod)).status).toBe(201)
}

interface Container {
  readonly containerId: string
  readonly status: string
  readonly conditions: readonly { readonly name: string; readonly value: string; readonly reason: string }[]
  readonly endpoints: readonly { readonly healthy?: boolean }[]
}

async function seen() {
  const { body } = await stack.send('GET', '/v2/pods/pair::status')
  const containers: readonly Container[] = body.instances.flatMap(
    (instance: { containers: readonly Container[] }) => instance.containers,
  )
  return {
    status: body.status as string,
    states: body.instances.map(({ status }: { status: string }) => status) as readonly string[],
    health: containers.map(({ conditions }) =>
      conditions.map(({ value, reason }) => `${value}, ${reason}`).join(),
    ),
    endpoints: containers.flatMap(({ endpoints }) => endpoints.map(({ healthy }) => healthy)),
    ids: containers.map(({ containerId }) => containerId),
  }
}

const deployments = async (): Promise<number> => (await stack.send('GET', '/v2/deployments')).body.length

describe('a pod with health checks', () => {
  it('is deployed once a container is known to be healthy and none to be otherwise', async () => {
    await post('healthy after 15 s', 'healthy after 30 s')
    await stack.elapse(10_000)
    expect(await deployments()).toBe(1)
    expect(await seen()).toMatchObject({
      status: 'DEGRADED',
      states: ['DEGRADED'],
      health: ['false, health-unreported-by-mesos', 'false, health-unreported-by-mesos'],
      endpoints: [undefined, undefined],
    })
    await stack.elapse(10_000)
    // As ever: what is not reported yet does not count against the instance, though it is shown.
    expect(await deployments()).toBe(0)
    expect(await seen()).toMatchObject({ status: 'DEGRADED', endpoints: [true, undefined] })
    await stack.elapse(15_000)
    expect(await seen()).toMatchObject({
      status: 'STABLE',
      states: ['STABLE'],
      health: ['true, health-reported-by-mesos', 'true, health-reported-by-mesos'],
      endpoints: [true, true],
    })
  })

  it('is launched again as a whole when one container fails its check too often', async () => {
    await post('sleep 86400 # unhealthy after 60 s', 'serve')
    await stack.elapse(30_000)
    const before = await seen()
    expect(before.states).toEqual(['STABLE'])
    await stack.elapse(38_000)
    expect(await seen()).toMatchObject({
      states: ['DEGRADED'],
      health: ['false, health-reported-by-mesos', 'true, health-reported-by-mesos'],
      ids: before.ids,
    })
    await stack.elapse(20_000)
    const after = await seen()
    expect(after.states).toEqual(['STABLE'])
    expect(after.ids).toHaveLength(2)
    for (const id of before.ids) expect(after.ids).not.toContain(id)
    // The same instance, with tasks of another launch.
    expect(after.ids.map((id) => id.replace(/\d+$/, ''))).toEqual(
      before.ids.map((id) => id.replace(/\d+$/, '')),
    )
  })

  it('keeps what is new from taking the place of what works', async () => {
    await post('serve', 'serve')
    await stack.elapse(20_000)
    const before = await seen()
    const containers = [container('front', 'unhealthy'), container('side', 'unhealthy')]
    const pod = { id: '/pair', containers, networks: [{ mode: 'host' }] }
    expect((await stack.send('PUT', '/v2/pods/pair', pod)).status).toBe(200)
    await stack.elapse(300_000)
    expect(await deployments()).toBe(1)
    expect((await seen()).ids).toEqual(expect.arrayContaining([...before.ids]))
  })
})
