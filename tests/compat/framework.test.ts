// A service that others are registered with once it is ready: its deployment, as the clients of a scheduler's package
// see it (C07, runtime 10).

import { describe, expect, it } from 'vitest'
import { type Stack, startStack } from './stack.ts'

const framework = (cmd: string, readiness: object = {}) => ({
  id: '/framework',
  cmd,
  instances: 1,
  labels: {
    DCOS_PACKAGE_FRAMEWORK_NAME: 'fw',
    DCOS_MIGRATION_API_VERSION: 'v1',
    DCOS_MIGRATION_API_PATH: '/v1/plan',
    MARATHON_SINGLE_INSTANCE_APP: 'true',
    DCOS_SERVICE_NAME: 'fw',
    DCOS_SERVICE_PORT_INDEX: '0',
    DCOS_SERVICE_SCHEME: 'http',
  },
  portDefinitions: [{ port: 0, name: 'api' }],
  upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  healthChecks: [
    { portIndex: 0, intervalSeconds: 2, timeoutSeconds: 1, gracePeriodSeconds: 10, delaySeconds: 0 },
  ],
  readinessChecks: [{ name: 'ready', portName: 'api', intervalSeconds: 2, timeoutSeconds: 1, ...readiness }],
})

const deployments = async (stack: Stack) => (await stack.send('GET', '/v2/deployments')).body
const resultsOf = async (stack: Stack) =>
  (await deployments(stack))[0].currentActions[0].readinessCheckResults

async function deployed(cmd: string, readiness?: object): Promise<Stack> {
  const stack = await startStack()
  expect((await stack.send('POST', '/v2/apps', framework(cmd, readiness))).status).toBe(201)
  return stack
}

describe('a framework whose readiness is checked', () => {
  it('is deployed, and can be found by its labels and its port', async () => {
    const stack = await deployed('ready after 5 s')
    await stack.elapse(10_000)
    expect(await deployments(stack)).toEqual([])
    const { app } = (await stack.send('GET', '/v2/apps/framework?embed=app.readiness')).body
    expect(app).toMatchObject({
      tasksHealthy: 1,
      readinessCheckResults: [],
      labels: { DCOS_SERVICE_NAME: 'fw' },
    })
    expect(app.tasks[0].ports).toHaveLength(1)
    await stack.close()
  })

  it('is deploying until it is ready, however long that takes', async () => {
    const stack = await deployed('ready after 20 s', { intervalSeconds: 15 })
    const [deployment] = await deployments(stack)
    for (const ms of [1_000, 15_000]) {
      await stack.elapse(ms)
      expect(await resultsOf(stack)).toEqual([{ name: 'ready', taskId: expect.any(String), ready: false }])
      expect((await deployments(stack))[0].id).toBe(deployment.id)
    }
    await stack.elapse(16_000)
    expect(await deployments(stack)).toEqual([])
    await stack.close()
  })

  it('is rolled back before it is ready, at once', async () => {
    const stack = await deployed('ready after 30 s', { intervalSeconds: 30 })
    await stack.elapse(2_000)
    const [{ id }] = await deployments(stack)
    expect(await resultsOf(stack)).toMatchObject([{ ready: false }])
    expect((await stack.send('DELETE', `/v2/deployments/${id}`)).status).toBe(200)
    await stack.elapse(1_000)
    expect(await deployments(stack)).toEqual([])
    expect((await stack.send('GET', '/v2/apps')).body.apps).toEqual([])
    await stack.close()
  })

  it('has a single instance', async () => {
    const stack = await startStack()
    const answer = await stack.send('POST', '/v2/apps', { ...framework('sleep 600'), instances: 2 })
    expect(answer).toMatchObject({
      status: 422,
      body: { details: [{ path: '/', errors: ['Single instance app may only have one instance'] }] },
    })
    await stack.close()
  })

  it('is never deployed when its check asks for what nobody answers', async () => {
    const stack = await deployed('unready')
    await stack.elapse(60_000)
    expect(await resultsOf(stack)).toMatchObject([{ ready: false }])
    await stack.close()
  })
})

describe('the results of readiness checks', () => {
  it('are shown with the app while it is deployed, and the last answer where it is kept', async () => {
    const stack = await deployed('ready after 5 s', { preserveLastResponse: true })
    await stack.elapse(1_000)
    const results = async () =>
      (await stack.send('GET', '/v2/apps?embed=apps.readiness')).body.apps[0].readinessCheckResults
    const lastResponse = { status: 503, contentType: 'text/plain', body: 'not ready' }
    expect(await results()).toEqual([
      { name: 'ready', taskId: expect.any(String), ready: false, lastResponse },
    ])
    await stack.elapse(10_000)
    expect(await results()).toEqual([])
    await stack.close()
  })

  it('of an upgrade are those of the new instances', async () => {
    const stack = await startStack()
    const app = {
      ...framework('v1'),
      labels: {},
      instances: 2,
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 0.5 },
    }
    await stack.send('POST', '/v2/apps', app)
    await stack.elapse(5_000)
    await stack.send('PUT', '/v2/apps/framework', { cmd: 'v2 # ready after 5 s' })
    await stack.elapse(1_000)
    const { tasks } = (await stack.send('GET', '/v2/apps/framework/tasks')).body
    const [newest] = tasks
      .map((task: { version: string }) => task.version)
      .sort()
      .reverse()
    const ofNewest = tasks.filter((task: { version: string }) => task.version === newest)
    expect(await resultsOf(stack)).toEqual([{ name: 'ready', taskId: ofNewest[0].id, ready: false }])
    await stack.elapse(6_000)
    expect(await resultsOf(stack)).toMatchObject([{ taskId: ofNewest[0].id, ready: true }, { ready: false }])
    await stack.close()
  })
})
