// What is made once, and what is made once for each key.

import { expect, test } from 'vitest'
import { once, oncePer } from './once.ts'

test('what is asked for again is what was made first', () => {
  let made = 0
  const ask = once(() => ++made)
  expect([made, ask(), ask(), made]).toEqual([0, 1, 1, 1])
})

test('even when nothing came of it', () => {
  let asked = 0
  const ask = once(() => void asked++)
  ask()
  ask()
  expect(asked).toBe(1)
})

test('each key has its own, made when it is first asked for', () => {
  const [first, second] = [{}, {}]
  const made: object[] = []
  const ask = oncePer((key: object) => {
    made.push(key)
    return `${made.length}`
  })
  expect([ask(first), ask(second), ask(first), ask(second)]).toEqual(['1', '2', '1', '2'])
  expect(made).toEqual([first, second])
})
