// A real HAProxy with room for some servers, which are filled in while it runs. It tries each request once: whatever
// goes wrong behind it is seen in front of it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.ts'

export const hasHaproxy = spawnSync('haproxy', ['-v'], { stdio: 'ignore' }).status === 0

const configuration = (options: { port: number; socket: string; slots: number }): string => `
global
  stats socket ${options.socket} mode 600 level admin
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  retries 0
  option http-server-close
frontend front
  bind 127.0.0.1:${options.port}
  default_backend web
backend web
  balance roundrobin
  server-template slot 1-${options.slots} 127.0.0.1:1 disabled
`

export class Haproxy {
  readonly port: number
  readonly slots: number
  readonly #folder: string
  readonly #socket: string
  readonly #process: ChildProcess

  private constructor(port: number, slots: number) {
    this.port = port
    this.slots = slots
    this.#folder = mkdtempSync(join(tmpdir(), 'marathon-haproxy-'))
    this.#socket = join(this.#folder, 'socket')
    const file = join(this.#folder, 'haproxy.cfg')
    writeFileSync(file, configuration({ port, socket: this.#socket, slots }))
    // In the foreground: its pid is the one we started.
    this.#process = spawn('haproxy', ['-db', '-q', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  }

  static async start(slots: number): Promise<Haproxy> {
    const haproxy = new Haproxy(await freePort(), slots)
    await until('haproxy to listen', () => haproxy.command('show info').then(Boolean, () => false))
    return haproxy
  }

  /** Requests go to this address from now on. */
  async fill(slot: number, address: string, port: number): Promise<void> {
    await this.command(`set server web/slot${slot} addr ${address} port ${port}`)
    await this.command(`set server web/slot${slot} state ready`)
  }

  /** No new requests go to it; those under way end in their own time. */
  async drain(slot: number): Promise<void> {
    await this.command(`set server web/slot${slot} state drain`)
  }

  /** Servers that get requests. */
  async open(): Promise<number> {
    const rows = (await this.command('show stat')).split('\n').map((line) => line.split(','))
    return rows.filter(([backend, server, ...rest]) => {
      return backend === 'web' && server?.startsWith('slot') && /^(UP|no check)/.test(rest[15] ?? '')
    }).length
  }

  /** A line of its runtime API, and what it answers. */
  command(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.#socket)
      let answer = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk: string) => (answer += chunk))
      socket.on('error', reject)
      socket.on('end', () => resolve(answer))
      socket.end(`${line}\n`)
    })
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
