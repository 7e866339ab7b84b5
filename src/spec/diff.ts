// What changed between two definitions of an app: the number of instances, or something that running instances have
// to be replaced for (app-definition 2, versionInfo rules).

import type { Version } from '../lib/instant.ts'
import type { App, AppSpec, VersionInfo } from './app.ts'
import { sameMembers, sameValue } from './same-value.ts'

type Comparison = (left: unknown, right: unknown) => boolean

/** Fields whose change makes a new configuration. Those that are sets to the user are compared as sets. */
const configFields: Readonly<Partial<Record<keyof AppSpec, Comparison>>> = {
  cmd: sameValue,
  args: sameValue,
  user: sameValue,
  env: sameValue,
  cpus: sameValue,
  mem: sameValue,
  disk: sameValue,
  gpus: sameValue,
  executor: sameValue,
  constraints: sameMembers,
  fetch: sameValue,
  portDefinitions: sameValue,
  requirePorts: sameValue,
  backoffFactor: sameValue,
  backoffSeconds: sameValue,
  maxLaunchDelaySeconds: sameValue,
  container: sameValue,
  healthChecks: sameMembers,
  check: sameValue,
  taskKillGracePeriodSeconds: sameValue,
  dependencies: sameMembers,
  upgradeStrategy: sameValue,
  labels: sameValue,
  acceptedResourceRoles: sameMembers,
  networks: sameValue,
  readinessChecks: sameValue,
  secrets: sameValue,
  unreachableStrategy: sameValue,
  killSelection: sameValue,
  tty: sameValue,
  role: sameValue,
  resourceLimits: sameValue,
}

const comparisons = Object.entries(configFields) as readonly (readonly [keyof AppSpec, Comparison])[]

/** Whether `to` is another configuration than `from`: running instances of `from` are outdated by it. */
export const isConfigChange = (from: AppSpec, to: AppSpec): boolean =>
  comparisons.some(([field, isSame]) => !isSame(from[field], to[field]))

export const isScaleOnly = (from: AppSpec, to: AppSpec): boolean =>
  from.instances !== to.instances && !isConfigChange(from, to)

/**
 * The version of `next`, which replaces `previous`. Unchanged when nothing changed, unless it is a restart, which is
 * a new version of the same configuration.
 */
export function nextVersionInfo(
  previous: App | undefined,
  next: AppSpec,
  now: Version,
  isRestart = false,
): { readonly version: Version; readonly versionInfo: VersionInfo } {
  if (previous === undefined || isConfigChange(previous, next)) {
    return { version: now, versionInfo: { lastScalingAt: now, lastConfigChangeAt: now } }
  }
  if (previous.instances !== next.instances) {
    return { version: now, versionInfo: { ...previous.versionInfo, lastScalingAt: now } }
  }
  if (isRestart) return { version: now, versionInfo: { ...previous.versionInfo, lastConfigChangeAt: now } }
  return { version: previous.version, versionInfo: previous.versionInfo }
}
