// npm run sim -- --mutations [--swarm 20] Puts one known bug after the other into the core, runs seeds until a checker
// complains, and prints a line for each.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Catch, hunt } from './hunt.ts'
import { bundleMutant } from './mutant.ts'
import type { Mutation } from './mutation.ts'
import { mutations } from './table.ts'

/** How many are not found, or by another checker than the one whose promise they break. */
export async function runMutations(options: {
  readonly root: string
  readonly seeds: readonly number[]
  readonly clockMs: () => number
  readonly print: (line: string) => void
}): Promise<number> {
  const { root, seeds, clockMs, print } = options
  const outdir = mkdtempSync(join(tmpdir(), 'mutations-'))
  let missed = 0
  print('| Bug | Found by | Seed | Simulated hours | Seconds |')
  print('|---|---|---|---|---|')
  try {
    for (const mutation of mutations) {
      const { name, edits, caughtBy, world } = mutation
      const subject = await bundleMutant(name, edits, { root, outdir })
      const found = hunt(subject, seeds, { world, clockMs })
      print(rowOf(mutation, found))
      if (found !== undefined && caughtBy.includes(found.checker)) continue
      missed++
      print(`  ${caughtBy.join(' or ')} was expected: ${found?.message ?? 'nobody complains'}`)
    }
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
  return missed
}

function rowOf({ name }: Mutation, found: Catch | undefined): string {
  if (found === undefined) return `| ${name} | nobody | | | |`
  const { checker, seed, hours, ms } = found
  return `| ${name} | ${checker} | ${seed} | ${hours.toFixed(2)} | ${(ms / 1_000).toFixed(1)} |`
}
