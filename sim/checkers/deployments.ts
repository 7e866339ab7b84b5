// Deployments end. None works for an app that was removed, none goes on when nothing is left to be done, and none has
// nothing to wait for. How long after the last trouble they may take is the convergence checker's part.

import type { Deployment, DeploymentId } from '../../src/core/deployments/deployment.ts'
import { isHealthy, isTerminalForWaiting } from '../../src/core/instances/condition.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { State } from '../../src/core/state.ts'
import type { Instant } from '../../src/lib/instant.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

/** Milliseconds of virtual time a deployment may take to see that it is done. */
const longestNoticing = 300_000

export class DeploymentChecker implements Checker {
  /** Since when there is nothing left for it to do. */
  readonly #idle = new Map<DeploymentId, Instant>()

  started(): void {
    this.#idle.clear()
  }

  stepped({ scheduler: { core } }: Step): void {
    const { state } = core
    if (state.deploymentCount === 0) {
      this.#idle.clear()
      return
    }
    for (const deployment of state.deployments()) {
      const orphan = deployment.changes.find(
        ({ id, to }) => to !== undefined && state.runSpec(id) === undefined,
      )
      if (orphan !== undefined)
        throw new Violation('deployments', `${deployment.id} goes on with ${orphan.id}, which was removed`)
      this.#checkIdle(deployment, core)
    }
  }

  #checkIdle(deployment: Deployment, { state, quarantine }: InspectableScheduler['core']): void {
    const isHeld =
      deployment.pausedAt !== undefined ||
      deployment.changes.some(({ id }) => quarantine.has(id) || state.missingArtifacts.get(id) !== undefined)
    if (isHeld || !deployment.changes.every(({ id, to }) => isReached(state, id, to))) {
      this.#idle.delete(deployment.id)
      return
    }
    const since = this.#idle.get(deployment.id)
    if (since === undefined) this.#idle.set(deployment.id, state.now)
    else if (state.now - since > longestNoticing)
      throw new Violation('deployments', `${deployment.id} has had nothing to do for ${state.now - since} ms`)
  }
}

/** As many as wanted run and are well, all of the version or one of its configuration, and nothing else is left. */
function isReached(state: State, id: string, to: string | undefined): boolean {
  const instances = state.instancesOf(id)
  if (to === undefined) return instances.length === 0
  const runSpec = state.runSpecVersion(id, to)
  // Whether they are ready as well is the deployment's own question.
  if (runSpec === undefined || ('readinessChecks' in runSpec && runSpec.readinessChecks.length > 0))
    return false
  const { lastConfigChangeAt } = runSpec.versionInfo
  return (
    instances.length === runSpec.instances &&
    instances.every(
      (instance) =>
        instance.goal === 'Running' &&
        isHealthy(instance) &&
        !isTerminalForWaiting(instance) &&
        state.runSpecVersion(id, instance.runSpecVersion)?.versionInfo.lastConfigChangeAt ===
          lastConfigChangeAt,
    )
  )
}
