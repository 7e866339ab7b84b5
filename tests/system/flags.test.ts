// Flags of a real server process: from its command line and its environment to its log, its answers and its exit code.

import { describe, expect, it } from 'vitest'
import { marathonProgram, runProgram } from './support/programs.ts'
import { useServers } from './support/server.ts'

const servers = useServers()

describe('at the start', () => {
  it('all options are logged, without secrets, and each that has no effect is warned of once', async () => {
    const server = await servers.start({
      flags: ['--zk_timeout=5000', '--disable_checkpoint', '--metrics_datadog_api_key', 'hunter2'],
      env: { MARATHON_MESOS_BRIDGE_NAME: 'bridge-1', MARATHON_DISABLE_HTTP_COMPRESSION: '' },
    })
    const lines = server.logLines()
    const options = lines.find((line) => line['message'] === 'options')
    expect(options?.['given']).toEqual(
      expect.arrayContaining([
        '--mesos_bridge_name bridge-1',
        '--disable_http_compression',
        '--zk_timeout 5000',
        '--disable_checkpoint',
        '--metrics_datadog_api_key ***',
      ]),
    )
    expect(options?.['defaults']).toContain('--launch_tokens 1000000')
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        '--zk_timeout has no effect: the state is in --data_dir, not in ZooKeeper.',
        '--disable_checkpoint has no effect: tasks on this machine always outlive the server.',
        expect.stringMatching(/^--metrics_datadog_api_key has no effect: /),
      ]),
    )
    expect(server.output).not.toContain('hunter2')

    const { body } = await server.api.get('/v2/info')
    expect(body.marathon_config).toMatchObject({
      mesos_bridge_name: 'bridge-1',
      checkpoint: false,
      ha: false,
    })
    expect(body.zookeeper_config).toMatchObject({ zk: null, zk_timeout: 5000 })
  })

  it('credentials may come from MESOSPHERE_HTTP_CREDENTIALS', async () => {
    const server = await servers.start({ env: { MESOSPHERE_HTTP_CREDENTIALS: 'ann:hunter2' } })
    const authorization = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`
    expect((await server.api.get('/v2/apps')).status).toBe(401)
    expect((await server.api.get('/v2/apps', { authorization })).status).toBe(200)
    expect(server.output).not.toContain('hunter2')
    await server.terminate()
  })
})

describe('it ends with code 112 and one line', () => {
  it.each([
    [['--zk', 'zk://me:hunter2@127.0.0.1:2181/marathon'], {}, /^marathon: --zk .*in --data_dir/],
    [['--ha'], {}, /^marathon: --ha: .*--disable_ha/],
    [[], { MESOSPHERE_KEYSTORE_PATH: '/keys' }, /^marathon: --ssl_keystore_path .*HTTPS/],
    [[], { MARATHON_HTTP_REALM: '' }, /^marathon: MARATHON_HTTP_REALM needs a value/],
    [['--deprecated_features', 'app_c'], {}, /^marathon: .*app_c .*removed in 1\.9\.0/],
    [['--mesos_user', 'somebody-else'], {}, /^marathon: --mesos_user is 'somebody-else'/],
    [['--lunch_tokens', '3'], {}, /^marathon: unknown flag --lunch_tokens\. Did you mean --launch_tokens\?/],
  ])('on %j with %j', async (flags, env, message) => {
    const server = servers.prepare({ flags, env: env as unknown as Readonly<Record<string, string>> })
    server.spawn()
    expect(await server.exited()).toEqual({ code: 112, signal: null })
    expect(server.output.trim().split('\n')).toHaveLength(1)
    expect(server.output).toMatch(message)
    expect(server.output).not.toContain('hunter2')
  })
})

it('--help lists the flags and starts nothing', async () => {
  const { code, stdout } = await runProgram([marathonProgram, 'server', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('--[disable_]suppress_offers (on)')
  expect(stdout).toContain('--zk_session_timeout')
})
