// How long things take in the fake cluster, in milliseconds. The defaults are those of the recordings.

export interface Timing {
  /** Between two rounds of offers, apart from those that something asks for. Mesos' own default is 1 s. */
  readonly allocationMs: number
  readonly heartbeatMs: number
  /** Until an unacknowledged update is sent again; doubles each time. */
  readonly repeatMs: number
  /** From the accept to TASK_STARTING of simulated tasks. */
  readonly startMs: number
  /** From the loss of an agent's connection to its tasks being unreachable. */
  readonly unreachableMs: number
  /** From a new master's start to its agents' return. */
  readonly reregisterMs: number
  /** From SIGTERM to SIGKILL, where neither the task nor the kill says it. */
  readonly graceMs: number
  /** From the last acknowledgement of a group to the end of its executor. */
  readonly executorEndMs: number
}

export const recordedTiming: Timing = {
  allocationMs: 500,
  heartbeatMs: 15_000,
  repeatMs: 10_000,
  startMs: 0,
  unreachableMs: 18_000,
  reregisterMs: 12_000,
  graceMs: 3_000,
  executorEndMs: 40,
}

/** The cluster's clock and timers, which can run faster than ours. All timers end together. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>()
  readonly #begin = Date.now()
  readonly #speed: number

  /** @param speed seconds of the cluster in one of ours */
  constructor(speed = 1) {
    this.#speed = speed
  }

  /** Milliseconds since 1970, on the cluster's clock. */
  now(): number {
    return this.#begin + (Date.now() - this.#begin) * this.#speed
  }

  after(ms: number, run: () => void): NodeJS.Timeout {
    const timer: NodeJS.Timeout = setTimeout(() => {
      this.#pending.delete(timer)
      run()
    }, ms / this.#speed)
    this.#pending.add(timer)
    return timer
  }

  cancel(timer: NodeJS.Timeout | undefined): void {
    if (timer === undefined) return
    clearTimeout(timer)
    this.#pending.delete(timer)
  }

  close(): void {
    for (const timer of this.#pending) clearTimeout(timer)
    this.#pending.clear()
  }
}
