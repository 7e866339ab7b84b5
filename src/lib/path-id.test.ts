import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  absolutePathId,
  comparePathIds,
  hostnameForm,
  isWithin,
  parentOf,
  safePath,
  segments,
  topLevelGroup,
} from './path-id.ts'

const path = fc
  .array(fc.constantFrom('a', 'b-1', 'web.prod', '..', '.', ''), { maxLength: 6 })
  .chain((parts) => fc.constantFrom(parts.join('/'), `/${parts.join('/')}`))
const absolute = path.map((text) => absolutePathId(text))

describe('the canonical form of a path', () => {
  it.each([
    ['web', '/', '/web'],
    ['/web/', '/', '/web'],
    ['//shop//web', '/', '/shop/web'],
    ['web', '/shop', '/shop/web'],
    ['/web', '/shop', '/web'],
    ['../web', '/shop/front', '/shop/web'],
    ['../../../web', '/shop', '/web'],
    ['./web/./', '/shop', '/shop/web'],
    ['shop/../web', '/', '/web'],
    ['', '/shop', '/shop'],
    ['/', '/shop', '/'],
    ['..', '/', '/'],
  ])('of %j in %s is %s', (text, base, expected) => expect(absolutePathId(text, base)).toBe(expected))

  it('is its own canonical form, in whatever group it is read', () => {
    fc.assert(
      fc.property(path, absolute, absolute, (text, base, other) => {
        const once = absolutePathId(text, base)
        expect(absolutePathId(once, other)).toBe(once)
      }),
    )
  })
})

describe('a path id', () => {
  it.each([
    ['/', [], '/', '', '', undefined],
    ['/web', ['web'], '/', 'web', 'web', undefined],
    ['/prod/web', ['prod', 'web'], '/prod', 'prod_web', 'web.prod', '/prod'],
    ['/prod/eu/web', ['prod', 'eu', 'web'], '/prod/eu', 'prod_eu_web', 'web.eu.prod', '/prod'],
  ])(
    '%s has its segments, parent, safe path, host name and top-level group',
    (id, parts, parent, safe, host, top) => {
      expect(segments(id)).toEqual(parts)
      expect(parentOf(id)).toBe(parent)
      expect(safePath(id)).toBe(safe)
      expect(hostnameForm(id)).toBe(host)
      expect(topLevelGroup(id)).toBe(top)
    },
  )

  it.each([
    ['/shop/web', '/', true],
    ['/shop/web', '/shop', true],
    ['/shop', '/shop', true],
    ['/shopping', '/shop', false],
    ['/shop', '/shop/web', false],
  ])('%s lies within %s: %s', (id, group, expected) => expect(isWithin(id, group)).toBe(expected))

  it('sorts by segment, so that a group keeps its members together', () => {
    const ids = ['/shop-old/a', '/shop/b', '/shop', '/shop/b/c', '/a', '/shop/a', '/']
    expect(ids.sort(comparePathIds)).toEqual([
      '/',
      '/a',
      '/shop',
      '/shop/a',
      '/shop/b',
      '/shop/b/c',
      '/shop-old/a',
    ])
  })
})
