import { expect, it } from 'vitest'
import { Turnstile } from './turnstile.ts'

it('lets as many in as there is room for, in order, also after one that failed', async () => {
  const turnstile = new Turnstile(2)
  const log: string[] = []
  const ends: (() => void)[] = []
  const pass = (name: string, fails = false) =>
    turnstile
      .pass(async () => {
        log.push(`${name} in`)
        await new Promise<void>((resolve) => ends.push(resolve))
        if (fails) throw new Error(name)
        return name
      })
      .then(
        (value) => log.push(`${value} out`),
        () => log.push(`${name} failed`),
      )
  const all = [pass('a', true), pass('b'), pass('c'), pass('d')]
  expect(log).toEqual(['a in', 'b in'])
  ends[0]!()
  await all[0]
  expect(log).toEqual(['a in', 'b in', 'c in', 'a failed'])
  ends[2]!()
  await all[2]
  ends[1]!()
  await all[1]
  ends[3]!()
  await Promise.all(all)
  expect(log.slice(4)).toEqual(['d in', 'c out', 'b out', 'd out'])
  expect(await turnstile.pass(async () => 'e')).toBe('e')
})
