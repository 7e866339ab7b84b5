// Rules about the canary steps of apps and pods. Steps lead upwards, as far as that can be seen from the definition:
// percent and instances are compared with their like.

import { limits } from '../../lib/limits.ts'
import type { CanaryStep } from '../app.ts'
import type { Issues } from '../parse/issues.ts'

/** `path`: of the object that holds them. */
export function checkCanarySteps(
  strategy: { readonly canarySteps?: readonly CanaryStep[] } | undefined,
  path: string,
  issues: Issues,
): void {
  const steps = strategy?.canarySteps
  if (steps === undefined) return
  if (steps.length > limits.canarySteps) {
    issues.add(`${path}/canarySteps`, `got ${steps.length} steps, expected ${limits.canarySteps} or less`)
  }
  const last: Partial<Record<'instances' | 'percent', number>> = {}
  for (const [index, step] of steps.entries()) {
    const at = `${path}/canarySteps(${index})`
    if ((step.instances === undefined) === (step.percent === undefined)) {
      const given = step.instances === undefined ? 'neither' : 'both'
      issues.add(at, `got ${given}, expected one of instances and percent`)
      continue
    }
    const kind = step.instances === undefined ? 'percent' : 'instances'
    const value = step[kind]!
    const before = last[kind]
    if (before !== undefined && value <= before) {
      issues.add(`${at}/${kind}`, `got ${value}, expected more than ${before}, which a step before it has`)
    }
    last[kind] = value
  }
}
