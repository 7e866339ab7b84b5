// What may go wrong with every message, commit and answer, as chances; and the count of what has gone wrong so far,
// by kind.

/** Chances per message or commit, 0 to 1. All zero: nothing goes wrong. */
export interface Misfortune {
  statusLost: number
  statusRepeated: number
  statusDelayed: number
  killLost: number
  acknowledgementLost: number
  /** Told of again up to some seconds later, whatever has become of them meanwhile. */
  offersRepeated: number
  /** Of a task that was asked how it is. */
  answerLost: number
  answerLate: number
  commitFails: number
  crashAtCommit: number
  /** Of a commit that takes up to half a minute. */
  commitSlow: number
}

export const noMisfortune: Misfortune = {
  statusLost: 0,
  statusRepeated: 0,
  statusDelayed: 0,
  killLost: 0,
  acknowledgementLost: 0,
  offersRepeated: 0,
  answerLost: 0,
  answerLate: 0,
  commitFails: 0,
  crashAtCommit: 0,
  commitSlow: 0,
}

/** The kinds of faults that are counted, those of the world at large among them. */
export type FaultKind =
  | keyof Misfortune
  | 'crash'
  | 'disconnect'
  | 'masterFailover'
  | 'executorLoss'
  | 'forgottenEnd'
  | 'volumeLoss'
  | 'agentGivenUp'
  | 'maintenance'
  | 'agentLoss'
  | 'taskFailure'
  | 'sickness'
  | 'blindness'
  | 'rescind'
  | 'clockForward'
  | 'clockBack'
  | 'spoilt'

/** How often each kind has happened; kinds that never did are absent. */
export class FaultCounts {
  readonly #counts = new Map<FaultKind, number>()

  add(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
  }

  /** By name, in the order of the names. */
  all(): Readonly<Partial<Record<FaultKind, number>>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
