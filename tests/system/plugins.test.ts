// Plugins in a real server: those of examples/plugins, as they are, and such as keep it from starting.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exampleFile } from './support/examples.ts'
import { type Server, useServers } from './support/server.ts'

const servers = useServers()
const sim = ['--master', 'sim'] as const

/** Flags for a descriptor of these entries, beside one module with this text. */
function pluginsOf(entries: object, module = ''): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'marathon-plugins-'))
  servers.afterwards(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'plugin.mjs'), module)
  writeFileSync(join(dir, 'plugins.json'), JSON.stringify({ plugins: entries }))
  return [...sim, '--plugin_dir', dir, '--plugin_conf', join(dir, 'plugins.json')]
}

const app = (id: string, more: object = {}) => ({ id, cmd: 'serve', cpus: 0.1, mem: 32, ...more })

describe('the example plugins', () => {
  const flags = [
    ...sim,
    '--framework_name',
    'shop',
    '--plugin_dir',
    exampleFile('plugins'),
    '--plugin_conf',
    exampleFile('plugins/plugins.json'),
  ]

  it('are listed, judge definitions and answer requests', async () => {
    const server = await servers.start({ flags })
    const { api } = server
    expect((await api.get('/v2/plugins')).body.plugins.map(({ id }: { id: string }) => id)).toEqual([
      'owner-rule',
      'site-labels',
      'notes',
    ])
    expect(server.output).not.toContain('has no effect')
    expect(await api.post('/v2/apps', app('/a', { env: { SECURITY_USER: 'root' } }))).toMatchObject({
      status: 422,
      body: {
        message: 'Object is not valid',
        details: [
          { path: '/labels', errors: ["every app needs a label 'owner'"] },
          { path: '/env/SECURITY_USER', errors: ['SECURITY_* is reserved'] },
        ],
      },
    })
    expect((await api.post('/v2/apps', app('/a', { labels: { owner: 'ann' } }))).status).toBe(201)

    const note = (method: string, name: string, body?: string) =>
      fetch(`${server.url}/v2/plugins/notes/${name}`, { method, ...(body === undefined ? {} : { body }) })
    expect((await note('PUT', 'monday', 'grüße')).status).toBe(204)
    const read = await note('GET', 'monday')
    expect([read.status, read.headers.get('content-type'), await read.text()]).toEqual([
      200,
      'text/plain',
      'grüße',
    ])
    expect(await (await note('GET', 'all')).json()).toEqual({ of: 'shop', notes: { monday: 'grüße' } })
    const head = await note('HEAD', 'monday')
    expect([head.status, head.headers.get('x-note-length'), await head.text()]).toEqual([200, '5', ''])
    expect((await note('DELETE', 'monday')).status).toBe(204)
  })

  it('do not touch what was accepted without them, until it is changed', async () => {
    const before = await servers.start({ flags: sim })
    expect((await before.api.post('/v2/apps', app('/a'))).status).toBe(201)
    await before.terminate()
    const { api } = await servers.start({ flags, dataDir: before.dataDir })
    expect((await api.get('/v2/apps/a')).body.app).toMatchObject({ id: '/a', labels: {} })
    expect((await api.call('POST', '/v2/apps/a/restart?force=true')).status).toBe(200)
    const change = (body: object) => api.call('PUT', '/v2/apps/a?force=true', { body })
    expect((await change({ mem: 64 })).status).toBe(422)
    expect((await change({ mem: 64, labels: { owner: 'ann' } })).status).toBe(200)
  })
})

describe('plugins that misbehave', () => {
  const module = `
    export class Rule {
      validate(definition) {
        if (definition.labels.what === 'loop') for (;;);
        if (definition.labels.what === 'throw') throw new Error('no idea')
        return []
      }
    }
    export class Pages {
      async serve({ requestPath }, response) {
        if (requestPath === 'loop') for (;;);
        if (requestPath === 'throw') throw new Error('hunter2')
        if (requestPath === 'who') {
          const { remoteAddr, remotePort, localPort } = arguments[0]
          response.status(200)
          response.body('application/json', JSON.stringify([remoteAddr, remotePort > 0, localPort]))
        }
      }
    }
  `
  it('are stopped, and nothing else is', async () => {
    const server = await servers.start({
      flags: pluginsOf(
        {
          rule: { plugin: 'RunSpecValidator', implementation: 'plugin.mjs#Rule' },
          pages: { plugin: 'HttpRequestHandler', implementation: 'plugin.mjs#Pages' },
        },
        module,
      ),
    })
    const { api } = server
    const refused = async (what: string) => {
      const { status, body } = await api.post('/v2/apps', app('/a', { labels: { what } }))
      return [status, body.message]
    }
    const judging = "The plugin 'rule' failed to judge the definition, which is not accepted without: "
    expect(await refused('loop')).toEqual([500, `${judging}it took longer than 1000 ms`])
    expect(await refused('throw')).toEqual([500, `${judging}no idea`])
    const asked = async (path: string) => {
      const { status, body } = await api.get(`/v2/plugins/pages/${path}`)
      return [status, body?.message]
    }
    expect(await asked('loop')).toEqual([503, "The plugin 'pages' has not answered within 1000 ms."])
    expect(await asked('throw')).toEqual([500, "The plugin 'pages' failed; the server's log has the reason."])
    expect((await asked('nothing'))[0]).toBe(401)
    expect((await api.get('/v2/plugins/pages/who')).body).toEqual([
      '127.0.0.1',
      true,
      Number(new URL(server.url).port),
    ])
    expect((await api.post('/v2/apps', app('/a'))).status).toBe(201)
    expect(server.output).toContain('hunter2')
  })

  const failing = async (flags: readonly string[]): Promise<[Server, number | null]> => {
    const server = servers.prepare({ flags })
    server.spawn()
    const { code } = await server.exited()
    return [server, code]
  }

  it.each([
    [
      'an initialiser fails',
      { rule: { plugin: 'RunSpecValidator', implementation: 'plugin.mjs#Rule', configuration: {} } },
      'export class Rule { validate() { return [] } initialize() { throw new Error("no users file") } }',
      "marathon: the plugin 'rule' (plugin.mjs#Rule) could not be initialised: no users file\n",
    ],
    [
      'a class is not there',
      { rule: { plugin: 'RunSpecValidator', implementation: 'plugin.mjs#Rules' } },
      'export class Rule {}',
      "marathon: the plugin 'rule' (plugin.mjs#Rules) is not there: expected a class Rules, the file exports Rule\n",
    ],
    [
      'an authenticator is asked for',
      {
        guard: {
          plugin: 'mesosphere.marathon.plugin.auth.Authenticator',
          implementation: 'plugin.mjs#Guard',
        },
      },
      'export class Guard {}',
      "plugins/guard/plugin is 'mesosphere.marathon.plugin.auth.Authenticator': plugins of this kind are not loaded yet",
    ],
  ])('keep the server from starting when %s', async (_when, entries, text, message) => {
    const [server, code] = await failing(pluginsOf(entries, text))
    expect([code, server.output]).toEqual([102, expect.stringContaining(message)])
  })
})
