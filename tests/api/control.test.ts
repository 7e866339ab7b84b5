// What operators do to the process itself: how much it logs, its flags, its plugins, giving up the leadership.

import { describe, expect, it } from 'vitest'
import { parseFlags } from '../../src/config/flags.ts'
import { rawConfiguration } from '../../src/config/raw-configuration.ts'
import { LogLevels } from '../../src/logging/levels.ts'
import { createLogger } from '../../src/logging/logger.ts'
import { fakeApi } from '../support/fake-api.ts'
import { fakeNow } from '../support/fake-view.ts'
import { HandClock } from '../support/hand-clock.ts'

describe('/logging', () => {
  function server() {
    const clock = new HandClock(fakeNow)
    const logging = new LogLevels('info', clock)
    const log = createLogger(logging, { write: () => undefined })
    for (const part of ['http', 'driver']) log.child({ part })
    const { server } = fakeApi({ control: { logging } })
    const shown = async () => (await server.inject('/logging')).json()
    const post = (payload: object) => server.inject({ method: 'POST', url: '/logging', payload })
    return { clock, shown, post }
  }

  it('shows all loggers with their levels', async () => {
    const { shown } = server()
    expect(await shown()).toEqual({ ROOT: 'INFO', driver: 'INFO (inherited)', http: 'INFO (inherited)' })
  })

  it('changes one', async () => {
    const { shown, post } = server()
    const response = await post({ logger: 'http', level: 'DEBUG' })
    expect([response.statusCode, response.body]).toEqual([200, '{"level":"debug","logger":"http"}'])
    expect(await shown()).toEqual({ ROOT: 'INFO', driver: 'INFO (inherited)', http: 'DEBUG' })
  })

  it('changes one for a time', async () => {
    const { shown, post, clock } = server()
    const response = await post({ logger: 'ROOT', level: 'trace', durationSeconds: 60 })
    expect(response.body).toBe('{"level":"trace","logger":"ROOT","durationSeconds":60}')
    expect(await shown()).toEqual({ ROOT: 'TRACE', driver: 'TRACE (inherited)', http: 'TRACE (inherited)' })
    clock.advance(60_000)
    expect(await shown()).toEqual({ ROOT: 'INFO', driver: 'INFO (inherited)', http: 'INFO (inherited)' })
  })

  const shape = (path: string, error: string) => ({
    message: 'Invalid JSON',
    details: [{ path, errors: [error] }],
  })
  const rule = (error: string) => ({
    message: 'Object is not valid',
    details: [{ path: '/logger', errors: [error] }],
  })

  it.each([
    [{ logger: '', level: 'info' }, rule('must not be empty')],
    [{ logger: 'other', level: 'info' }, rule('got other, expected one of: [ROOT, driver, http]')],
    [{ logger: 'http', level: 'fatal' }, shape('/level', 'error.unknown.enum.literal')],
    [{ logger: 'http', level: 5 }, shape('/level', 'error.unknown.enum.literal')],
    [{ logger: 'http' }, shape('/level', 'error.path.missing')],
    [{ level: 'info' }, shape('/logger', 'error.path.missing')],
    [{ logger: 5, level: 'info' }, shape('/logger', 'error.expected.jsstring')],
    [
      { logger: 'http', level: 'info', durationSeconds: '9' },
      shape('/durationSeconds', 'error.expected.jsnumber'),
    ],
    [{ logger: 'http', level: 'info', durationSeconds: 0 }, shape('/durationSeconds', 'error.min')],
    [
      { logger: 'http', level: 'info', durationSeconds: 1.5 },
      shape('/durationSeconds', 'error.expected.int'),
    ],
  ])('does not take %j', async (payload, body) => {
    const { shown, post } = server()
    const before = await shown()
    const response = await post(payload)
    expect([response.statusCode, response.json()]).toEqual([422, body])
    expect(await shown()).toEqual(before)
  })
})

describe('/config', () => {
  it('shows every flag, secrets masked', async () => {
    const flags = parseFlags(['--http_port', '9090', '--http_credentials', 'ann:hunter2'], {})
    const { server } = fakeApi({
      control: {
        configuration: rawConfiguration({
          ...flags,
          webui_url: 'https://ann:hunter2@ui.example/',
          access_control_allow_origin: ['http://ann:hunter2@a', 'http://b'],
        }),
      },
    })
    const response = await server.inject('/config')
    expect(response.body).not.toContain('hunter2')
    const shown = response.json()
    expect(shown).toMatchObject({
      http_port: 9090,
      http_credentials: '***',
      http_realm: 'Mesosphere',
      webui_url: 'https://xxxxxxxx:xxxxxxxx@ui.example/',
      access_control_allow_origin: ['http://xxxxxxxx:xxxxxxxx@a', 'http://b'],
      env_vars_prefix: null,
      launch_token_refresh_interval: 30000,
      launch_tokens: 1_000_000,
      metrics_prometheus: true,
    })
    expect(Object.keys(shown)).toEqual(Object.keys(flags).sort())
  })
})

describe('/v2/plugins', () => {
  it('lists none when none is loaded', async () => {
    const response = await fakeApi({}).server.inject('/v2/plugins')
    expect([response.statusCode, response.body]).toEqual([200, '{"plugins":[]}'])
  })

  it.each(['GET', 'HEAD', 'PUT', 'POST', 'DELETE'] as const)(
    '%s finds no plugin to answer',
    async (method) => {
      const response = await fakeApi({}).server.inject({
        method,
        url: '/v2/plugins/auth/users/ann',
        headers: { accept: 'text/html', 'content-type': 'text/plain' },
        ...(method === 'PUT' || method === 'POST' ? { payload: 'text' } : {}),
      })
      expect(response.statusCode).toBe(404)
      if (method === 'HEAD') return
      expect(response.json()).toEqual({ message: 'No plugin with this pluginId: auth', details: [] })
    },
  )

  it.each(['/v2/plugins/auth', '/v2/plugins/auth/'])('has nothing at %s', async (url) => {
    const response = await fakeApi({}).server.inject(url)
    expect([response.statusCode, response.json()]).toEqual([404, { message: `URI not found: ${url}` }])
  })
})

describe('DELETE /v2/leader', () => {
  const abdicate = async (
    query = '',
    leader: { readonly leader?: string } = { leader: 'm1.example:8080' },
  ) => {
    let times = 0
    const { server } = fakeApi({
      info: { leader: undefined as never, ...leader },
      control: { abdicate: () => void times++ },
    })
    const response = await server.inject({ method: 'DELETE', url: `/v2/leader${query}` })
    return { status: response.statusCode, body: response.json(), times }
  }

  it('gives the leadership up', async () => {
    expect(await abdicate()).toEqual({
      status: 200,
      body: { message: 'Leadership abdicated', details: [] },
      times: 1,
    })
  })

  it('finds no leader', async () => {
    expect(await abdicate('', {})).toEqual({
      status: 404,
      body: { message: 'There is no leader', details: [] },
      times: 0,
    })
  })

  it.each([
    ['backup=ftp://h/b', 'Invalid URI or unsupported scheme: ftp://h/b'],
    ['restore=/tmp/b', 'Invalid URI or unsupported scheme: /tmp/b'],
    ['backup=', 'Invalid URI or unsupported scheme: '],
    ['backup=file%3A%2F%2F%2Fa%20b', 'URI has invalid syntax.'],
    ['restore=%25%25%25', 'URI has invalid syntax.'],
  ])('does not take ?%s', async (query, error) => {
    expect(await abdicate(`?${query}`)).toEqual({
      status: 422,
      body: { message: 'Object is not valid', details: [{ path: '/', errors: [error] }] },
      times: 0,
    })
  })

  it.each([
    ['backup', 'file:///tmp/b'],
    ['restore', 's3://bucket/key?access_key=a&secret_key=b'],
  ])('does not promise a %s', async (name, uri) => {
    expect(await abdicate(`?${name}=${encodeURIComponent(uri)}`)).toEqual({
      status: 422,
      body: {
        message: `The ${name} cannot be made: this version knows no backups. Stop the server and copy its --data_dir.`,
      },
      times: 0,
    })
  })
})
