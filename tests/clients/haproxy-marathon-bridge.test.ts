// haproxy-marathon-bridge, the shell script that came with Marathon up to 1.5 (bin/haproxy-marathon-bridge at
// 204ba65): curl reads the list of tasks as text, `read` and `set` split each line at white space, and what is left
// after a name and a service port are servers.

import { expect, it } from 'vitest'
import { converse } from './conversation.ts'

it('haproxy-marathon-bridge makes a listener of every line of the list of tasks', async () => {
  const server = await converse({ 'user-agent': 'curl/7.38.0', accept: 'text/plain' })
  const json = { 'content-type': 'application/json' }
  const base = { cmd: 'sleep 3600', cpus: 0.1, mem: 32 }
  const ports = [{ port: 10_104 }, { port: 10_105 }]
  await server.ask(
    'POST',
    '/v2/apps',
    JSON.stringify({ ...base, id: '/shop/web', instances: 2, portDefinitions: ports }),
    json,
  )
  await server.ask('POST', '/v2/apps', JSON.stringify({ ...base, id: '/quiet', portDefinitions: [] }), json)
  await server.elapse(5000)
  const list = await server.ask('GET', '/v2/tasks')
  expect([list.status, list.headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/plain/)])
  const listeners = list.text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([name]) => name !== '')
    // A line whose second word is no number is left out.
    .filter(([, port]) => /^\d+$/.test(port ?? ''))
  expect(listeners.map(([name, port, ...servers]) => [name, port, servers.length])).toEqual([
    ['shop_web', '10104', 2],
    ['shop_web', '10105', 2],
  ])
  const { tasks } = (await server.ask('GET', '/v2/tasks', undefined, { accept: 'application/json' })).body
  const places = tasks
    .filter(({ appId }: { appId: string }) => appId === '/shop/web')
    .map((task: { host: string; ports: number[] }) => `${task.host}:${task.ports[0]}`)
  expect(new Set(listeners[0]!.slice(2))).toEqual(new Set(places))
  await server.close()
})
