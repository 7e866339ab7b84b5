// The proof that an acknowledged write survives the loss of power: the order of system calls. A survived kill -9 proves
// nothing, since the page cache survives it too.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleProgram, type ChildProgram, maySkip, run } from '../support/child-program.ts'
import { completedCalls, type SystemCall } from '../support/strace.ts'

describe('durable before effect', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'marathon-strace-'))
  let program: ChildProgram
  beforeAll(async () => {
    program = await bundleProgram('tests/support/counting-server.ts')
  })
  afterAll(() => {
    program.remove()
    rmSync(dataDir, { recursive: true })
  })

  it.skipIf(maySkip(['strace', '-o', '/dev/null', 'true']))(
    'the disk has confirmed the pages, then the page that makes them valid, before the effect and the reply leave',
    async () => {
      const trace = join(dataDir, 'trace')
      const calls = 'openat,write,writev,pwrite64,pwritev,fdatasync,fsync'
      const ended = await run([
        'strace',
        '-f',
        '-o',
        trace,
        '-s',
        '200',
        '-e',
        `trace=${calls}`,
        process.execPath,
        program.path,
        dataDir,
        '20',
      ])
      expect(ended.code).toBe(0)
      const all = completedCalls(readFileSync(trace, 'utf8'))
      const store = join(dataDir, 'store', 'data.mdb')
      const pages = descriptor(all, (text) => text.includes(store) && text.includes('O_RDWR'))
      const meta = descriptor(all, (text) => text.includes(store) && text.includes('O_DSYNC'))
      for (let n = 1; n <= 20; n++) {
        const submitted = indexOf(all, 0, (call) => says(call, `submit ${n}`))
        const written = indexOf(
          all,
          submitted,
          ({ name, fd }) => /^p?writev?(64)?$/.test(name) && fd === pages,
        )
        const lastPage = lastIndexBefore(
          all,
          ({ name, fd }) => name !== 'fdatasync' && fd === pages,
          `effect ${n}`,
        )
        const synced = indexOf(
          all,
          lastPage,
          ({ name, fd, result }) => name === 'fdatasync' && fd === pages && result === 0,
        )
        const valid = indexOf(
          all,
          synced,
          ({ name, fd, result }) => name === 'pwrite64' && fd === meta && result > 0,
        )
        const effect = indexOf(all, valid, (call) => says(call, `effect ${n}`))
        const reply = indexOf(all, effect, (call) => says(call, `reply ${n}`))
        expect([submitted, written, lastPage, synced, valid, effect, reply]).not.toContain(-1)
        // Each had returned when the next was called; `written` may be the last page itself.
        expect(written).toBeLessThanOrEqual(lastPage)
        for (const [earlier, later] of [
          [lastPage, synced],
          [synced, valid],
          [valid, effect],
          [effect, reply],
        ] as const) {
          expect(all[earlier]!.returnedAt).toBeLessThan(all[later]!.calledAt)
        }
      }
    },
  )
})

function descriptor(all: readonly SystemCall[], opens: (text: string) => boolean): number {
  return all.filter(({ name, text }) => name === 'openat' && opens(text)).at(-1)?.result ?? -1
}

function says({ name, fd, text }: SystemCall, line: string): boolean {
  return name === 'write' && fd === 1 && text.includes(`"${line}\\n"`)
}

function indexOf(all: readonly SystemCall[], from: number, matches: (call: SystemCall) => boolean): number {
  return from < 0 ? -1 : all.findIndex((call, index) => index >= from && matches(call))
}

function lastIndexBefore(
  all: readonly SystemCall[],
  matches: (call: SystemCall) => boolean,
  line: string,
): number {
  const end = all.findIndex((call) => says(call, line))
  return all.slice(0, end).findLastIndex(matches)
}
