// node tools/run.mjs sim/mutations/main.ts [--only NAME] [--seeds 20] Puts one known bug after the other into the core, runs seeds until
// a checker complains, and prints a line for each. Ends with code 1 when one is not caught by the checker it should be.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hunt } from './hunt.ts'
import { bundleMutant } from './mutant.ts'
import { mutations } from './table.ts'

const { values } = parseArgs({
  options: { only: { type: 'string' }, seeds: { type: 'string', default: '20' } },
})

const root = process.cwd()
const outdir = mkdtempSync(join(tmpdir(), 'mutations-'))
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)
const clockMs = (): number => performance.now()
let missed = 0

console.log('| Bug | Caught by | Seed | Simulated hours | Seconds |')
console.log('|---|---|---|---|---|')
try {
  for (const { name, edits, caughtBy, world } of mutations) {
    if (values.only !== undefined && values.only !== name) continue
    const subject = await bundleMutant(name, edits, { root, outdir })
    const found = hunt(subject, seeds, { world, clockMs })
    if (found === undefined || !caughtBy.includes(found.checker)) missed++
    console.log(
      found === undefined
        ? `| ${name} | nobody | | | |`
        : `| ${name} | ${found.checker} | ${found.seed} | ${found.hours.toFixed(2)} | ${(found.ms / 1_000).toFixed(1)} |`,
    )
    if (found !== undefined && !caughtBy.includes(found.checker))
      console.log(`  ${caughtBy.join(' or ')} was expected: ${found.message}`)
  }
} finally {
  rmSync(outdir, { recursive: true, force: true })
}
process.exitCode = missed === 0 ? 0 : 1
