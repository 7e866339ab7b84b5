// As whom we register with an engine that serves others, too (runtime 1, 13): the id we had, the roles we are in, and
// what becomes of the id when the engine forgets us.

import { limits } from '../../lib/limits.ts'
import type { Core } from '../core.ts'
import type { SubscribedRoles } from '../launching/offers-wanted.ts'
import type { EngineKind } from '../settings.ts'

export interface Registration extends SubscribedRoles {
  /** Absent: one that never was registered with this kind of engine, or that is registered no longer. */
  readonly frameworkId?: string
  /**
   * Instances are stored, and under which id they were launched is not: under another one nobody would know their
   * tasks, and all of them would be launched again (runtime 1, exit code 108).
   */
  readonly isIdMissing?: true
  /**
   * The engine that runs the instances there are, when it is another one than ours: it goes on with them, and we would
   * launch all of them once more.
   */
  readonly otherEngine?: { readonly engine: EngineKind; readonly instances: number }
}

export function registrationOf(core: Core): Registration {
  const { state, offersWanted, settings } = core
  const { frameworkId, removedFrameworkId, instanceCount } = state
  return {
    ...(frameworkId === undefined || state.frameworkEngine !== settings.engine ? {} : { frameworkId }),
    ...(frameworkId === undefined && removedFrameworkId === undefined && instanceCount > 0
      ? { isIdMissing: true as const }
      : {}),
    ...otherEngine(core),
    ...offersWanted.told,
  }
}

/** Simulated tasks end with their process: nothing of them is left that could be there twice. */
function otherEngine({ state, settings }: Core): Pick<Registration, 'otherEngine'> {
  const { frameworkEngine: engine, instanceCount: instances } = state
  if (engine === undefined || engine === 'sim' || engine === settings.engine || instances === 0) return {}
  return { otherEngine: { engine, instances } }
}

/** The id we have from now on. */
export function registered(core: Core, frameworkId: string): void {
  const { state, batch } = core
  const { engine } = core.settings
  rememberFormerIds(core, frameworkId)
  if (state.frameworkId !== frameworkId || state.frameworkEngine !== engine) {
    state.frameworkId = frameworkId
    state.frameworkEngine = engine
    batch.put('meta', 'framework', { id: frameworkId, ...(engine === undefined ? {} : { engine }) })
  }
  if (state.removedFrameworkId === undefined) return
  state.removedFrameworkId = undefined
  batch.delete('meta', 'removed-framework')
}

/** What was reserved under them is still there for our instances: reservations outlive their framework. */
function rememberFormerIds({ state, batch }: Core, frameworkId: string): void {
  const before = state.frameworkId ?? state.removedFrameworkId
  if (before !== undefined && before !== frameworkId) {
    const former = [...state.frameworkIds].filter((id) => id !== frameworkId).slice(-limits.formerFrameworks)
    batch.put('meta', 'former-frameworks', { ids: former.join(' ') })
  }
  state.frameworkIds.add(frameworkId)
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
