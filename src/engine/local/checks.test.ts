import { beforeEach, describe, expect, it } from 'vitest'
import type { TaskInfo } from '../../core/mesos.ts'
import { seconds } from '../../lib/instant.ts'
import type { Answer } from './check-target.ts'
import { type CheckedTask, Checks } from './checks.ts'

const times = { delay: seconds(5), interval: seconds(10), timeout: seconds(3) }
const command = { shell: true, value: 'true' }
const healthCheck = { ...times, command, gracePeriod: seconds(0), consecutiveFailures: 2 }
const check = { ...times, interval: seconds(0), tcp: { port: 80 } }

const well: Answer = { kind: 'exit', exitCode: 0 }
const badly: Answer = { kind: 'exit', exitCode: 1 }

let now: number
let told: string[]
let answers: Answer[]
let checks: Checks

beforeEach(() => {
  now = 1_000_000
  told = []
  answers = []
  checks = new Checks({
    now: () => now,
    // Time goes by whenever somebody waits; without an answer left it stands still.
    pause: async (ms, signal) => {
      if (answers.length === 0) await new Promise(() => {})
      signal.throwIfAborted()
      now += ms
      told.push(`pause ${ms / 1_000} s`)
    },
    ask: async (id, kind, target, { timeoutMs }) => {
      told.push(`ask ${id} ${kind} ${target.kind} for ${timeoutMs / 1_000} s`)
      return answers.shift()!
    },
    onHealth: (id, { isHealthy, kills }) =>
      told.push(`${id} ${isHealthy ? 'healthy' : 'unhealthy'}${kills ? ', kill it' : ''}`),
    onCheck: (id, result) => told.push(`${id} ${JSON.stringify(result)}`),
  })
})

async function begin(info: Pick<TaskInfo, 'healthCheck' | 'check'>, more: Partial<CheckedTask> = {}) {
  checks.begin({ id: 'web', info, startedAt: now - 1, ...more })
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

describe('a health check', () => {
  it('is asked after its delay and then after its interval, from each answer on', async () => {
    answers = [well, well]
    await begin({ healthCheck })
    expect(told).toEqual([
      'pause 5 s',
      'ask web health command for 3 s',
      'web healthy',
      'pause 10 s',
      'ask web health command for 3 s',
    ])
  })

  it('says of a question that was not put nothing at all', async () => {
    answers = [{ kind: 'unknown' }, badly, { kind: 'unknown' }, badly]
    await begin({ healthCheck })
    expect(told.filter((line) => line.startsWith('web'))).toEqual(['web unhealthy', 'web unhealthy, kill it'])
  })

  it('of a task found again waits for its interval, and tells only what is new', async () => {
    answers = [well, badly]
    await begin({ healthCheck }, { earlier: { healthy: true } })
    expect(told[0]).toBe('pause 10 s')
    expect(told.filter((line) => line.startsWith('web'))).toEqual(['web unhealthy'])
  })

  it('of a task that was healthy before is not forgiven for the grace period of its start', async () => {
    answers = [badly]
    const slow = { ...healthCheck, gracePeriod: seconds(3_600) }
    await begin({ healthCheck: slow }, { earlier: { healthy: true } })
    expect(told).toContain('web unhealthy')
  })

  it('is forgiven within the grace period of a task that started before this server', async () => {
    answers = [badly]
    await begin({ healthCheck: { ...healthCheck, gracePeriod: seconds(3_600) } }, { earlier: {} })
    expect(told).not.toContain('web unhealthy')
  })

  it('is not asked any more once the task is ending', async () => {
    answers = [well, well, well]
    const begun = begin({ healthCheck })
    checks.end('web')
    await begun
    expect(told.filter((line) => line.startsWith('web'))).toEqual([])
  })
})

describe('times at the limits', () => {
  const longest = (2 ** 31 - 1) / 1_000

  it('are no longer than a timer can wait, which would not wait at all', async () => {
    answers = [well]
    const years = seconds(2 ** 31 - 1)
    await begin({ healthCheck: { ...healthCheck, delay: years, interval: years, timeout: years } })
    expect(told).toEqual([`pause ${longest} s`, `ask web health command for ${longest} s`, 'web healthy'])
  })

  it('without a timeout the answer is waited for, as executors of Mesos do', async () => {
    answers = [well]
    await begin({ healthCheck: { ...healthCheck, timeout: seconds(0) } })
    expect(told).toContain(`ask web health command for ${longest} s`)
  })
})

describe('a check', () => {
  it('is told when the result is another one; without an interval others get their turn', async () => {
    const connection = (succeeded: boolean): Answer => ({ kind: 'connection', succeeded })
    answers = [connection(false), connection(false), connection(true), { kind: 'failed' }]
    await begin({ check })
    expect(told.filter((line) => line.startsWith('web'))).toEqual([
      'web {"tcp":{"succeeded":false}}',
      'web {"tcp":{"succeeded":true}}',
      'web {}',
    ])
    expect(told.filter((line) => line.startsWith('pause'))).toEqual([
      'pause 5 s',
      'pause 0.1 s',
      'pause 0.1 s',
      'pause 0.1 s',
    ])
  })
})
