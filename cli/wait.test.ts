import { describe, expect, test } from 'vitest'
import {
  appWith,
  created,
  deployment,
  deploymentId,
  queueItem,
  result,
  tasks,
  webId,
} from './testing/examples.ts'
import { type RunOptions, run, type Script, scriptedServer } from './testing/scripted-server.ts'

const running = { body: [deployment] }
const ended = { body: [] }
const rival = { body: { app: { ...appWith(1, 2).app, deployments: [{ id: 'other-deployment' }] } } }
const waiting = {
  body: { queue: [{ ...queueItem, waitingOn: [{ reason: 'offers', message: 'no offer has enough cpus' }] }] },
}
const missing = { status: 404, body: { message: "App '/shop/web' does not exist", details: [] } }

async function wait(argv: readonly string[], script: Script, options: RunOptions = {}) {
  await using server = await scriptedServer({
    'PATCH /v2/apps/shop/web': { body: result },
    'DELETE /v2/apps/shop/web': { body: result },
    'POST /v2/apps': { status: 201, body: created },
    'GET /v2/queue': waiting,
    ...script,
  })
  return await run(argv, { url: server.url, ...options })
}

const scale = ['app', 'scale', '/shop/web', '2', '--wait']

describe('waiting for a change', () => {
  test('tells each step once, with the reason, and ends when all runs', async () => {
    const { code, out, err } = await wait(scale, {
      'GET /v2/deployments': [running, running, running, ended],
      'GET /v2/apps/shop/web': [
        { body: appWith(0, 2) },
        { body: appWith(0, 2) },
        { body: appWith(1, 2) },
        { body: appWith(2, 2) },
      ],
    })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatchInlineSnapshot(`
      "/shop/web: 0/2 running, 2 starting, waiting: no offer has enough cpus
      /shop/web: 1/2 running, 1 starting, waiting: no offer has enough cpus
      /shop/web: 2/2 running
      ✓ /shop/web has 2 instances
        See where: marathon task list /shop/web
      "
    `)
  })

  test('tells why it failed when the server rolls it back', async () => {
    const reason = '/shop/web made no progress for 60 s: 0 of 2 instances were up at most'
    const back = { ...deployment, id: 'other-deployment', failed: { id: deploymentId, reason } }
    const { code, err } = await wait(scale, {
      'GET /v2/deployments': [running, { body: [back] }],
      'GET /v2/apps/shop/web': [{ body: appWith(0, 2) }, rival],
    })
    expect(code).toBe(1)
    expect(err).toContain('The deployment failed and is rolled back')
    expect(err).toContain(reason)
  })

  test('on a terminal one block is drawn again in place, and removed at the end', async () => {
    const { out } = await wait(
      [...scale, '--no-color'],
      {
        'GET /v2/deployments': [running, ended],
        'GET /v2/apps/shop/web': [{ body: appWith(1, 2) }, { body: appWith(2, 2) }],
      },
      { isTTY: true, columns: 90 },
    )
    expect(out.replaceAll('\u001b', '<ESC>')).toMatchInlineSnapshot(`
      "Deployment 5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10 · step 2 of 2 · 0s
        /shop/web  ████████████░░░░░░░░░░░░  1/2 running, 1 starting
          waiting: no offer has enough cpus
      <ESC>[3A<ESC>[0JDeployment 5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10 · 0s
        /shop/web  ████████████████████████  2/2 running
      <ESC>[2A<ESC>[0J✓ /shop/web has 2 instances
        See where: marathon task list /shop/web
      "
    `)
  })

  test('no line of the block is wider than the terminal', async () => {
    const { out } = await wait(
      [...scale, '--no-color'],
      {
        'GET /v2/deployments': [running, ended],
        'GET /v2/apps/shop/web': [{ body: appWith(1, 2) }, { body: appWith(2, 2) }],
      },
      { isTTY: true, columns: 34 },
    )
    const block = out.slice(0, out.indexOf('\u001b')).split('\n')
    expect(Math.max(...block.map((line) => line.length))).toBeLessThanOrEqual(34)
  })

  test('with JSON the answer alone is on stdout, progress on stderr', async () => {
    const { out, err } = await wait([...scale, '-o', 'json'], {
      'GET /v2/deployments': [running, ended],
      'GET /v2/apps/shop/web': [{ body: appWith(1, 2) }, { body: appWith(2, 2) }],
    })
    expect(out).toBe(`${JSON.stringify(result)}\n`)
    expect(err).toContain('/shop/web: 1/2 running')
  })

  test('ends with code 5 when the time is over, and tells what it still waits for', async () => {
    const { code, err } = await wait([...scale, '--timeout', '2'], {
      'GET /v2/deployments': running,
      'GET /v2/apps/shop/web': { body: appWith(1, 2) },
    })
    expect(code).toBe(5)
    expect(err).toMatchInlineSnapshot(`
      "error: Not there after 2s; it goes on without you
        /shop/web: 1/2 running, 1 starting; no offer has enough cpus
        → See how far it is: marathon deployment list
        → And what it waits for: marathon queue
      "
    `)
  })

  test('a new app is waited for by the deployment of its answer', async () => {
    const { code, out } = await wait(['app', 'add', '--id', '/shop/web', '--cmd', 'x', '--wait'], {
      'GET /v2/deployments': [running, ended],
      'GET /v2/apps/shop/web': [{ body: appWith(0, 2) }, { body: appWith(2, 2) }],
    })
    expect(code).toBe(0)
    expect(out).toContain('✓ /shop/web runs, 2 instances\n  Read its logs: marathon task logs /shop/web -f\n')
  })

  test('a removal is done once the deployment has ended and the app is gone', async () => {
    const { code, out } = await wait(['app', 'remove', '/shop/web', '--wait'], {
      'GET /v2/deployments': [running, running, ended],
      'GET /v2/apps/shop/web': missing,
    })
    expect(code).toBe(0)
    expect(out).toBe(
      '/shop/web: being stopped\n/shop/web: gone\n✓ /shop/web is gone\n  See what is left: marathon app list\n',
    )
  })

  test('instances of the old version do not count as done', async () => {
    const old = {
      ...tasks[0],
      version: '2031-04-01T00:00:00.000Z',
      id: 'shop_web.instance-00000000-3b5d-11ff-8d2e-02420a000501._app.1',
    }
    const { out } = await wait(['app', 'update', '/shop/web', 'cmd=y', '--wait'], {
      'GET /v2/deployments': [running, ended],
      'GET /v2/apps/shop/web': [
        { body: { app: { ...appWith(1, 1).app, tasksRunning: 2, tasks: [tasks[0], old] } } },
        { body: appWith(1, 1) },
      ],
    })
    expect(out).toContain('/shop/web: 1/1 running, 1 to be replaced\n')
  })
})

test('a crash of the new version is told at once, an older one is not', async () => {
  const lastTaskFailure = {
    taskId: 'x',
    state: 'TASK_FAILED',
    message: 'Command exited with status 3',
    timestamp: '2031-04-02T09:19:00.730Z',
  }
  const crashed = (version: string) => ({
    body: { app: { ...appWith(0, 2).app, lastTaskFailure: { ...lastTaskFailure, version } } },
  })
  const { out } = await wait(scale, {
    'GET /v2/deployments': [running, running, ended],
    'GET /v2/apps/shop/web': [
      crashed('2030-01-01T00:00:00.000Z'),
      crashed(result.version),
      { body: appWith(2, 2) },
    ],
  })
  expect(out.split('\n').slice(0, 2)).toEqual([
    '/shop/web: 0/2 running, 2 starting, waiting: no offer has enough cpus',
    '/shop/web: 0/2 running, 2 starting, waiting: a task failed: Command exited with status 3; no offer has enough cpus',
  ])
})

describe('a change that does not get there', () => {
  test.each([
    [
      'another deployment took over',
      rival,
      'Only 1 of 2 instances of /shop/web run',
      'deployment other-deployment took its place',
    ],
    [
      'somebody scaled it otherwise',
      { body: appWith(5, 5) },
      '/shop/web now wants 5 instances, not 2',
      'cancelled or reverted',
    ],
    ['it was cancelled', { body: appWith(0, 2) }, 'Only 0 of 2 instances', 'cancelled or reverted'],
    ['somebody removed it', missing, '/shop/web is gone', 'it was removed'],
  ])('%s', async (_name, reply, what, why) => {
    const { code, err } = await wait(scale, {
      'GET /v2/deployments': [running, ended],
      'GET /v2/apps/shop/web': [{ body: appWith(1, 2) }, reply],
    })
    expect(code).toBe(1)
    expect(err).toContain(what)
    expect(err).toContain(why)
  })
})

describe('a server that comes and goes', () => {
  const away = { status: 503, body: { message: 'starting' } }

  test('a restart of the server is waited out', async () => {
    const { code, out } = await wait(scale, {
      'GET /v2/deployments': [running, away, away, ended],
      'GET /v2/apps/shop/web': [{ body: appWith(1, 2) }, { body: appWith(2, 2) }],
    })
    expect(code).toBe(0)
    expect(out).toContain('waiting: the server does not answer, trying again\n')
  })

  test('a server that stays away is given up', async () => {
    const { code, err } = await wait(scale, {
      'GET /v2/deployments': [running, away],
      'GET /v2/apps/shop/web': { body: appWith(1, 2) },
    })
    expect(code).toBe(1)
    expect(err).toContain('The server failed (503)')
  })

  test('Ctrl-C stops the waiting alone', async () => {
    const stop = new AbortController()
    const { code, err } = await wait(
      scale,
      {
        'GET /v2/deployments': () => {
          stop.abort(new Error('interrupted'))
          return running
        },
      },
      { signal: stop.signal },
    )
    expect(code).toBe(130)
    expect(err).toContain('What was started goes on')
  })
})

describe('waiting for a kill', () => {
  test('ends once the killed task is replaced, though no deployment is about it', async () => {
    const { code, out } = await wait(['task', 'kill', webId, '--wait'], {
      'POST /v2/tasks/delete': { body: { tasks: [tasks[0]] } },
      'GET /v2/deployments': ended,
      'GET /v2/apps/shop/web': [
        { body: { app: { ...appWith(1, 1).app, tasks: [tasks[0]] } } },
        { body: appWith(0, 1) },
        { body: { app: { ...appWith(1, 1).app, tasks: [tasks[1]] } } },
      ],
    })
    expect(code).toBe(0)
    expect(out).toMatchInlineSnapshot(`
      "/shop/web: 0/1 running, 1 to be replaced
      /shop/web: 0/1 running, 1 starting, waiting: no offer has enough cpus
      /shop/web: 1/1 running
      ✓ Replaced 1 task
        See what runs instead: marathon task list
      "
    `)
  })

  test('with --scale it follows the deployment', async () => {
    const { code, out } = await wait(['task', 'kill', webId, '--scale', '--wait'], {
      'POST /v2/tasks/delete': { body: result },
      'GET /v2/deployments': [running, ended],
      'GET /v2/apps/shop/web': { body: appWith(1, 1) },
    })
    expect({ code, names: out.includes(deploymentId) }).toEqual({ code: 0, names: false })
  })
})
