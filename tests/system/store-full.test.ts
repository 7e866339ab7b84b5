// A disk that is really full: a small file system in memory, filled up. The server stops with its own exit code, and
// goes on where it was once there is room.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram, type ChildProgram, maySkip, run } from '../support/child-program.ts'
import { lastTold, readCount } from '../support/counted.ts'

const mountPoint = mkdtempSync(join(tmpdir(), 'marathon-full-'))
const mount = ['mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mountPoint] as const
const canMount = !maySkip(['sh', '-c', `${mount.join(' ')} && umount ${mountPoint}`])

describe.skipIf(!canMount)('on a full disk', () => {
  const dataDir = join(mountPoint, 'data')
  const ballast = join(mountPoint, 'ballast')
  let program: ChildProgram
  beforeAll(async () => {
    program = await bundleProgram('tests/support/counting-server.ts')
    expect(spawnSync(mount[0], mount.slice(1)).status).toBe(0)
    writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024))
  })
  afterAll(() => {
    program.remove()
    spawnSync('umount', [mountPoint])
    rmdirSync(mountPoint)
  })

  it('the server stops with code 116 and loses nothing it acknowledged', async () => {
    const filled = await run([process.execPath, program.path, dataDir, '100000', '2000'])
    expect({ code: filled.code, stderr: filled.stderr }).toMatchObject({ code: 116 })
    expect(filled.stderr).toContain('make room there and start again')
    const told = lastTold(filled.lines)
    expect(told).toBeGreaterThan(100)
    expect(filled.lines.at(-1)).toBe(`submit ${told + 1}`)

    const refused = await run([process.execPath, program.path, dataDir, '1', '2000'])
    expect(refused.code).toBe(116)
    expect(refused.lines).toEqual([])

    rmSync(ballast)
    expect(await readCount(dataDir)).toBe(told)
    const resumed = await run([process.execPath, program.path, dataDir, '10', '2000'])
    expect(resumed.code).toBe(0)
    expect(resumed.lines[0]).toBe(`open at ${told}`)
    expect(await readCount(dataDir)).toBe(told + 10)
  })
})
