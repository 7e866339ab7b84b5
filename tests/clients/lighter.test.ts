// lighter 0.21 (meltwater/lighter at 0e46111), which deploys the apps of a repository: it compares a checksum that
// it keeps in a label and writes the whole app when that differs. Python's urllib2, which says what it takes by
// nothing.

import { expect, it } from 'vitest'
import { converse } from './conversation.ts'

const headers = { 'user-agent': 'Python-urllib/2.7', 'accept-encoding': 'identity', connection: 'close' }

it('lighter creates, compares, changes and clears away', async () => {
  const server = await converse(headers)
  const put = async (path: string, body: object) => {
    const json = { ...headers, 'content-type': 'application/json' }
    const answer = await server.ask('PUT', path, JSON.stringify(body), json)
    await server.elapse(5000)
    return answer
  }
  const service = (checksum: string, more: object = {}) => ({
    id: '/shop/web',
    cmd: 'sleep 3600',
    cpus: 0.1,
    mem: 32,
    labels: { 'com.meltwater.lighter.checksum': checksum },
    ...more,
  })
  // An app that is not there is one without a checksum.
  expect((await server.ask('GET', '/v2/apps/shop/web?force=true')).status).toBe(404)
  const created = await put('/v2/apps/shop/web?force=true', service('abc'))
  expect([created.status, created.headers['content-type']]).toEqual([201, 'application/json'])
  const read = await server.ask('GET', '/v2/apps/shop/web')
  expect(read.body.app.labels['com.meltwater.lighter.checksum']).toBe('abc')
  expect((await put('/v2/apps/shop/web', service('def', { cpus: 0.2 }))).status).toBe(200)
  const canary = service('x', { id: '/shop/web-canary-a', instances: 1 })
  await put('/v2/apps/shop/web-canary-a', {
    ...canary,
    labels: { ...canary.labels, 'com.meltwater.lighter.canary.group': 'a' },
  })
  const query = 'label=com.meltwater.lighter.canary.group%3D%3Da'
  const { apps } = (await server.ask('GET', `/v2/apps?${query}`)).body
  expect(apps.map(({ id }: { id: string }) => id)).toEqual(['/shop/web-canary-a'])
  expect((await server.ask('DELETE', '/v2/apps/shop/web-canary-a')).status).toBe(200)
  await server.close()
})
