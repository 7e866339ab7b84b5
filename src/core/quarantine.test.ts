import { expect, test } from 'vitest'
import { ok } from '../lib/result.ts'
import { Quarantine } from './quarantine.ts'

const defect = () => {
  throw new Error('no such thing')
}

test('a run spec whose decision throws is set aside until it changes, the others go on', () => {
  const quarantine = new Quarantine({ isOn: true })
  expect(quarantine.guard('/poison', defect)).toBeUndefined()
  expect(quarantine.has('/poison')).toBe(true)
  expect(quarantine.entries().get('/poison')).toContain('no such thing')
  expect(quarantine.guard('/fine', () => 1)).toBe(1)
  quarantine.release('/poison')
  expect(quarantine.has('/poison')).toBe(false)
})

test('a request whose decision throws is refused with what was thrown', () => {
  const quarantine = new Quarantine({ isOn: true })
  expect(quarantine.refuse(defect)).toEqual({
    ok: false,
    error: { kind: 'internal', message: 'no such thing' },
  })
  expect(quarantine.refuse(() => ok(1))).toEqual(ok(1))
})

test('in tests and simulation a throw stops the run', () => {
  const quarantine = new Quarantine({ isOn: false })
  expect(() => quarantine.guard('/poison', defect)).toThrow('no such thing')
  expect(() => quarantine.refuse(defect)).toThrow('no such thing')
})
