import { expect, test } from 'vitest'
import type { Attribute } from '../mesos.ts'
import { attributeText, fieldText } from './field-text.ts'

const cases: readonly (readonly [Omit<Attribute, 'name'>, string])[] = [
  [{ text: 'blue' }, 'blue'],
  [{ scalar: 2 }, '2'],
  [{ scalar: 50.0 }, '50'],
  [{ scalar: 1.25 }, '1.25'],
  [{ scalar: 1.25049 }, '1.25'],
  [
    {
      ranges: [
        { begin: 9, end: 12 },
        { begin: 1, end: 3 },
      ],
    },
    '[1-3,9-12]',
  ],
  [{ set: ['b', 'a', 'C'] }, '{C,a,b}'],
  [{ set: [] }, '{}'],
]

test.each(cases)('the attribute %j reads %s', (attribute, text) => {
  expect(attributeText({ name: 'x', ...attribute })).toBe(text)
})

const agent = {
  hostname: 'node1',
  region: 'eu',
  zone: 'eu-1',
  attributes: [
    { name: 'rack', text: 'r1' },
    { name: 'rack', text: 'r2' },
  ],
}

test.each([
  ['hostname', 'node1'],
  ['@hostname', 'node1'],
  ['@region', 'eu'],
  ['@zone', 'eu-1'],
  ['rack', 'r1'],
  ['Rack', undefined],
  ['row', undefined],
])('the field %s of an agent reads %s', (field, text) => {
  expect(fieldText(agent, field)).toBe(text)
})

test('an agent without fault domain has no region', () => {
  expect(fieldText({ hostname: 'node1', attributes: [] }, '@region')).toBeUndefined()
})
