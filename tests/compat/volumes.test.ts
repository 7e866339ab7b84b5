// Apps and pods with persistent volumes over HTTP, with the whole server and a simulated cluster in one process: what
// clients see of their volumes while they run, are stopped, come back, are wiped and removed.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Stack, startStack } from './stack.ts'

let stack: Stack

beforeEach(async () => {
  stack = await startStack({ agents: 2, settings: { mesosRole: 'db', mesosPrincipal: 'marathon' } })
})
afterEach(() => stack.close())

const app = {
  id: '/store/db',
  cmd: 'serve',
  cpus: 0.5,
  mem: 64,
  instances: 2,
  role: 'db',
  container: {
    type: 'MESOS',
    volumes: [{ containerPath: 'data', mode: 'RW', persistent: { size: 512 } }],
  },
}

const pod = {
  id: '/store/pod',
  role: 'db',
  containers: [
    {
      name: 'dataapp',
      resources: { cpus: 0.03, mem: 64 },
      exec: { command: { shell: 'serve' } },
      volumeMounts: [{ name: 'pst', mountPath: 'pst1', readOnly: false }],
    },
  ],
  volumes: [{ name: 'pst', persistent: { type: 'root', size: 10 } }],
}

interface ShownTask {
  readonly id: string
  readonly state: string
  readonly host: string
  readonly startedAt?: string
  readonly version?: string
  readonly localVolumes: readonly { readonly uuid: string; readonly persistenceId: string }[]
}

const tasks = async (): Promise<readonly ShownTask[]> =>
  (await stack.send('GET', '/v2/apps//store/db/tasks')).body.tasks
const places = (shown: readonly ShownTask[]) =>
  shown.map(({ id, host, localVolumes }) => [id.replace(/\d+$/, ''), host, localVolumes]).toSorted()
const shownApp = async () => (await stack.send('GET', '/v2/apps//store/db')).body.app
const status = async () => (await stack.send('GET', '/v2/pods//store/pod::status')).body

describe('an app', () => {
  beforeEach(async () => {
    expect((await stack.send('POST', '/v2/apps', app)).status).toBe(201)
    await stack.elapse(10_000)
  })

  test('waits for its data, names it, and keeps it by default', async () => {
    expect(await shownApp()).toMatchObject({
      tasksRunning: 2,
      deployments: [],
      residency: { relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: 'WAIT_FOREVER' },
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      unreachableStrategy: 'disabled',
    })
    for (const { localVolumes } of await tasks()) {
      expect(localVolumes).toEqual([
        {
          runSpecId: '/store/db',
          containerPath: 'data',
          uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          persistenceId: `store_db#data#${localVolumes[0]!.uuid}`,
        },
      ])
    }
  })

  test('that is stopped still shows its tasks, as over, with their volumes; and finds them again', async () => {
    const before = await tasks()
    await stack.send('PUT', '/v2/apps//store/db', { instances: 0 })
    await stack.elapse(10_000)
    const stopped = await tasks()
    expect(stopped.map(({ state, startedAt, version }) => [state, startedAt, version])).toEqual([
      ['TASK_KILLED', undefined, undefined],
      ['TASK_KILLED', undefined, undefined],
    ])
    expect(places(stopped)).toEqual(places(before))
    expect(await shownApp()).toMatchObject({ tasksRunning: 0, tasksStaged: 0, deployments: [] })

    await stack.send('PUT', '/v2/apps//store/db', { instances: 2, cmd: 'serve --again' })
    await stack.elapse(10_000)
    const after = await tasks()
    expect(places(after)).toEqual(places(before))
    const { version } = await shownApp()
    expect(after.map((task) => [task.state, task.version])).toEqual([
      ['TASK_RUNNING', version],
      ['TASK_RUNNING', version],
    ])
  })

  test('tells listeners as it did before there were any: a goal changes, a task ends, the instance waits again', async () => {
    await stack.send('PUT', '/v2/apps//store/db', { instances: 0 })
    await stack.elapse(10_000)
    const from = stack.notices.length
    await stack.send('PUT', '/v2/apps//store/db', { instances: 1 })
    await stack.elapse(10_000)
    const told = stack.notices.slice(from).flatMap(({ type, body }) => {
      if (type === 'instance_changed_event')
        return [`instance ${String(body['condition'])} ${body['agentId'] !== null}`]
      return type === 'status_update_event' ? [`status ${String(body['taskStatus'])}`] : []
    })
    expect(told).toEqual([
      'instance Scheduled true',
      'instance Provisioned true',
      'status TASK_STARTING',
      'instance Starting true',
      'status TASK_RUNNING',
      'instance Running true',
    ])
  })

  test('of which one is wiped gets another instance, with a volume of its own', async () => {
    const before = await tasks()
    const { body } = await stack.send('DELETE', `/v2/apps//store/db/tasks/${before[0]!.id}?wipe=true`)
    expect(body.task).toMatchObject({ id: before[0]!.id, localVolumes: before[0]!.localVolumes })
    await stack.elapse(10_000)
    const after = await tasks()
    expect(after.filter(({ state }) => state === 'TASK_RUNNING')).toHaveLength(2)
    const volumes = after.map(({ localVolumes }) => localVolumes[0]!.persistenceId)
    expect(volumes).toContain(before[1]!.localVolumes[0]!.persistenceId)
    expect(volumes).not.toContain(before[0]!.localVolumes[0]!.persistenceId)
  })

  test('may not ask for other resources than were reserved', async () => {
    const { status: code, body } = await stack.send('PUT', '/v2/apps//store/db', { cpus: 1 })
    expect(code).toBe(422)
    expect(JSON.stringify(body.details)).toContain(
      'Services with persistent volumes configured may not change resource requirements.',
    )
  })

  test('that is removed is over when its tasks have ended', async () => {
    expect((await stack.send('DELETE', '/v2/apps//store/db')).status).toBe(200)
    await stack.elapse(10_000)
    expect((await stack.send('GET', '/v2/apps//store/db')).status).toBe(404)
    expect((await stack.send('GET', '/v2/deployments')).body).toEqual([])
    expect((await stack.send('GET', '/v2/tasks')).body).toEqual({ tasks: [] })
  })
})

describe('a pod', () => {
  beforeEach(async () => {
    const { status: code, body } = await stack.send('PUT', '/v2/pods//store/pod', pod)
    expect(code).toBe(200)
    expect(body.volumes).toEqual([{ name: 'pst', persistent: { type: 'root', size: 10, constraints: [] } }])
    expect(body.containers[0].volumeMounts).toEqual(pod.containers[0]!.volumeMounts)
    await stack.elapse(10_000)
  })

  test('is stable on its volume, and names it', async () => {
    const { status: state, instances } = await status()
    expect([state, instances.length]).toEqual(['STABLE', 1])
    const [{ uuid }] = instances[0].localVolumes
    expect(instances[0].localVolumes).toEqual([
      { runSpecId: '/store/pod', containerPath: 'pst', uuid, persistenceId: `store_pod#pst#${uuid}` },
    ])
  })

  test('recovers on it: the same instance, on the same agent, with another task', async () => {
    const [before] = (await status()).instances
    expect((await stack.send('DELETE', `/v2/pods//store/pod::instances/${before.id}`)).status).toBe(200)
    await stack.elapse(10_000)
    const { status: state, instances } = await status()
    expect(state).toBe('STABLE')
    const [after] = instances
    expect([after.id, after.agentId, after.localVolumes]).toEqual([
      before.id,
      before.agentId,
      before.localVolumes,
    ])
    expect(after.containers[0].containerId).toBe(before.containers[0].containerId.replace(/1$/, '2'))
  })
})
