// The server is killed, or its disk fails, at every system call of a commit. What it had told anyone is there
// afterwards, and nothing is there by half.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundleProgram, type ChildProgram, maySkip, run } from '../support/child-program.ts'
import { lastTold, readCount } from '../support/counted.ts'

// One thread does all commits, so that strace, which counts calls per thread, counts them all.
const env = { UV_THREADPOOL_SIZE: '1' }
const isStraceMissing = maySkip(['strace', '-o', '/dev/null', 'true'])

describe('after a crash', () => {
  let program: ChildProgram
  let dataDir: string
  beforeAll(async () => {
    program = await bundleProgram('tests/support/counting-server.ts')
  })
  afterAll(() => program.remove())
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'marathon-crash-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  const injected = (injection: string, count: number) =>
    run(
      [
        'strace',
        '-f',
        '-o',
        '/dev/null',
        '-e',
        `trace=${injection.split(':')[0]}`,
        '-e',
        `inject=${injection}`,
        process.execPath,
        program.path,
        dataDir,
        `${count}`,
      ],
      { env },
    )

  it('everything acknowledged is there whole, killed right after any acknowledgement', async () => {
    for (let kills = 1; kills <= 12; kills++) {
      const before = await readCount(dataDir)
      const ended = await run([process.execPath, program.path, dataDir, '1000'], {
        env,
        onLine: (line, kill) => line === `reply ${before + kills}` && kill(),
      })
      expect(ended.signal).toBe('SIGKILL')
      expectWhole(await readCount(dataDir), Math.max(before, lastTold(ended.lines)))
    }
  })

  for (const call of ['writev', 'pwrite64', 'fdatasync']) {
    it.skipIf(isStraceMissing)(`everything acknowledged is there whole, killed at any ${call}`, async () => {
      let reached = 0
      for (let when = 1; when <= 9; when++) {
        const before = await readCount(dataDir)
        const ended = await injected(`${call}:signal=SIGKILL:when=${when}`, 5)
        expectWhole(await readCount(dataDir), Math.max(before, lastTold(ended.lines)))
        if (ended.code !== 0) reached += 1
      }
      // Five commits and the opening make at least six calls of each kind: most of the nine kills found theirs.
      expect(reached).toBeGreaterThanOrEqual(5)
    })

    it.skipIf(isStraceMissing)(
      `nothing more leaves after an input/output error of ${call}, and the exit code names it`,
      async () => {
        await run([process.execPath, program.path, dataDir, '2'], { env })
        for (let when = 2; when <= 5; when++) {
          const before = await readCount(dataDir)
          const ended = await injected(`${call}:error=EIO:when=${when}`, 9)
          expect({ when, code: ended.code }).toEqual({ when, code: 113 })
          expect(ended.stderr).toContain('"reason":"StoreFailure"')
          const count = (what: string) => ended.lines.filter((line) => line.startsWith(what)).length
          // The request whose commit failed is never answered, and nothing after it is. Failing at the opening, there
          // is none.
          expect(count('submit')).toBe(count('open at') === 0 ? 0 : count('reply') + 1)
          expect(count('effect')).toBe(count('reply'))
          expectWhole(await readCount(dataDir), Math.max(before, lastTold(ended.lines)))
        }
      },
    )
  }

  it('the next server starts at once, and names the one that runs when there is one', async () => {
    let second: Promise<unknown> | undefined
    let pid = 0
    const first = await run(
      ['sh', '-c', `echo pid $$; exec "${process.execPath}" "${program.path}" "${dataDir}" 100000`],
      {
        env,
        onLine: (line, kill) => {
          if (line.startsWith('pid ')) pid = Number(line.slice(4))
          if (line !== 'reply 3') return
          second = run([process.execPath, program.path, dataDir, '1'], { env }).then((ended) => {
            kill()
            expect(ended.code).toBe(114)
            expect(ended.stderr).toContain(`the data directory ${dataDir} is in use by process ${pid} on `)
          })
        },
      },
    )
    await second
    expect(first.signal).toBe('SIGKILL')
    const third = await run([process.execPath, program.path, dataDir, '1'], { env })
    expect(third.code).toBe(0)
  })
})

/** All that was told is stored, and beyond it at most the one count that was on its way. */
function expectWhole(stored: number, told: number): void {
  expect(stored).toBeGreaterThanOrEqual(told)
  expect(stored).toBeLessThanOrEqual(told + 1)
}
