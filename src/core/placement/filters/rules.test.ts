import { describe, expect, test } from 'vitest'
import { buildOffer, placedApp, scalar } from '../../../../tests/support/build-placement.ts'
import { instant, millis, seconds } from '../../../lib/instant.ts'
import type { Resource } from '../../mesos.ts'
import { defaultSettings, type Settings } from '../../settings.ts'
import { choosesRegion, isHomeRegion } from './fault-domain.ts'
import { avoidsGpus } from './gpu.ts'
import { isAvailable } from './maintenance.ts'
import { acceptedRoles, isFreeToUse } from './role.ts'

describe('roles (runtime 5.1)', () => {
  test.each<[Settings['acceptedResourceRolesDefault'], readonly string[]]>([
    ['any', ['dev', '*']],
    ['unreserved', ['*']],
    ['reserved', ['dev']],
  ])('without acceptedResourceRoles %s accepts %j', (acceptedResourceRolesDefault, roles) => {
    const settings = { ...defaultSettings, acceptedResourceRolesDefault }
    expect([...acceptedRoles(placedApp({ role: 'dev' }), settings)]).toEqual(roles)
    expect([
      ...acceptedRoles(placedApp({ role: 'dev', acceptedResourceRoles: ['a', 'b'] }), settings),
    ]).toEqual(['a', 'b'])
  })

  test.each<[string, Partial<Resource>, boolean]>([
    ['plain', {}, true],
    [
      'reserved by an operator',
      { role: 'dev', reservations: [{ type: 'DYNAMIC', role: 'dev', labels: { owner: 'ops' } }] },
      true,
    ],
    [
      'reserved by a framework',
      {
        role: 'dev',
        reservations: [{ type: 'DYNAMIC', role: 'dev', labels: { marathon_framework_id: 'f' } }],
      },
      false,
    ],
    [
      'reserved for an instance',
      { role: 'dev', reservations: [{ type: 'DYNAMIC', role: 'dev', labels: { marathon_task_id: 'i' } }] },
      false,
    ],
    ['a volume', { disk: { persistence: { id: 'v' } } }, false],
    ['a disk with a source', { disk: { source: { type: 'PATH', root: '/mnt' } } }, true],
  ])('%s: free to use %s', (_name, change, isFree) => {
    expect(isFreeToUse(scalar('disk', 10, change))).toBe(isFree)
  })
})

describe('maintenance (runtime 5.5)', () => {
  const start = instant(1_000_000)
  const settings = { ...defaultSettings, drainingTime: seconds(100) }

  test.each<[string, number, number | undefined, boolean]>([
    ['long before', 0, undefined, true],
    ['just before draining', 900_000, undefined, true],
    ['draining', 900_001, undefined, false],
    ['under maintenance without end', 9_000_000, undefined, false],
    ['under maintenance', 1_050_000, 60_000, false],
    ['at its end', 1_060_000, 60_000, false],
    ['after its end', 1_060_001, 60_000, true],
  ])('%s', (_name, now, duration, isUp) => {
    const unavailability = duration === undefined ? { start } : { start, duration: millis(duration) }
    const offer = buildOffer({ unavailability })
    expect(isAvailable(offer, settings, instant(now))).toBe(isUp)
    expect(isAvailable(offer, { ...settings, maintenanceMode: false }, instant(now))).toBe(true)
  })

  test('without a plan the agent is up', () => {
    expect(isAvailable(buildOffer(), settings, instant(5_000_000))).toBe(true)
  })
})

describe('GPUs (runtime 5.4)', () => {
  test.each<[number, string | undefined, Settings['gpuSchedulingBehavior'], boolean]>([
    [0, undefined, 'restricted', true],
    [0, undefined, 'unrestricted', false],
    [0, 'unrestricted', 'restricted', false],
    [0, 'restricted', 'unrestricted', true],
    [0, 'nonsense', 'restricted', true],
    [1, 'restricted', 'restricted', false],
  ])('gpus %d, label %s, flag %s: avoids agents with GPUs %s', (gpus, label, behavior, avoids) => {
    const app = placedApp({ gpus, labels: label === undefined ? {} : { GPU_SCHEDULING_BEHAVIOR: label } })
    expect(avoidsGpus(app, { ...defaultSettings, gpuSchedulingBehavior: behavior })).toBe(avoids)
  })
})

describe('fault domains (runtime 5.3)', () => {
  test.each<[string | undefined, string | undefined, boolean]>([
    ['eu', 'eu', true],
    ['us', 'eu', false],
    [undefined, 'eu', true],
    ['us', undefined, false],
    [undefined, undefined, true],
  ])('an offer of region %s with the master in %s is local: %s', (region, home, isHome) => {
    expect(isHomeRegion(buildOffer(region === undefined ? {} : { region }), home)).toBe(isHome)
  })

  test.each<[string, boolean]>([
    ['@region', true],
    ['@zone', true],
    ['region', false],
    ['@hostname', false],
  ])('a constraint on %s chooses the region: %s', (field, chooses) => {
    expect(choosesRegion(placedApp({ constraints: [[field, 'UNIQUE']] }))).toBe(chooses)
  })
})
