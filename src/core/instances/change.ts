// What differs between two forms of one instance, in the terms everybody who reacts to it asks for: events, backoff,
// scale checks. One comparison instead of one per listener.

import { conditions } from './condition.ts'
import type { Instance } from './instance.ts'

export interface InstanceChange {
  readonly isConditionChanged: boolean
  readonly isGoalChanged: boolean
  readonly isHealthChanged: boolean
  /** It has become terminal or inactive: the run spec needs a scale check (runtime 3, ScaleApp step). */
  readonly isScaleCheckDue: boolean
}

/**
 * Compares an instance with what it was. No `previous`: it is new, or it has been expunged, where what it was before
 * counts as unknown (runtime 3).
 */
export function compareInstances(previous: Instance | undefined, next: Instance): InstanceChange {
  return {
    isConditionChanged: previous?.condition !== next.condition,
    isGoalChanged: previous !== undefined && previous.goal !== next.goal,
    isHealthChanged: previous !== undefined && previous.healthy !== next.healthy,
    isScaleCheckDue: hasLeft(next) && !(previous !== undefined && hasLeft(previous)),
  }
}

const hasLeft = (instance: Instance): boolean =>
  conditions[instance.condition].isTerminal || instance.condition === 'UnreachableInactive'
