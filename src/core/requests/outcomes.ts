// What several kinds of request answer alike.

import type { Deployment } from '../deployments/deployment.ts'

/** The change is under way, or was empty and is over. */
export const deployed = (deployment: Deployment) =>
  ({ kind: 'deployed', deploymentId: deployment.id, version: deployment.version, wasCreated: false }) as const
