// Bundles one TypeScript entry and runs it: `node tools/run.mjs sim/main.ts --seed 7`.

import { spawnSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { install } from './install.mjs'

const [entry, ...args] = process.argv.slice(2)
if (entry === undefined) {
  console.error('usage: node tools/run.mjs ENTRY.ts [ARG …]')
  process.exit(2)
}
install()
const { bundle, root } = await import('./build.mjs')
const name = `${basename(dirname(entry))}-${basename(entry, '.ts')}`
await bundle({ [name]: entry }, join(root, '.cache', 'run'))
const { status, signal } = spawnSync(
  process.execPath,
  [
    // As bin/marathon runs the server, so that benches and simulator measure what users get.
    ...['--max-old-space-size=8192', '--max-semi-space-size=32'],
    '--enable-source-maps',
    join(root, '.cache', 'run', `${name}.mjs`),
    ...args,
  ],
  {
    stdio: 'inherit',
    cwd: root,
  },
)
process.exit(signal === null ? (status ?? 1) : 1)
