// Unpacking, with archives made to break out of the folder.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import * as tar from 'tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolderWithin, unpack } from './archives.ts'

let outer: string
let sandbox: string
const never = new AbortController().signal

beforeEach(() => {
  outer = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-archives-'))
  sandbox = path.join(outer, 'sandbox')
  fs.mkdirSync(sandbox)
})
afterEach(() => fs.rmSync(outer, { recursive: true }))

interface Entry {
  readonly name: string
  readonly text: string
  readonly mode?: number
}

/** A zip with stored entries, since no library here writes one. */
function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, text, mode = 0o100644 } of entries) {
    const content = Buffer.from(text)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt32LE(crc32(content), 10)
    shared.writeUInt32LE(content.length, 14)
    shared.writeUInt32LE(content.length, 18)
    shared.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), content])
    const central = Buffer.alloc(46)
    central.write('PK\x01\x02', 'latin1')
    central.writeUInt16LE((3 << 8) | 20, 4)
    shared.copy(central, 6, 0, 24)
    central.writeUInt32LE(mode * 0x10000, 38)
    central.writeUInt32LE(offset, 42)
    locals.push(local)
    directory.push(Buffer.concat([central, Buffer.from(name)]))
    offset += local.length
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}

function crc32(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

const put = (name: string, content: Buffer | string) => {
  const file = path.join(outer, name)
  fs.writeFileSync(file, content)
  return file
}

describe('a zip', () => {
  it('is unpacked with folders, modes and links', async () => {
    const file = put(
      'a.zip',
      zip([
        { name: 'bin/', text: '', mode: 0o40755 },
        { name: 'bin/run', text: '#!/bin/sh', mode: 0o100755 },
        { name: 'deep/er/text', text: 'x' },
        { name: 'link', text: 'bin/run', mode: 0o120777 },
      ]),
    )
    await unpack('zip', file, sandbox, never)
    expect(fs.statSync(path.join(sandbox, 'bin/run')).mode & 0o777).toBe(0o755)
    expect(fs.readFileSync(path.join(sandbox, 'link'), 'utf8')).toBe('#!/bin/sh')
    expect(fs.readFileSync(path.join(sandbox, 'deep/er/text'), 'utf8')).toBe('x')
  })

  it('does not write outside by its names', async () => {
    await expect(
      unpack('zip', put('a.zip', zip([{ name: '../evil', text: 'x' }])), sandbox, never),
    ).rejects.toThrow(/relative path/)
    expect(fs.readdirSync(outer).sort()).toEqual(['a.zip', 'sandbox'])
  })

  it('does not write outside through its own link', async () => {
    const entries = [
      { name: 'out', text: '..', mode: 0o120777 },
      { name: 'out/evil', text: 'x' },
    ]
    await unpack('zip', put('a.zip', zip(entries)), sandbox, never).catch(() => {})
    expect(fs.existsSync(path.join(outer, 'evil'))).toBe(false)
  })

  it('does not write outside through a link that was there', async () => {
    fs.symlinkSync('..', path.join(sandbox, 'out'))
    const file = put('a.zip', zip([{ name: 'out/evil', text: 'x' }]))
    await expect(unpack('zip', file, sandbox, never)).rejects.toThrow('"out" leads out of the sandbox')
    expect(fs.existsSync(path.join(outer, 'evil'))).toBe(false)
  })

  it('that is none is refused', async () => {
    await expect(unpack('zip', put('a.zip', 'no zip'), sandbox, never)).rejects.toThrow()
  })
})

describe('a tar', () => {
  const pack = (name: string, gzip: boolean) => {
    const source = path.join(outer, 'source')
    fs.mkdirSync(path.join(source, 'd'), { recursive: true })
    fs.writeFileSync(path.join(source, 'd/run'), 'hello', { mode: 0o755 })
    const file = path.join(outer, name)
    tar.create({ file, cwd: source, sync: true, gzip }, ['d'])
    return file
  }

  it.each([
    ['a.tar', false],
    ['a.tgz', true],
  ])('such as %s is unpacked with modes', async (name, gzip) => {
    await unpack('tar', pack(name, gzip), sandbox, never)
    expect(fs.readFileSync(path.join(sandbox, 'd/run'), 'utf8')).toBe('hello')
    expect(fs.statSync(path.join(sandbox, 'd/run')).mode & 0o111).not.toBe(0)
  })

  it('does not write outside by its names', async () => {
    const source = path.join(outer, 'source')
    fs.mkdirSync(source)
    fs.writeFileSync(path.join(outer, 'evil'), 'x')
    const file = path.join(outer, 'a.tar')
    tar.create({ file, cwd: source, sync: true, preservePaths: true }, ['../evil'])
    fs.rmSync(path.join(outer, 'evil'))
    await unpack('tar', file, sandbox, never).catch(() => {})
    expect(fs.existsSync(path.join(outer, 'evil'))).toBe(false)
  })

  it('does not write outside through a link that was there', async () => {
    fs.symlinkSync('..', path.join(sandbox, 'd'))
    await unpack('tar', pack('a.tar', false), sandbox, never).catch(() => {})
    expect(fs.existsSync(path.join(outer, 'run'))).toBe(false)
  })

  it('that is cut short is refused', async () => {
    const file = pack('a.tgz', true)
    fs.truncateSync(file, 40)
    await expect(unpack('tar', file, sandbox, never)).rejects.toThrow()
  })
})

it('unpacks a single gzip beside itself', async () => {
  const file = path.join(sandbox, 'data.txt.gz')
  fs.writeFileSync(file, zlib.gzipSync('plain'))
  await unpack('gzip', file, sandbox, never)
  expect(fs.readFileSync(path.join(sandbox, 'data.txt'), 'utf8')).toBe('plain')
})

it('makes folders within, and only within', async () => {
  await makeFolderWithin(sandbox, path.join(sandbox, 'a/b'))
  expect(fs.statSync(path.join(sandbox, 'a/b')).isDirectory()).toBe(true)
  await makeFolderWithin(sandbox, sandbox)
  fs.symlinkSync('/', path.join(sandbox, 'root'))
  await expect(makeFolderWithin(sandbox, path.join(sandbox, 'root/tmp/x'))).rejects.toThrow(
    '"root" leads out of the sandbox',
  )
})
