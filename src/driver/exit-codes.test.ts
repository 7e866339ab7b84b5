import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../ports/engine.ts'
import { StoreError } from '../ports/store.ts'
import { exitCodes, exitOf } from './exit-codes.ts'

describe('exit codes', () => {
  it('are documented with the same names and numbers', () => {
    const page = readFileSync(new URL('../../docs/reference/exit-codes.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| (\d+) \| (\w+) \| \S/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ])
    expect(Object.fromEntries(rows)).toEqual(exitCodes)
  })

  it('are each used once', () => {
    expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length)
  })

  it.each([
    [new StoreError('full', ''), 116],
    [new StoreError('in-use', ''), 114],
    [new StoreError('corrupt', ''), 115],
    [new StoreError('io', ''), 113],
    [new StoreError('closed', ''), 113],
    [new StoreError('fenced', ''), 103],
    [new EngineError('engine-error', ''), 106],
    [new EngineError('framework-id-missing', ''), 108],
    [new EngineError('framework-removed', ''), 110],
    [new Error(''), 107],
    ['thrown text', 107],
  ])('%o ends with %i', (error, code) => {
    expect(exitCodes[exitOf(error)]).toBe(code)
  })
})
