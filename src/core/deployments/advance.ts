// How a deployment moves through its steps, and which actions are under way. What a step needs in order to be done is
// decide-step.ts's business.

import type { Action, Deployment } from './deployment.ts'

/** The deployment with its next step as the current one, or undefined when the step that is done was the last. */
export function advance(deployment: Deployment): Deployment | undefined {
  const currentStep = deployment.currentStep + 1
  return currentStep < deployment.steps.length ? { ...deployment, currentStep } : undefined
}

/** Whether there is nothing left to do; true from the start for a change that changes nothing (runtime 11). */
export const isOver = (deployment: Deployment): boolean => deployment.currentStep >= deployment.steps.length

/** The actions under way, all at the same time; none when the deployment is over. */
export const currentActions = (deployment: Deployment): readonly Action[] =>
  deployment.steps[deployment.currentStep]?.actions ?? []
