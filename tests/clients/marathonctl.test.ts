// marathonctl 0.0.7 (shoenig/marathonctl at 3dd213f): ids are escaped whole, so that their slashes come as %2F, and
// files are sent in chunks, without a length.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse, mismatches, type Shape } from './conversation.ts'

const headers = {
  'user-agent': 'Go-http-client/1.1',
  'content-type': 'application/json',
  accept: 'application/json',
}
const chunked = { ...headers, 'transfer-encoding': 'chunked' }
const id = '%2Fshop%2Fweb'

const task: Shape = { appId: 'string', host: 'string', id: 'string', ports: ['int'], version: 'string' }
const app: Shape = {
  id: 'string',
  cmd: 'string',
  cpus: 'number',
  disk: 'number',
  env: { '*': 'string' },
  instances: 'int',
  mem: 'number',
  tasks: [task],
  ports: ['int'],
  requirePorts: 'boolean',
  backoffFactor: 'number',
  deployments: [{ '*': 'string' }],
  tasksRunning: 'int',
  tasksStaged: 'int',
  upgradeStrategy: { minimumHealthCapacity: 'number' },
  version: 'string',
}
const update: Shape = { deploymentId: 'string', version: 'string' }

describe('marathonctl', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
    const definition = { id: '/shop/web', cmd: 'sleep 3600', cpus: 0.1, mem: 32, instances: 2 }
    const created = await server.ask('POST', '/v2/apps', JSON.stringify(definition, undefined, 2), chunked)
    expect([created.status, mismatches(app, created.body)]).toEqual([201, []])
    await server.elapse(5000)
  })
  afterEach(() => server.close())

  const ask = async (shape: Shape, method: string, path: string, body?: string) => {
    const answer = await server.ask(method, path, body, body === undefined ? headers : chunked)
    expect([method, path, answer.status < 300 ? '' : answer.text]).toEqual([method, path, ''])
    expect(mismatches(shape, answer.body)).toEqual([])
    await server.elapse(5000)
    return answer.body
  }

  it('lists and shows apps and their versions', async () => {
    expect((await ask({ apps: [app] }, 'GET', '/v2/apps')).apps).toHaveLength(1)
    const shown = (await ask({ app }, 'GET', `/v2/apps/${id}`)).app
    const { versions } = await ask({ versions: ['string'] }, 'GET', `/v2/apps/${id}/versions`)
    expect(versions).toEqual([shown.version])
    const escaped = encodeURIComponent(versions[0])
    expect((await ask(app, 'GET', `/v2/apps/${id}/versions/${escaped}`)).id).toBe('/shop/web')
  })

  // Numbers are written with six places, of instances too.
  it.each([
    ['instances', '{"instances": 3.000000}', 3],
    ['mem', '{"mem": 64.000000}', 64],
    ['cpus', '{"cpus": 0.250000}', 0.25],
  ])('updates %s', async (field, body, value) => {
    await ask(update, 'PUT', `/v2/apps/${id}?force=true`, body)
    expect((await ask({ app }, 'GET', `/v2/apps/${id}`)).app[field]).toBe(value)
  })

  it('restarts and destroys', async () => {
    await ask(update, 'POST', `/v2/apps/${id}/restart?force=true`)
    await ask(update, 'DELETE', `/v2/apps/${id}`)
  })

  it('lists and kills tasks', async () => {
    const { tasks } = await ask({ tasks: [task] }, 'GET', '/v2/tasks')
    expect((await ask({ app }, 'GET', `/v2/apps/${id}?embed=apps.tasks`)).app.tasks).toHaveLength(2)
    await ask({ task }, 'DELETE', `/v2/apps/${id}/tasks/${tasks[0].id}`)
    expect((await ask({ tasks: [task] }, 'DELETE', `/v2/apps/${id}/tasks`)).tasks).toHaveLength(2)
  })

  it('creates, lists, updates and destroys groups', async () => {
    const group: Shape = { id: 'string', version: 'string', groups: [{ id: 'string' }], apps: [app] }
    await ask(update, 'POST', '/v2/groups', '{"id": "/g"}')
    expect((await ask(group, 'GET', '/v2/groups')).groups.map((each: { id: string }) => each.id)).toEqual([
      '/g',
      '/shop',
    ])
    expect((await ask(group, 'GET', '/v2/groups/%2Fshop')).apps).toHaveLength(1)
    await ask(
      update,
      'PUT',
      '/v2/groups/g?force=true',
      '{"apps": [{"id": "a", "cmd": "sleep 3600", "cpus": 0.1}]}',
    )
    await ask(update, 'DELETE', '/v2/groups/%2Fg?force=true')
  })

  it('shows and cancels deployments, and the leader', async () => {
    await ask(update, 'PUT', `/v2/apps/${id}?force=true`, '{"cpus": 1000.000000}')
    const deployment: Shape = {
      id: 'string',
      version: 'string',
      currentStep: 'int',
      totalSteps: 'int',
      affectedApps: ['string'],
    }
    const [deploy] = await ask([deployment], 'GET', '/v2/deployments')
    await ask(update, 'DELETE', `/v2/deployments/${deploy.id}`)
    expect((await ask({ leader: 'string' }, 'GET', '/v2/leader')).leader).toBe('m1.example:8080')
    expect((await server.ask('GET', '/ping')).status).toBe(200)
  })
})
