import { expect, test } from 'vitest'
import { at } from '../../../tests/support/in-condition.ts'
import { HealthBook } from './book.ts'

const nowhere = (index: number, s: number) => ({ taskId: 't', index, cause: 'no place', at: at(s) })

test('checks that can be asked nowhere fail when they are due, as long as that is so', () => {
  const book = new HealthBook()
  book.failNowhere('a', nowhere(0, 10))
  book.failNowhere('b', nowhere(1, 5))
  book.isAskedSomewhere('b')
  expect(book.takeNowhere(at(9))).toBeUndefined()
  expect(book.takeNowhere(at(10))).toEqual(nowhere(0, 10))
  expect(book.takeNowhere(at(10))).toBeUndefined()
})

test('and of those that are over nothing is kept for years, however many there have been', () => {
  const book = new HealthBook()
  book.failNowhere('kept', nowhere(0, 1_000_000_000))
  for (let n = 0; n < 10_000; n++) {
    book.failNowhere(`task ${n}`, nowhere(0, 1_000_000))
    book.isAskedSomewhere(`task ${n}`)
  }
  expect(book.deadlineCount).toBeLessThan(2_000)
  expect(book.takeNowhere(at(1_000_000_000))).toEqual(nowhere(0, 1_000_000_000))
})
