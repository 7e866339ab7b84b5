// `npm start`: from a fresh clone to a running server. Arguments after `--` go to the server.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { install } from './install.mjs'

install()
const { bundle, root } = await import('./build.mjs')
await bundle({ marathon: 'src/main.ts' })
const server = spawn(join(root, 'bin', 'marathon'), ['server', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
