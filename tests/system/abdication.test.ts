// Giving up the leadership, as the process does it: the answer first, the end shortly after, the tasks untouched.

import { describe, expect, it } from 'vitest'
import { useServers } from './support/server.ts'

const servers = useServers()

describe('a server that is told to give up the leadership', () => {
  it('answers, ends half a second later with code 105, and is the same after its next start', async () => {
    const server = await servers.start()
    await server.api.create({ id: 'steady', cmd: 'exec sleep 1000', cpus: 0.01, mem: 32, instances: 1 })
    const [task] = await server.api.running('/steady', 1)
    const processes = await server.processes(1)

    const answer = await server.api.delete('/v2/leader')
    const answeredMs = performance.now()
    expect(answer).toMatchObject({
      status: 200,
      body: { message: 'Leadership abdicated', details: [] },
    })
    // Once more changes nothing.
    expect((await server.api.delete('/v2/leader')).status).toBe(200)
    expect((await server.api.get('/v2/leader')).status).toBe(200)
    expect(await server.exited()).toEqual({ code: 105, signal: null })
    expect(performance.now() - answeredMs).toBeGreaterThan(400)
    expect(server.logLines().filter(({ message }) => message === 'the server ends')).toMatchObject([
      { reason: 'LeadershipEndedGracefully', code: 105 },
    ])
    expect(await server.processes(1)).toEqual(processes)

    await server.start()
    expect((await server.api.running('/steady', 1))[0]).toMatchObject({ id: task?.id })
  })
})
