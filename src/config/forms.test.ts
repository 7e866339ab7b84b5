import { describe, expect, it } from 'vitest'
import { type Master, type NamedMaster, parseMaster, parseZookeeperUrl } from './forms.ts'

const hosts = ['host1:123', 'host2', 'host3:312']

describe('a ZooKeeper URL (events-metrics-flags 3.5)', () => {
  it('has hosts, with and without port, and a path', () => {
    expect(parseZookeeperUrl('zk://host1:123,host2,host3:312/path')).toEqual({ hosts, path: '/path' })
  })

  it('may have a user and a password', () => {
    expect(parseZookeeperUrl('zk://user1:pass1@host1:123,host2,host3:312/path')).toEqual({
      credentials: { user: 'user1', password: 'pass1' },
      hosts,
      path: '/path',
    })
  })

  it('may have slashes and colons in its password, and a path of several segments', () => {
    expect(parseZookeeperUrl('zk://me:a/b:c@host:1/one/two')).toEqual({
      credentials: { user: 'me', password: 'a/b:c' },
      hosts: ['host:1'],
      path: '/one/two',
    })
  })

  it.each([
    ['no number for a port', 'zk://host1:foo/path'],
    ['no path', 'zk://host1'],
    ['an empty path', 'zk://host1/'],
    ['no password', 'zk://user@host1:2181/path'],
    ['no user', 'zk://:pass@host1:2181/path'],
    ['an empty host', 'zk://host1,,host2/path'],
    ['another scheme', 'http://host1/path'],
  ])('with %s is none: %s', (_, text) => {
    expect(parseZookeeperUrl(text)).toBeUndefined()
  })
})

const named = (...masters: readonly NamedMaster[]): Master => ({ kind: 'masters', masters })

describe('--master', () => {
  it.each([
    ['local', { kind: 'local' }],
    ['sim', { kind: 'sim' }],
    ['zk://127.0.0.1:2181/mesos', { kind: 'zookeeper', url: { hosts: ['127.0.0.1:2181'], path: '/mesos' } }],
    ['http://127.0.0.1:5050', named({ scheme: 'http', url: new URL('http://127.0.0.1:5050') })],
    ['HTTPS://leader.mesos:5050', named({ scheme: 'https', url: new URL('https://leader.mesos:5050') })],
    [
      'https://me:a,b@leader.mesos/mesos',
      named({ scheme: 'https', url: new URL('https://me:a,b@leader.mesos/mesos') }),
    ],
    ['127.0.0.1:5050', named({ url: new URL('http://127.0.0.1:5050') })],
    ['master', named({ url: new URL('http://master:5050') })],
    ['[::1]:5051', named({ url: new URL('http://[::1]:5051') })],
    [
      'a:5050,b,http://c',
      named(
        { url: new URL('http://a:5050') },
        { url: new URL('http://b:5050') },
        { scheme: 'http', url: new URL('http://c') },
      ),
    ],
    ['zk://127.0.0.1:lol/mesos', undefined],
    ['master:lol', undefined],
    ['a:5050,', undefined],
    ['a:5050/mesos', undefined],
    ['ftp://a:5050', undefined],
    ['two words', undefined],
    ['http://', undefined],
    ['', undefined],
  ])('%j is read as %j', (text, master) => {
    expect(parseMaster(text)).toEqual(master)
  })
})
