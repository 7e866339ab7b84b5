// What changed between two definitions of a run spec: the number of instances, or something that running instances
// have to be replaced for (app-definition 2, versionInfo rules; 3 for pods).

import type { Version } from '../lib/instant.ts'
import type { AppHealthCheck, AppSpec, VersionInfo } from './app.ts'
import type { PodSpec } from './pod.ts'
import { isHostNetwork, isPod, type RunSpec, type RunSpecDraft } from './run-spec.ts'
import { sameMembers, sameValue } from './same-value.ts'

type Comparison = (left: unknown, right: unknown) => boolean

/** Fields whose change makes a new configuration. Those that are sets to the user are compared as sets. */
const appConfigFields: Readonly<Partial<Record<keyof AppSpec, Comparison>>> = {
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
  healthChecks: sameHealthChecks,
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

/** A check may name the one port there is, or let it go without saying: what is shown can be sent again. */
function sameHealthChecks(left: unknown, right: unknown): boolean {
  return sameMembers(left, right) || sameMembers(withPortIndex(left), withPortIndex(right))
}

const withPortIndex = (checks: unknown): unknown =>
  (checks as AppSpec['healthChecks']).map((check: AppHealthCheck) =>
    check.protocol === 'COMMAND' || check.port !== undefined ? check : { portIndex: 0, ...check },
  )

/** The host's network may be named or go without saying. */
const sameNetworks: Comparison = (left, right) =>
  sameValue(left, right) || (isHostNetworks(left) && isHostNetworks(right))

const isHostNetworks = (networks: unknown): boolean =>
  isHostNetwork({ networks: networks as PodSpec['networks'] })

/** Of pods less is compared: how their instances end or are given up is no reason to replace them. */
const podConfigFields: Readonly<Partial<Record<keyof PodSpec, Comparison>>> = {
  user: sameValue,
  env: sameValue,
  labels: sameValue,
  acceptedResourceRoles: sameMembers,
  secrets: sameValue,
  containers: sameValue,
  constraints: sameMembers,
  volumes: sameValue,
  networks: sameNetworks,
  backoffSeconds: sameValue,
  backoffFactor: sameValue,
  maxLaunchDelaySeconds: sameValue,
  upgradeStrategy: sameValue,
  role: sameValue,
  linuxInfo: sameValue,
}

const appComparisons = Object.entries(appConfigFields) as readonly (readonly [keyof AppSpec, Comparison])[]
const podComparisons = Object.entries(podConfigFields) as readonly (readonly [keyof PodSpec, Comparison])[]

/** Whether `to` is another configuration than `from`: running instances of `from` are outdated by it. */
export function isConfigChange(from: RunSpecDraft, to: RunSpecDraft): boolean {
  if (isPod(from))
    return !isPod(to) || podComparisons.some(([field, isSame]) => !isSame(from[field], to[field]))
  return isPod(to) || appComparisons.some(([field, isSame]) => !isSame(from[field], to[field]))
}

/**
 * Whether a pod changes without becoming another configuration: it is another definition all the same, for which
 * nothing is replaced.
 */
function isOtherwiseChanged(from: RunSpec, to: RunSpecDraft): boolean {
  if (!isPod(from) || !isPod(to)) return false
  const { version: _version, versionInfo: _versionInfo, ...before } = from
  const { version: _nextVersion, versionInfo: _nextInfo, ...after }: typeof to & Partial<RunSpec> = to
  return !sameValue(before, after)
}

/**
 * The version of `next`, which replaces `previous`. Unchanged when nothing changed, unless it is a restart, which is
 * a new version of the same configuration.
 */
export function nextVersionInfo(
  previous: RunSpec | undefined,
  next: RunSpecDraft,
  now: Version,
  isRestart = false,
): { readonly version: Version; readonly versionInfo: VersionInfo } {
  if (previous === undefined || isConfigChange(previous, next)) {
    return { version: now, versionInfo: { lastScalingAt: now, lastConfigChangeAt: now } }
  }
  if (previous.instances !== next.instances) {
    return { version: now, versionInfo: { ...previous.versionInfo, lastScalingAt: now } }
  }
  if (isOtherwiseChanged(previous, next)) return { version: now, versionInfo: previous.versionInfo }
  if (isRestart) return { version: now, versionInfo: { ...previous.versionInfo, lastConfigChangeAt: now } }
  return { version: previous.version, versionInfo: previous.versionInfo }
}
