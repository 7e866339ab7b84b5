// What the pool remembers of offers that are gone.

import { describe, expect, test } from 'vitest'
import { limits } from '../../lib/limits.ts'
import type { Offer, Resource } from '../mesos.ts'
import { OfferPool } from './offer-pool.ts'

const offer = (id: string): Offer => ({
  id,
  agentId: 'agent-1',
  hostname: 'agent-1.example',
  attributes: [],
  resources: [],
})

describe('an offer that is told of twice', () => {
  test('is one offer while it is held', () => {
    const pool = new OfferPool()
    pool.add(offer('o1'))
    pool.add(offer('o1'))
    expect(pool.all()).toHaveLength(1)
  })

  test('is one find of what is reserved in it, and none once it was answered', () => {
    const labels = { marathon_framework_id: 'fw', marathon_task_id: 'db.instance-1' }
    const reserved: Resource = {
      name: 'cpus',
      scalar: 1,
      role: 'db',
      reservations: [{ type: 'DYNAMIC', role: 'db', labels }],
    }
    const pool = new OfferPool()
    pool.add({ ...offer('o1'), resources: [reserved] }, new Set(['fw']))
    pool.add({ ...offer('o1'), resources: [reserved] }, new Set(['fw']))
    expect(pool.reserved.unseen()).toHaveLength(1)
    pool.remove('o1')
    expect(pool.reserved.unseen()).toEqual([])
    expect([...pool.reserved.of('db.instance-1')]).toEqual([])
  })

  test('is void once it was answered or taken back', () => {
    const pool = new OfferPool()
    pool.add(offer('o1'))
    pool.remove('o1')
    pool.add(offer('o1'))
    expect(pool.all()).toEqual([])
    expect(pool.fresh()).toEqual([])
  })

  test('may come again with another connection, whose offers are others', () => {
    const pool = new OfferPool()
    pool.add(offer('o1'))
    pool.remove('o1')
    pool.clear()
    pool.add(offer('o1'))
    expect(pool.all()).toHaveLength(1)
  })

  test('is forgotten when many others have gone since', () => {
    const pool = new OfferPool()
    pool.remove('o1')
    for (let i = 0; i < limits.voidOffers; i++) pool.remove(`later-${i}`)
    pool.add(offer('o1'))
    expect(pool.size).toBe(1)
  })
})
