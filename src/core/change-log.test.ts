import { describe, expect, it } from 'vitest'
import { limits } from '../lib/limits.ts'
import { ChangeLog } from './change-log.ts'

describe('the log of changes', () => {
  it('names what changed since a revision, each id once', () => {
    const log = new ChangeLog()
    log.touch('/a')
    const { revision } = log
    expect(log.since(revision)).toEqual(new Set())
    for (const id of ['/b', '/c', '/b']) log.touch(id)
    expect(log.revision).toBe(revision + 3)
    expect(log.since(revision)).toEqual(new Set(['/b', '/c']))
    expect(log.since(0)).toEqual(new Set(['/a', '/b', '/c']))
  })

  it('says so when it has forgotten what changed', () => {
    const log = new ChangeLog()
    log.touch('/first')
    for (let n = 0; n < limits.changesRemembered; n++) log.touch(`/app-${n % 7}`)
    expect(log.since(0)).toBeUndefined()
    expect(log.since(1)?.size).toBe(7)
    expect(log.since(log.revision - 1)?.size).toBe(1)
  })
})
