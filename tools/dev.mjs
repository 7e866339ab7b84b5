// `npm run dev`: the server, built again and restarted whenever a source changes. Its tasks keep running meanwhile.

import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { install } from './install.mjs'

install()
const { bundle, root } = await import('./build.mjs')
const settleMs = 150
let server
let timer

async function restart() {
  try {
    await bundle({ marathon: 'src/main.ts' })
  } catch {
    return // esbuild has printed what is wrong; the running server stays until it is mended.
  }
  server?.kill('SIGTERM')
  if (server !== undefined && server.exitCode === null)
    await new Promise((resolve) => server.once('exit', resolve))
  server = spawn(join(root, 'bin', 'marathon'), ['server', ...process.argv.slice(2)], { stdio: 'inherit' })
}

for (const folder of ['src', 'cli', 'client', 'public']) {
  watch(join(root, folder), { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(restart, settleMs)
  })
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server?.kill(signal)
    process.exit(0)
  })
}
await restart()
