// `npm test`: from a fresh clone to a verdict. Installs what the tests need, then runs format, types, lint and every
// test, and ends with one line of counts. A test that could not run is a failure where CI=true, and is said aloud
// elsewhere.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installDebianPackages } from './debian-packages.mjs'
import { install } from './install.mjs'
import { installLtsNode } from './lts-node.mjs'

install()
installDebianPackages()
const { bundle, root } = await import('./build.mjs')
await bundle({ marathon: 'src/main.ts' })

const isCi = process.env.CI === 'true'
const folder = mkdtempSync(join(tmpdir(), 'marathon-test-'))
let passed = 0
let failed = 0
let skipped = 0

for (const step of ['format', 'types', 'lint']) count(step, run('node', ['tools/check.mjs', step]))
test('unit', process.execPath)
const ltsNode = installLtsNode(root)
if (ltsNode === undefined) {
  console.log('There is no Node LTS package for this machine: the unit tests ran on one Node only.')
  skipped++
} else {
  test('unit', ltsNode)
}
test('system', process.execPath)
rmSync(folder, { recursive: true })

if (isCi && skipped > 0) {
  console.error(`${skipped} tests were skipped; in CI every test must run.`)
  failed += skipped
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed > 0 ? 1 : 0)

function test(project, node) {
  const report = join(folder, `${project}.json`)
  rmSync(report, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  console.log(`\n${project} tests on ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`)
  const isOk = run(node, [vitest, ...args])
  const counts = readReport(report)
  passed += counts.numPassedTests
  failed += counts.numFailedTests
  skipped += counts.numPendingTests + counts.numTodoTests
  // A suite that breaks before its first test counts no test as failed.
  if (!isOk && counts.numFailedTests === 0) failed++
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  return status === 0
}

function count(step, isOk) {
  if (isOk) passed++
  else failed++
  if (!isOk) console.error(`npm run check: ${step} failed, see above.`)
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // The runner died before it could write: its exit status makes that a failure.
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
}
