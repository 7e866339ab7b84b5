// How a deployment moves through its steps, and which actions are under way. What a step needs in order to be done is
// decide-step.ts's business.

import { oncePer } from '../../lib/once.ts'
import type { PathId } from '../../lib/path-id.ts'
import { type Action, type Deployment, type Work, workOf } from './deployment.ts'

/** The deployment with its next step as the current one, or undefined when the step that is done was the last. */
export function advance(deployment: Deployment): Deployment | undefined {
  const currentStep = deployment.currentStep + 1
  return currentStep < deployment.steps.length ? { ...deployment, currentStep } : undefined
}

/** Whether there is nothing left to do; true from the start for a change that changes nothing (runtime 11). */
export const isOver = (deployment: Deployment): boolean => deployment.currentStep >= deployment.steps.length

const noActions: readonly Action[] = []

/** The actions under way, all at the same time; none when the deployment is over. */
export const currentActions = (deployment: Deployment): readonly Action[] =>
  deployment.steps[deployment.currentStep]?.actions ?? noActions

/** A memo, not state: a step of ten thousand actions is asked about each of its run specs. */
const workById = oncePer(
  (actions: readonly Action[]): ReadonlyMap<PathId, Work> =>
    new Map(actions.map((action) => [action.runSpecId, workOf(action)])),
)

/** What is done to a run spec in the step in progress; undefined when it is not part of it. */
export const currentWorkOn = (deployment: Deployment, id: PathId): Work | undefined =>
  workById(currentActions(deployment)).get(id)
