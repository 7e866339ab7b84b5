import { describe, expect, test } from 'vitest'
import { buildOffer, scalar } from '../../../tests/support/build-placement.ts'
import { reservedFor } from '../ids.ts'
import type { Offer, Resource } from '../mesos.ts'
import { isKeptForInstance, reservationIdOf, reservationLabels } from './labels.ts'
import { findReservations, holdsVolumes, OfferedReservations } from './offered.ts'

const first = 'db_pg.instance-81b7e0d2-0b1f-11ec-9a03-0242ac110001'
const second = 'db_pg.instance-81b7e0d2-0b1f-11ec-9a03-0242ac110002'

const kept = (id: string, frameworkId = 'ours'): Partial<Resource> => ({
  role: 'db',
  reservations: [{ type: 'DYNAMIC', role: 'db', principal: 'p', labels: reservationLabels(frameworkId, id) }],
})
const volume = (persistenceId: string, id: string, frameworkId?: string): Resource =>
  scalar('disk', 10, { ...kept(id, frameworkId), disk: { persistence: { id: persistenceId } } })
const offerOf = (id: string, ...resources: readonly Resource[]): Offer => buildOffer({ id, resources })

describe('the labels of what is reserved (runtime 2)', () => {
  test('name the framework and the instance', () => {
    expect(reservationLabels('f', first)).toEqual({ marathon_framework_id: 'f', marathon_task_id: first })
  })

  test.each<[string, Partial<Resource>, string | undefined, boolean]>([
    ['plain resources', {}, undefined, false],
    [
      'what an operator reserved for a role',
      { role: 'db', reservations: [{ type: 'STATIC', role: 'db', labels: {} }] },
      undefined,
      false,
    ],
    ['what we reserved', kept(first), first, true],
    ['what another Marathon reserved', kept(first, 'theirs'), undefined, true],
    [
      'what lacks the instance',
      { reservations: [{ type: 'DYNAMIC', role: 'db', labels: { marathon_framework_id: 'ours' } }] },
      undefined,
      true,
    ],
    [
      'what lacks the framework',
      { reservations: [{ type: 'DYNAMIC', role: 'db', labels: { marathon_task_id: first } }] },
      undefined,
      true,
    ],
  ])('%s', (_name, change, id, isKept) => {
    const resource = scalar('cpus', 1, change)
    expect([reservationIdOf(resource, new Set(['ours'])), isKeptForInstance(resource)]).toEqual([id, isKept])
  })

  test.each([
    [first, first],
    [
      'db_pg.marathon-81b7e0d2-0b1f-11ec-9a03-0242ac110001',
      'db_pg.marathon-81b7e0d2-0b1f-11ec-9a03-0242ac110001',
    ],
    // Reservations from before there were instances.
    ['db_pg.81b7e0d2-0b1f-11ec-9a03-0242ac110001', 'db_pg.marathon-81b7e0d2-0b1f-11ec-9a03-0242ac110001'],
    ['db_pg_81b7e0d2-0b1f-11ec-9a03-0242ac110001', 'db_pg.marathon-81b7e0d2-0b1f-11ec-9a03-0242ac110001'],
    ['somebody', undefined],
  ])('%s is for %s', (label, instanceId) => {
    expect(reservedFor(label)).toBe(instanceId)
  })
})

describe('what an offer holds of our reservations', () => {
  const reservation = (...ids: readonly string[]) => ({
    id: first,
    volumes: ids.map((persistenceId) => ({ name: persistenceId, persistenceId })),
    state: 'suspended' as const,
  })

  test('nothing, where nothing is reserved', () => {
    expect(findReservations(buildOffer(), new Set(['ours']))).toEqual([])
  })

  test('each by its id, volumes apart', () => {
    const cpus = scalar('cpus', 1, kept(first))
    const [a, b] = [volume('a', first), volume('b', second)]
    const offer = offerOf('o', cpus, a, scalar('mem', 10), b, volume('c', first, 'theirs'))
    expect(findReservations(offer, new Set(['ours']))).toEqual([
      { offer, id: first, resources: [cpus], volumes: new Map([['a', a]]) },
      { offer, id: second, resources: [], volumes: new Map([['b', b]]) },
    ])
  })

  test.each([
    ['all of them', ['a', 'b'], true],
    ['one of them', ['b'], true],
    ['others', ['c'], false],
    ['one of them and another', ['a', 'c'], false],
  ])('volumes: %s', (_name, wanted, holds) => {
    const [offered] = findReservations(
      offerOf('o', volume('a', first), volume('b', first)),
      new Set(['ours']),
    )
    expect(holdsVolumes(offered!, reservation(...wanted))).toBe(holds)
  })
})

describe('what the offers at hand hold', () => {
  const ids = (found: Iterable<{ readonly id: string; readonly offer: Offer }>) =>
    [...found].map(({ id, offer }) => `${id === first ? 'first' : 'second'} in ${offer.id}`)

  test('is found by reservation and by offer, and looked at once', () => {
    const held = new OfferedReservations()
    expect(held.isEmpty).toBe(true)
    held.add(offerOf('o1', volume('a', first), volume('b', second)), new Set(['ours']))
    held.add(offerOf('o2', volume('c', first)), new Set(['ours']))
    held.add(offerOf('o3', scalar('cpus', 1)), new Set(['ours']))
    expect(ids(held.of(first))).toEqual(['first in o1', 'first in o2'])
    expect(ids(held.inOffer('o1'))).toEqual(['first in o1', 'second in o1'])
    expect(held.inOffer('o3')).toEqual([])
    expect(ids(held.unseen())).toEqual(['first in o1', 'second in o1', 'first in o2'])
    for (const offered of held.unseen()) held.markSeen(offered)
    expect(held.unseen()).toEqual([])
    held.lookAgain(first)
    expect(ids(held.unseen())).toEqual(['first in o1', 'first in o2'])
  })

  test('is gone with its offer', () => {
    const held = new OfferedReservations()
    held.add(offerOf('o1', volume('a', first)), new Set(['ours']))
    held.add(offerOf('o2', volume('b', first)), new Set(['ours']))
    held.remove('o1')
    expect(ids(held.unseen())).toEqual(['first in o2'])
    held.remove('o2')
    held.remove('never there')
    expect([held.isEmpty, ids(held.of(first)), held.unseen()]).toEqual([true, [], []])
    held.lookAgain(first)
    expect(held.unseen()).toEqual([])
  })
})
