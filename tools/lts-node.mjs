// The current LTS of Node, from the npm registry: tests run on it as well as on the Node of the machine. Kept beside
// the packages, installed once.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const major = 24

/** The path of the program, or undefined where the registry has none for this machine. */
export function installLtsNode(root) {
  const name = `node-${process.platform}-${process.arch}`
  const prefix = join(root, 'node_modules', '.cache', 'node-lts')
  const program = join(prefix, 'node_modules', name, 'bin', 'node')
  if (existsSync(program)) return program
  console.log(`Installing Node ${major} for a second run of the unit tests …`)
  const args = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', [...args, `${name}@${major}`], { stdio: 'inherit' })
  return status === 0 && existsSync(program) ? program : undefined
}
