// The check of an app (app-definition 2.2, 10.3): how it is written, what the engine is told of it, and what it found,
// which is shown with the task and has no consequence.

import { describe, expect, it } from 'vitest'
import { launched, post, problems, problemsIn } from './posted-app.ts'
import { type Stack, startStack } from './stack.ts'

const times = { intervalSeconds: 60, timeoutSeconds: 20, delaySeconds: 15 }
const portDefinitions = [{ port: 0, name: 'http' }]

describe('a check', () => {
  it.each([
    ['of a command', { exec: { command: { shell: 'foo' } } }, { exec: { command: { shell: 'foo' } } }],
    ['of words', { exec: { command: { argv: ['a', 'b'] } } }, { exec: { command: { argv: ['a', 'b'] } } }],
    ['by HTTP', { http: { port: 100 } }, { http: { port: 100, scheme: 'HTTP' } }],
    [
      'by HTTP at a path of an indexed port',
      { http: { portIndex: 0, path: '/up' } },
      { http: { portIndex: 0, path: '/up', scheme: 'HTTP' } },
    ],
    ['by TCP', { tcp: { port: 100 } }, { tcp: { port: 100 } }],
    ['by TCP of an indexed port', { tcp: { portIndex: 0 } }, { tcp: { portIndex: 0 } }],
  ])('%s comes back with its default times', async (_, check, expected) => {
    const { status, body } = await post({ portDefinitions, check })
    expect(status).toBe(201)
    expect(body.check).toEqual({ ...expected, ...times })
  })

  it('keeps its times', async () => {
    const check = { tcp: { port: 1 }, intervalSeconds: 1, timeoutSeconds: 2, delaySeconds: 0 }
    expect((await post({ check })).body.check).toEqual(check)
  })

  it.each([
    [{}, 'illegal check: expected exactly one of http, tcp and exec'],
    [{ tcp: {}, http: {} }, 'illegal check: expected exactly one of http, tcp and exec'],
    [{ http: { scheme: 'HTTPS' } }, 'illegal check: got scheme HTTPS, expected HTTP'],
    [
      { tcp: { portIndex: 1 } },
      '/check/get: check port index must address an element of the ports array or container port mappings.',
    ],
    [{ tcp: { port: 70_000 } }, '/check/tcp/port: error.max'],
    [{ tcp: {}, intervalSeconds: -1 }, '/check/intervalSeconds: error.min'],
  ])('is refused: %j', async (check, problem) => {
    expect(await problems({ portDefinitions, check })).toEqual([problem])
  })

  it('is nothing for Docker', async () => {
    const container = { type: 'DOCKER', docker: { image: 'nginx' } }
    expect(await problems({ container, check: { exec: { command: { shell: 'true' } } } })).toEqual([
      "/: AppDefinition must not use 'checks' if using docker",
    ])
  })

  it('is told to the engine, with the port of the task', () => {
    const task = launched({ portDefinitions, check: { http: { path: '/up' } } })
    expect(task.check).toEqual({
      http: { port: task.discovery.ports[0]!.number, path: '/up' },
      interval: 60_000,
      timeout: 20_000,
      delay: 15_000,
    })
    expect(launched({})).not.toHaveProperty('check')
  })

  it('is a matter of configuration: changing it deploys a new version', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/web', cmd: 'sleep 600' })
    await stack.elapse(1_000)
    const [before] = (await stack.send('GET', '/v2/apps/web/tasks')).body.tasks
    await stack.send('PUT', '/v2/apps/web', { check: { exec: { command: { shell: 'true' } } } })
    await stack.elapse(2_000)
    const [after] = (await stack.send('GET', '/v2/apps/web/tasks')).body.tasks
    expect(after.id).not.toBe(before.id)
    const refused = await stack.send('PUT', '/v2/apps/web', { check: {} })
    expect(problemsIn(refused)).toEqual(['illegal check: expected exactly one of http, tcp and exec'])
    await stack.close()
  })
})

describe('what a check found', () => {
  const soon = { intervalSeconds: 1, delaySeconds: 1 }
  const started = async (check: object): Promise<Stack> => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', {
      id: '/web',
      cmd: 'sleep 600',
      portDefinitions,
      check: { ...check, ...soon },
    })
    await stack.elapse(500)
    return stack
  }

  it.each([
    [{ exec: { command: { shell: 'true' } } }, { command: { exitCode: 0 } }],
    [{ exec: { command: { shell: 'false' } } }, { command: { exitCode: 1 } }],
    [{ http: { portIndex: 0 } }, { http: { statusCode: 200 } }],
    [{ tcp: { portIndex: 0 } }, { tcp: { succeeded: true } }],
  ])('%j is shown with the task, when there is something: %j', async (check, result) => {
    const stack = await started(check)
    const shown = async () => {
      const lists = await Promise.all([
        stack.send('GET', '/v2/tasks'),
        stack.send('GET', '/v2/apps/web/tasks'),
        stack.send('GET', '/v2/apps/web').then(({ body }) => ({ body: body.app })),
      ])
      return lists.map(({ body }) => body.tasks[0])
    }
    for (const task of await shown()) {
      expect(task.state).toBe('TASK_RUNNING')
      expect(task).not.toHaveProperty('checkResult')
    }
    expect((await stack.send('GET', '/v2/deployments')).body).toEqual([])
    await stack.elapse(1_000)
    for (const task of await shown()) {
      expect(task.checkResult).toEqual(result)
      expect(Object.keys(task).indexOf('checkResult')).toBe(
        Object.keys(task).indexOf('healthCheckResults') + 1,
      )
    }
    await stack.close()
  })

  it('is told of in a status event, and in none about the instance', async () => {
    const stack = await started({ exec: { command: { shell: 'exit 3' } } })
    const before = stack.notices.length
    await stack.elapse(5_000)
    const later = stack.notices.slice(before)
    expect(later.map(({ type, body }) => [type, (body as { taskStatus?: string }).taskStatus])).toEqual([
      ['status_update_event', 'TASK_RUNNING'],
    ])
    expect((await stack.send('GET', '/v2/apps/web')).body.app).toMatchObject({
      tasksRunning: 1,
      tasksHealthy: 0,
      tasksUnhealthy: 0,
    })
    await stack.close()
  })
})
