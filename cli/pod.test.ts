import { describe, expect, test } from 'vitest'
import { deploymentId, version } from './testing/examples.ts'
import { run, type Script, scriptedServer } from './testing/scripted-server.ts'

const instanceId = 'shop_cache.instance-41d0b7f0-3b63-11ff-8d2e-02420a000501'
const since = '2031-04-02T10:00:05.120Z'

const pod = {
  id: '/shop/cache',
  version,
  labels: { tier: 'back' },
  containers: [
    {
      name: 'store',
      exec: { command: { shell: 'cached -p $ENDPOINT_MAIN' } },
      resources: { cpus: 0.2, mem: 48, disk: 0, gpus: 0 },
      endpoints: [{ name: 'main', hostPort: 0 }],
    },
    {
      name: 'side',
      exec: { command: { argv: ['watch', 'it'] } },
      image: { kind: 'DOCKER', id: 'team/side:3' },
      resources: { cpus: 0.1, mem: 32, disk: 0, gpus: 0 },
    },
  ],
  scaling: { kind: 'fixed', instances: 2 },
  scheduling: {},
  executorResources: { cpus: 0.1, mem: 32, disk: 10 },
  role: '*',
}

const status = {
  id: '/shop/cache',
  spec: pod,
  status: 'DEGRADED',
  statusSince: since,
  instances: [
    {
      id: instanceId,
      status: 'STABLE',
      statusSince: since,
      conditions: [],
      agentHostname: 'n2.example',
      resources: { cpus: 0.3, mem: 80, disk: 10, gpus: 0 },
      networks: [],
      containers: [
        {
          name: 'store',
          status: 'TASK_RUNNING',
          statusSince: since,
          conditions: [],
          endpoints: [{ name: 'main', allocatedHostPort: 31877 }],
          lastUpdated: since,
          lastChanged: since,
        },
      ],
      specReference: '/v2/pods/shop/cache::versions/x',
      localVolumes: [],
      lastUpdated: since,
      lastChanged: since,
      role: '*',
    },
  ],
  terminationHistory: [
    {
      instanceID: instanceId,
      startedAt: since,
      terminatedAt: since,
      message: 'Command exited with status 9',
      containers: [],
    },
  ],
  lastUpdated: since,
  lastChanged: since,
}

async function runPod(argv: readonly string[], script: Script, stdin?: string) {
  await using server = await scriptedServer(script)
  const done = await run(['pod', ...argv], { url: server.url, ...(stdin === undefined ? {} : { stdin }) })
  const last = server.asked.at(-1)
  return { ...done, asked: server.asked.map((one) => `${one.call}${one.query}`), body: last?.body ?? '' }
}

describe('pods', () => {
  test('are a table with how many of their instances are well', async () => {
    const { out } = await runPod(['list'], { 'GET /v2/pods/::status': { body: [status] } })
    expect(out).toMatchInlineSnapshot(`
      "POD          STATUS    STABLE  CONTAINERS
      /shop/cache  degraded     1/2  store, side
      "
    `)
    expect((await runPod(['list'], { 'GET /v2/pods/::status': { body: [] } })).out).toBe('No pods.\n')
  })

  test('are shown with their containers', async () => {
    const { out } = await runPod(['show', 'shop/cache'], { 'GET /v2/pods/shop/cache': { body: pod } })
    expect(out).toMatchInlineSnapshot(`
      "pod        /shop/cache
      instances  2
      container  store · cached -p $ENDPOINT_MAIN · 0.2 cpus, 48 MiB memory
      container  side · team/side:3 · watch it · 0.1 cpus, 32 MiB memory
      labels     tier=back
      version    2031-04-02T09:15:20.480Z
      "
    `)
  })

  test('have a state, and each of their instances', async () => {
    const { out } = await runPod(['status', '/shop/cache'], {
      'GET /v2/pods/shop/cache::status': { body: status },
    })
    expect(out).toContain('degraded')
    expect(out).toContain('Command exited with status 9')
    expect(out).toContain(`${instanceId}  stable  n2.example  store running  31877`)
    expect(out).not.toContain('VOLUMES')
  })

  test('name the volumes of their instances', async () => {
    const volume = {
      runSpecId: '/shop/cache',
      containerPath: 'data',
      uuid: '9c1e',
      persistenceId: 'x#data#9c1e',
    }
    const instances = [{ ...status.instances[0], localVolumes: [volume] }]
    const { out } = await runPod(['status', '/shop/cache'], {
      'GET /v2/pods/shop/cache::status': { body: { ...status, instances } },
    })
    expect(out).toMatch(/AGE +VOLUMES\n.* data\n/)
  })

  test('have versions', async () => {
    const { out } = await runPod(['versions', '/shop/cache'], {
      'GET /v2/pods/shop/cache::versions': { body: [version] },
    })
    expect(out).toContain(version)
  })
})

describe('changes of pods', () => {
  const text = '{"id": "/shop/cache", "containers": []}'
  const headers = { 'Marathon-Deployment-Id': deploymentId }

  test('a definition from standard input is sent as it is', async () => {
    const { code, out, body } = await runPod(
      ['add', '-'],
      { 'POST /v2/pods': { status: 201, body: pod, headers } },
      text,
    )
    expect({ code, body }).toEqual({ code: 0, body: text })
    expect(out).toContain(`Added /shop/cache (deployment ${deploymentId})`)
  })

  test('an update is made of a pod that is there', async () => {
    const script = {
      'GET /v2/pods/shop/cache': { body: pod },
      'PUT /v2/pods/shop/cache': { body: pod, headers },
    }
    const { asked, code } = await runPod(['update', '/shop/cache', '-'], script, text)
    expect({ asked, code }).toEqual({
      asked: ['GET /v2/pods/shop/cache', 'PUT /v2/pods/shop/cache'],
      code: 0,
    })
    const missing = { status: 404, body: { message: "Pod '/shop/cahce' does not exist" } }
    const slip = await runPod(['update', '/shop/cahce', '-'], { 'GET /v2/pods/shop/cahce': missing }, text)
    expect({ asked: slip.asked, code: slip.code }).toEqual({ asked: ['GET /v2/pods/shop/cahce'], code: 4 })
    expect(slip.err).toContain('marathon pod list')
  })

  test('with --wait the end of the deployment is waited for', async () => {
    const { code, out } = await runPod(['remove', '/shop/cache', '--wait'], {
      'DELETE /v2/pods/shop/cache': { status: 202, headers },
      'GET /v2/deployments': { body: [] },
    })
    expect({ code, isGone: out.includes('/shop/cache is gone') }).toEqual({ code: 0, isGone: true })
  })

  test.each([
    [['add', '-'], 'POST /v2/pods?dryRun=true'],
    [['remove', '/shop/cache'], 'DELETE /v2/pods/shop/cache?dryRun=true'],
  ])('%j --dry-run changes nothing', async (words, call) => {
    const plan = { steps: [{ actions: [{ action: 'StartPod', pod: '/shop/cache' }] }], changes: [] }
    const script = { [call.split('?')[0]!]: { body: plan } }
    const { asked, out } = await runPod([...words, '--dry-run'], script, text)
    expect(asked).toEqual([call])
    expect(out).toBe('1. start /shop/cache\n')
  })

  test('instances that are not there are named, and the others are killed', async () => {
    const script = { 'DELETE /v2/pods/shop/cache::instances': { body: [{ instanceId }] } }
    const done = await runPod(['kill', '/shop/cache', instanceId], script)
    expect({ code: done.code, body: JSON.parse(done.body) }).toEqual({ code: 0, body: [instanceId] })
    const wiped = await runPod(['kill', '/shop/cache', instanceId, 'other', '--wipe'], script)
    expect({ code: wiped.code, asked: wiped.asked }).toEqual({
      code: 4,
      asked: ['DELETE /v2/pods/shop/cache::instances?wipe=true'],
    })
    expect(wiped.err).toContain('other')
  })

  test('the root is no pod', async () => {
    expect((await runPod(['show', '/'], {})).code).toBe(2)
  })
})
