// Named random streams from one seed. Each purpose draws from a stream of its own, so that one more draw for
// one purpose does not change what every other purpose sees: golden transcripts stay reviewable.

/** A deterministic generator (sfc32, public domain). */
export interface Rng {
  /** A float in [0, 1). */
  next(): number
  /** An integer in [0, below). `below` must be positive. */
  int(below: number): number
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean
  /** One element of a non-empty list. */
  pick<T>(items: readonly T[]): T
  /** A new array with the same elements in random order. */
  shuffle<T>(items: readonly T[]): T[]
}

/** The stream `name` of `seed`: the same pair always gives the same numbers. */
export function stream(seed: number | string, name: string): Rng {
  const hash = xmur3(`${seed}/${name}`)
  let a = hash()
  let b = hash()
  let c = hash()
  let d = hash()
  const next32 = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next32()
  const rng: Rng = {
    next: () => next32() / 4294967296,
    int: (below) => Math.floor((next32() / 4294967296) * below),
    chance: (probability) => next32() / 4294967296 < probability,
    pick: (items) => items[rng.int(items.length)]!,
    shuffle: (items) => {
      const out = items.slice()
      for (let i = out.length - 1; i > 0; i--) {
        const j = rng.int(i + 1)
        const t = out[i]!
        out[i] = out[j]!
        out[j] = t
      }
      return out
    },
  }
  return rng
}

function xmur3(text: string): () => number {
  let h = 1779033703 ^ text.length
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353)
    h = (h << 13) | (h >>> 19)
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507)
    h = Math.imul(h ^ (h >>> 13), 3266489909)
    h ^= h >>> 16
    return h >>> 0
  }
}
