// Installs the npm packages of a fresh clone. Does nothing when the installed ones match the lock file.

import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

export function install() {
  const marker = join(root, 'node_modules', '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return
  refuseLink(join(root, 'node_modules'))
  console.log('Installing npm packages …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error('npm ci failed; see its messages above.')
    process.exit(1)
  }
}

/** npm empties what a link leads to, and whoever works there finds no packages any more. */
function refuseLink(folder) {
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  if (!isLink) return
  console.error(
    `${folder} is a link to ${readlinkSync(folder)}, which installing would empty. Remove the link and start again.`,
  )
  process.exit(1)
}
