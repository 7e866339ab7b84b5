// A group is upgraded as a whole: its apps in the order of their dependencies, none of them ever with less than its
// minimum capacity (runtime 11, 11.1).

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Stack, startStack } from './stack.ts'

let stack: Stack

beforeEach(async () => {
  stack = await startStack({ agents: 3 })
})
afterEach(() => stack.close())

const upgradeStrategy = { minimumHealthCapacity: 0.66, maximumOverCapacity: 0.2 }
const shop = (cmd: string) => ({
  id: '/shop',
  apps: [
    { id: 'db', cmd, cpus: 0.1, mem: 32, instances: 4, upgradeStrategy },
    { id: 'web', cmd, cpus: 0.1, mem: 32, instances: 6, upgradeStrategy, dependencies: ['db'] },
  ],
})

const runningOf = (id: string): number =>
  stack
    .view()
    .instancesOf(id)
    .filter(({ condition, goal }) => condition === 'Running' && goal === 'Running').length

/** In steps short enough to see every state tasks go through. */
async function watch(see: () => void): Promise<void> {
  for (let step = 0; step < 2_000 && stack.view().deployments().length > 0; step++) {
    await stack.elapse(50)
    see()
  }
}

test('capacity never falls below the minimum, and dependencies go first', async () => {
  await stack.send('PUT', '/v2/groups', shop('sleep 1000'))
  await watch(() => {})
  expect([runningOf('/shop/db'), runningOf('/shop/web')]).toEqual([4, 6])

  const { status } = await stack.send('PUT', '/v2/groups', shop('sleep 2000'))
  expect(status).toBe(200)
  const least = { db: 4, web: 6 }
  const most = { db: 4, web: 6 }
  const newest = () => stack.view().app('/shop/web')!.version
  let startedWebEarly = false
  await watch(() => {
    least.db = Math.min(least.db, runningOf('/shop/db'))
    least.web = Math.min(least.web, runningOf('/shop/web'))
    most.db = Math.max(most.db, stack.view().instancesOf('/shop/db').length)
    most.web = Math.max(most.web, stack.view().instancesOf('/shop/web').length)
    const isDbDone = stack
      .view()
      .instancesOf('/shop/db')
      .every(({ runSpecVersion }) => runSpecVersion === stack.view().app('/shop/db')!.version)
    const hasNewWeb = stack
      .view()
      .instancesOf('/shop/web')
      .some((each) => each.runSpecVersion === newest())
    if (hasNewWeb && !isDbDone) startedWebEarly = true
  })
  expect(least.db).toBeGreaterThanOrEqual(Math.ceil(4 * 0.66))
  expect(least.web).toBeGreaterThanOrEqual(Math.ceil(6 * 0.66))
  expect(most.db).toBeLessThanOrEqual(Math.floor(4 * 1.2))
  expect(most.web).toBeLessThanOrEqual(Math.floor(6 * 1.2))
  expect(startedWebEarly).toBe(false)
  for (const { app, count } of [
    { app: '/shop/db', count: 4 },
    { app: '/shop/web', count: 6 },
  ]) {
    expect(runningOf(app)).toBe(count)
    expect(stack.view().app(app)!.cmd).toBe('sleep 2000')
    for (const { runSpecVersion } of stack.view().instancesOf(app))
      expect(runSpecVersion).toBe(stack.view().app(app)!.version)
  }
})

test('an upgrade that cannot end is taken back, and everything runs what it ran', async () => {
  await stack.send('PUT', '/v2/groups', shop('sleep 1000'))
  await watch(() => {})
  const before = stack.view().app('/shop/web')!.versionInfo.lastConfigChangeAt
  const upgrade = await stack.send('PUT', '/v2/groups', {
    ...shop('sleep 2000'),
    apps: shop('sleep 2000').apps.map((app) => ({ ...app, cpus: 1_000 })),
  })
  await stack.elapse(10_000)
  expect(stack.view().deployments()).toHaveLength(1)
  const back = await stack.send('DELETE', `/v2/deployments/${upgrade.body.deploymentId}`)
  expect(back.status).toBe(200)
  await watch(() => {})
  expect([runningOf('/shop/db'), runningOf('/shop/web')]).toEqual([4, 6])
  expect(stack.view().app('/shop/web')).toMatchObject({ cmd: 'sleep 1000', cpus: 0.1 })
  expect(stack.view().app('/shop/web')!.versionInfo.lastConfigChangeAt).toBe(before)
})

test('a group that is being deployed is removed by force only', async () => {
  const waiting = shop('sleep 1000')
  await stack.send('PUT', '/v2/groups', {
    ...waiting,
    apps: waiting.apps.map((app) => ({ ...app, cpus: 1_000 })),
  })
  const refused = await stack.send('DELETE', '/v2/groups/shop')
  expect(refused).toMatchObject({ status: 409, body: { deployments: [{ id: expect.any(String) }] } })
  expect((await stack.send('DELETE', '/v2/groups/shop?force=true')).status).toBe(200)
})
