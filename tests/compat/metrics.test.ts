// Metrics that follow what happens: gauges of apps and instances, counters of traffic.

import { expect, it } from 'vitest'
import { type Stack, startStack } from './stack.ts'

async function gauge(stack: Stack, name: string): Promise<number> {
  const { gauges } = (await stack.send('GET', '/metrics')).body
  return gauges[`marathon.${name}.gauge`].value
}

it('the number of apps follows their creation and removal', async () => {
  const stack = await startStack()
  const seen: number[] = [await gauge(stack, 'apps.active')]
  for (const id of ['/a', '/g/b']) {
    await stack.send('POST', '/v2/apps', { id, cmd: 'sleep 600' })
    seen.push(await gauge(stack, 'apps.active'))
  }
  await stack.send('DELETE', '/v2/apps/a')
  seen.push(await gauge(stack, 'apps.active'))
  expect(seen).toEqual([0, 1, 2, 1])
  await stack.close()
})

it('the numbers of staged and running instances follow their tasks', async () => {
  const stack = await startStack()
  const seen = async () => [await gauge(stack, 'instances.staged'), await gauge(stack, 'instances.running')]
  expect(await seen()).toEqual([0, 0])
  await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', instances: 3 })
  expect(await seen()).toEqual([3, 0])
  await stack.elapse(1_000)
  expect(await seen()).toEqual([0, 3])
  await stack.send('PUT', '/v2/apps/a', { instances: 1 })
  await stack.elapse(1_000)
  expect(await seen()).toEqual([0, 1])
  await stack.send('DELETE', '/v2/apps/a')
  await stack.elapse(1_000)
  expect(await seen()).toEqual([0, 0])
  await stack.close()
})

it('bodies that come in are counted by their bytes', async () => {
  const stack = await startStack()
  const received = async () =>
    (await stack.send('GET', '/metrics')).body.counters['marathon.http.requests.size.counter.bytes'].count
  const before = await received()
  const payload = JSON.stringify({ id: '/a', cmd: 'echo größe' })
  await stack.server.inject({
    method: 'POST',
    url: '/v2/apps',
    headers: { 'content-type': 'application/json' },
    payload,
  })
  expect((await received()) - before).toBe(Buffer.byteLength(payload))
  await stack.close()
})

it('launches that take too long are counted until they have ended', async () => {
  const stack = await startStack()
  const seen = () => gauge(stack, 'instances.launch-overdue')
  await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'stuck', instances: 2 })
  await stack.elapse(299_000)
  expect(await seen()).toBe(0)
  const sizes = new Set<number>()
  for (let i = 0; i < 40; i++) {
    await stack.elapse(50)
    sizes.add(await seen())
  }
  expect(sizes).toEqual(new Set([0, 2]))
  expect(await seen()).toBe(0)
  await stack.close()
})
