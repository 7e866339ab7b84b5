// Canary steps: a new configuration is tried on a few instances before it takes the place of the old one. Which step a
// deployment is at is in its record; how many instances that means follows from the definition it leads to.

import { after, type Instant, seconds } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { CanaryStep } from '../../spec/app.ts'
import type { RunSpec } from '../../spec/run-spec.ts'

/** How far the trial of one run spec has come. */
export interface Canary {
  readonly id: PathId
  /** Index in `canarySteps`; beyond the last one nothing is held back any more. */
  readonly step: number
  /** Since when all its instances have been up: from then on it pauses. */
  readonly reachedAt?: Instant
}

type Upgraded = Pick<RunSpec, 'instances' | 'upgradeStrategy'>

export const canaryStepsOf = ({ upgradeStrategy }: Upgraded): readonly CanaryStep[] =>
  upgradeStrategy.canarySteps ?? []

/**
 * The instances of the new configuration in this step, those of the steps before included. Undefined: all of them, so
 * that there is no old one left to compare with and nothing to pause for.
 */
export function instancesAt(runSpec: Upgraded, step: number): number | undefined {
  const steps = canaryStepsOf(runSpec)
  if (step >= steps.length) return undefined
  const most = Math.max(...steps.slice(0, step + 1).map((each) => instancesOf(each, runSpec.instances)))
  return most < runSpec.instances ? most : undefined
}

/** The trial of a run spec that has so many new instances already: it does not fall behind them. */
export function begun(id: PathId, runSpec: Upgraded, already: number): Canary {
  const steps = canaryStepsOf(runSpec)
  const step = steps.findIndex((_, index) => (instancesAt(runSpec, index) ?? runSpec.instances) >= already)
  return { id, step: step === -1 ? steps.length : step }
}

const instancesOf = ({ instances, percent = 100 }: CanaryStep, all: number): number =>
  instances ?? Math.ceil((all * percent) / 100)

/** When the pause of a step that is reached ends by itself; undefined: when somebody promotes it. */
export function pauseEndsAt(runSpec: Upgraded, { step, reachedAt }: Canary): Instant | undefined {
  const pause = canaryStepsOf(runSpec)[step]?.pauseSeconds
  return pause === undefined || reachedAt === undefined ? undefined : after(reachedAt, seconds(pause))
}

/** The canary with all its instances up. */
export const reached = ({ id, step }: Canary, now: Instant): Canary => ({ id, step, reachedAt: now })

/** The canary at its next step. */
export const promoted = ({ id, step }: Canary): Canary => ({ id, step: step + 1 })

/** The canary at its end: everything is replaced. */
export const promotedToAll = ({ id }: Canary, runSpec: Upgraded): Canary => ({
  id,
  step: canaryStepsOf(runSpec).length,
})

/** Whether anything is held back for it. */
export const isTrial = (canary: Canary, runSpec: Upgraded): boolean =>
  instancesAt(runSpec, canary.step) !== undefined

/** Whether it pauses: goes on by itself later, or when it is promoted. */
export const isHolding = (canary: Canary, runSpec: Upgraded): boolean =>
  canary.reachedAt !== undefined && isTrial(canary, runSpec)
