import { describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../../tests/support/scripted-core.ts'
import { limits } from '../lib/limits.ts'
import { silentLogger } from '../logging/logger.ts'
import { createHalt } from './crash.ts'

function halting(shutDown: () => Promise<void>) {
  const log: string[] = []
  const clock = new ManualClock()
  const halt = createHalt({
    clock,
    log: { ...silentLogger, fatal: (message) => log.push(message), error: (message) => log.push(message) },
    shutDown,
    exit: (code) => log.push(`exit ${code}`),
  })
  return { halt, clock, log }
}

describe('halting', () => {
  it('shuts down in order, then exits with the code of the reason', async () => {
    const { halt, log } = halting(async () => void log.push('shut down'))
    halt('StoreFull', new Error('no space'))
    await settle()
    expect(log).toEqual(['the server ends', 'shut down', 'exit 116'])
  })

  it('exits when the shutdown fails', async () => {
    const { halt, log } = halting(async () => {
      throw new Error('cannot')
    })
    halt('BindingError')
    await settle()
    expect(log).toEqual(['the server ends', 'the shutdown failed', 'exit 111'])
  })

  it('exits with the same code when the shutdown takes too long', async () => {
    const { halt, clock, log } = halting(() => new Promise(() => undefined))
    halt('LeadershipLoss')
    await clock.moveTo(1_000 + limits.haltMs - 1)
    expect(log).toEqual(['the server ends'])
    await clock.moveTo(1_000 + limits.haltMs)
    expect(log).toEqual(['the server ends', 'exit 103'])
  })

  it('counts only the first reason', async () => {
    const { halt, log } = halting(async () => undefined)
    halt('StoreFailure')
    halt('UncaughtException')
    await settle()
    expect(log).toEqual(['the server ends', 'a further failure while the server ends', 'exit 113'])
  })
})
