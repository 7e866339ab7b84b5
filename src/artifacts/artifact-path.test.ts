import { describe, expect, test } from 'vitest'
import { limits } from '../lib/limits.ts'
import { artifactNames } from './artifact-path.ts'

describe('a path of an artifact', () => {
  test.each([
    ['a', ['a']],
    ['/special//file/name.txt/', ['special', 'file', 'name.txt']],
    ['..a/b..', ['..a', 'b..']],
    ['ein Übel/😀', ['ein Übel', '😀']],
    ['a\\b', ['a\\b']],
    ['a/.uploads', ['a', '.uploads']],
    ['x'.repeat(255), ['x'.repeat(255)]],
  ])('%s has names', (path, names) => {
    expect(artifactNames(path)).toEqual(names)
  })

  test.each([
    ['', 'it is empty'],
    ['///', 'it is empty'],
    ['..', "'..' leads elsewhere"],
    ['a/../b', "'..' leads elsewhere"],
    ['./a', "'.' leads elsewhere"],
    ['a\0b', 'it holds a control character'],
    ['a/b\nc', 'it holds a control character'],
    ['.uploads/x', ".uploads is the store's own"],
    ['ü'.repeat(128), 'a name in it has more than 255 bytes'],
    ['a/'.repeat(limits.artifactPathBytes / 2 + 1), `it has more than ${limits.artifactPathBytes} bytes`],
  ])('%j is none', (path, reason) => {
    expect(() => artifactNames(path)).toThrow(reason)
  })
})
