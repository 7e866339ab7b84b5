import { describe, expect, test } from 'vitest'
import { limits } from '../../lib/limits.ts'
import { fetchStored, storedPath } from './store-urls.ts'

const artifactsUrl = 'http://m1.example:8080/v2/artifacts'
const entry = (uri: string) => ({ uri, extract: true, executable: false, cache: false })

describe('the place of a file in the store', () => {
  test.each([
    ['http://downloads.example/misc/toggle.tgz', '25dd50955a72f8fd3cae84af2b21be44507d887a/toggle.tgz'],
  ])('is the digest of its URL and its name: %s', (url, path) => {
    expect(storedPath(url)).toBe(path)
  })

  test.each([
    ['http://h/a/b.tar.gz?x=/y/z#/w', 'b.tar.gz'],
    ['http://h/a%20b%2Fc.zip', 'a_b_c.zip'],
    ["http://h/a;b'c$d", 'a_b_c_d'],
    ['http://h/übel', '_bel'],
    ['http://h', 'file'],
    ['http://h/', 'file'],
    ['http://h/..', 'file'],
    ['http://h?a/b', 'file'],
    [`http://h/${'x'.repeat(900)}.tgz`, `${'x'.repeat(limits.storedNameChars - 4)}.tgz`],
  ])('has a plain name: %.40s', (url, name) => {
    expect(storedPath(url)).toMatch(/^[0-9a-f]{40}\//)
    expect(storedPath(url).slice(41)).toBe(name)
  })
})

describe('storeUrls', () => {
  const url = 'http://downloads.example/misc/toggle.tgz'
  const stored = entry(`${artifactsUrl}/${storedPath(url)}`)

  test('are fetched from the store, after everything else, each once', () => {
    const own = { ...entry('http://own/x'), extract: false }
    const fetched = fetchStored([own], [url, 'https://h/y', url], { artifactsUrl })
    const other = entry(`${artifactsUrl}/${storedPath('https://h/y')}`)
    expect(fetched).toEqual({ ok: true, value: [own, stored, other] })
    expect(fetchStored([own, stored], [url], { artifactsUrl })).toEqual({ ok: true, value: [own, stored] })
  })

  test('that are none change nothing, with a store or without', () => {
    expect(fetchStored([], [], {})).toEqual({ ok: true, value: [] })
  })

  test('need a store', () => {
    expect(fetchStored([], [url], {})).toEqual({
      ok: false,
      error: {
        kind: 'unprocessable',
        message: 'No storage provider available to load/persist artifacts. Configuration problem?',
      },
    })
  })

  test('are URLs of HTTP', () => {
    const wrong = ['x', 'file:///etc/passwd', 'ftp://h/x', 'http://', 'http://h/a b', 'hdfs://h/x']
    expect(fetchStored([], [url, ...wrong], { artifactsUrl })).toEqual({
      ok: false,
      error: {
        kind: 'invalid-object',
        issues: wrong.map((_, i) => ({
          path: `/storeUrls(${i + 1})`,
          errors: ['URL could not be resolved.'],
        })),
      },
    })
  })

  test('are not more than allowed', () => {
    const many = Array.from({ length: limits.storeUrls + 1 }, (_, i) => `http://h/${i}`)
    expect(fetchStored([], many, { artifactsUrl })).toMatchObject({
      error: { issues: [{ path: '/storeUrls', errors: [`must have at most ${limits.storeUrls} elements`] }] },
    })
    expect(fetchStored([], many.slice(1), { artifactsUrl }).ok).toBe(true)
  })
})
