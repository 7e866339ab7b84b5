// A network of its own for one test: `localhost:8080`, `foo.bar` and `s3.amazonaws.com` are what the posted command
// lines say, so they run as they stand and reach nothing outside. It is a Linux network and mount namespace, held
// open by one small process that also passes calls from a socket file on to port 8080 inside.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { marathonProgram, type Run, type RunOptions, runProgram } from './programs.ts'
import { until } from './until.ts'

/** Runs inside: brings up loopback, puts our hosts file in place, serves files over https, bridges the socket file. */
const holder = `
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const https = require('node:https')
const net = require('node:net')
const folder = process.argv[1]
const run = (...command) => {
  const { status, stderr } = spawnSync(command[0], command.slice(1))
  if (status !== 0) throw new Error(command.join(' ') + ': ' + stderr)
}
run('ip', 'link', 'set', 'lo', 'up')
run('mount', '--bind', folder + '/hosts', '/etc/hosts')
const tls = { key: fs.readFileSync(folder + '/key.pem'), cert: fs.readFileSync(folder + '/cert.pem') }
https.createServer(tls, (request, response) => {
  fs.appendFileSync(folder + '/requests', request.headers.host + request.url + '\\n')
  fs.readFile(folder + '/www/' + request.headers.host + request.url, (error, bytes) =>
    error ? response.writeHead(404).end() : response.end(bytes))
}).listen(443, '127.0.0.1')
net.createServer((outer) => {
  const inner = net.connect(8080, '127.0.0.1')
  outer.pipe(inner).pipe(outer)
  outer.on('error', () => inner.destroy())
  inner.on('error', () => outer.destroy())
}).listen(folder + '/api.sock', () => fs.writeFileSync(folder + '/ready', ''))
`

export interface Island {
  /** Put before a command, it runs the command inside. */
  readonly within: readonly string[]
  /** Reaches port 8080 inside from outside. */
  readonly socketPath: string
  /** What a server needs to trust the https server inside. */
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  /** Runs a shell command line inside, on a terminal of its own where asked for; `marathon` is on its PATH. */
  shell(line: string, options?: RunOptions & { readonly isTerminal?: boolean }): Promise<Run>
  /** Serves these bytes as https://HOST/PATH. */
  serve(hostAndPath: string, bytes: Uint8Array): void
  /** What was asked of the https server, as HOST/PATH. */
  remove(): Promise<void>
}

/** Whether this machine lets us make one: it takes root and Linux. */
export const canHaveIsland = (): boolean =>
  spawnSync('unshare', ['--net', '--mount', 'ip', 'link', 'set', 'lo', 'up']).status === 0

/** @param hosts names that mean this machine inside */
export async function makeIsland(hosts: readonly string[] = []): Promise<Island> {
  const folder = mkdtempSync(join(tmpdir(), 'marathon-island-'))
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 ${['localhost', ...hosts].join(' ')}\n`)
  makeCertificate(folder, ['localhost', ...hosts])
  mkdirSync(join(folder, 'bin'))
  symlinkSync(marathonProgram, join(folder, 'bin', 'marathon'))
  const child = spawn('unshare', ['--net', '--mount', process.execPath, '-e', holder, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  await until('the network of the test', () => {
    if (child.exitCode !== null) throw new Error(`the network of the test: ${stderr}`)
    return spawnSync('test', ['-e', join(folder, 'ready')]).status === 0
  })
  const within = ['nsenter', '-t', String(child.pid), '--net', '--mount', '--wd=.', '--']
  return {
    within,
    folder,
    socketPath: join(folder, 'api.sock'),
    env: { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') },
    shell: (line, { isTerminal = false, ...options } = {}) => {
      const command = isTerminal ? ['script', '-qec', line, '/dev/null'] : ['sh', '-c', line]
      const path = `${join(folder, 'bin')}:${process.env['PATH']}`
      const [first, ...rest] = [...within, ...command] as [string, ...string[]]
      return runProgram([first, ...rest], { ...options, env: { PATH: path, ...options.env } })
    },
    serve: (hostAndPath, bytes) => {
      const file = join(folder, 'www', hostAndPath)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, bytes)
    },
    remove: async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await exited
}

function makeCertificate(folder: string, hosts: readonly string[]): void {
  const names = hosts.map((host) => `DNS:${host}`).join(',')
  const { status, stderr } = spawnSync(
    'openssl',
    // biome-ignore format: options and their values
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=marathon test', '-addext', `subjectAltName=${names}`,
      '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
  )
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`)
}
