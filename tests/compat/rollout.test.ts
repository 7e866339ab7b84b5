// What a change does to running and failing tasks, seen from outside: delays, restarts, losses while a deployment goes
// on.

import { describe, expect, it } from 'vitest'
import { type Stack, startStack } from './stack.ts'

const crash = { id: '/crash', cmd: 'exit 1', backoffSeconds: 60, backoffFactor: 2 }

/** An app that has failed once and waits: its delay, as the queue shows it. */
async function crashed(): Promise<Stack> {
  const stack = await startStack()
  await stack.send('POST', '/v2/apps', crash)
  await stack.elapse(1_000)
  expect(await delay(stack)).toEqual({ timeLeftSeconds: 59, overdue: false })
  return stack
}

const delay = async (stack: Stack): Promise<unknown> =>
  (await stack.send('GET', '/v2/queue')).body.queue[0]?.delay

const taskIds = async (stack: Stack, id: string): Promise<string[]> =>
  (await stack.send('GET', `/v2/apps/${id}/tasks`)).body.tasks.map((task: { id: string }) => task.id)

describe('the delay of a failing app (runtime 4)', () => {
  it('ends with the reset: the task is launched at once, and the next failure waits as the first did', async () => {
    const stack = await crashed()
    const before = stack.notices.length
    expect((await stack.send('DELETE', '/v2/queue//crash/delay')).status).toBe(204)
    await stack.elapse(1_000)
    const states = stack.notices
      .slice(before)
      .filter(({ type }) => type === 'status_update_event')
      .map(({ body }) => (body as { taskStatus?: string }).taskStatus)
    expect(states).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
    expect(await delay(stack)).toEqual({ timeLeftSeconds: 59, overdue: false })
    await stack.close()
  })

  it.each([
    ['a changed configuration', 'PUT', '/v2/apps/crash', { cmd: 'sleep 600' }],
    ['a restart', 'POST', '/v2/apps/crash/restart', undefined],
  ] as const)('does not hold back %s', async (_, method, url, body) => {
    const stack = await crashed()
    const before = stack.notices.length
    expect((await stack.send(method, url, body)).status).toBe(200)
    await stack.elapse(200)
    const started = stack.notices.slice(before).map((notice) => JSON.stringify(notice.body))
    expect(started.some((text) => text.includes('"TASK_RUNNING"'))).toBe(true)
    await stack.close()
  })

  it('stays when the app is only scaled', async () => {
    const stack = await crashed()
    expect((await stack.send('PUT', '/v2/apps/crash', { instances: 2 })).status).toBe(200)
    await stack.elapse(1_000)
    const { queue } = (await stack.send('GET', '/v2/queue')).body
    expect(queue).toMatchObject([{ count: 2, delay: { timeLeftSeconds: 58, overdue: false } }])
    await stack.close()
  })
})

describe('a task that is lost while its app is deployed (runtime 11)', () => {
  it('is launched again elsewhere, and the deployment ends well', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', instances: 2 })
    await stack.elapse(50)
    expect(await taskIds(stack, 'a')).toHaveLength(2)
    stack.engine.agents.unplug('agent-1')
    await stack.elapse(50)
    expect((await stack.send('GET', '/v2/deployments')).body).toHaveLength(1)
    await stack.elapse(5_000)
    expect((await stack.send('GET', '/v2/deployments')).body).toEqual([])
    const { tasks } = (await stack.send('GET', '/v2/tasks?status=running')).body
    expect(tasks.map(({ host }: { host: string }) => host)).toEqual(['agent-2.example', 'agent-2.example'])
    expect(stack.notices.filter(({ type }) => type === 'deployment_success')).toHaveLength(1)
    await stack.close()
  })
})

describe('scaling', () => {
  it.each([
    ['YOUNGEST_FIRST', 'first'],
    ['OLDEST_FIRST', 'last'],
  ] as const)('up starts what is missing; down by %s leaves the %s', async (killSelection, kept) => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', killSelection })
    await stack.elapse(1_000)
    const [first] = await taskIds(stack, 'a')
    await stack.send('PUT', '/v2/apps/a', { instances: 2 })
    await stack.elapse(1_000)
    const both = await taskIds(stack, 'a')
    expect(both).toEqual([first, expect.any(String)])
    await stack.send('PUT', '/v2/apps/a', { instances: 1 })
    await stack.elapse(1_000)
    expect(await taskIds(stack, 'a')).toEqual([kept === 'first' ? first : both[1]])
    await stack.send('PUT', '/v2/apps/a', { instances: 0 })
    await stack.elapse(1_000)
    expect(await taskIds(stack, 'a')).toEqual([])
    await stack.close()
  })
})
