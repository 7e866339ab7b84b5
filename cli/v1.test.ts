import { expect, test } from 'vitest'
import { deployment } from './testing/examples.ts'
import { run, type Script, scriptedServer } from './testing/scripted-server.ts'

async function v1(argv: readonly string[], script: Script) {
  await using server = await scriptedServer(script)
  const done = await run([...argv, '-H', server.url])
  return { ...done, asked: server.asked }
}

const noContent = { status: 204 }
const chronos = [
  'start',
  '-i',
  'chronos',
  '-u',
  'https://s3.amazonaws.com/mesosphere-binaries-public/chronos/chronos.tgz',
  '-C',
  './chronos/bin/demo ./chronos/config/nomail.yml ./chronos/target/chronos-1.0-SNAPSHOT.jar',
  '-c',
  '1.0',
  '-m',
  '1024',
]

test('the line of the first releases starts chronos, one instance of it', async () => {
  const { code, asked, out } = await v1(chronos, { 'POST /v1/apps/start': noContent })
  expect(code).toBe(0)
  expect(asked.map((one) => one.call)).toEqual(['POST /v1/apps/start'])
  expect(JSON.parse(asked[0]!.body)).toEqual({
    id: 'chronos',
    cmd: './chronos/bin/demo ./chronos/config/nomail.yml ./chronos/target/chronos-1.0-SNAPSHOT.jar',
    uris: ['https://s3.amazonaws.com/mesosphere-binaries-public/chronos/chronos.tgz'],
    cpus: 1,
    mem: 1024,
    instances: 1,
  })
  expect(out).toContain('✓ Started /chronos\n')
})

test('several archives may be given', async () => {
  const { asked } = await v1(['start', '-i', 'a', '-u', 'http://x/1', '-u', 'http://x/2'], {
    'POST /v1/apps/start': noContent,
  })
  expect(JSON.parse(asked[0]!.body)).toEqual({ id: 'a', uris: ['http://x/1', 'http://x/2'], instances: 1 })
})

test.each([
  [['stop', '-i', 'a'], 'POST /v1/apps/stop', '{"id":"a"}'],
  [['scale', '-i', 'a', '-n', '4'], 'POST /v1/apps/scale', '{"id":"a","instances":4}'],
])('%j', async (argv, call, body) => {
  const { code, asked } = await v1(argv, { [call]: noContent })
  expect({ code, call: asked[0]?.call, body: asked[0]?.body }).toEqual({ code: 0, call, body })
})

test.each([
  [['kill', '-i', 'a'], '?appId=a&host=*'],
  [['kill', '-i', 'a', '-h', 'n1.example'], '?appId=a&host=n1.example'],
  [['kill', '-i', 'a', '-t', 'a.1'], '?appId=a&id=a.1'],
  [['kill', '-i', 'a', '-h', 'n1.example', '--scale'], '?appId=a&host=n1.example&scale=true'],
])('%j asks for %s', async (argv, query) => {
  const killed = [
    { id: 'a.3f2a9c10', host: 'n1.example', ports: [31005], startedAt: '2031-04-02T09:19:00.000Z' },
  ]
  const { code, asked, out } = await v1(argv, { 'POST /v1/tasks/kill': { body: killed } })
  expect({ code, query: decodeURIComponent(asked[0]!.query) }).toEqual({ code: 0, query })
  expect(out).toContain('a.3f2a9c10  running')
})

test('killing what does not exist', async () => {
  const { code, err } = await v1(['kill', '-i', 'a', '-h', 'x'], {
    'POST /v1/tasks/kill': { status: 404, body: { message: 'No tasks matched your filters' } },
  })
  expect(code).toBe(4)
  expect(err).toContain('error: No tasks matched your filters')
})

const apps = [{ id: 'chronos', cmd: './chronos/bin/demo', instances: 1, cpus: 1, mem: 1024 }]

test('apps are listed and searched', async () => {
  expect((await v1(['list'], { 'GET /v1/apps': { body: apps } })).out).toMatchInlineSnapshot(`
    "ID       INSTANCES  CPUS   MEM  COMMAND
    chronos          1     1  1024  ./chronos/bin/demo
    "
  `)
  const found = await v1(['search', '-i', 'chr', '-C', 'demo'], { 'GET /v1/apps/search': { body: apps } })
  expect(found.asked[0]?.query).toBe('?id=chr&cmd=demo')
  expect(found.out).toContain('chronos')
})

test('endpoints are listed for all apps, or for one', async () => {
  const endpoint = {
    id: 'web',
    ports: [17310],
    instances: [
      { id: 't', host: 'n1', ports: [31005] },
      { id: 'u', host: 'n2', ports: [31044] },
    ],
  }
  expect((await v1(['endpoints'], { 'GET /v1/endpoints': { body: [endpoint] } })).out).toMatchInlineSnapshot(`
    "ID    PORT  ENDPOINTS
    web  17310  n1:31005 n2:31044
    "
  `)
  expect(
    (await v1(['endpoints', '-i', 'web'], { 'GET /v1/endpoints/web': { body: endpoint } })).out,
  ).toContain('n1:31005 n2:31044')
})

test('a refused field is shown, in the form of that time', async () => {
  const { code, err } = await v1(['start', '-i', 'A B'], {
    'POST /v1/apps/start': {
      status: 422,
      body: { errors: [{ attribute: 'id', error: 'may not be empty' }] },
    },
  })
  expect(code).toBe(1)
  expect(err).toBe('error: The server refused this: Object is not valid\n  id: may not be empty\n')
})

test('waiting finds the deployment by the app, since the answer names none', async () => {
  const chronosDeployment = { ...deployment, affectedApps: ['/chronos'] }
  const app = { id: '/chronos', cpus: 1, mem: 1, instances: 1, deployments: [] }
  const { code, out } = await v1([...chronos, '--wait'], {
    'POST /v1/apps/start': noContent,
    'GET /v2/deployments': [{ body: [chronosDeployment] }, { body: [] }],
    'GET /v2/apps/chronos': [
      { body: { app: { ...app, tasksRunning: 0 } } },
      { body: { app: { ...app, tasksRunning: 1 } } },
    ],
    'GET /v2/queue': { body: { queue: [] } },
  })
  expect(code).toBe(0)
  expect(out).toContain('/chronos: 0/1 running\n/chronos: 1/1 running\n✓ Started /chronos\n')
})
