// Agents with GPUs are left to those who ask for them (runtime 5.4): what that means for apps as they are posted.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { assert } from '../../lib/assert.ts'

const onlyWithGpus = () => {
  const plain = offerOf('gpus')
  return { ...plain, resources: [...plain.resources, { name: 'gpus', scalar: 4, role: '*' }] }
}
const enabledFeatures = new Set(['gpu_resources'])
const volume = { containerPath: 'data', mode: 'RW', persistent: { size: 10 } }
const resident = { container: { type: 'MESOS', volumes: [volume] } }

describe('on a cluster where every agent has GPUs, restricted', () => {
  test.each<[string, object, string[] | 'launched']>([
    ['that asks for one', { gpus: 1 }, 'launched'],
    ['that asks for none', {}, ['DeclinedScarceResources']],
    ['whose label says otherwise', { labels: { GPU_SCHEDULING_BEHAVIOR: 'unrestricted' } }, 'launched'],
    [
      'with a volume, new and without GPUs',
      resident,
      ['NoCorrespondingReservationFound', 'InsufficientDisk', 'DeclinedScarceResources'],
    ],
  ])('an app %s', (_name, more, expected) => {
    const core = new HandCore({
      settings: { gpuSchedulingBehavior: 'restricted', enabledFeatures, mesosRole: 'dev' },
    })
    expect(core.create({ id: '/app', cmd: 'serve', ...more })).toMatchObject({ kind: 'deployed' })
    core.offers(onlyWithGpus())
    const [item] = core.view.queue()
    expect(core.launched).toHaveLength(expected === 'launched' ? 1 : 0)
    if (expected !== 'launched') expect(item?.lastUnusedOffers[0]?.reasons).toEqual(expected)
  })

  test('an instance whose volume is there is launched beside GPUs, needing none', () => {
    const settings = { gpuSchedulingBehavior: 'restricted', mesosRole: 'dev', mesosPrincipal: 'p' } as const
    const core = new HandCore({ settings, holdsOffers: false })
    core.create({ id: '/app', cmd: 'serve', ...resident })
    const disk = { name: 'disk', scalar: 1_000, role: '*' }
    const whole = offerOf('a', { role: 'dev' })
    core.offers({ ...whole, resources: [...whole.resources, disk] })
    const [reserve, create] = core.effects.flatMap((effect) =>
      effect.kind === 'accept' ? effect.operations : [],
    )
    assert(reserve?.type === 'RESERVE' && create?.type === 'CREATE', 'a volume is made first')
    const kept = [...reserve.resources.filter(({ name }) => name !== 'disk'), ...create.volumes]
    core.offers({
      ...onlyWithGpus(),
      agentId: 'a',
      role: 'dev',
      resources: [...kept, { name: 'gpus', scalar: 4, role: '*' }],
    })
    expect(core.launched).toHaveLength(1)
    // The same without the volume is left to others.
    core.create({ id: '/other', cmd: 'serve' })
    core.offers({ ...onlyWithGpus(), id: 'another', role: 'dev' })
    expect(core.launched).toHaveLength(1)
  })

  test('and unrestricted, by the flag, everything is launched there', () => {
    const core = new HandCore({ settings: { gpuSchedulingBehavior: 'unrestricted' } })
    core.create({ id: '/app', cmd: 'serve' })
    core.offers(onlyWithGpus())
    expect(core.launched).toHaveLength(1)
  })
})
