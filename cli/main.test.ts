import { describe, expect, test } from 'vitest'
import { agents, app, deployment, deploymentId, queueItem, sickId, tasks, webId } from './testing/examples.ts'
import { deadUrl, run, scriptedServer } from './testing/scripted-server.ts'

/** Runs one command against a server that answers one call. */
async function ask(
  argv: readonly string[],
  call: string,
  body: unknown,
  options: { isTTY?: boolean; columns?: number } = {},
) {
  await using server = await scriptedServer({ [call]: { body } })
  return { ...(await run(argv, { url: server.url, ...options })), query: server.asked.at(-1)?.query }
}

describe('lists for people', () => {
  test('apps are a table with state, running of wanted, health and what they run', async () => {
    const other = {
      id: '/idle',
      cmd: 'sleep 600',
      cpus: 0.1,
      mem: 10,
      instances: 0,
      tasksRunning: 0,
      deployments: [],
    }
    const busy = {
      ...other,
      id: '/shop/api',
      instances: 3,
      tasksRunning: 1,
      deployments: [{ id: deploymentId }],
    }
    const { out, code } = await ask(['app', 'list'], 'GET /v2/apps', { apps: [app, other, busy] })
    expect(code).toBe(0)
    expect(out).toMatchInlineSnapshot(`
      "APP        STATUS     RUNNING  HEALTH  CPUS  MEM  RUNS
      /idle      stopped        0/0  -        0.1   10  sleep 600
      /shop/api  deploying      1/3  -        0.1   10  sleep 600
      /shop/web  unhealthy      2/2  1/2     0.25   64  ./serve --port $PORT0
      "
    `)
  })

  test('no apps at all gives a command to start the first', async () => {
    const { out } = await ask(['app', 'list'], 'GET /v2/apps', { apps: [] })
    expect(out).toMatchInlineSnapshot(`
      "No apps yet. Start one: marathon app add --id hello --cmd 'sleep 3600' --wait
      "
    `)
  })

  test('filters reach the server, and an empty answer says that nothing matches', async () => {
    const { out, query } = await ask(
      ['app', 'list', '--id', 'web', '--label', 'tier==front'],
      'GET /v2/apps',
      { apps: [] },
    )
    expect(query).toBe('?id=web&label=tier%3D%3Dfront')
    expect(out).toBe('No app matches.\n')
  })

  test('tasks of all apps show state, health, host, ports and age', async () => {
    const { out } = await ask(['task', 'list'], 'GET /v2/tasks', { tasks })
    expect(out).toMatchInlineSnapshot(`
      "APP        TASK                                                           STATE    HEALTH     HOST        PORTS    AGE
      /shop/web  shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501._app.1  running  healthy    n3.example  31544  4m35s
      /shop/web  shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.2  running  unhealthy  n1.example  31090    56s
      "
    `)
  })

  test('tasks with volumes say what is kept for them, also those that have ended', async () => {
    const volume = { runSpecId: '/shop/web', uuid: '9c1e', persistenceId: 'shop_web#data#9c1e' }
    const localVolumes = [
      { ...volume, containerPath: 'data' },
      { ...volume, containerPath: 'log' },
    ]
    const { out } = await ask(['task', 'list', 'shop/web'], 'GET /v2/apps/shop/web/tasks', {
      tasks: [
        tasks[1],
        { ...tasks[0], state: 'TASK_KILLED', healthCheckResults: [], ports: [], localVolumes },
      ],
    })
    expect(out).toMatchInlineSnapshot(`
      "TASK                                                           STATE    HEALTH     HOST        PORTS    AGE  VOLUMES
      shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501._app.1  killed   -          n3.example         4m35s  data,log
      shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.2  running  unhealthy  n1.example  31090    56s  -
      "
    `)
  })

  test('tasks of one app leave the column of the app out', async () => {
    const { out } = await ask(['task', 'list', 'shop/web'], 'GET /v2/apps/shop/web/tasks', {
      tasks: [tasks[0]],
    })
    expect(out).toMatchInlineSnapshot(`
      "TASK                                                           STATE    HEALTH   HOST        PORTS    AGE
      shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501._app.1  running  healthy  n3.example  31544  4m35s
      "
    `)
  })

  test('the queue tells why each app waits', async () => {
    const delayed = {
      ...queueItem,
      count: 2,
      delay: { timeLeftSeconds: 75, overdue: false },
      processedOffersSummary: undefined,
      app: { id: '/crash' },
    }
    const told = {
      ...queueItem,
      waitingOn: [{ reason: 'offers', message: 'no agent has 4 cpus free' }],
      app: { id: '/big' },
    }
    const { out } = await ask(['queue'], 'GET /v2/queue', { queue: [queueItem, delayed, told] })
    expect(out).toMatchInlineSnapshot(`
      "APP        MISSING  SINCE  NEXT TRY  WHY
      /shop/web        1  4m39s       now  not enough cpus (2 of 2 offers)
                                           constraints not met (1 of 3 offers)
      /crash           2  4m39s  in 1m15s  backing off after failures, next try in 1m15s
      /big             1  4m39s       now  no agent has 4 cpus free
      "
    `)
  })

  test('deployments show their step, what they do and what they wait for', async () => {
    const waiting = {
      ...deployment,
      waitingOn: [{ reason: 'running', message: '/shop/web: 1 task is starting' }],
    }
    const { out } = await ask(['deployment', 'list'], 'GET /v2/deployments', [waiting])
    expect(out).toMatchInlineSnapshot(`
      "DEPLOYMENT                            STEP    AGE  DOES             WAITING FOR
      5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10   2/2  4m39s  scale /shop/web  /shop/web: 1 task is starting
      "
    `)
  })

  test('agents show what they have and use', async () => {
    const { out } = await ask(['agent', 'list'], 'GET /v2/agents', agents)
    expect(out).toMatchInlineSnapshot(`
      "AGENT    HOST       STATUS     TASKS   CPUS      MEM  ATTRIBUTES
      agent-1  127.0.0.1  connected      1  0.3/4  64/8192  rack_id=rack-1
      agent-2  127.0.0.1  unplugged      0    0/4   0/8192
      "
    `)
  })

  test('versions come newest first', async () => {
    const { out } = await ask(['app', 'versions', '/shop/web'], 'GET /v2/apps/shop/web/versions', {
      versions: ['2031-03-30T18:00:01.007Z', '2031-04-02T09:15:20.480Z'],
    })
    expect(out).toMatchInlineSnapshot(`
      "VERSION                   AGE
      2031-04-02T09:15:20.480Z  4m39s
      2031-03-30T18:00:01.007Z  2d15h
      "
    `)
  })

  test('one app is shown in full, with its last failure and the way to its log', async () => {
    const { out } = await ask(['app', 'show', '/shop/web'], 'GET /v2/apps/shop/web', { app })
    expect(out).toMatchInlineSnapshot(`
      "app            /shop/web
      status         unhealthy
      instances      2 of 2 running, 1 healthy, 1 unhealthy
      last failure   Command exited with status 3 (TASK_FAILED on n1.example, 59s ago)
      runs           ./serve --port $PORT0
      needs          0.25 cpus, 64 MiB memory
      service ports  10007 (http)
      constraints    hostname:UNIQUE
      env            MODE=live
      labels         tier=front
      version        2031-04-02T09:15:20.480Z

      TASK                                                           STATE    HEALTH     HOST        PORTS    AGE
      shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501._app.1  running  healthy    n3.example  31544  4m35s
      shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.2  running  unhealthy  n1.example  31090    56s

      Why it failed: marathon task logs shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.1 --stderr --tail 20
      "
    `)
  })

  test('an app that misses instances tells why', async () => {
    await using server = await scriptedServer({
      'GET /v2/apps/shop/web': {
        body: { app: { ...app, instances: 3, lastTaskFailure: undefined, tasks: [] } },
      },
      'GET /v2/queue': { body: { queue: [queueItem] } },
    })
    const { out } = await run(['app', 'show', 'shop/web'], { url: server.url })
    expect(out).toContain('waiting        not enough cpus (2 of 2 offers)\n')
    expect(out).toContain('waiting        constraints not met (1 of 3 offers)\n')
  })

  test('the settings of the server are shown without those that have no value', async () => {
    const { out } = await ask(['info'], 'GET /v2/info', {
      name: 'marathon',
      version: '1.11.24',
      elected: true,
      leader: 'm1.example:8080',
      frameworkId: null,
      marathon_config: { checkpoint: true, executor: '//cmd', webui_url: null },
      http_config: { http_port: 8080, https_port: 8443 },
    })
    expect(out.replace(/url +http.*/, 'url …')).toMatchInlineSnapshot(`
      "server      marathon 1.11.24
      url …
      leader      m1.example:8080
      http_port   8080
      https_port  8443
      checkpoint  true
      executor    //cmd
      "
    `)
  })
})

describe('the width of a terminal', () => {
  const cmd = 'while [ true ] ; do nc -lp $PORT0; done # '.repeat(5)

  test('long commands are cut so that no line is wider than the terminal', async () => {
    const { out } = await ask(
      ['app', 'list', '--no-color'],
      'GET /v2/apps',
      { apps: [{ ...app, cmd }] },
      { isTTY: true, columns: 72 },
    )
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBe(72)
    expect(out).toContain('…')
  })

  test('nothing is cut when a program reads', async () => {
    const { out } = await ask(['app', 'list'], 'GET /v2/apps', { apps: [{ ...app, cmd }] }, { columns: 72 })
    expect(out).toContain(cmd.trim())
  })

  test('ids are never cut, since people copy them', async () => {
    const { out } = await ask(['task', 'list'], 'GET /v2/tasks', { tasks }, { isTTY: true, columns: 40 })
    expect(out).toContain(webId)
    expect(out).toContain(sickId)
  })

  test.each([
    ['a terminal', { isTTY: true }, [], {}, true],
    ['no terminal', { isTTY: false }, [], {}, false],
    ['--no-color', { isTTY: true }, ['--no-color'], {}, false],
    ['NO_COLOR', { isTTY: true }, [], { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', { isTTY: true }, [], { NO_COLOR: '' }, true],
  ])('colours with %s', async (_name, io, flags, env, isColoured) => {
    await using server = await scriptedServer({ 'GET /v2/apps': { body: { apps: [app] } } })
    const { out } = await run(['app', 'list', ...flags], { url: server.url, env, ...io })
    expect(out.includes('\u001b[')).toBe(isColoured)
  })

  test('control characters of others do not reach the terminal', async () => {
    const { out } = await ask(['app', 'list'], 'GET /v2/apps', {
      apps: [{ ...app, cmd: 'evil\u001b]0;title\u0007\ncmd' }],
    })
    expect(out).toContain('evil ]0;title cmd')
    expect(out.split('\n')).toHaveLength(3)
  })
})

describe('JSON for scripts', () => {
  test.each([
    [['app', 'list'], 'GET /v2/apps'],
    [['app', 'show', '/a'], 'GET /v2/apps/a'],
    [['app', 'versions', '/a'], 'GET /v2/apps/a/versions'],
    [
      ['app', 'show', '/a', '2031-04-02T09:15:20.480Z'],
      'GET /v2/apps/a/versions/2031-04-02T09%3A15%3A20.480Z',
    ],
    [['app', 'scale', '/a', '3'], 'PATCH /v2/apps/a'],
    [['app', 'restart', '/a'], 'POST /v2/apps/a/restart'],
    [['app', 'remove', '/a'], 'DELETE /v2/apps/a'],
    [['task', 'list'], 'GET /v2/tasks'],
    [['queue'], 'GET /v2/queue'],
    [['deployment', 'list'], 'GET /v2/deployments'],
    [['agent', 'list'], 'GET /v2/agents'],
    [['agent', 'unplug', 'a'], 'POST /v2/agents/a/unplug'],
    [['leader'], 'GET /v2/leader'],
    [['info'], 'GET /v2/info'],
    [['list'], 'GET /v1/apps'],
    [['search', '-i', 'a'], 'GET /v1/apps/search'],
    [['endpoints'], 'GET /v1/endpoints'],
  ])('%j prints what the server said, byte for byte', async (argv, call) => {
    const text =
      '{"apps": [],  "cpus": 1.0, "tasks":[],"queue":[],"agents":[],"agent":{"id":"a"},"versions":[],"app":{"id":"/a"},"ports":[],"instances":[],"length":0}'
    await using server = await scriptedServer({
      [call]: { body: call === 'GET /v1/apps' || call.endsWith('search') ? '[ ]' : text },
    })
    const { out, err, code } = await run([...argv, '-o', 'json'], { url: server.url })
    expect(server.asked).toHaveLength(1)
    expect({ out, err, code }).toEqual({
      out: call === 'GET /v1/apps' || call.endsWith('search') ? '[ ]\n' : `${text}\n`,
      err: '',
      code: 0,
    })
  })

  test('ping has the answer as a JSON string', async () => {
    expect((await ask(['ping', '-o', 'json'], 'GET /ping', '"pong"')).out).toBe('"pong"\n')
  })
})

describe('errors say what, why, and what to type', () => {
  test('no server', async () => {
    const url = await deadUrl()
    const { code, err, out } = await run(['app', 'list'], { url })
    expect(err.replace(url, 'URL')).toMatchInlineSnapshot(`
      "error: No Marathon answers at URL
        nothing listens there (connection refused)
        → Start one here: marathon server
        → Or say where it is: --url http://HOST:PORT (or set MARATHON_URL)
      "
    `)
    expect({ code, out }).toEqual({ code: 3, out: '' })
  })

  test.each([
    [
      'an unknown app',
      ['app', 'show', '/shop/wbe'],
      'GET /v2/apps/shop/wbe',
      404,
      { message: "App '/shop/wbe' does not exist", details: [] },
      4,
    ],
    [
      'an unknown task',
      ['task', 'logs', webId],
      `GET /v2/tasks/${webId}/logs/stdout`,
      404,
      { message: `Task '${webId}' does not exist` },
      4,
    ],
    [
      'an app that exists',
      ['app', 'add', '--id', '/shop/web', '--cmd', 'x'],
      'POST /v2/apps',
      409,
      { message: 'An app with id [/shop/web] already exists.' },
      6,
    ],
    ['a user who is not known', ['app', 'list'], 'GET /v2/apps', 401, '<html>Unauthorized</html>', 1],
    [
      'too many deployments',
      ['app', 'restart', '/x'],
      'POST /v2/apps/x/restart',
      403,
      { message: 'Max number (100) of running deployments is achieved.' },
      1,
    ],
    ['a full server', ['app', 'restart', '/x'], 'POST /v2/apps/x/restart', 503, { message: 'Too busy' }, 1],
    [
      'something else that listens there',
      ['app', 'list'],
      'GET /v2/apps',
      404,
      '<!DOCTYPE html><title>nginx</title>',
      3,
    ],
  ])('%s', async (_name, argv, call, status, body, code) => {
    await using server = await scriptedServer({ [call]: { status, body } })
    const result = await run(argv, { url: server.url })
    expect(result.code).toBe(code)
    expect(result.out).toBe('')
    expect(result.err.replaceAll(server.url, 'URL')).toMatchSnapshot()
  })

  test('an answer that is no JSON is not taken for a Marathon', async () => {
    const { err, code } = await ask(['app', 'list'], 'GET /v2/apps', '<html>hello</html>')
    expect(err).toContain('its /v2/apps is not JSON')
    expect(code).toBe(3)
  })

  test('a command proposed to the user repeats the server given by a flag', async () => {
    await using server = await scriptedServer({
      'GET /v2/apps/x': { status: 404, body: { message: "App '/x' does not exist" } },
    })
    const { err } = await run(['app', 'show', 'x', '--url', server.url.replace('//', '//me:secret@')])
    expect(err).toContain(`→ See the apps there are: marathon app list --url ${server.url}\n`)
    expect(err).not.toContain('secret')
  })

  test.each([
    [['app', 'frobnicate'], "unknown command 'frobnicate'"],
    [['app', 'scale', '/x', 'many'], 'Expected a whole number'],
    [['app', 'scale', '/x'], "missing required argument 'instances'"],
    [['app', 'add'], 'Nothing to add: no file and no flags'],
    [['app', 'show', '/'], "'/' is no app id"],
    [['app', 'add', '/no/such/file.json'], 'there is no such file'],
    [['app', 'add', '--id', 'x', '--cpus', '-1'], 'Expected a number'],
    [['app', 'list', '--timeout', '3'], "unknown option '--timeout'"],
    [['task', 'kill', 'x', '--scale', '--wipe'], 'exclude each other'],
    [['start', '-C', 'x'], "required option '-i, --id <id>' not specified"],
    [['-o', 'yaml', 'app', 'list'], 'Allowed choices are table, json'],
    [['ping', '--url', 'http://'], "--url is 'http://'"],
    [['ping', '--user', 'nobody'], 'expected user:password'],
  ])('%j is wrong use, with nothing sent', async (argv, text) => {
    const { code, err, out } = await run(argv, { url: 'http://127.0.0.1:1' })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(text)
  })
})

describe('who asks', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

  test.each([
    ['--user', (url: string) => run(['ping', '--user', 'ann:s:3'], { url }), 'ann:s:3'],
    [
      'MARATHON_CREDENTIALS',
      (url: string) => run(['ping'], { url, env: { MARATHON_CREDENTIALS: 'bob:tür' } }),
      'bob:tür',
    ],
    ['the URL', (url: string) => run(['ping', '--url', url.replace('//', '//eve:a%40b@')]), 'eve:a@b'],
    [
      'the flag before the URL',
      (url: string) => run(['ping', '--user', 'a:b'], { url: url.replace('//', '//eve:x@') }),
      'a:b',
    ],
  ])('credentials by %s', async (_name, ping, pair) => {
    await using server = await scriptedServer({ 'GET /ping': { body: '"pong"' } })
    expect((await ping(server.url)).code).toBe(0)
    expect(server.asked[0]?.headers.authorization).toBe(basic(pair))
  })

  test('a URL may leave the scheme out and have a base path', async () => {
    await using server = await scriptedServer({ 'GET /marathon/ping': { body: '"pong"' } })
    expect((await run(['ping'], { url: `${server.url.replace('http://', '')}/marathon/` })).code).toBe(0)
  })
})

describe('the server command', () => {
  test('hands on every word untouched, and its exit code', async () => {
    const seen: (readonly string[])[] = []
    const io = {
      stdout: { write: () => {} },
      stderr: { write: () => {} },
      env: {},
      isTTY: false,
      columns: 80,
    }
    const { runCli } = await import('./main.ts')
    const argv = ['server', '--http_port', '0', '-h', '--url', 'x', '-o', 'yaml']
    const code = await runCli(argv, io, { server: async (args) => 16 + seen.push(args) })
    expect({ code, seen }).toEqual({ code: 17, seen: [argv.slice(1)] })
  })

  test('a client without a server says so', async () => {
    const { code, err } = await run(['server'])
    expect(code).toBe(2)
    expect(err).toContain('it has no server in it')
  })
})
