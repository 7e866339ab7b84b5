import { describe, expect, it } from 'vitest'
import { isUri, uriPath } from './uri.ts'

describe('a URI', () => {
  it.each([
    ['http://host/a', '/a'],
    ['http://host:80/a%20b?x=[1]#y', '/a b'],
    ['http://[::1]:80/a', '/a'],
    ['http://host', ''],
    ['file:///etc/a.tgz', '/etc/a.tgz'],
    ['hdfs://ns1/a/b', '/a/b'],
    ['/a/b', '/a/b'],
    ['a/b:c', 'a/b:c'],
    ['', ''],
    ['http://host/ä', '/ä'],
    ['http://user:pw@host/a', '/a'],
    ['mailto:a@b', undefined],
  ])('%j has the path %j', (text, path) => {
    expect(isUri(text)).toBe(true)
    expect(uriPath(text)).toBe(path)
  })

  it.each([
    'a b',
    'http://h/a b',
    'http:',
    '1http://h',
    ':x',
    'a%2',
    'a%zz',
    'a\\b',
    'http://h/{x}',
    'a#b#c',
    '//',
    'a|b',
    'a<b>',
    'http://h/[x]',
  ])('is not %j', (text) => {
    expect(isUri(text)).toBe(false)
    expect(uriPath(text)).toBeUndefined()
  })
})
