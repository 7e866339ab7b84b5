import { expect, test } from 'vitest'
import { decimalText, doubleText, fromThousandths, thousandths } from './fixed-point.ts'

test('ten tenths are one whole', () => {
  let sum = 0
  for (let i = 0; i < 10; i++) sum += thousandths(0.1)
  expect(sum).toBe(thousandths(1))
})

test.each([
  [1, '1'],
  [1.5, '1.5'],
  [0.1234, '0.123'],
  [0.1236, '0.124'],
  [100, '100'],
  [-0.0001, '0'],
  [-2.5, '-2.5'],
])('the number %d reads %s on an agent', (value, text) => {
  expect(decimalText(value)).toBe(text)
})

test.each([
  [1, '1.0'],
  [128, '128.0'],
  [0, '0.0'],
  [0.25, '0.25'],
  [0.001, '0.001'],
  [9_999_999, '9999999.0'],
  [10_000_000, '1.0E7'],
  [12_345_678, '1.2345678E7'],
  [0.0005, '5.0E-4'],
])('the double %d is written %s in the environment', (value, text) => {
  expect(doubleText(value)).toBe(text)
})

test('every amount of three decimals is kept exactly', () => {
  for (let n = 0; n <= 100_000; n++) {
    if (thousandths(n / 1000) !== n || fromThousandths(n) !== n / 1000)
      throw new Error(`${n / 1000} is not kept`)
  }
})
