// marathon-consul 1.5 (allegro/marathon-consul at b95d95f), which registers tasks in Consul: it follows the leader,
// reads the stream of two kinds of events line by line, and all apps with its label every so often.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse, mismatches } from './conversation.ts'

const credentials = `Basic ${Buffer.from(':').toString('base64')}`
const headers = {
  'user-agent': 'Marathon-Consul',
  accept: 'application/json',
  authorization: credentials,
  'accept-encoding': 'gzip',
}
const task = {
  id: 'string',
  taskStatus: 'string',
  state: 'string',
  appId: 'string',
  host: 'string',
  ports: ['int'],
  healthCheckResults: [{ alive: 'boolean' }],
} as const
const port = { labels: { '*': 'string' }, name: 'string' } as const
const app = {
  id: 'string',
  container: { portMappings: [port] },
  labels: { '*': 'string' },
  healthChecks: [
    {
      path: 'string',
      portIndex: 'int',
      port: 'int',
      protocol: 'string',
      gracePeriodSeconds: 'int',
      intervalSeconds: 'int',
      timeoutSeconds: 'int',
      maxConsecutiveFailures: 'int',
      command: { value: 'string' },
    },
  ],
  tasks: [task],
  portDefinitions: [port],
} as const

describe('marathon-consul', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
    const json = { 'content-type': 'application/json' }
    const base = { cmd: 'sleep 3600', cpus: 0.1, mem: 32 }
    const labelled = {
      ...base,
      id: '/shop/web',
      labels: { consul: 'web' },
      portDefinitions: [{ port: 0, name: 'http', labels: { consul: 'true' } }],
      healthChecks: [{ protocol: 'HTTP', path: '/ping', portIndex: 0 }],
    }
    for (const each of [labelled, { ...base, id: '/other' }]) {
      expect((await server.ask('POST', '/v2/apps', JSON.stringify(each), json)).status).toBe(201)
    }
  })
  afterEach(() => server.close())

  it('reads only apps with its label, whatever value that has', async () => {
    await server.elapse(5000)
    const { apps } = (await server.ask('GET', '/v2/apps?embed=apps.tasks&label=consul')).body
    expect(apps.map(({ id }: { id: string }) => id)).toEqual(['/shop/web'])
    expect(mismatches({ apps: [app] }, { apps })).toEqual([])
    expect(apps[0].tasks).toHaveLength(1)
  })

  it('reads one app by an id that begins with a slash, and its tasks by one without', async () => {
    await server.elapse(5000)
    const one = (await server.ask('GET', '/v2/apps//shop/web?embed=apps.tasks')).body
    expect([one.app.id, mismatches({ app }, one)]).toEqual(['/shop/web', []])
    const { tasks } = (await server.ask('GET', '/v2/apps/shop/web/tasks')).body
    expect(tasks.map(({ id }: { id: string }) => id)).toEqual([one.app.tasks[0].id])
  })

  it('compares the leader with the server beside it', async () => {
    expect((await server.ask('GET', '/v2/leader')).body.leader).toBe('m1.example:8080')
  })

  it('reads the stream', async () => {
    const query = 'event_type=status_update_event&event_type=health_status_changed_event'
    const stream = await server.listen(`/v2/events?${query}`, {
      'user-agent': 'Go-http-client/1.1',
      accept: 'text/event-stream',
      authorization: credentials,
      'accept-encoding': 'gzip',
    })
    expect([stream.status, stream.headers['content-encoding']]).toEqual([200, undefined])
    await server.elapse(5000)
    await stream.until('TASK_RUNNING')
    // Lines end with LF, a CR before it is dropped; an empty one ends an event, others are "field: value".
    const events: Record<string, string>[] = [{}]
    for (const line of stream.text().split('\n')) {
      const [, field, value] = /^([^:]*): ?(.*)$/.exec(line.replace(/\r$/, '')) ?? []
      if (field !== undefined) events.at(-1)![field] = value!
      else if (Object.keys(events.at(-1)!).length > 0) events.push({})
    }
    const read = events.filter(({ event }) => event !== undefined)
    expect(read.length).toBeGreaterThan(0)
    for (const { event, data } of read) {
      // Its type has the id of a task where the event has `taskId`: it renames that in the text first.
      const body = JSON.parse(data!.replace('taskId', 'id'))
      expect([event, mismatches(task, body)]).toEqual(['status_update_event', []])
      expect(Number.isNaN(Date.parse(body.timestamp))).toBe(false)
      expect(body.id).toMatch(/^(shop_web|other)\./)
    }
  })
})
