// What the counting server left in its store, checked for being whole.

import { expect } from 'vitest'
import { LmdbStore } from '../../src/store/lmdb.ts'
import { contents } from '../contracts/store.contract.ts'

/** The count that is stored. Fails when anything of it is missing, or anything of another count is there. */
export async function readCount(dataDir: string): Promise<number> {
  const store = new LmdbStore(dataDir)
  await store.open()
  const found = (await contents(store)).map(
    ([table, key, value]) => `${table} ${key} ${(value as { n: number }).n}`,
  )
  await store.close()
  const n = Number(found.find((line) => line.startsWith('meta count '))?.slice('meta count '.length) ?? 0)
  const whole = [
    `meta count ${n}`,
    `deployment d-${n} ${n}`,
    ...Array.from({ length: n }, (_, i) => `instance i-${i + 1} ${i + 1}`),
  ]
  expect(found.sort()).toEqual(n === 0 ? [] : whole.sort())
  return n
}

/** The highest count that was told to anyone: by a reply or by an effect. */
export function lastTold(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => Number(/^(?:reply|effect|open at) (\d+)$/.exec(line)?.[1] ?? 0)))
}
