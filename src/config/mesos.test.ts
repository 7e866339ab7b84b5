import { describe, expect, test } from 'vitest'
import { FlagError } from './flag.ts'
import { parseFlags } from './flags.ts'
import { mesosOf } from './mesos.ts'

const files: Readonly<Record<string, string>> = {
  '/secret': 's3cret\n',
  '/crlf': 's3\nret\r\n',
  '/empty': '\n',
}

const read = (path: string): string => {
  const text = files[path]
  if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
  return text
}

const of = (...argv: readonly string[]) => mesosOf(parseFlags(argv, {}), read)
const authentication = ['--mesos_authentication', '--mesos_authentication_principal', 'fw'] as const

describe('masters', () => {
  const urls = (...argv: readonly string[]): readonly string[] => {
    const { masters } = of(...argv)
    return masters.kind === 'named' ? masters.urls.map(({ href }) => href) : []
  }

  test.each([
    [
      ['--master', 'a:5050,b'],
      ['http://a:5050/', 'http://b:5050/'],
    ],
    [['--master', 'a:5050', '--mesos_tls'], ['https://a:5050/']],
    [
      ['--master', 'http://a:5050,b:5051', '--mesos_tls'],
      ['http://a:5050/', 'https://b:5051/'],
    ],
    [['--master', 'https://me:secret@a/mesos'], ['https://a/mesos']],
  ])('%j', (argv, expected) => {
    expect(urls(...argv)).toEqual(expected)
  })

  test('of ZooKeeper', () => {
    expect(of('--master', 'zk://me:secret@h1,h2:2182/mesos', '--mesos_tls').masters).toEqual({
      kind: 'zookeeper',
      url: { hosts: ['h1', 'h2:2182'], path: '/mesos', credentials: { user: 'me', password: 'secret' } },
      isSecure: true,
    })
  })
})

describe('credentials', () => {
  test.each([
    [['--master', 'a'], undefined],
    [['--master', 'http://me:p%40ss@a'], { principal: 'me', secret: 'p@ss' }],
    [['--master', 'http://me:100%@a'], { principal: 'me', secret: '100%' }],
    [
      ['--master', 'a', ...authentication, '--mesos_authentication_secret', 'x'],
      { principal: 'fw', secret: 'x' },
    ],
    [
      ['--master', 'a', ...authentication, '--mesos_authentication_secret_file', '/secret'],
      { principal: 'fw', secret: 's3cret' },
    ],
    [
      ['--master', 'a', ...authentication, '--mesos_authentication_secret_file', '/crlf'],
      { principal: 'fw', secret: 's3\nret' },
    ],
    [['--master', 'a', '--mesos_authentication_principal', 'fw'], undefined],
  ])('%j', (argv, credentials) => {
    expect(of(...argv).credentials).toEqual(credentials)
  })

  test('the principal is told also where nobody asks for a secret (MesosAuthenticationPrincipal)', () => {
    expect(of('--master', 'a', '--mesos_authentication_principal', 'fw').principal).toBe('fw')
    expect(of('--master', 'a')).not.toHaveProperty('principal')
  })

  test.each([
    [['--master', 'a', ...authentication], /given without --mesos_authentication_secret or/],
    [
      ['--master', 'a', ...authentication, '--mesos_authentication_secret_file', '/none'],
      /secret_file is '\/none'; expected a file that can be read: ENOENT/,
    ],
    [
      ['--master', 'a', ...authentication, '--mesos_authentication_secret_file', '/empty'],
      /secret_file is '\/empty'; expected a file with a secret, and it is empty/,
    ],
    [['--master', 'a', '--mesos_authentication'], /given without --mesos_authentication_principal/],
    [
      ['--mesos_authentication_secret', 'x', '--mesos_authentication_secret_file', '/secret'],
      /are both given; expected one of them/,
    ],
    [
      ['--master', 'http://me:x@a', ...authentication, '--mesos_authentication_secret', 'x'],
      /--mesos_authentication is given, and --master names a user, too/,
    ],
  ])('%j is an error', (argv, message) => {
    expect(() => of(...argv)).toThrow(FlagError)
    expect(() => of(...argv)).toThrow(message)
  })
})
