// `npm run check`: format, types, lint and our own rules. `node tools/check.mjs types` runs one of them.

import { spawnSync } from 'node:child_process'
import { install } from './install.mjs'

const steps = {
  format: [['npx', 'biome', 'format', '.']],
  types: [
    ['npx', 'tsc', '-p', 'tsconfig.core.json'],
    ['npx', 'tsc', '-p', 'tsconfig.json'],
  ],
  lint: [['npx', 'biome', 'lint', '--error-on-warnings', '.']],
  tidy: [['npx', 'vitest', 'run', '--project', 'unit', 'tests/tidy.test.ts']],
}

install()
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in steps))
if (unknown.length > 0) {
  console.error(`unknown check ${unknown.join(', ')}; expected some of ${Object.keys(steps).join(', ')}`)
  process.exit(2)
}
let isOk = true
for (const name of wanted.length > 0 ? wanted : Object.keys(steps)) {
  for (const [command, ...args] of steps[name]) {
    const { status } = spawnSync(command, args, { stdio: 'inherit' })
    if (status === 0) continue
    console.error(`✗ ${name}`)
    isOk = false
  }
}
process.exit(isOk ? 0 : 1)
