import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { app, deploymentId, result, version } from './testing/examples.ts'
import { run, type Script, scriptedServer } from './testing/scripted-server.ts'

const shop = {
  id: '/shop',
  apps: [app],
  pods: [],
  groups: [{ id: '/shop/jobs', apps: [], pods: [], groups: [], dependencies: [], version }],
  dependencies: ['/infra'],
  version,
  enforceRole: true,
}
const root = { id: '/', apps: [], pods: [], groups: [shop], dependencies: [], version }

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'marathon-cli-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function file(text: string): Promise<string> {
  const path = join(dir, 'group.json')
  await writeFile(path, text)
  return path
}

async function group(argv: readonly string[], script: Script) {
  await using server = await scriptedServer(script)
  const done = await run(['group', ...argv], { url: server.url })
  const last = server.asked.at(-1)
  return { ...done, asked: server.asked.map((one) => `${one.call}${one.query}`), body: last?.body ?? '' }
}

describe('groups', () => {
  test('are a table with what is in each and what runs of it', async () => {
    const { out, asked } = await group(['list'], { 'GET /v2/groups': { body: root } })
    expect(out).toMatchInlineSnapshot(`
      "GROUP       APPS  PODS  RUNNING  AFTER
      /              1     0      2/2  -
      /shop          1     0      2/2  /infra
      /shop/jobs     0     0      0/0  -
      "
    `)
    expect(asked[0]).toContain('embed=group.apps.counts')
  })

  test('are shown one by one with their apps', async () => {
    const { out } = await group(['show', 'shop'], { 'GET /v2/groups/shop': { body: shop } })
    expect(out).toMatchInlineSnapshot(`
      "group          /shop
      version        2031-04-02T09:15:20.480Z
      after          /infra
      enforces role  true
      groups         /shop/jobs

      APP        STATUS     RUNNING  HEALTH  CPUS  MEM  RUNS
      /shop/web  unhealthy      2/2  1/2     0.25   64  ./serve --port $PORT0
      "
    `)
  })

  test('are shown as they were', async () => {
    const { asked, code } = await group(['show', '/shop', version], {
      [`GET /v2/groups/shop/versions/${encodeURIComponent(version)}`]: { body: shop },
    })
    expect({ asked: asked.length, code }).toEqual({ asked: 1, code: 0 })
  })

  test('have versions, the newest first', async () => {
    const older = '2031-03-30T18:00:01.007Z'
    const { out } = await group(['versions', '/shop'], {
      'GET /v2/groups/shop/versions': { body: [older, version] },
    })
    expect(out.indexOf(version)).toBeLessThan(out.indexOf(older))
  })

  test('are told as the server told when JSON is asked for', async () => {
    const { out } = await group(['list', '-o', 'json'], { 'GET /v2/groups': { body: root } })
    expect(JSON.parse(out)).toEqual(root)
  })
})

describe('changes of groups', () => {
  const text = '{"id": "/shop", "apps": [{"id": "web", "cmd": "serve", "mem": 32.0}]}'

  test.each([
    [['add', 'FILE'], 'POST /v2/groups', text],
    [['update', 'shop', 'FILE'], 'PUT /v2/groups/shop', text],
    [['scale', '/shop', '1.5'], 'PUT /v2/groups/shop', '{"scaleBy":1.5}'],
    [['rollback', '/shop', version], 'PUT /v2/groups/shop', `{"version":"${version}"}`],
    [['remove', '/shop'], 'DELETE /v2/groups/shop', ''],
  ])('%j is %s', async (words, call, body) => {
    const argv = await Promise.all(words.map((word) => (word === 'FILE' ? file(text) : word)))
    const done = await group(argv, { [call]: { body: result } })
    expect({ code: done.code, asked: done.asked, body: done.body }).toEqual({ code: 0, asked: [call], body })
    expect(done.out).toContain(deploymentId)
    const forced = await group([...argv, '--force'], { [call]: { body: result } })
    expect(forced.asked).toEqual([`${call}?force=true`])
  })

  test('with --wait end when their deployment has ended', async () => {
    const deployment = {
      id: deploymentId,
      steps: [],
      version,
      affectedApps: [],
      affectedPods: [],
      currentActions: [],
      currentStep: 1,
      totalSteps: 1,
      waitingOn: [],
    }
    const { code, out, asked } = await group(['scale', '/shop', '2', '--wait'], {
      'PUT /v2/groups/shop': { body: result },
      'GET /v2/deployments': [{ body: [deployment] }, { body: [] }],
    })
    const look = /^GET \/v2\/deployments/
    expect(code).toBe(0)
    expect(out).toContain('/shop is scaled by 2')
    expect(asked).toEqual(['PUT /v2/groups/shop', expect.stringMatching(look), expect.stringMatching(look)])
  })

  test('with --dry-run show the plan and change nothing', async () => {
    const plan = {
      steps: [
        { actions: [{ action: 'StartApplication', app: '/shop/web' }] },
        {
          actions: [
            { action: 'ScaleApplication', app: '/shop/web' },
            { action: 'StopPod', pod: '/old' },
          ],
        },
      ],
      changes: [
        {
          id: '/shop/web',
          kind: 'app',
          action: 'update',
          fields: [
            { path: '/instances', from: 2, to: 4 },
            { path: '/env/MODE', to: 'live' },
          ],
        },
        { id: '/old', kind: 'pod', action: 'remove', fields: [] },
      ],
      conflicts: [{ id: deploymentId }],
    }
    const call = 'PUT /v2/groups/shop'
    const { out, asked } = await group(['scale', '/shop', '2', '--dry-run'], { [call]: { body: plan } })
    expect(asked).toEqual([`${call}?dryRun=true`])
    expect(out).toMatchInlineSnapshot(`
      "1. start /shop/web
      2. scale /shop/web, stop /old
      ~ app /shop/web
          instances: 2 → 4
          env.MODE: none → "live"
      - pod /old
      It would have to wait for, or with --force cancel: 5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10
      "
    `)
  })

  test('that come to nothing say so', async () => {
    const { out } = await group(['scale', '/shop', '1', '--dry-run'], {
      'PUT /v2/groups/shop': { body: { steps: [], changes: [] } },
    })
    expect(out).toBe('Nothing would change.\n')
  })

  test.each([
    [['add', 'FILE'], '{"apps": []}', 'The group has no id'],
    [['add', 'FILE'], '[]', 'expected one group'],
    [['scale', '/shop', 'twice'], '', 'Expected a number'],
  ])('%j with %s is wrong use', async (words, given, message) => {
    const argv = await Promise.all(words.map((word) => (word === 'FILE' ? file(given) : word)))
    const { code, err, asked } = await group(argv, {})
    expect({ code, asked }).toEqual({ code: 2, asked: [] })
    expect(err).toContain(message)
  })

  test('of an unknown group say where to look', async () => {
    const { code, err } = await group(['remove', '/nope'], {
      'DELETE /v2/groups/nope': { status: 404, body: { message: "Group '/nope' does not exist" } },
    })
    expect(code).toBe(4)
    expect(err).toContain('marathon group list')
  })
})
