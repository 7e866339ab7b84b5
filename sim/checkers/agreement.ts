// While it is connected, the server learns within a bounded time what is so: a task that it holds to be running runs,
// also when its end happened while nobody listened and no status ever tells of it. Asking is the only way.

import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import { millis } from '../../src/lib/instant.ts'
import type { Step } from '../observer.ts'
import type { World } from '../world.ts'
import { type Checker, Violation } from './checker.ts'

/** Between two looks at everything. */
const lookEvery = millis(60_000)
/** Slow commits, clocks set back, answers held up, agents that find a new master. */
const slackMs = 900_000

export class AgreementChecker implements Checker {
  readonly #world: () => World
  /** Tasks that are not as they are held to be, since when. */
  readonly #wrong = new Map<string, number>()
  #connectedSince: number | undefined
  #nextLook = 0

  constructor(world: () => World) {
    this.#world = world
  }

  started(): void {
    this.#connectedSince = undefined
  }

  stepped({ now, slice, scheduler }: Step): void {
    for (const { kind } of slice) {
      if (kind === 'engine-connected') this.#connectedSince = now
      if (kind === 'engine-disconnected') this.#connectedSince = undefined
    }
    if (now < this.#nextLook) return
    this.#nextLook = now + lookEvery
    this.#look(now, scheduler)
  }

  #look(now: number, { core }: InspectableScheduler): void {
    const { cluster } = this.#world()
    const { reconciliationInitialDelay, reconciliationInterval } = core.settings
    const patience = reconciliationInitialDelay + 2 * reconciliationInterval + slackMs
    const seen = new Set<string>()
    for (const instance of core.state.instances()) {
      for (const { id, condition } of instance.tasks) {
        if (condition !== 'Running') continue
        const agent = cluster.agents.get(instance.agent?.agentId ?? '')
        const real = cluster.tasks.get(id)
        const runs = real !== undefined && !real.hasEnded && agent?.isConnected === true
        if (runs || agent?.isRecovering === true) continue
        seen.add(id)
        const since = this.#wrong.get(id) ?? now
        this.#wrong.set(id, since)
        const waited = now - Math.max(since, this.#connectedSince ?? now)
        if (waited > patience)
          throw new Violation(
            'agreement',
            `${id} is held to be running and does not; ${waited / 1000} s of a connection have not told`,
          )
      }
    }
    for (const id of this.#wrong.keys()) if (!seen.has(id)) this.#wrong.delete(id)
  }
}
