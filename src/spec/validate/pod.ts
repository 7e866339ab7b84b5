// The rules about pods (app-definition 10.6): those about a pod as it was sent, and those about the role it comes to
// have. Containers have a file of their own.

import { constraintError } from '../constraint-rules.ts'
import type { NormaliseContext } from '../normalise/context.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import type { PodSpec } from '../pod.ts'
import { isResident } from '../run-spec.ts'
import type { PodInput } from '../schema/pod.ts'
import { serviceIdErrors } from './paths.ts'
import { double, featureNotEnabled, mustNotBeEmpty } from './phrases.ts'
import { checkContainer } from './pod-container.ts'
import { checkNetworkNames, checkNetworks, hasDuplicates } from './ports.ts'
import { checkIpcInfo } from './resources.ts'
import {
  checkAcceptedRoles,
  checkResidentAcceptedRoles,
  checkResidentRole,
  checkRole,
  checkRoleNames,
} from './roles.ts'
import { checkEnv, checkSecrets } from './secrets.ts'
import { checkCanarySteps } from './upgrade.ts'
import { unknownVolumeSecret } from './volumes.ts'

/** Reads a pod as it was sent: the id must be absolute already. */
export function validatePod(pod: PodInput, context: NormaliseContext): Issue[] {
  const issues = new Issues()
  const { enabledFeatures } = context
  for (const error of serviceIdErrors(pod.id)) issues.add('/id', error)
  if (pod.user === '') issues.add('/user', mustNotBeEmpty)
  checkSecrets({ enabledFeatures, secrets: pod.secrets }, issues)
  checkEnv(pod.environment, '/environment', { enabledFeatures, secrets: pod.secrets }, issues)
  checkVolumes(pod, context, issues)
  checkContainers(pod, context, issues)
  checkNetworks(pod.networks, issues)
  checkNetworkNames(pod.networks, context.defaultNetworkName, issues)
  checkScheduling(pod, issues)
  checkCanarySteps(pod.scheduling?.upgrade, '/scheduling/upgrade', issues)
  checkResident(pod, issues)
  const instances = pod.scaling?.instances ?? 1
  if (instances < 0) issues.add('/scaling/instances', `got ${instances}, expected 0 or more`)
  const { seccomp, ipcInfo } = pod.linuxInfo ?? {}
  if (seccomp !== undefined) {
    issues.add('/linuxInfo/seccomp', 'Seccomp configuration on executor level is not supported')
  }
  if (ipcInfo !== undefined) checkIpcInfo(ipcInfo, '/linuxInfo', issues)
  return issues.list()
}

/** Reads a pod in its final form. */
export function validatePodSpec(pod: PodSpec, { roles }: NormaliseContext): Issue[] {
  const issues = new Issues()
  checkRole(pod.role, roles, issues)
  if (isResident(pod)) checkResidentRole(pod.role, 'pod', roles, issues)
  checkAcceptedRoles(pod.acceptedResourceRoles ?? [], pod.role, issues)
  return issues.list()
}

function checkContainers(pod: PodInput, context: NormaliseContext, issues: Issues): void {
  for (const [index, container] of pod.containers.entries()) {
    checkContainer(container, `/containers(${index})`, { pod, ...context }, issues)
  }
  if (hasDuplicates(pod.containers.map(({ name }) => name))) {
    issues.add('/containers', 'container names must be unique')
  }
  const endpoints = pod.containers.flatMap((container) => container.endpoints)
  // The misspelt word is the original's.
  if (hasDuplicates(endpoints.map(({ name }) => name))) {
    issues.add('/', 'endpoint names nust be unique across all containers')
  }
  if (hasDuplicates(fixed(endpoints.map(({ containerPort }) => containerPort)))) {
    issues.add('/', 'container ports must be unique across all containers')
  }
  if (hasDuplicates(fixed(endpoints.map(({ hostPort }) => hostPort)))) {
    issues.add('/', 'host ports must be unique across all containers')
  }
}

const fixed = (ports: readonly (number | undefined)[]): number[] =>
  ports.flatMap((port) => (port === undefined || port === 0 ? [] : [port]))

function checkVolumes({ volumes, containers, secrets }: PodInput, context: NormaliseContext, issues: Issues) {
  const mounted = new Set(containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name)))
  for (const [index, volume] of volumes.entries()) {
    const path = `/volumes(${index})`
    if (!mounted.has(volume.name)) issues.add(path, 'volume must be referenced by at least one container')
    if ('secret' in volume && !Object.hasOwn(secrets, volume.secret)) issues.add(path, unknownVolumeSecret)
  }
  if (hasDuplicates(volumes.map(({ name }) => name))) issues.add('/volumes', 'volume names must be unique')
  if (volumes.some((volume) => 'secret' in volume) && !context.enabledFeatures.has('secrets')) {
    issues.add('/volumes', featureNotEnabled('secrets'))
  }
}

function checkScheduling({ scheduling }: PodInput, issues: Issues): void {
  const path = '/scheduling/placement'
  const { constraints = [], acceptedResourceRoles = [] } = scheduling?.placement ?? {}
  for (const [index, { fieldName, operator, value }] of constraints.entries()) {
    const error =
      fieldName === ''
        ? 'missing field for constraint declaration'
        : constraintError(value === undefined ? [fieldName, operator] : [fieldName, operator, value])
    if (error !== undefined) issues.add(`${path}/constraints(${index})`, error)
  }
  checkRoleNames(acceptedResourceRoles, `${path}/acceptedResourceRoles`, issues)
}

/** A pod with persistent volumes is bound to its reservations. */
function checkResident({ volumes, scheduling }: PodInput, issues: Issues): void {
  if (!volumes.some((volume) => 'persistent' in volume)) return
  const { upgrade, unreachableStrategy, placement } = scheduling ?? {}
  if (upgrade !== undefined && upgrade.maximumOverCapacity !== 0) {
    issues.add('/upgrade/maximumOverCapacity', `got ${double(upgrade.maximumOverCapacity)}, expected 0.0`)
  }
  if (unreachableStrategy !== undefined && unreachableStrategy !== 'disabled') {
    issues.add('/', 'unreachableStrategy must be disabled for pods with persistent volumes')
  }
  const accepted = placement?.acceptedResourceRoles ?? []
  if (accepted.length > 0) checkResidentAcceptedRoles([...new Set(accepted)], 'pod', issues)
}
