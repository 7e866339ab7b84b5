// Which of a pod a path means.

import { expect, test } from 'vitest'
import { splitPodPath } from './pod-path.ts'

test.each([
  ['', { kind: 'collection' }],
  ['/', { kind: 'collection' }],
  ['::status', { kind: 'statuses' }],
  ['/::status', { kind: 'statuses' }],
  ['shop/cache', { kind: 'pod', id: '/shop/cache' }],
  ['/shop//cache/', { kind: 'pod', id: '/shop/cache' }],
  ['shop/cache::status', { kind: 'status', id: '/shop/cache' }],
  ['shop/cache/::status', { kind: 'status', id: '/shop/cache' }],
  ['shop/cache::explain', { kind: 'explain', id: '/shop/cache' }],
  ['shop/cache::explain/more', undefined],
  ['shop/cache::versions', { kind: 'versions', id: '/shop/cache' }],
  [
    'shop/cache::versions/2031-04-02T10:00:00.000Z',
    { kind: 'version', id: '/shop/cache', version: '2031-04-02T10:00:00.000Z' },
  ],
  ['shop/cache::instances', { kind: 'instances', id: '/shop/cache' }],
  [
    'shop/cache::instances/shop_cache.instance-1',
    { kind: 'instance', id: '/shop/cache', instanceId: 'shop_cache.instance-1' },
  ],
  ['shop/status', { kind: 'pod', id: '/shop/status' }],
  ['shop/cache::status/more', undefined],
  ['shop/cache::versions/a/b', undefined],
  ['shop/cache::constructor', undefined],
  ['shop/cache::', undefined],
  ['::instances', undefined],
  ['a::status::status', undefined],
])('/v2/pods/%s', (rest, expected) => {
  expect(splitPodPath(rest)).toEqual(expected)
})
