import { describe, expect, it } from 'vitest'
import {
  isAlive,
  parseAsked,
  parseClaim,
  parseExitRecord,
  parseIdentityRecord,
  parseIntents,
  parseProcStat,
} from './records.ts'

const boot = 'c4a644eb-fdde-4709-aec8-6e436124bdcc'
const stat = (state: string, start: number, name = 'sh') =>
  `77 (${name}) ${state} 1 77 77 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 ${start} 2654208 200 18446744073709551615 1 1 0`

it('knows the process of a check by the number of its question', () => {
  expect(parseAsked(`1 ${boot} 77 500 a1b2-7\n`)).toEqual({
    identity: { bootId: boot, pid: 77, startTicks: 500 },
    number: 'a1b2-7',
  })
  for (const text of ['', `1 ${boot} 77 500\n`, `1 ${boot} 77 500 a1b2-7`, `1 ${boot} x 500 a1b2-7\n`])
    expect(parseAsked(text)).toBeUndefined()
})

describe('a claim', () => {
  it.each([
    [`1 ${boot} 77 500 70 499\n`, 'child'],
    ['fenced\n', 'fenced'],
    ['', 'empty'],
    // Seen while it is written.
    [`1 ${boot} 77 500 70 499`, 'empty'],
    [`1 ${boot} 77\n`, 'empty'],
    [`1 ${boot} x 500 70 499\n`, 'empty'],
  ])('of %j is %s', (text, kind) => {
    expect(parseClaim(text).kind).toBe(kind)
  })

  it('names child and supervisor by boot, pid and start time', () => {
    expect(parseClaim(`1 ${boot} 77 500 70 499\n`)).toEqual({
      kind: 'child',
      child: { bootId: boot, pid: 77, startTicks: 500 },
      supervisor: { bootId: boot, pid: 70, startTicks: 499 },
    })
  })
})

describe('an exit record', () => {
  const child = { bootId: boot, pid: 77, startTicks: 500 }
  it.each([
    ['exit 3', { kind: 'exit', status: 3 }],
    ['signal 9', { kind: 'signal', signal: 9 }],
    ['unknown 0', { kind: 'unknown' }],
    ['refused it could not enter its cgroup', { kind: 'refused', reason: 'it could not enter its cgroup' }],
  ])('ending in %j is read', (end, exit) => {
    expect(parseExitRecord(`1 ${boot} 77 500 ${end}\n`)).toEqual({ child, exit })
  })

  it.each([
    '',
    `1 ${boot} 77 500 exit 3`,
    `1 ${boot} 77 500 exit x\n`,
    `1 ${boot} 77 500 other 1\n`,
    `2 ${boot} 77 500 exit 3\n`,
  ])('that is %j is none', (text) => {
    expect(parseExitRecord(text)).toBeUndefined()
  })
})

it('reads the record of a launcher with its version', () => {
  expect(parseIdentityRecord(`1 ${boot} 7 90 2\n`)).toEqual({
    identity: { bootId: boot, pid: 7, startTicks: 90 },
    version: 2,
  })
  expect(parseIdentityRecord('')).toBeUndefined()
})

it('reads intents and leaves out a line cut short', () => {
  expect(parseIntents(`${boot} 7 90\n${boot} 8 91\n${boot} 9`).map((one) => one.pid)).toEqual([7, 8])
})

it.each(['sh', 'a b', 'odd) S 1 (name', ')'])(
  'finds state and start time behind the command name %j',
  (name) => {
    expect(parseProcStat(stat('S', 500, name))).toEqual({ state: 'S', startTicks: 500 })
  },
)

describe('a process is alive', () => {
  const who = { bootId: boot, pid: 77, startTicks: 500 }
  it.each([
    ['when boot, pid and start time agree', boot, stat('S', 500), true],
    ['also while it is stopped', boot, stat('T', 500), true],
    ['not when it is a zombie', boot, stat('Z', 500), false],
    ['not when it is being removed', boot, stat('X', 500), false],
    ['not when its pid belongs to another process now', boot, stat('S', 501), false],
    ['not when the machine was restarted', 'another', stat('S', 500), false],
    ['not when there is no such pid', boot, undefined, false],
    ['not when what is read is nothing', boot, '', false],
  ])('%s', (_, bootId, text, alive) => {
    expect(isAlive(who, bootId, text)).toBe(alive)
  })
})
