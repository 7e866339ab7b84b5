import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mesosLimits } from '../limits.ts'
import { AnswerReader } from './answer-reader.ts'

const accepted = 'HTTP/1.1 202 Accepted\r\nDate: Fri, 20 Nov 2026 10:40:18 GMT\r\nContent-Length: 0\r\n\r\n'
const refused = (text: string): string =>
  `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\ncontent-length:${Buffer.byteLength(text)}\r\n\r\n${text}`
const chunked = (...chunks: readonly string[]): string =>
  `HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n${chunks
    .map((chunk) => `${Buffer.byteLength(chunk).toString(16)};ext=1\r\n${chunk}\r\n`)
    .join('')}0\r\nTrailer: x\r\n\r\n`

const read = (text: string) => new AnswerReader().push(Buffer.from(text))
const answer = (status: number, text = '', closes = false) => ({ status, text, closes })

test.each([
  ['nothing', accepted, [answer(202)]],
  [
    'several in one piece',
    accepted + refused('no') + accepted,
    [answer(202), answer(400, 'no'), answer(202)],
  ],
  ['a text of several bytes a character', refused('grüße'), [answer(400, 'grüße')]],
  ['chunks', chunked('No leader', ' elected'), [answer(503, 'No leader elected')]],
  ['no chunks but the last', chunked(), [answer(503)]],
  ['an interim answer', `HTTP/1.1 100 Continue\r\n\r\n${accepted}`, [answer(202)]],
  ['no content, whatever the length says', 'HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n', [answer(204)]],
  ['a status without a reason', 'HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n', [answer(202)]],
  [
    'the last one',
    'HTTP/1.1 202 A\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n',
    [answer(202, '', true)],
  ],
  ['an old server', 'HTTP/1.0 202 A\r\nContent-Length: 0\r\n\r\n', [answer(202, '', true)]],
  ['half a head', accepted.slice(0, -2), []],
  ['half a body', refused('Framework is not subscribed').slice(0, -3), []],
  ['half a chunk', chunked('No leader').slice(0, 75), []],
])('%s', (_, text, answers) => {
  expect(read(text)).toEqual(answers)
})

test('answers are the same wherever the chunks end', () => {
  const bytes = Buffer.from(
    accepted + chunked('Nö', ' leader') + refused('Framework cannot be found') + accepted,
  )
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (places) => {
      const sorted = [...places].sort((a, b) => a - b)
      const reader = new AnswerReader()
      const answers = [0, ...sorted].flatMap((from, i) =>
        reader.push(bytes.subarray(from, sorted[i] ?? bytes.length)),
      )
      expect(answers.map(({ status, text }) => [status, text])).toEqual([
        [202, ''],
        [503, 'Nö leader'],
        [400, 'Framework cannot be found'],
        [202, ''],
      ])
      expect(reader.isWithinAnswer).toBe(false)
    }),
  )
})

describe('what no master answers is an error', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH', /begins with "SSH-2\.0-OpenSSH"; expected HTTP\/1\.1/],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', /begins with "HTTP\/2 200/],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n', /does not say how long/],
    ['another encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', /transfer encoding gzip/],
    [
      'a chunk without a size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /without a size/,
    ],
    [
      'a head without end',
      `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(mesosLimits.answerHeadBytes)}`,
      /head of an answer has/,
    ],
    [
      'a long body',
      `HTTP/1.1 200 OK\r\nContent-Length: ${mesosLimits.answerBodyBytes + 1}\r\n\r\n`,
      /more than/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})
