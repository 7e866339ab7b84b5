import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readStream } from './logs.ts'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-logs-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text)
const read = async (offset: number, limit: number) => {
  const chunk = await readStream(folder, 'stdout', offset, limit)
  return (
    chunk && {
      text: Buffer.from(chunk.bytes).toString(),
      start: chunk.start,
      end: chunk.end,
      size: chunk.size,
    }
  )
}

it('reads from an offset, up to a limit', async () => {
  write('stdout', 'abcdef')
  expect(await read(0, 100)).toEqual({ text: 'abcdef', start: 0, end: 6, size: 6 })
  expect(await read(2, 3)).toEqual({ text: 'cde', start: 2, end: 5, size: 6 })
  expect(await read(6, 3)).toEqual({ text: '', start: 6, end: 6, size: 6 })
  expect(await read(99, 3)).toEqual({ text: '', start: 6, end: 6, size: 6 })
})

it('counts a negative offset from the end', async () => {
  write('stdout', 'abcdef')
  expect(await read(-2, 100)).toEqual({ text: 'ef', start: 4, end: 6, size: 6 })
  expect(await read(-99, 2)).toEqual({ text: 'ab', start: 0, end: 2, size: 6 })
})

it('reads on across one rotation, with the offsets of the whole stream', async () => {
  // 100 bytes were written, 90 of them rotated away, of which the last 20 are kept.
  write('stdout', '0123456789')
  write('stdout.1', 'abcdefghijklmnopqrst')
  write('stdout.start', '90\n')
  expect(await read(88, 5)).toEqual({ text: 'st012', start: 88, end: 93, size: 100 })
  expect(await read(95, 100)).toEqual({ text: '56789', start: 95, end: 100, size: 100 })
  expect(await read(70, 3)).toEqual({ text: 'abc', start: 70, end: 73, size: 100 })
  // What is gone for good starts later than asked.
  expect(await read(0, 3)).toEqual({ text: 'abc', start: 70, end: 73, size: 100 })
})

it('says when there is no such stream', async () => {
  expect(await read(0, 1)).toBeUndefined()
})
