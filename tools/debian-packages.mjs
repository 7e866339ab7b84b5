// The programs that tests run as real parts, from Debian's packages. Installed when this is a Debian machine and we are
// root; elsewhere the tests that need one say so.

import { spawnSync } from 'node:child_process'

/** Package → the program that shows it is there. */
const packages = {
  'netcat-openbsd': 'nc',
  httpie: 'http',
  strace: 'strace',
  procps: 'ps',
  'util-linux': 'setpriv',
  unzip: 'unzip',
  zip: 'zip',
  curl: 'curl',
  openssl: 'openssl',
  iproute2: 'ip',
  haproxy: 'haproxy',
  zookeeper: '/usr/share/zookeeper/bin/zkServer.sh',
}

export function installDebianPackages() {
  const missing = Object.keys(packages).filter((name) => !isInstalled(packages[name]))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    console.log(
      `Not installed, and not root on Debian: ${missing.join(', ')}. Tests that need them are skipped.`,
    )
    return
  }
  console.log(`Installing ${missing.join(', ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env })
  const installed = apt('install', '-y', '--no-install-recommends', ...missing)
  if (installed.status === 0) return
  apt('update')
  if (apt('install', '-y', '--no-install-recommends', ...missing).status !== 0) {
    console.error(`apt-get could not install ${missing.join(', ')}; see its messages above.`)
    process.exit(1)
  }
}

const isInstalled = (program) =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
