// The rules with features and versions made for it, as the original's DeprecatedFeaturesConfigTest has them; then what
// the features of the original are here.

import { describe, expect, it } from 'vitest'
import { type DeprecatedFeature, deprecatedFeatures, switchFeatures } from './deprecated-features.ts'

const gone: DeprecatedFeature = { key: 'gone', about: 'x', softRemoval: [1, 6], hardRemoval: [1, 7] }
const going: DeprecatedFeature = { key: 'going', about: 'y', softRemoval: [1, 7], hardRemoval: [1, 8] }

const at = (version: readonly [number, number], ...items: readonly string[]) =>
  switchFeatures(items, version, [gone, going])

describe('a feature that will be removed', () => {
  it.each([
    ['is on before its soft removal', at([1, 6]), 'going', true],
    ['is off then when it is switched off', at([1, 6], 'disable_going'), 'going', false],
    ['is off from its soft removal on', at([1, 6]), 'gone', false],
    ['is on then when it is named', at([1, 6], 'gone'), 'gone', true],
    ['is off then when it is switched off', at([1, 6], 'disable_gone'), 'gone', false],
  ] as const)('%s', (_, switches, key, isEnabled) => {
    expect(switches.isEnabled(key)).toBe(isEnabled)
    expect(switches.errors).toEqual([])
  })

  it('is warned of from its soft removal on, when it is named', () => {
    expect(at([1, 6], 'gone').warnings).toEqual([
      '--deprecated_features names gone, which will be removed in 1.7.0; do without it soon.',
    ])
    expect(at([1, 6], 'going').warnings).toEqual([])
    expect(at([1, 6], 'disable_gone').warnings).toEqual([])
    expect(at([1, 6]).warnings).toEqual([])
  })

  it('is an error from its hard removal on, when it is named', () => {
    expect(at([1, 7], 'gone')).toMatchObject({
      warnings: [],
      errors: ['--deprecated_features names gone (x), which was removed in 1.7.0. Leave it out.'],
    })
    expect(at([2, 0], 'gone').errors).toHaveLength(1)
    expect(at([1, 7], 'disable_gone').errors).toEqual([])
    expect(at([1, 7]).errors).toEqual([])
  })
})

describe('the features of the original', () => {
  const kept = ['json_schemas_resource', 'text_plain_tasks']

  it.each(deprecatedFeatures.map(({ key }) => key))('%s is on exactly when it is kept', (key) => {
    expect(switchFeatures([]).isEnabled(key)).toBe(kept.includes(key))
    expect(switchFeatures([`disable_${key}`]).isEnabled(key)).toBe(false)
    expect(switchFeatures([`disable_${key}`]).errors).toEqual([])
    expect(switchFeatures([key]).errors).toHaveLength(kept.includes(key) ? 0 : 1)
    expect(switchFeatures([key]).warnings).toEqual([])
  })
})
