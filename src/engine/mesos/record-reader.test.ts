import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mesosLimits } from './limits.ts'
import { RecordReader } from './record-reader.ts'

const framed = (texts: readonly string[]): Buffer =>
  Buffer.concat(texts.flatMap((text) => [Buffer.from(`${Buffer.byteLength(text)}\n`), Buffer.from(text)]))

const read = (reader: RecordReader, chunks: readonly Uint8Array[]): string[] =>
  chunks.flatMap((chunk) => [...reader.push(chunk)]).map((record) => Buffer.from(record).toString('utf8'))

/** Cuts at these places, however they repeat or lie. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length))
}

test('records are the same wherever the chunks end, within a length or a character too', () => {
  const texts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 12 })
  fc.assert(
    fc.property(texts, fc.array(fc.nat(2_000), { maxLength: 30 }), (records, places) => {
      const reader = new RecordReader()
      expect(read(reader, cut(framed(records), places))).toEqual(records)
      expect(reader.isWithinRecord).toBe(false)
    }),
  )
})

test('byte by byte, characters of several bytes among them', () => {
  const texts = ['{"type":"HEARTBEAT"}', '', 'grüße, 世界, 🚢']
  const bytes = framed(texts)
  const reader = new RecordReader()
  expect(
    read(
      reader,
      Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)),
    ),
  ).toEqual(texts)
})

test.each([
  ['within its length', '12'],
  ['after its length', '12\n'],
  ['within itself', '12\n{"type"'],
])('half a record is none: the stream ends %s', (_, text) => {
  const reader = new RecordReader()
  expect(read(reader, [Buffer.from(text)])).toEqual([])
  expect(reader.isWithinRecord).toBe(true)
})

test('a record of 20 MB in chunks of 64 KiB is put together once', () => {
  const text = `"${'x'.repeat(20_000_000)}"`
  const bytes = framed([text])
  const reader = new RecordReader()
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.subarray(at, at + 65_536))
  expect(read(reader, chunks)).toEqual([text])
})

describe('what is no RecordIO is an error that shows it', () => {
  test.each([
    ['HTTP/1.1 200 OK', /goes on with "HTTP\/1\.1 200 OK"; expected digits and a line feed/],
    ['12x\n', /goes on with "x\\n"/],
    ['\n{}', /goes on with "\\n\{\}"/],
    ['-5\n', /goes on with "-5/],
    ['0'.repeat(mesosLimits.recordLengthDigits + 1), /more than 20 digits/],
  ])('%j', (text, message) => {
    expect(() => read(new RecordReader(), [Buffer.from(text)])).toThrow(message)
  })

  test('a record longer than allowed is refused by its length, before any of it is kept', () => {
    const reader = new RecordReader(100)
    expect(read(reader, [Buffer.from('100\n')])).toEqual([])
    expect(() => read(new RecordReader(100), [Buffer.from('101\n')])).toThrow(
      /101 bytes or more; expected 100/,
    )
  })
})
