import { describe, expect, it } from 'vitest'
import type { EventLogIndex, Place } from '../core/event-log/event-log.ts'
import { EventReader } from './event-reader.ts'

const kept: Place = { kind: 'kept', key: 'k', first: 5 }
const gone: Place = { kind: 'gone', oldest: 9 }

/** A log whose index says these things one after the other, the last one for good; the store holds this text. */
function reader(places: readonly Place[], text?: string): EventReader {
  let asked = 0
  const index: EventLogIndex = { last: 12, find: () => places[Math.min(asked++, places.length - 1)]! }
  return new EventReader(index, { read: async () => text as never })
}

describe('reading the event log', () => {
  it('gives what follows in the same record', async () => {
    expect(await reader([kept], '{"n":5}\n{"n":6}\n{"n":7}\n').read(5)).toEqual({
      kind: 'events',
      first: 6,
      bodies: ['{"n":6}', '{"n":7}'],
    })
  })

  it.each<readonly [string, readonly Place[], string | undefined, object]>([
    ['there is none', [{ kind: 'none' }], undefined, { kind: 'none' }],
    ['it is gone', [gone], undefined, gone],
    ['its record goes while it is looked for', [kept, gone], undefined, gone],
    ['its record is not on disk yet', [kept], undefined, { kind: 'none' }],
    ['its record is on disk, but not as far', [kept], '{"n":5}\n', { kind: 'none' }],
  ])('says when %s', async (_, places, text, expected) => {
    expect(await reader(places, text).read(5)).toEqual(expected)
  })

  it('knows the newest number the core has given', () => {
    expect(reader([kept]).last).toBe(12)
  })
})
