import { expect, test } from 'vitest'
import { instant, millis } from '../lib/instant.ts'
import { Timetable } from './timetable.ts'

test('periodic work is due at its time and then one interval later', () => {
  const timetable = new Timetable()
  timetable.set('reconcile', instant(15_000))
  timetable.set('scale-all', instant(20_000))
  expect(timetable.wakeAt).toBe(15_000)
  expect(timetable.takeDue('reconcile', millis(600_000), instant(14_999))).toBe(false)
  expect(timetable.takeDue('reconcile', millis(600_000), instant(15_010))).toBe(true)
  expect(timetable.takeDue('reconcile', millis(600_000), instant(15_020))).toBe(false)
  expect(timetable.wakeAt).toBe(20_000)
  timetable.cancel('scale-all')
  expect(timetable.wakeAt).toBe(615_010)
})
