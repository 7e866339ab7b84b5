// What becomes of pods, seen from outside: scaled, failing, replaced, taken back, and what listeners hear of it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Stack, startStack } from './stack.ts'

let stack: Stack

beforeEach(async () => {
  stack = await startStack()
})
afterEach(() => stack.close())

const container = (name: string, shell = 'sleep 600') => ({
  name,
  exec: { command: { shell } },
  resources: { cpus: 0.1, mem: 32 },
})

const pair = (change: object = {}) => ({
  id: '/pair',
  containers: [container('front'), container('side')],
  scaling: { kind: 'fixed', instances: 1 },
  ...change,
})

const scaled = (instances: number, change: object = {}) =>
  pair({ scaling: { kind: 'fixed', instances }, ...change })

interface PodStatus {
  readonly status: string
  readonly instances: readonly {
    readonly id: string
    readonly status: string
    readonly specReference: string
    readonly containers: readonly { readonly containerId: string; readonly status: string }[]
  }[]
}

const status = async (): Promise<PodStatus> => (await stack.send('GET', '/v2/pods/pair::status')).body

const ids = async (): Promise<readonly string[]> => (await status()).instances.map(({ id }) => id)

/** Number of the launch each container belongs to. */
const attempts = async (): Promise<readonly string[]> =>
  (await status()).instances.flatMap(({ containers }) =>
    containers.map(({ containerId }) => containerId.slice(containerId.lastIndexOf('.') + 1)),
  )

const deployments = async () => (await stack.send('GET', '/v2/deployments')).body

const put = async (body: object, ms = 2_000): Promise<void> => {
  expect((await stack.send('PUT', '/v2/pods/pair', body)).status).toBe(200)
  await stack.elapse(ms)
}

const post = async (body: object = pair()): Promise<void> => {
  expect((await stack.send('POST', '/v2/pods', body)).status).toBe(201)
  await stack.elapse(1_000)
}

/** Types of the events since, each with what tells it from others of its type. */
const toldSince = (count: number): readonly string[] =>
  stack.notices.slice(count).map(({ type, body }) => {
    const { condition, taskStatus, taskId, currentStep } = body as {
      readonly condition?: string
      readonly taskStatus?: string
      readonly taskId?: string
      readonly currentStep?: {
        readonly actions: readonly { readonly action: string; readonly pod: string }[]
      }
    }
    const actions = currentStep?.actions.map(({ action, pod }) => `${action} ${pod}`)
    const name = taskId?.split('.').at(-2)
    return [type, name, taskStatus, condition, ...(actions ?? [])].filter(Boolean).join(' ')
  })

describe('scaling a pod', () => {
  it('starts several instances, each with all its containers', async () => {
    await post(scaled(3))
    const { instances, status: whole } = await status()
    expect([whole, instances.length]).toEqual(['STABLE', 3])
    for (const instance of instances) {
      expect(instance.status).toBe('STABLE')
      expect(instance.containers.map((each) => each.status)).toEqual(['TASK_RUNNING', 'TASK_RUNNING'])
    }
  })

  it('up keeps what runs, down leaves the oldest, to nothing ends all', async () => {
    await post()
    const [first] = await ids()
    await put(scaled(3))
    const three = await ids()
    expect([three.length, three.includes(first!)]).toEqual([3, true])
    await put(scaled(1))
    expect(await ids()).toEqual([first])
    await put(scaled(0))
    expect(await ids()).toEqual([])
    expect([...stack.engine.agents.list()].map(({ tasks }) => tasks)).toEqual([0, 0])
  })
})

describe('a container that ends', () => {
  it('with a failure takes the pod with it, which is launched again as one after its delay', async () => {
    await post(pair({ containers: [container('front'), container('side', 'sleep 5; exit 1')] }))
    const [id] = await ids()
    expect(await attempts()).toEqual(['1', '1'])
    await stack.elapse(4_300)
    expect((await status()).status).toBe('DEGRADED')
    expect(stack.view().taskFailure('/pair')).toMatchObject({
      taskId: `${id}.side.1`,
      state: 'TASK_FAILED',
      message: 'Command exited with status 1',
    })
    const { queue } = (await stack.send('GET', '/v2/queue')).body
    expect(queue).toMatchObject([{ count: 1, delay: { overdue: false }, pod: { id: '/pair' } }])
    await stack.elapse(2_000)
    expect(await ids()).toEqual([id])
    expect(await attempts()).toEqual(['2', '2'])
    expect((await status()).status).toBe('STABLE')
  })

  it('with a failure delays the next launch once, however many containers fail', async () => {
    const body = pair({
      containers: ['a', 'b', 'c'].map((name) => container(name, 'sleep 5; exit 1')),
      scheduling: { backoff: { backoff: 100, backoffFactor: 10, maxLaunchDelay: 10_000 } },
    })
    await post(body)
    await stack.elapse(5_000)
    const { queue } = (await stack.send('GET', '/v2/queue')).body
    expect(queue[0].delay.timeLeftSeconds).toBeGreaterThan(90)
    expect(queue[0].delay.timeLeftSeconds).toBeLessThanOrEqual(100)
  })

  it('well leaves the others', async () => {
    await post(pair({ containers: [container('front'), container('side', 'sleep 2')] }))
    await stack.elapse(10_000)
    expect(await attempts()).toEqual(['1', '1'])
    const [instance] = (await status()).instances
    expect(instance!.containers.map((each) => each.status)).toEqual(['TASK_RUNNING', 'TASK_FINISHED'])
  })
})

describe('several containers of a pod', () => {
  it('have ports of their own, and each knows those of the others', async () => {
    const endpoint = (name: string) => ({ endpoints: [{ name, hostPort: 0, protocol: ['tcp'] }] })
    await post(
      pair({
        containers: [
          { ...container('front'), ...endpoint('web') },
          { ...container('side'), ...endpoint('metrics') },
        ],
      }),
    )
    const [instance] = [...stack.view().instancesOf('/pair')]
    const shown = (await stack.send('GET', '/v2/pods/pair::status')).body.instances[0].containers
    const ports = shown.map(
      ({ endpoints: [own] }: { endpoints: { name: string; allocatedHostPort: number }[] }) => [
        own!.name,
        own!.allocatedHostPort,
      ],
    )
    expect(ports).toEqual([
      ['web', instance!.tasks[0]!.hostPorts[0]],
      ['metrics', instance!.tasks[1]!.hostPorts[0]],
    ])
    expect(new Set(ports.map(([, port]: [string, number]) => port)).size).toBe(2)
  })
})

describe('events about pods (events-metrics-flags 1.1)', () => {
  const origin = (uri: string) => ({ clientIp: '127.0.0.1', uri })

  it('tell of its creation in the order of worked-examples 10.1, one status per container', async () => {
    const before = stack.notices.length
    await post()
    const told = toldSince(before)
    expect(told.filter((text) => !/^(group_change_success|pod_created_event)/.test(text))).toEqual([
      'deployment_info StartPod /pair',
      'deployment_step_success StartPod /pair',
      'deployment_info ScalePod /pair',
      'instance_changed_event Scheduled',
      'instance_changed_event Provisioned',
      'status_update_event front TASK_STARTING',
      'instance_changed_event Starting',
      'status_update_event side TASK_STARTING',
      'status_update_event front TASK_RUNNING',
      'status_update_event side TASK_RUNNING',
      'instance_changed_event Running',
      'deployment_step_success ScalePod /pair',
      'deployment_success',
    ])
    const created = stack.notices.find(({ type }) => type === 'pod_created_event')
    expect(created?.body).toMatchObject(origin('/v2/pods'))
    expect(stack.notices.some(({ type }) => type === 'api_post_event')).toBe(false)
  })

  it('tell of its change and of its end', async () => {
    await post()
    const before = stack.notices.length
    await put(pair({ environment: { A: '1' } }))
    const changed = stack.notices.slice(before)
    expect(changed.find(({ type }) => type === 'pod_updated_event')?.body).toMatchObject(
      origin('/v2/pods/pair'),
    )
    expect(toldSince(before)).toContain('deployment_info RestartPod /pair')
    const removal = stack.notices.length
    expect((await stack.send('DELETE', '/v2/pods/pair')).status).toBe(202)
    await stack.elapse(1_000)
    expect(toldSince(removal).filter((text) => !text.startsWith('group_change'))).toEqual([
      'deployment_info StopPod /pair',
      'pod_deleted_event',
      'instance_changed_event Running',
      expect.stringMatching(/^status_update_event (front|side) TASK_KILLED$/),
      expect.stringMatching(/^status_update_event (front|side) TASK_KILLED$/),
      'instance_changed_event Killed',
      'app_terminated_event',
      'deployment_step_success StopPod /pair',
      'deployment_success',
    ])
  })
})

describe('a deployment of a pod', () => {
  const stuck = pair({ containers: [container('front'), container('side', 'stuck')] })

  it('is listed as one of a pod, with what it waits for', async () => {
    await post()
    await put(stuck)
    expect(await deployments()).toMatchObject([
      {
        affectedApps: [],
        affectedPods: ['/pair'],
        steps: [{ actions: [{ action: 'RestartPod', pod: '/pair' }] }],
        currentActions: [{ action: 'RestartPod', pod: '/pair', readinessCheckResults: [] }],
      },
    ])
  })

  it('holds the lock of its pod', async () => {
    await post()
    await put(stuck)
    expect((await stack.send('PUT', '/v2/pods/pair', scaled(2))).status).toBe(409)
    expect((await stack.send('DELETE', '/v2/pods/pair')).status).toBe(409)
    expect((await stack.send('PUT', '/v2/pods/pair?force=true', scaled(2))).status).toBe(200)
    await stack.elapse(2_000)
    expect(await deployments()).toEqual([])
    expect((await ids()).length).toBe(2)
  })

  it('can be stopped by force, and leaves things as they are', async () => {
    await post()
    const [old] = await ids()
    await put(stuck)
    const [{ id }] = await deployments()
    expect((await stack.send('DELETE', `/v2/deployments/${id}?force=true`)).status).toBe(202)
    await stack.elapse(1_000)
    expect(await deployments()).toEqual([])
    expect(await ids()).toContain(old)
    const { body } = await stack.send('GET', '/v2/pods/pair')
    expect(body.containers[1].exec.command.shell).toBe('stuck')
    expect(stack.notices.filter(({ type }) => type === 'deployment_failed')).toHaveLength(1)
  })

  it('can be taken back: what ran before runs, and is the definition again', async () => {
    await post()
    const [old] = await ids()
    await put(stuck)
    const [{ id }] = await deployments()
    const back = await stack.send('DELETE', `/v2/deployments/${id}`)
    expect([back.status, typeof back.body.deploymentId]).toEqual([200, 'string'])
    await stack.elapse(2_000)
    expect(await deployments()).toEqual([])
    expect(await ids()).toEqual([old])
    const { body } = await stack.send('GET', '/v2/pods/pair')
    expect(body.containers[1].exec.command.shell).toBe('sleep 600')
  })

  it('that adds one is taken back by removing it', async () => {
    await stack.send('POST', '/v2/pods', stuck)
    await stack.elapse(1_000)
    const [{ id }] = await deployments()
    expect((await stack.send('DELETE', `/v2/deployments/${id}`)).status).toBe(200)
    await stack.elapse(2_000)
    expect(await deployments()).toEqual([])
    expect((await stack.send('GET', '/v2/pods')).body).toEqual([])
    expect([...stack.engine.agents.list()].map(({ tasks }) => tasks)).toEqual([0, 0])
  })
})
