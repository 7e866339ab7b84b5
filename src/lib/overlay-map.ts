// A map as it would be after some changes, without copying it: what is changed comes from the overlay, the rest from
// below. For planning a change of a few entries among ten thousand.

export class OverlayMap<K, V> implements ReadonlyMap<K, V> {
  readonly #below: ReadonlyMap<K, V>
  /** Undefined: removed. */
  readonly #changes: ReadonlyMap<K, V | undefined>

  constructor(below: ReadonlyMap<K, V>, changes: ReadonlyMap<K, V | undefined>) {
    this.#below = below
    this.#changes = changes
  }

  get size(): number {
    let size = this.#below.size
    for (const [key, value] of this.#changes) {
      if (this.#below.has(key)) size -= value === undefined ? 1 : 0
      else size += value === undefined ? 0 : 1
    }
    return size
  }

  get(key: K): V | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#below.get(key)
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.#below) {
      const current = this.#changes.has(key) ? this.#changes.get(key) : value
      if (current !== undefined) yield [key, current]
    }
    for (const [key, value] of this.#changes) {
      if (value !== undefined && !this.#below.has(key)) yield [key, value]
    }
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this)
  }
}
