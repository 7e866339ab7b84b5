import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha1 } from './sha1.ts'

const known = (text: string): string => createHash('sha1').update(text, 'utf8').digest('hex')

test.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
])('%j has the digest of RFC 3174', (text, digest) => {
  expect(sha1(text)).toBe(digest)
})

test('texts of every length have the digest that others give them', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'x'.repeat(length)
    expect(sha1(text)).toBe(known(text))
  }
})

test('so have texts of every script', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(sha1(text)).toBe(known(text))
    }),
  )
})
