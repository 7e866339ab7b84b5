import { describe, expect, test } from 'vitest'
import { FlagError } from './flag.ts'
import { parseFlags } from './flags.ts'
import { addressOf, credentialsOf, settingsOf } from './settings.ts'
import { flags } from './table.ts'

const problem = (argv: string[], env: Record<string, string> = {}): string => {
  try {
    const values = parseFlags(argv, env)
    settingsOf(values)
    credentialsOf(values)
    addressOf(values)
  } catch (error) {
    if (error instanceof FlagError) return error.message
    throw error
  }
  return ''
}

describe('flags', () => {
  test('defaults hold when nothing is given', () => {
    const values = parseFlags([], {})
    expect(values).toMatchObject({
      http_port: 8080,
      hostname: '127.0.0.1',
      master: 'local',
      suppress_offers: true,
    })
    expect(values.http_address).toBeUndefined()
    expect(values.enable_features).toEqual([])
  })

  test('values come as --name value, as --name=value and from the environment', () => {
    expect(parseFlags(['--http_port', '8090'], {}).http_port).toBe(8090)
    expect(parseFlags(['--http_port=8090'], {}).http_port).toBe(8090)
    expect(parseFlags([], { MARATHON_HTTP_PORT: '8090' }).http_port).toBe(8090)
    expect(parseFlags(['--enable_features', 'secrets, vips'], {}).enable_features).toEqual([
      'secrets',
      'vips',
    ])
  })

  test('toggles are switched on and off by name', () => {
    expect(parseFlags(['--disable_suppress_offers'], {}).suppress_offers).toBe(false)
    expect(parseFlags(['--allow_unauthenticated'], {}).allow_unauthenticated).toBe(true)
    expect(parseFlags([], { MARATHON_DISABLE_HTTP_COMPRESSION: '' }).http_compression).toBe(false)
  })

  test('variables of tasks and of the client are no flags', () => {
    expect(parseFlags([], { MARATHON_APP_ID: '/a', MARATHON_URL: 'http://x', PATH: '/bin' }).http_port).toBe(
      8080,
    )
  })

  test.each([
    [['--htp_port', '1'], {}, /unknown flag --htp_port/],
    [[], { MARATHON_HTP_PORT: '1' }, /unknown flag environment variable MARATHON_HTP_PORT/],
    [['--http_port', 'high'], {}, /--http_port is 'high'; expected a whole number/],
    [['--http_port', '70000'], {}, /--http_port is 70000; expected 65535 or less/],
    [['--http_port'], {}, /--http_port needs a value/],
    [['--http_port', '1', '--http_port', '2'], {}, /given twice/],
    [['--http_port', '1'], { MARATHON_HTTP_PORT: '2' }, /both as MARATHON_HTTP_PORT and as --http_port/],
    [['serve'], {}, /unexpected argument 'serve'/],
    [['--new_group_enforce_role', 'all'], {}, /expected one of off, top/],
    [['--enable_features', 'magic'], {}, /--enable_features names 'magic'/],
    [['--http_credentials', 'secret'], {}, /expected user:password/],
    [['--local_port_min', '5', '--local_port_max', '4'], {}, /expected no more than --local_port_max/],
    [['--http_realm', '日本'], {}, /--http_realm is '日本'; expected characters of ISO 8859-1/],
    [
      ['--access_control_allow_origin', 'http://a,http://日本'],
      {},
      /is 'http:\/\/日本'; expected characters/,
    ],
    [['--hostname', 'a\r\nb: c'], {}, /expected characters of ISO 8859-1 and no control/],
    [['--http_address', '0.0.0.0'], {}, /no authentication is configured.*--allow_unauthenticated/],
  ])('%j with %j is refused', (argv, env, message) => {
    expect(problem(argv as string[], env as Record<string, string>)).toMatch(message)
  })

  test('no flag is listed twice and every default can be read', () => {
    expect(new Set(flags.map((flag) => flag.name)).size).toBe(flags.length)
    expect(() => parseFlags([], {})).not.toThrow()
  })
})

describe('the address to listen on', () => {
  test.each([
    [[], '127.0.0.1'],
    [['--http_address', 'localhost'], 'localhost'],
    [['--http_credentials', 'me:secret'], '0.0.0.0'],
    [['--http_credentials', 'me:secret', '--http_address', '10.0.0.1'], '10.0.0.1'],
    [['--allow_unauthenticated', '--http_address', '10.0.0.1'], '10.0.0.1'],
  ])('%j listens on %s', (argv, address) => {
    expect(addressOf(parseFlags(argv, {}))).toBe(address)
  })
})
