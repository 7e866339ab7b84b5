// Instances of which a few at a time will have to go, in the order in which they go. A restart of 100,000 asks for the
// next few a hundred thousand times: the front of the order is kept, so that not all of them are looked at each time.

import type { RunSpec } from '../../spec/run-spec.ts'
import type { Instance } from '../instances/instance.ts'
import { firstToGo } from '../scaling/kill-order.ts'

/** How much of the order is kept. One look at all of them serves that many that go. */
const frontLength = 1_024

export class KillQueue extends Set<Instance> {
  /** The first of them, in order, as they were at the last look at all; some have left since. */
  #front: readonly Instance[] = []
  #next = 0
  /** Come since that look: they may belong anywhere. */
  #late = new Set<Instance>()
  #killSelection: RunSpec['killSelection'] | undefined

  override add(instance: Instance): this {
    if (!this.has(instance)) this.#late.add(instance)
    return super.add(instance)
  }

  override delete(instance: Instance): boolean {
    this.#late.delete(instance)
    return super.delete(instance)
  }

  /** The first `count` of the kill order. */
  first(count: number, killSelection: RunSpec['killSelection']): readonly Instance[] {
    if (count <= 0) return []
    if (count >= this.size) return firstToGo([...this], count, killSelection)
    if (this.#late.size > frontLength || killSelection !== this.#killSelection) {
      this.#look(count, killSelection)
    }
    let kept = this.#kept(count)
    if (kept.length < count) {
      this.#look(count, killSelection)
      kept = this.#kept(count)
    }
    return this.#late.size === 0 ? kept : firstToGo([...kept, ...this.#late], count, killSelection)
  }

  /** Those of the front that are still there, at most `count`. */
  #kept(count: number): Instance[] {
    while (this.#next < this.#front.length && !this.#isStill(this.#front[this.#next]!)) this.#next++
    const kept: Instance[] = []
    for (let i = this.#next; i < this.#front.length && kept.length < count; i++) {
      const instance = this.#front[i]!
      if (this.#isStill(instance)) kept.push(instance)
    }
    return kept
  }

  /** One that left and came back is among the late ones. */
  #isStill(instance: Instance): boolean {
    return this.has(instance) && !this.#late.has(instance)
  }

  #look(count: number, killSelection: RunSpec['killSelection']): void {
    this.#front = firstToGo([...this], Math.max(count, frontLength), killSelection)
    this.#next = 0
    this.#late.clear()
    this.#killSelection = killSelection
  }
}
