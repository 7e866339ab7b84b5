// A real ZooKeeper server of Debian's package, on loopback with its data in a folder of its own: it can be killed,
// started again with or without what it knew, and frozen. And a client that writes nodes as others would.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ACL, type Client, CreateMode, createClient } from 'node-zookeeper-client'
import { until } from './until.ts'

const jar = '/usr/share/java/zookeeper.jar'

/** In CI it has to be there. */
export const hasZookeeper = process.env['CI'] === 'true' || (existsSync(jar) && existsSync('/usr/bin/java'))

/** Ticks are short, so that sessions can be: two of them at least. */
const configuration = (folder: string, port: number): string => `
tickTime=200
dataDir=${folder}/data
clientPort=${port}
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=srvr
`

export class Zookeeper {
  readonly port: number
  readonly #folder: string
  #process: ChildProcess | undefined
  readonly #clients: Client[] = []

  private constructor(port: number) {
    this.port = port
    this.#folder = mkdtempSync(join(tmpdir(), 'marathon-zookeeper-'))
    writeFileSync(join(this.#folder, 'zoo.cfg'), configuration(this.#folder, port))
  }

  static async start(): Promise<Zookeeper> {
    const zookeeper = new Zookeeper(await freePort())
    await zookeeper.startAgain()
    return zookeeper
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async startAgain(): Promise<void> {
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    this.#process = spawn(
      '/usr/bin/java',
      ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', jar, main, join(this.#folder, 'zoo.cfg')],
      { stdio: 'ignore', cwd: this.#folder },
    )
    await until('ZooKeeper to serve', async () => (await this.#ask('srvr')).includes('Mode:'))
  }

  async kill(): Promise<void> {
    const running = this.#process
    this.#process = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }

  /** While it is down: nobody's session is known afterwards. */
  forget(): void {
    rmSync(join(this.#folder, 'data'), { recursive: true, force: true })
  }

  /** It holds its connections and does not move. */
  freeze(): void {
    this.#process!.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process!.kill('SIGCONT')
  }

  /** A session in which nodes are written. */
  async client(credentials?: string): Promise<NodeWriter> {
    const client = createClient(this.address, { sessionTimeout: 4_000 })
    this.#clients.push(client)
    if (credentials !== undefined) client.addAuthInfo('digest', Buffer.from(credentials))
    await new Promise<void>((resolve) => {
      client.once('connected', resolve)
      client.connect()
    })
    return new NodeWriter(client)
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #ask(word: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = ''
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write(word))
      socket.on('data', (chunk) => (answer += chunk.toString()))
      // One that is just starting may take the connection and say nothing.
      socket.setTimeout(500, () => socket.destroy())
      socket.on('error', () => resolve(''))
      socket.on('close', () => resolve(answer))
    })
  }
}

export class NodeWriter {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** With its parents. */
  async folder(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#client.mkdirp(path, (error) => (error ? reject(error) : resolve())),
    )
  }

  /** A node that lives as long as this session, its name followed by a number. @returns its path */
  ephemeral(path: string, data: string | Buffer): Promise<string> {
    return this.#create(path, data, CreateMode.EPHEMERAL_SEQUENTIAL)
  }

  node(path: string, data: string | Buffer, acls?: ACL[]): Promise<string> {
    return this.#create(path, data, CreateMode.PERSISTENT, acls)
  }

  async remove(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#client.remove(path, (error) => (error ? reject(error) : resolve())),
    )
  }

  close(): void {
    this.#client.close()
  }

  #create(path: string, data: string | Buffer, mode: number, acls: ACL[] = []): Promise<string> {
    const bytes = Buffer.from(data)
    return new Promise((resolve, reject) => {
      const done = (error: unknown, created: string): void => (error ? reject(error) : resolve(created))
      if (acls.length === 0) this.#client.create(path, bytes, mode, done)
      else this.#client.create(path, bytes, acls, mode, done)
    })
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
