// Files that deployments wait for to be in the artifact store (rest-api 12, storeUrls). Bringing them there is an
// adapter's part; what is missing is memory of this process, asked for again by the next one.

import type { PathId } from '../lib/path-id.ts'
import { storedPath } from '../spec/normalise/store-urls.ts'
import { isPod } from '../spec/run-spec.ts'
import type { Core } from './core.ts'
import type { DeploymentId } from './deployments/deployment.ts'

/** Asks for what the version in force is to have in the store. What is there already is answered as well. */
export function wantArtifacts({ state, batch }: Core, id: PathId): void {
  const runSpec = state.runSpec(id)
  if (runSpec === undefined || isPod(runSpec) || runSpec.storeUrls === undefined) return
  const missing = new Set<string>()
  for (const url of runSpec.storeUrls) {
    const path = storedPath(url)
    if (missing.has(path)) continue
    missing.add(path)
    batch.download({ kind: 'store-artifact', url, path })
  }
  state.missingArtifacts.set(id, missing)
}

/** Nothing of it is waited for any more; what nobody else waits for is not brought. */
export function abandonArtifacts({ state, batch }: Core, id: PathId): void {
  for (const path of state.missingArtifacts.delete(id)) batch.download({ kind: 'abandon-artifact', path })
}

export function artifactStored({ state, dirty }: Core, path: string): void {
  for (const id of state.missingArtifacts.stored(path)) dirty.mark(id)
}

/** The deployments that cannot go on without this artifact. */
export function waitingForArtifact({ state }: Core, path: string): ReadonlySet<DeploymentId> {
  const waiting = new Set<DeploymentId>()
  for (const id of state.missingArtifacts.appsWaitingFor(path)) {
    const deployment = state.lockOf(id)
    if (deployment !== undefined) waiting.add(deployment)
  }
  return waiting
}
