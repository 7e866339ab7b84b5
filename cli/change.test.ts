import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { app, created, deploymentId, locked, result, sickId, tasks, webId } from './testing/examples.ts'
import { run, type Script, scriptedServer } from './testing/scripted-server.ts'

const added = { status: 201, body: created, headers: { 'Marathon-Deployment-Id': deploymentId } }

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'marathon-cli-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, text)
  return path
}

async function change(argv: readonly string[], script: Script, stdin?: string) {
  await using server = await scriptedServer(script)
  const done = await run(argv, { url: server.url, ...(stdin === undefined ? {} : { stdin }) })
  const last = server.asked.at(-1)
  return {
    ...done,
    asked: server.asked.map((one) => `${one.call}${one.query}`),
    body: last?.body ?? '',
    type: last?.headers['content-type'],
  }
}

describe('app add', () => {
  const post = { 'POST /v2/apps': added }

  test('sends a file exactly as it stands, and says what to do next', async () => {
    const text =
      '{"id":"basic-service","cmd":"while [ true ] ; do nc -lp $PORT0; done","cpus":0.1,"mem":10.0,"instances":2}\n'
    const { body, type, out, code } = await change(['app', 'add', await file('basic.json', text)], post)
    expect({ body, type, code }).toEqual({ body: text, type: 'application/json', code: 0 })
    expect(out).toMatchInlineSnapshot(`
      "✓ Added /shop/web, 2 instances (deployment 5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10)
        See how far it is: marathon app show /shop/web
        Read its logs: marathon task logs /shop/web -f
      "
    `)
  })

  test('reads standard input for -', async () => {
    expect((await change(['app', 'add', '-'], post, '{"id": "/x"}')).body).toBe('{"id": "/x"}')
  })

  test('builds a definition from flags alone', async () => {
    const flags = [
      '--id',
      '/shop/web',
      '--cmd',
      'run',
      '--cpus',
      '0.5',
      '--mem',
      '64',
      '--instances',
      '2',
      '--env',
      'A=b=c',
      '--env',
      'D=',
    ]
    const more = [
      '--label',
      'tier=front',
      '--constraint',
      'hostname:UNIQUE',
      '--constraint',
      'rack_id:CLUSTER:rack-1',
      '--uri',
      'file:///x.tgz',
    ]
    expect(JSON.parse((await change(['app', 'add', ...flags, ...more], post)).body)).toEqual({
      id: '/shop/web',
      cmd: 'run',
      cpus: 0.5,
      mem: 64,
      instances: 2,
      env: { A: 'b=c', D: '' },
      labels: { tier: 'front' },
      constraints: [
        ['hostname', 'UNIQUE'],
        ['rack_id', 'CLUSTER', 'rack-1'],
      ],
      fetch: [{ uri: 'file:///x.tgz' }],
    })
  })

  test('flags win over the file', async () => {
    const path = await file('over.json', '{"id":"/a","cmd":"x","instances":1}')
    expect(JSON.parse((await change(['app', 'add', path, '--instances', '5'], post)).body)).toEqual({
      id: '/a',
      cmd: 'x',
      instances: 5,
    })
  })

  test.each([
    ['broken.json', '{"id": "/a",', 'is not JSON'],
    ['empty.json', '  \n', 'is empty, expected an app definition in JSON'],
    ['list.json', '[{"id": "/a"}]', 'holds a list, expected one app'],
    ['text.json', '"x"', 'holds no object'],
  ])('refuses %s before anything is sent', async (name, text, message) => {
    const { code, err, asked } = await change(['app', 'add', await file(name, text)], post)
    expect({ code, asked }).toEqual({ code: 2, asked: [] })
    expect(err).toContain(message)
  })

  test('shows each offending place of a refused definition', async () => {
    const details = [
      { path: '/instances', errors: ['error.min'] },
      { path: '/id', errors: ['error.path.missing'] },
      { path: '/healthChecks(0)/path', errors: ['error.expected.jsstring'] },
      { path: '/upgradeStrategy/maximumOverCapacity', errors: ['got 1.0, expected 0.0'] },
      { path: '/', errors: ["AppDefinition must either contain one of 'cmd' or 'args'"] },
    ]
    const { err, code } = await change(['app', 'add', '--id', 'x'], {
      'POST /v2/apps': { status: 422, body: { message: 'Invalid JSON', details } },
    })
    expect(code).toBe(1)
    expect(err).toMatchInlineSnapshot(`
      "error: The server refused this: Invalid JSON
        instances: is too small
        id: is missing
        healthChecks[0].path: must be a string
        upgradeStrategy.maximumOverCapacity: got 1.0, expected 0.0
        the definition: AppDefinition must either contain one of 'cmd' or 'args'
      "
    `)
  })

  test("shows the parser's text of a syntax error", async () => {
    const body = {
      message: 'Invalid JSON',
      details: 'Unexpected end-of-input: expected close marker for Object',
    }
    const { err } = await change(['app', 'add', '--id', 'x'], { 'POST /v2/apps': { status: 400, body } })
    expect(err).toBe(
      'error: The server refused this: Invalid JSON\n  Unexpected end-of-input: expected close marker for Object\n',
    )
  })
})

describe('app update', () => {
  const patch = { 'PATCH /v2/apps/shop/web': { body: result }, 'GET /v2/apps/shop/web': { body: { app } } }
  const update = (...words: string[]) => change(['app', 'update', '/shop/web', ...words], patch)

  test.each([
    [['cpus=0.5', 'instances=3'], { cpus: 0.5, instances: 3 }],
    [['cmd=true'], { cmd: 'true' }],
    [['cmd=./serve --a=b'], { cmd: './serve --a=b' }],
    [['constraints=[["hostname","UNIQUE"]]'], { constraints: [['hostname', 'UNIQUE']] }],
    [['unreachableStrategy=disabled'], { unreachableStrategy: 'disabled' }],
    [['env={"A":"1"}', 'env.B=2'], { env: { A: '1', B: '2' } }],
  ])('%j becomes %j', async (words, body) => {
    const done = await update(...words)
    expect(done.asked).toEqual(['PATCH /v2/apps/shop/web'])
    expect(JSON.parse(done.body)).toEqual(body)
  })

  test('a nested field keeps its neighbours, since the API replaces whole fields', async () => {
    const done = await update('env.PORT=80', 'labels.tier=back')
    expect(JSON.parse(done.body)).toEqual({ env: { MODE: 'live', PORT: '80' }, labels: { tier: 'back' } })
  })

  test('a file is sent as it stands', async () => {
    expect((await update(await file('change.json', '{"mem": 32.0}'))).body).toBe('{"mem": 32.0}')
  })

  test.each([
    ['instnaces=3', "did you mean 'instances'?"],
    ['CPUS=3', "did you mean 'cpus'?"],
    ['nothing.like=3', "An app has no field 'nothing'"],
    ['cmd.x=1', 'leads into something that is no object'],
    ['env.__proto__.x=1', 'is no place in an app'],
  ])('%s is refused, since the server would ignore it', async (word, message) => {
    const { code, err, asked } = await update(word)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(asked).not.toContain('PATCH /v2/apps/shop/web')
  })

  test.each([
    ['taken', 200, { deploymentId, version: '2031-04-02T09:15:20.480Z' }, 0],
    ['refused', 422, { message: 'Object is not valid', details: [] }, 1],
  ])(
    'what the server ignored of a change that was %s is a warning on stderr',
    async (_, status, body, code) => {
      const headers = {
        'Marathon-Warnings':
          '"/instnaces: unknown field, ignored; did you mean instances?", "/a\\"b\\\\u00e9: unknown field, ignored", "and 3 more"',
      }
      const done = await change(['app', 'update', '/shop/web', await file('w.json', '{"instnaces": 2}')], {
        'PATCH /v2/apps/shop/web': { status, body, headers },
        'GET /v2/apps/shop/web': { body: { app } },
      })
      expect(done.code).toBe(code)
      expect(done.err).toContain(
        [
          'Warning: /instnaces: unknown field, ignored; did you mean instances?',
          'Warning: /a"b\\u00e9: unknown field, ignored',
          'Warning: and 3 more',
          '',
        ].join('\n'),
      )
      expect(done.out).not.toContain('unknown field')
    },
  )

  test('an unknown app is unknown, even when the partial definition is what the server minds', async () => {
    const { code, err } = await change(['app', 'scale', '/nope', '3'], {
      'PATCH /v2/apps/nope': {
        status: 422,
        body: { message: 'Object is not valid', details: [{ path: '/', errors: ["must contain 'cmd'"] }] },
      },
      'GET /v2/apps/nope': { status: 404, body: { message: "App '/nope' does not exist", details: [] } },
    })
    expect(code).toBe(4)
    expect(err).toContain("App '/nope' does not exist")
  })
})

describe('the other changes', () => {
  const answer = { body: result }

  test.each([
    [['app', 'scale', 'shop/web', '3'], 'PATCH /v2/apps/shop/web', '{"instances":3}'],
    [['app', 'scale', '/shop/web', '3', '--force'], 'PATCH /v2/apps/shop/web?force=true', '{"instances":3}'],
    [['app', 'stop', '/shop/web'], 'PATCH /v2/apps/shop/web', '{"instances":0}'],
    [['app', 'restart', '/shop/web', '--force'], 'POST /v2/apps/shop/web/restart?force=true', ''],
    [['app', 'remove', '/shop/web'], 'DELETE /v2/apps/shop/web?force=false', ''],
    [['app', 'remove', '/shop/web', '--force'], 'DELETE /v2/apps/shop/web?force=true', ''],
  ])('%j calls %s', async (argv, call, body) => {
    const done = await change(argv, { [call.split('?')[0]!]: answer })
    expect(done).toMatchObject({ asked: [call], body, code: 0, err: '' })
    expect(done.out).toContain(deploymentId)
  })

  test('an app held by a deployment says by which, and how to go on', async () => {
    const { code, err } = await change(['app', 'scale', '/shop/web', '3'], {
      'PATCH /v2/apps/shop/web': { status: 409, body: locked },
    })
    expect(code).toBe(6)
    expect(err).toMatchInlineSnapshot(`
      "error: Another deployment is changing this right now
        held by deployment 5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10
        → Wait for it, and see how far it is: marathon deployment list
        → Or cancel it and do this instead: add --force
      "
    `)
  })

  test('stop tells how to start again', async () => {
    const { out } = await change(['app', 'stop', '/shop/web'], { 'PATCH /v2/apps/shop/web': answer })
    expect(out).toMatchInlineSnapshot(`
      "✓ Stopping /shop/web; its definition stays (deployment 5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10)
        See how far it is: marathon app show /shop/web
        Start it again: marathon app scale /shop/web 1
        Or remove it: marathon app remove /shop/web
      "
    `)
  })
})

describe('task kill', () => {
  test('kills by id and tells how many', async () => {
    const done = await change(['task', 'kill', webId, sickId], {
      'POST /v2/tasks/delete': { body: { tasks } },
    })
    expect(done).toMatchObject({
      code: 0,
      asked: ['POST /v2/tasks/delete'],
      body: JSON.stringify({ ids: [webId, sickId] }),
    })
    expect(done.out).toContain('Killed 2 tasks')
  })

  test.each([
    ['--scale', '?scale=true', { body: result }],
    ['--wipe', '?wipe=true', { body: { tasks: [tasks[0]] } }],
    ['--force', '?force=true', { body: { tasks: [tasks[0]] } }],
  ])('%s asks for %s', async (flag, query, reply) => {
    const done = await change(['task', 'kill', webId, flag], { 'POST /v2/tasks/delete': reply })
    expect(done).toMatchObject({ code: 0, asked: [`POST /v2/tasks/delete${query}`] })
  })

  test('an id that the server ignored is not found', async () => {
    const unknown = webId.replace('0a1c7e50', 'ffffffff')
    const done = await change(['task', 'kill', webId, unknown], {
      'POST /v2/tasks/delete': { body: { tasks: [tasks[0]] } },
    })
    expect(done.code).toBe(4)
    expect(done.out).toContain('Killed 1 task\n')
    expect(done.err).toContain(`There is no task ${unknown}`)
  })

  test("an older attempt's id addresses the current task", async () => {
    const older = webId.replace(/1$/, '0')
    expect(
      (await change(['task', 'kill', older], { 'POST /v2/tasks/delete': { body: { tasks: [tasks[0]] } } }))
        .code,
    ).toBe(0)
  })
})

describe('agents and the queue', () => {
  test('unplug and plug name the agent and the way back', async () => {
    const agent = { id: 'agent-2', hostname: 'h', connected: false }
    const done = await change(['agent', 'unplug', 'agent-2'], {
      'POST /v2/agents/agent-2/unplug': { body: { agent } },
    })
    expect(done.out).toContain('marathon agent plug agent-2')
    const back = await change(['agent', 'plug', 'agent-2'], {
      'POST /v2/agents/agent-2/plug': { body: { agent } },
    })
    expect(back.out).toContain('agent-2 is plugged in')
  })

  test('queue reset ends the backoff', async () => {
    const done = await change(['queue', 'reset', 'shop/web'], {
      'DELETE /v2/queue/shop/web/delay': { status: 204 },
    })
    expect(done).toMatchObject({ code: 0, asked: ['DELETE /v2/queue/shop/web/delay'] })
  })

  test('queue reset of an app that does not wait', async () => {
    const body = { message: 'Application /shop/web not found in tasks queue.', details: [] }
    const done = await change(['queue', 'reset', 'shop/web'], {
      'DELETE /v2/queue/shop/web/delay': { status: 404, body },
    })
    expect(done.code).toBe(4)
    expect(done.err).toContain('→ See what waits to be launched: marathon queue')
  })
})
