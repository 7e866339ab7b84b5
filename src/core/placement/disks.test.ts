import { describe, expect, test } from 'vitest'
import {
  buildOffer,
  fixedRng,
  placedApp,
  scalar,
  scheduledInstance,
} from '../../../tests/support/build-placement.ts'
import { instant } from '../../lib/instant.ts'
import type { PersistentVolume } from '../../spec/app.ts'
import type { Resource } from '../mesos.ts'
import { defaultSettings } from '../settings.ts'
import { buildPlacedIndex } from './constraint-index.ts'
import { assignDisks, diskKind, hasProfile, meetsVolumeConstraint } from './disks.ts'
import { matchOffer } from './match.ts'
import { openOffer } from './remaining.ts'

type Source = NonNullable<NonNullable<Resource['disk']>['source']>

const disk = (amount: number, source?: Source, change: Partial<Resource> = {}): Resource =>
  scalar('disk', amount, { ...(source && { disk: { source } }), ...change })
const path = (root: string, profile?: string): Source =>
  profile === undefined ? { type: 'PATH', root } : { type: 'PATH', root, profile }
const mount = (root: string): Source => ({ type: 'MOUNT', root })

const volume = (
  type: PersistentVolume['type'],
  size: number,
  change: Partial<PersistentVolume> = {},
): PersistentVolume => ({ type, size, constraints: [], ...change })

/** Where everything goes, as `<wanted> on <disk>: <parts>`; undefined when something has no place. */
function assigned(
  disks: readonly Resource[],
  volumes: readonly PersistentVolume[],
  scratch = 0,
): string[] | undefined {
  const entries = disks.map((source) => ({ left: source.scalar! * 1000, source }))
  return assignDisks(entries, { scratch: scratch * 1000, volumes })?.map(({ volume, size, parts }) => {
    const on = parts.map(({ amount, source }) => `${source.disk?.source?.root ?? 'root'} ${amount / 1000}`)
    return `${volume === undefined ? 'sandbox' : `${volume.type} ${volume.size}`} is ${size}: ${on.join(', ')}`
  })
}

describe('profiles (runtime 5.1)', () => {
  test.each<[string | undefined, string | undefined, boolean]>([
    ['fast', 'fast', true],
    ['fast', undefined, false],
    [undefined, undefined, true],
    ['fast', 'slow', false],
    [undefined, 'slow', false],
    ['', undefined, true],
  ])('a disk of profile %s for a volume that wants %s: %s', (profile, wanted, isRight) => {
    expect(hasProfile(disk(1, path('/disk', profile)), wanted)).toBe(isRight)
  })
})

describe('constraints of volumes', () => {
  test.each<[string[], boolean]>([
    [['path', 'LIKE', '.+disk-b'], false],
    [['path', 'LIKE', '.+disk-a'], true],
    [['path', 'LIKE', 'disk-a'], false],
    [['path', 'UNLIKE', '.+disk-b'], true],
    [['path', 'UNLIKE', '.+disk-a'], false],
    [['hostname', 'LIKE', '.*'], false],
    [['path', 'UNIQUE'], false],
  ])('%j on /path/to/disk-a: %s', (constraint, isMet) => {
    expect(meetsVolumeConstraint(disk(1_024, path('/path/to/disk-a')), constraint)).toBe(isMet)
  })
})

test.each<[Source | undefined, ReturnType<typeof diskKind>]>([
  [undefined, 'root'],
  [path('/a'), 'path'],
  [mount('/b'), 'mount'],
  [{ type: 'RAW' }, undefined],
  [{ type: 'BLOCK' }, undefined],
])('a disk of source %j is a %s', (source, kind) => {
  expect(diskKind(disk(1, source))).toBe(kind)
})

describe('where volumes are put', () => {
  test('a volume is not put together from disks of different paths', () => {
    const small = [disk(1_024, path('/path1')), disk(1_024, path('/path2'))]
    expect(assigned(small, [volume('path', 1_500)])).toBeUndefined()
    expect(assigned([...small, disk(500, path('/path2'))], [volume('path', 1_500)])).toEqual([
      'path 1500 is 1500: /path2 476, /path2 1024',
    ])
  })

  test('the largest path is used first, and again as long as it is the largest', () => {
    const disks = [disk(100, path('/small')), disk(300, path('/large')), disk(200, path('/middle'))]
    expect(assigned(disks, [volume('path', 50), volume('path', 150), volume('path', 180)])).toEqual([
      'path 180 is 180: /large 180',
      'path 150 is 150: /middle 150',
      'path 50 is 50: /large 50',
    ])
  })

  test('the biggest requests go first, so that the smaller ones take what is left', () => {
    const disks = [disk(100, path('/a')), disk(60, path('/b'))]
    expect(assigned(disks, [volume('path', 60), volume('path', 100)])).toEqual([
      'path 100 is 100: /a 100',
      'path 60 is 60: /b 60',
    ])
  })

  test('only disks whose path the volume accepts', () => {
    const constraints = [['path', 'LIKE', '.+disk-b']]
    expect(
      assigned([disk(1_024, path('/mnt/disk-a'))], [volume('path', 500, { constraints })]),
    ).toBeUndefined()
    expect(assigned([disk(1_024, path('/mnt/disk-b'))], [volume('path', 500, { constraints })])).toEqual([
      'path 500 is 500: /mnt/disk-b 500',
    ])
  })

  test.each<[string, Partial<PersistentVolume>, string[] | undefined]>([
    ['the whole disk', {}, ['mount 500 is 1024: /mnt/disk1 1024']],
    ['not one that is larger than wanted', { maxSize: 750 }, undefined],
    ['one that is as large as may be', { maxSize: 1_024 }, ['mount 500 is 1024: /mnt/disk1 1024']],
    ['not one that is too small', { size: 1_025 }, undefined],
  ])('a mount takes %s', (_name, change, expected) => {
    const wanted = volume('mount', 500, change)
    expect(assigned([disk(1_024, mount('/mnt/disk1'))], [wanted])).toEqual(expected)
  })

  test('mounts are taken in offer order, each once', () => {
    const disks = [disk(2_000, mount('/big')), disk(600, mount('/fits')), disk(700, mount('/fits-too'))]
    expect(assigned(disks, [volume('mount', 500, { maxSize: 1_000 }), volume('mount', 500)])).toEqual([
      'mount 500 is 600: /fits 600',
      'mount 500 is 2000: /big 2000',
    ])
    expect(assigned(disks.slice(0, 1), [volume('mount', 500), volume('mount', 500)])).toBeUndefined()
  })

  test('sandbox and root volumes share the disk of the agent, and each kind has disks of its own', () => {
    const disks = [disk(100), disk(100, path('/p')), disk(100, mount('/m'))]
    const all = [volume('root', 60), volume('path', 60), volume('mount', 60)]
    expect(assigned(disks, all, 40)).toEqual([
      'root 60 is 60: root 60',
      'sandbox is 40: root 40',
      'path 60 is 60: /p 60',
      'mount 60 is 100: /m 100',
    ])
    expect(assigned(disks, all, 41)).toBeUndefined()
  })

  test('root space of several entries is one disk', () => {
    const disks = [disk(100), disk(100, undefined, { role: 'dev' })]
    expect(assigned(disks, [volume('root', 150)])).toEqual(['root 150 is 150: root 50, root 100'])
  })

  test.each(['RAW', 'BLOCK'] as const)('a %s device is for nobody', (type) => {
    const device = disk(1_024, { type, root: '/dev' })
    for (const kind of ['root', 'path', 'mount'] as const) {
      expect(assigned([device], [volume(kind, 10)])).toBeUndefined()
    }
    expect(assigned([device], [], 10)).toBeUndefined()
  })
})

describe('an offer and its disks', () => {
  const reasonsFor = (volumes: readonly PersistentVolume[], disks: readonly Resource[], need = 0) => {
    const runSpec = placedApp({
      disk: need,
      container: {
        type: 'MESOS',
        portMappings: [],
        volumes: volumes.map((persistent) => ({ containerPath: 'data', mode: 'RW' as const, persistent })),
      } as never,
    })
    const result = matchOffer({
      remaining: openOffer(buildOffer({ resources: [scalar('cpus', 4), scalar('mem', 4_096), ...disks] })),
      instance: scheduledInstance(),
      runSpec,
      placed: buildPlacedIndex([], runSpec),
      settings: defaultSettings,
      rng: fixedRng(),
      now: instant(0),
    })
    return result.kind === 'match' ? 'match' : result.reasons
  }

  test('an instance with volumes also says when there is no disk for them', () => {
    const waits = 'NoCorrespondingReservationFound'
    expect(reasonsFor([volume('path', 10)], [disk(100, path('/p'))])).toEqual([waits])
    expect(reasonsFor([volume('path', 10)], [disk(100)])).toEqual([waits, 'InsufficientDisk'])
    expect(reasonsFor([volume('root', 60)], [disk(100)], 50)).toEqual([waits, 'InsufficientDisk'])
    expect(reasonsFor([volume('root', 60)], [disk(100, undefined, { role: 'dev' })])).toEqual([
      waits,
      'InsufficientDisk',
    ])
  })

  test.each(['RAW', 'BLOCK', 'PATH', 'MOUNT'] as const)('a %s disk is no space for the sandbox', (type) => {
    const other = disk(100, { type, root: '/d' })
    expect(reasonsFor([], [other])).toBe('match')
    expect(reasonsFor([], [other, disk(100)], 50)).toBe('match')
    expect(reasonsFor([], [other], 50)).toEqual(['InsufficientDisk'])
  })
})
