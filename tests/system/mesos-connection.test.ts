// The server and its masters, each in a process or on a socket of its own: who leads, as ZooKeeper has it; TLS; secrets
// in files; with which code it ends when a master wants no more of it. The masters here only listen.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { HandMaster, subscribedEvent } from '../support/hand-master.ts'
import { useServers } from './support/server.ts'
import { until } from './support/until.ts'
import { hasZookeeper, Zookeeper } from './support/zookeeper.ts'

const servers = useServers()
const masters: HandMaster[] = []
const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const master of masters.splice(0)) await master.stop()
  for (const end of ends.splice(0)) await end()
})

async function masterThere(tls?: { readonly key: string; readonly cert: string }): Promise<HandMaster> {
  const master = await new HandMaster(tls).start()
  masters.push(master)
  master.behave = ({ body }, response) => {
    if (body.type !== 'SUBSCRIBE') return false
    master.open(response)
    master.tell(
      subscribedEvent('framework-1', { version: '1.12.0', hostname: 'localhost', port: master.port }),
    )
    return true
  }
  return master
}

const subscriptions = (master: HandMaster, count: number) =>
  until(`${count} subscriptions`, () => master.heard('SUBSCRIBE').length >= count)

const frameworkOf = (master: HandMaster, nth = 0) =>
  (
    master.heard('SUBSCRIBE')[nth]!.body as unknown as {
      subscribe: { framework_info: Record<string, unknown> & { id?: { value: string } } }
    }
  ).subscribe.framework_info

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'marathon-masters-'))
  ends.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe.skipIf(!hasZookeeper)('the master that leads, as ZooKeeper has it', () => {
  const nodeOf = (master: HandMaster): string =>
    JSON.stringify({
      id: String(master.port),
      ip: 16_777_343,
      port: master.port,
      pid: `master@127.0.0.1:${master.port}`,
      hostname: 'localhost',
      version: '1.12.0',
      address: { hostname: 'localhost', ip: '127.0.0.1', port: master.port },
    })

  test('is followed: from the first to the next, over the end of ZooKeeper, and when there was none', async () => {
    const zookeeper = await Zookeeper.start()
    ends.push(() => zookeeper.stop())
    const server = await servers.start({
      flags: ['--master', `zk://127.0.0.1:1,${zookeeper.address}/mesos`],
    })
    const [one, two, three] = [await masterThere(), await masterThere(), await masterThere()]
    const leads = async (): Promise<string> =>
      (await server.api.get('/v2/info')).body.marathon_config.mesos_leader_ui_url

    // Masters come after the server, each in a session of its own, with the replicas of their log beside them.
    const first = await zookeeper.client()
    await first.folder('/mesos/log_replicas')
    await first.ephemeral('/mesos/json.info_', nodeOf(one))
    const second = await zookeeper.client()
    await second.ephemeral('/mesos/json.info_', nodeOf(two))
    await subscriptions(one, 1)
    await until('the leader to be shown', async () => (await leads()) === `http://localhost:${one.port}/`)
    expect(two.calls).toEqual([])

    // It dies, as ZooKeeper sees it: its stream is left for the next one's.
    first.close()
    await subscriptions(two, 1)
    expect(frameworkOf(two).id).toEqual({ value: 'framework-1' })
    await until('the old stream to end', () => one.streams[0]!.destroyed)
    expect(await leads()).toBe(`http://localhost:${two.port}/`)

    // Without ZooKeeper the master that led is kept to, and found again when its stream breaks.
    await zookeeper.kill()
    await until('the loss to be noticed', () => server.output.includes('ZooKeeper cannot be reached'))
    expect(two.streams[0]!.destroyed).toBe(false)
    two.streams[0]!.destroy()
    await subscriptions(two, 2)

    // It comes back and knows nothing; a master of the oldest kind leads.
    zookeeper.forget()
    await zookeeper.startAgain()
    const third = await zookeeper.client()
    await third.folder('/mesos')
    await third.node('/mesos/0000000000', `master@127.0.0.1:${three.port}`)
    await subscriptions(three, 1)
    expect(await leads()).toBe(`http://localhost:${three.port}/`)
  })
})

describe('TLS', () => {
  function certificate(): { key: string; cert: string; file: string } {
    const path = folder()
    const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')]
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
        .concat(['-keyout', key, '-out', cert])
        .concat(subject),
      { stdio: 'ignore' },
    )
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), file: cert }
  }

  test('with a certificate of an authority it is told of; secrets go to nobody else', async () => {
    const own = certificate()
    const master = await masterThere(own)
    const flags = ['--master', `https://me:pass%2Fword@127.0.0.1:${master.port}`]
    const server = await servers.start({ flags, env: { NODE_EXTRA_CA_CERTS: own.file } })
    await subscriptions(master, 1)
    await until('calls', () => master.heard('RECONCILE').length > 0)
    const [subscribe, call] = [master.calls[0]!, master.heard('RECONCILE')[0]!]
    const basic = `Basic ${Buffer.from('me:pass/word').toString('base64')}`
    expect([subscribe.headers.authorization, call.headers.authorization]).toEqual([basic, basic])
    expect(server.output).not.toMatch(/pass(%2F|\/)word/)

    const stranger = await servers.start({ flags: ['--master', `127.0.0.1:${master.port}`, '--mesos_tls'] })
    await until('a word about it', () => /self-signed certificate/.test(stranger.output))
    expect(master.heard('SUBSCRIBE')).toHaveLength(1)
    expect((await stranger.api.get('/v2/info')).status).toBe(200)
  })
})

describe('authentication', () => {
  test('with a secret from a file, whose line break is no part of it', async () => {
    const master = await masterThere()
    const file = join(folder(), 'secret')
    writeFileSync(file, 's3cret\n')
    await servers.start({
      flags: ['--master', `127.0.0.1:${master.port}`, '--mesos_authentication']
        .concat(['--mesos_authentication_principal', 'fw', '--mesos_authentication_secret_file', file])
        .concat(['--framework_name', 'mine', '--failover_timeout', '60', '--disable_checkpoint']),
    })
    await subscriptions(master, 1)
    expect(master.calls[0]!.headers.authorization).toBe('Basic Znc6czNjcmV0')
    expect(frameworkOf(master)).toMatchObject({
      name: 'mine',
      principal: 'fw',
      failover_timeout: 60,
      checkpoint: false,
      hostname: '127.0.0.1',
      webui_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/),
      roles: ['*'],
    })
  })

  test('that is refused ends it with code 106 and the words of the master', async () => {
    const master = await masterThere()
    master.behave = (_, response) => {
      response.writeHead(401).end('401 Unauthorized.')
      return true
    }
    const server = servers.prepare({ flags: ['--master', `127.0.0.1:${master.port}`] })
    server.spawn()
    expect(await server.exited()).toEqual({ code: 106, signal: null })
    expect(server.output).toContain('401 Unauthorized.')
  })

  test.each([
    [['--mesos_authentication'], /--mesos_authentication is given without --mesos_authentication_principal/],
    [
      ['--mesos_authentication', '--mesos_authentication_principal', 'fw'],
      /without --mesos_authentication_secret or --mesos_authentication_secret_file/,
    ],
    [
      ['--mesos_authentication', '--mesos_authentication_principal', 'fw'].concat([
        '--mesos_authentication_secret_file',
        '/no/such/file',
      ]),
      /--mesos_authentication_secret_file is '\/no\/such\/file'; expected a file that can be read/,
    ],
  ])('%j: it does not start', async (flags, message) => {
    const server = servers.prepare({ flags: ['--master', '127.0.0.1:1', ...flags] })
    server.spawn()
    expect((await server.exited()).code).toBe(112)
    expect(server.output).toMatch(message)
  })
})

describe('the end', () => {
  test('of a framework that was removed: code 110, and the next process registers anew', async () => {
    const master = await masterThere()
    const server = await servers.start({ flags: ['--master', `127.0.0.1:${master.port}`] })
    await until(
      'the id to be shown',
      async () => (await server.api.get('/v2/info')).body.frameworkId ?? undefined,
    )
    master.tell({ type: 'ERROR', error: { message: 'Framework has been removed' } })
    expect(await server.exited()).toEqual({ code: 110, signal: null })
    await server.start()
    await subscriptions(master, 2)
    expect(frameworkOf(master, 1).id).toBeUndefined()
  })

  test('of a framework that another process took over: code 106, and the id is kept', async () => {
    const master = await masterThere()
    const server = await servers.start({ flags: ['--master', `127.0.0.1:${master.port}`] })
    await until(
      'the id to be shown',
      async () => (await server.api.get('/v2/info')).body.frameworkId ?? undefined,
    )
    master.tell({ type: 'ERROR', error: { message: 'Framework failed over' } })
    expect(await server.exited()).toEqual({ code: 106, signal: null })
    expect(server.output).toContain('Framework failed over')
    await server.start()
    await subscriptions(master, 2)
    expect(frameworkOf(master, 1).id).toEqual({ value: 'framework-1' })
  })

  test('at a master that is too old: code 106', async () => {
    const master = await masterThere()
    master.behave = (_, response) => {
      master.open(response)
      master.tell(subscribedEvent('f', { version: '1.4.3' }))
      return true
    }
    const server = servers.prepare({ flags: ['--master', `127.0.0.1:${master.port}`] })
    server.spawn()
    expect((await server.exited()).code).toBe(106)
    expect(server.output).toMatch(/is Mesos 1\.4\.3; 1\.5\.0 or later is needed/)
  })
})
