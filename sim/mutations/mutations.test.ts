// The simulator finds what it is for: each class of bugs that is put back into the core is caught, by the checker whose
// promise it breaks, and the core as it is breaks none in the same worlds. `npm run sim -- --mutations` has figures.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hunt } from './hunt.ts'
import { bundleMutant, type Subject } from './mutant.ts'
import { mutations } from './table.ts'

const root = process.cwd()
const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const clockMs = (): number => performance.now()

let outdir: string
let present: Subject

beforeAll(async () => {
  outdir = mkdtempSync(join(tmpdir(), 'mutations-'))
  present = await bundleMutant('present', [], { root, outdir })
})

afterAll(() => rmSync(outdir, { recursive: true, force: true }))

describe('a bug that is put back', () => {
  test.each(mutations)('is caught: $name', { timeout: 120_000 }, async ({ name, edits, caughtBy, world }) => {
    const mutant = await bundleMutant(name, edits, { root, outdir })
    const found = hunt(mutant, seeds, { world, clockMs })
    expect(found, 'no seed finds it').toBeDefined()
    expect(caughtBy, found!.message).toContain(found!.checker)
    // The same world, up to the seed that found it, with the core as it is.
    expect(hunt(present, [found!.seed], { world, clockMs })).toBeUndefined()
  })
})

describe('a mutation that is out of date', () => {
  const file = 'src/core/quarantine.ts'

  test('names the file and the text that is not there', async () => {
    const edits = [{ file, find: 'a text nobody wrote', replace: '' }]
    await expect(bundleMutant('stale', edits, { root, outdir })).rejects.toThrow(
      `the mutation of ${file} is out of date: its text is there 0 times`,
    )
  })

  test('is refused as well when its text is there twice', async () => {
    const edits = [{ file, find: 'if (!this.#isOn) return decide()', replace: '' }]
    await expect(bundleMutant('vague', edits, { root, outdir })).rejects.toThrow('is there 2 times, not once')
  })
})
