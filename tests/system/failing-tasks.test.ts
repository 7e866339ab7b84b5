// Tasks that do not behave: they crash, take too much memory, or will not go.

import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { collectEvents } from './support/event-stream.ts'
import { processesWith, taskProcesses } from './support/machine.ts'
import { type Server, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()
const small = { cpus: 0.01, mem: 32, instances: 1 }

describe('a task that crashes', () => {
  it('is started again after 1 s, and after 1.15 times as long each time, up to the maximum', async () => {
    const server = await servers.start()
    const events = await collectEvents(server)
    await server.api.create({ ...small, id: 'crashing', cmd: 'exit 3' })
    await server.api.create({
      ...small,
      id: 'capped',
      cmd: 'exit 4',
      backoffFactor: 3,
      maxLaunchDelaySeconds: 2,
    })
    await until(
      'four failures of each',
      () => failures('/crashing').length > 3 && failures('/capped').length > 3,
    )
    events.close()

    for (const [id, delays] of [
      ['/crashing', [1_000, 1_150, 1_322]],
      ['/capped', [1_000, 2_000, 2_000]],
    ] as const) {
      for (const [index, delay] of delays.entries()) {
        const failed = failures(id)[index]!
        const next = events
          .statusesOf(id)
          .find((event) => event.data.taskId !== failed.data.taskId && event.at > failed.at)!
        const waited = Date.parse(next.data.timestamp) - Date.parse(failed.data.timestamp)
        expect(waited, `${id}, delay ${index + 1}`).toBeGreaterThanOrEqual(delay - 60)
        expect(waited, `${id}, delay ${index + 1}`).toBeLessThan(delay + 1_000)
      }
    }
    expect((await server.api.get('/v2/apps/crashing')).body.app.lastTaskFailure).toMatchObject({
      appId: '/crashing',
      state: 'TASK_FAILED',
      message: 'Command exited with status 3',
    })

    function failures(id: string) {
      return events.statusesOf(id).filter((event) => event.data.taskStatus === 'TASK_FAILED')
    }
  })

  it('waits in the queue with the time that is left, and starts at once when the delay is reset', async () => {
    const server = await servers.start()
    const events = await collectEvents(server)
    await server.api.create({ ...small, id: 'patient', cmd: 'exit 5', backoffSeconds: 60 })
    const item = await until('its place in the queue', async () => {
      const [first] = (await server.api.get('/v2/queue')).body.queue
      return first?.delay.overdue === false && first
    })
    expect(item).toMatchObject({ count: 1, app: { id: '/patient' } })
    expect(item.delay.timeLeftSeconds).toBeGreaterThan(55)
    expect(item.delay.timeLeftSeconds).toBeLessThanOrEqual(60)
    expect(JSON.stringify(item.waitingOn)).toMatch(/backoff|delay/i)
    const shown = await server.cli(['queue'])
    expect(shown.stdout).toMatch(/\/patient.*\b(5\d|60)\s?s/)

    const before = events.statusesOf('/patient').length
    const asked = Date.now()
    expect((await server.api.delete('/v2/queue//patient/delay')).status).toBe(204)
    await until('another try', () => events.statusesOf('/patient').length > before, { everyMs: 5 })
    expect(Date.now() - asked).toBeLessThan(3_000)
    events.close()
  })
})

describe.runIf(process.getuid?.() === 0 && existsSync('/sys/fs/cgroup'))(
  'a task that exceeds its memory',
  () => {
    it('is killed, and the reason is told by app and event', async () => {
      const server = await servers.start()
      const events = await collectEvents(server)
      const cmd = 'head -c 300000000 /dev/zero | tail'
      await server.api.create({ ...small, id: 'greedy', cmd, backoffSeconds: 3600 })
      const failed = await until('its end', () =>
        events.statusesOf('/greedy').find((event) => event.data.taskStatus === 'TASK_FAILED'),
      )
      const message = /^Memory limit exceeded: the limit is 32 MiB, the most used was 3\d(\.\d)? MiB$/
      expect(failed.data.message).toMatch(message)
      const { app } = (await server.api.get('/v2/apps/greedy')).body
      expect(app.lastTaskFailure).toMatchObject({ state: 'TASK_FAILED', taskId: failed.data.taskId })
      expect(app.lastTaskFailure.message).toMatch(message)
      expect((await server.cli(['app', 'show', 'greedy'])).stdout).toContain('Memory limit exceeded')
      expect(taskProcesses(server.dataDir)).toEqual([])
      events.close()
    })
  },
)

describe('a task that ignores SIGTERM', () => {
  // Grandchildren that left session and process group, with nothing of the task in their environment.
  const family = (marker: string) =>
    `trap '' TERM; setsid env -i sh -c 'trap "" TERM; while :; do sleep 1; : ${marker}; done' & ` +
    `(setsid setsid env -i sh -c 'trap "" TERM; : ${marker}; sleep 1000; sleep 1000' &) ; while :; do sleep 0.2; done`

  it('is gone after its grace period, grandchildren too', async () => {
    const server = await servers.start()
    const marker = `stubborn-${process.pid}`
    const cmd = family(marker)
    await server.api.create({ ...small, id: 'stubborn', cmd, taskKillGracePeriodSeconds: 1 })
    await server.api.running('/stubborn', 1)
    await until('the whole family', () => processesWith(marker).length >= 3)
    const asked = Date.now()
    await server.api.delete('/v2/apps/stubborn')
    await sleep(700)
    expect(processesWith(marker).length).toBeGreaterThanOrEqual(3)
    await until('their end', () => processesWith(marker).length === 0)
    const took = Date.now() - asked
    expect(took).toBeGreaterThanOrEqual(1_000)
    expect(took).toBeLessThan(4_000)
    await server.api.settled()
  })

  it('one that listens to it is gone at once, and what it left behind with it', async () => {
    const server = await servers.start()
    const marker = `daemon-${process.pid}`
    const cmd = `(setsid setsid env -i sh -c 'trap "" TERM; : ${marker}; sleep 1000; sleep 1000' &) ; exec sleep 1000`
    await server.api.create({ ...small, id: 'polite', cmd, taskKillGracePeriodSeconds: 30 })
    await server.api.running('/polite', 1)
    await until('the daemon', () => daemons(server, marker).length > 0)
    const asked = Date.now()
    await server.api.delete('/v2/apps/polite')
    await until('its end', () => processesWith(marker).length === 0)
    expect(Date.now() - asked).toBeLessThan(5_000)
  })

  const daemons = (server: Server, marker: string) =>
    processesWith(marker).filter((pid) =>
      taskProcesses(server.dataDir).every((process) => process.pid !== pid),
    )
})

describe('a task that is killed', () => {
  it('is told of as it goes, when task_killing is enabled, and only then', async () => {
    for (const flags of [['--enable_features', 'task_killing'], []]) {
      const server = await servers.start({ flags })
      const events = await collectEvents(server)
      await server.api.create({ ...small, id: 'going', cmd: 'sleep 600' })
      await until('its task to run', () => statesOf().includes('TASK_RUNNING'))
      await server.api.delete('/v2/apps/going/tasks?scale=true')
      await until('the end of its task', () => statesOf().includes('TASK_KILLED'))
      events.close()
      const told = statesOf().slice(statesOf().indexOf('TASK_RUNNING'))
      const between = flags.length > 0 ? ['TASK_KILLING'] : []
      expect(told).toEqual(['TASK_RUNNING', ...between, 'TASK_KILLED'])

      function statesOf() {
        return events.statusesOf('/going').map((event) => event.data.taskStatus)
      }
    }
  })
})
