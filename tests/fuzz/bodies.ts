// Bodies nobody would send on purpose: definitions with something changed in them, and texts that are hardly JSON.
// Everything comes from one random stream, so that a seed and a number name a body.

import type { Rng } from '../../src/lib/rng.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const strings = [
  '',
  ' ',
  '/',
  '//',
  '..',
  '/a/../../b',
  'UPPER',
  'a b',
  'ü',
  '日本',
  '\u0000',
  '\ud800',
  '\u202e',
  'a'.repeat(5_000),
  '*',
  '__proto__',
  'constructor',
  'toString',
  '$HOME',
  '<script>',
  "'; --",
  '%s%n',
  'null',
  'true',
  '1e999',
  'http://127.0.0.1:1/x',
  'file:///etc/passwd',
  '2031-04-02T09:15:20.480Z',
  '9999-99-99T99:99:99Z',
  'GROUP_BY',
  '(a+)+$',
  '[',
]
const numbers = [0, -0, -1, 1, 0.5, 1.0001, 65_535, 65_536, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324]
const keys = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', '', 'id', 'value', 'ID', 'toJSON']

const anyValue = (rng: Rng): Json => {
  switch (rng.int(8)) {
    case 0:
      return null
    case 1:
      return rng.chance(0.5)
    case 2:
    case 3:
      return rng.pick(numbers)
    case 4:
    case 5:
      return rng.pick(strings)
    case 6:
      return Array.from({ length: rng.int(4) }, () => anyValue(rng))
    default:
      return Object.fromEntries(Array.from({ length: rng.int(4) }, () => [rng.pick(keys), anyValue(rng)]))
  }
}

/** `json` with one thing changed, somewhere in it. */
function changed(json: Json, rng: Rng): Json {
  if (rng.chance(0.15) || typeof json !== 'object' || json === null) return changedHere(json, rng)
  if (Array.isArray(json)) {
    if (json.length === 0 || rng.chance(0.2)) return [...json, anyValue(rng)]
    const at = rng.int(json.length)
    return rng.chance(0.15) ? json.toSpliced(at, 1) : json.with(at, changed(json[at]!, rng))
  }
  const entries = Object.entries(json)
  if (entries.length === 0 || rng.chance(0.15))
    return Object.fromEntries([...entries, [rng.pick(keys), anyValue(rng)]])
  const at = rng.int(entries.length)
  const [key, value] = entries[at]!
  if (rng.chance(0.15)) return Object.fromEntries(entries.toSpliced(at, 1))
  if (rng.chance(0.1)) return Object.fromEntries(entries.with(at, [rng.pick(keys), value]))
  return Object.fromEntries(entries.with(at, [key, changed(value, rng)]))
}

function changedHere(json: Json, rng: Rng): Json {
  if (typeof json === 'string' && rng.chance(0.4)) {
    const at = rng.int(json.length + 1)
    return json.slice(0, at) + rng.pick(strings) + json.slice(at)
  }
  if (typeof json === 'number' && rng.chance(0.4)) return json * rng.pick([-1, 0.1, 1000, 1e15])
  if (rng.chance(0.1)) return [json]
  if (rng.chance(0.1)) return { [rng.pick(keys)]: json }
  return anyValue(rng)
}

/** More instances than this are not asked for, below the number that is refused: the tests want requests, not load. */
const mostInstances = 50
const refusedInstances = 2_000_000

const bounded = (key: string, value: unknown): unknown =>
  (key === 'instances' || key === 'scaleBy') &&
  typeof value === 'number' &&
  value > mostInstances &&
  value <= refusedInstances
    ? value % mostInstances
    : value

/** The bytes of a definition with one to three changes, or of something that is no JSON any more. */
export function mutatedBody(seed: Json, rng: Rng): Buffer {
  let json = seed
  for (let changes = 1 + rng.int(3); changes > 0; changes--) json = changed(json, rng)
  const bytes = Buffer.from(JSON.stringify(json, bounded))
  return rng.chance(0.85) ? bytes : mangled(bytes, rng)
}

function mangled(bytes: Buffer, rng: Rng): Buffer {
  const at = rng.int(bytes.length + 1)
  const insert = (what: string | Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(what as string), bytes.subarray(at)])
  switch (rng.int(10)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return insert(Buffer.from([0xff, 0xfe, 0xc0, 0x80]))
    case 2:
      return insert('\u0000')
    case 3:
      return Buffer.concat([Buffer.from('\ufeff'), bytes])
    case 4:
      return Buffer.from(`${'['.repeat(100_000)}`)
    case 5:
      return Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
    case 6:
      return Buffer.from(`{"id":"/fuzz/a","cmd":"x","instances":${'9'.repeat(1 + rng.int(400))}}`)
    case 7:
      return Buffer.concat([bytes, bytes])
    case 8:
      return insert(rng.pick([',', '"', '{', '}', '\\u12', '1e', '-', 'NaN', '//']))
    default:
      return Buffer.alloc(0)
  }
}
