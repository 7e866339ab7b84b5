// The rules about one container of a pod (app-definition 10.6).

import type { Issues } from '../parse/issues.ts'
import type { PodContainerInput, PodEndpointInput, PodHealthCheckInput, PodInput } from '../schema/pod.ts'
import { checkNetworksOfPort, hasDuplicates } from './ports.ts'
import { checkIpcInfo, checkResourceLimits, checkSeccomp } from './resources.ts'
import { checkEnv, checkPullConfig } from './secrets.ts'

interface ContainerContext {
  /** The one the container is of. */
  readonly pod: PodInput
  readonly enabledFeatures: ReadonlySet<string>
}

export function checkContainer(
  container: PodContainerInput,
  path: string,
  { pod, enabledFeatures }: ContainerContext,
  issues: Issues,
): void {
  const secrets = { enabledFeatures, secrets: pod.secrets }
  if (container.resourceLimits !== undefined) {
    const at = `${path}/resourceLimits`
    checkResourceLimits(container.resourceLimits, container.resources, at, issues)
    if (pod.legacySharedCgroups === true) {
      issues.add(at, 'resourceLimits cannot be defined if legacySharedCgroups is enabled')
    }
  }
  for (const [index, endpoint] of container.endpoints.entries()) {
    checkEndpoint(endpoint, `${path}/endpoints(${index})`, pod.networks, issues)
  }
  if (container.image?.pullConfig !== undefined) {
    const at = `${path}/image/pullConfig`
    checkPullConfig(container.image.pullConfig, at, secrets, issues)
  }
  checkEnv(container.environment, `${path}/environment`, secrets, issues)
  if (container.healthCheck !== undefined) {
    checkHealthCheck(container.healthCheck, `${path}/healthCheck`, container.endpoints, issues)
  }
  for (const [index, { name }] of container.volumeMounts.entries()) {
    if (pod.volumes.every((volume) => volume.name !== name)) {
      issues.add(`${path}/volumeMounts(${index})/name`, 'Referenced Volume in VolumeMount should exist')
    }
  }
  const { seccomp, ipcInfo } = container.linuxInfo ?? {}
  if (seccomp !== undefined) checkSeccomp(seccomp, `${path}/linuxInfo`, issues)
  if (ipcInfo !== undefined) checkIpcInfo(ipcInfo, `${path}/linuxInfo`, issues)
}

/** Networks that nobody named are no reason to refuse a port of the container. */
function checkEndpoint(
  endpoint: PodEndpointInput,
  path: string,
  networks: PodInput['networks'],
  issues: Issues,
): void {
  const { containerPort, protocol } = endpoint
  if (containerPort !== undefined && networks.some(({ mode }) => mode === 'host')) {
    issues.add(`${path}/containerPort`, 'is not allowed when using host-mode networking')
  }
  if (containerPort === undefined && networks.some(({ mode }) => mode === 'container')) {
    issues.add(`${path}/containerPort`, 'is required when using container-mode networking')
  }
  if (hasDuplicates(protocol)) {
    issues.add(`${path}/protocol`, 'Duplicate protocols within the same endpoint are not allowed')
  }
  checkNetworksOfPort(endpoint, networks, path, issues)
}

function checkHealthCheck(
  { http, tcp, exec, timeoutSeconds, intervalSeconds }: PodHealthCheckInput,
  path: string,
  endpoints: readonly PodEndpointInput[],
  issues: Issues,
): void {
  if (timeoutSeconds >= intervalSeconds) {
    issues.add(`${path}/timeoutSeconds`, `got ${timeoutSeconds}, expected less than ${intervalSeconds}`)
  }
  for (const [kind, probe] of [
    ['http', http],
    ['tcp', tcp],
  ] as const) {
    if (probe !== undefined && endpoints.every(({ name }) => name !== probe.endpoint)) {
      issues.add(`${path}/${kind}/endpoint`, 'contained in the container endpoints')
    }
  }
  if ([http, tcp, exec].filter((kind) => kind !== undefined).length !== 1) {
    issues.add(path, 'Only one of http, tcp, or command may be specified')
  }
}
