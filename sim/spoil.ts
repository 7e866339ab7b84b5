// A definition on the disk that this version cannot make sense of, as a newer one or a bug may have left it. It is the
// same for every process from then on, so that whoever ends because of it ends at each start.

import type { StoredRecord } from '../src/core/records.ts'
import type { PathId } from '../src/lib/path-id.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import type { RunSpec } from '../src/spec/run-spec.ts'

/** From the how manieth process on. */
const firstLife = 3

/** An operator nobody here knows: whoever places an instance asks it. */
const spoilt = (runSpec: RunSpec): unknown => ({
  ...runSpec,
  constraints: [['hostname', 'NEAR', 'agent-1']],
})

export class Spoiler {
  readonly #rng: Rng
  readonly #keys = new Set<string>()
  readonly #ids = new Set<PathId>()
  #lives = 0

  constructor(seed: number | string) {
    this.#rng = stream(seed, 'spoiler')
  }

  /** The run specs it has got hold of. */
  get ids(): ReadonlySet<PathId> {
    return this.#ids
  }

  /** What a new process reads. */
  spoil(records: Iterable<StoredRecord>): readonly StoredRecord[] {
    const all = [...records]
    if (++this.#lives >= firstLife && this.#keys.size === 0) this.#choose(all)
    return all.map((record) =>
      record.table === 'run-spec-version' && this.#keys.has(record.key)
        ? { ...record, value: spoilt(record.value) as RunSpec }
        : record,
    )
  }

  #choose(records: readonly StoredRecord[]): void {
    const inForce = records.flatMap((record) => (record.table === 'run-spec' ? [record.key] : []))
    if (inForce.length === 0) return
    const id = this.#rng.pick(inForce)
    this.#ids.add(id)
    for (const record of records)
      if (record.table === 'run-spec-version' && record.value.id === id) this.#keys.add(record.key)
  }
}
