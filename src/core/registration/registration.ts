// As whom we register with an engine that serves others, too (runtime 1, 13): the id we had, the roles we are in, and
// what becomes of the id when the engine forgets us.

import type { Core } from '../core.ts'
import type { SubscribedRoles } from '../launching/offers-wanted.ts'

export interface Registration extends SubscribedRoles {
  /** Absent: one that never was registered, or that is registered no longer. */
  readonly frameworkId?: string
  /**
   * Instances are stored, and under which id they were launched is not: under another one nobody would know their
   * tasks, and all of them would be launched again (runtime 1, exit code 108).
   */
  readonly isIdMissing?: true
}

export function registrationOf({ state, offersWanted }: Core): Registration {
  const { frameworkId, removedFrameworkId, instanceCount } = state
  return {
    ...(frameworkId === undefined ? {} : { frameworkId }),
    ...(frameworkId === undefined && removedFrameworkId === undefined && instanceCount > 0
      ? { isIdMissing: true as const }
      : {}),
    ...offersWanted.told,
  }
}

/** The id we have from now on. */
export function registered({ state, batch }: Core, frameworkId: string): void {
  if (state.frameworkId !== frameworkId) {
    state.frameworkId = frameworkId
    batch.put('meta', 'framework', { id: frameworkId })
  }
  if (state.removedFrameworkId === undefined) return
  state.removedFrameworkId = undefined
  batch.delete('meta', 'removed-framework')
}

/**
 * The master has ended all that was ours, and takes the id no more. Remembered as such: the next process registers anew
 * instead of missing the id, and reconciliation finds out that the tasks are gone.
 */
export function forgetRegistration({ state, batch }: Core): void {
  if (state.frameworkId === undefined) return
  state.removedFrameworkId = state.frameworkId
  state.frameworkId = undefined
  batch.delete('meta', 'framework')
  batch.put('meta', 'removed-framework', { id: state.removedFrameworkId })
}
