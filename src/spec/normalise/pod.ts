// From what a user sent to the one form a pod has in the program, or to the reasons why not (app-definition 8, last
// paragraphs). Unlike apps, pods are judged as they were sent: what is filled in here was not written by anybody.

import { absolutePathId } from '../../lib/path-id.ts'
import { type Result, refused } from '../../lib/result.ts'
import type { Constraint } from '../app.ts'
import { defined } from '../defined.ts'
import { invalidObject } from '../parse/issues.ts'
import type { PodContainer, PodEndpoint, PodHealthCheck, PodSpec, PodVolume } from '../pod.ts'
import type { Refusal } from '../refusal.ts'
import type { NetworkInput } from '../schema/app.ts'
import type {
  PodContainerInput,
  PodEndpointInput,
  PodHealthCheckInput,
  PodInput,
  PodVolumeInput,
} from '../schema/pod.ts'
import { validatePod, validatePodSpec } from '../validate/pod.ts'
import { acceptedBy } from '../validate/run-spec-validators.ts'
import type { NormaliseContext } from './context.ts'
import { converted, convertNetwork, convertPersistent, convertUnreachable, distinct } from './convert.ts'
import { nameNetworks } from './networks.ts'

/** A complete definition in its final form, without version. */
export function normalisePod(input: PodInput, context: NormaliseContext): Result<PodSpec, Refusal> {
  const issues = validatePod(input, context)
  if (issues.length > 0) return refused(invalidObject(issues))
  const named = nameNetworks(input.networks, context)
  if (!named.ok) return named
  const spec = converted(() => convert(input, named.value, context))
  if (!spec.ok) return spec
  return acceptedBy(context.runSpecValidators ?? [], spec.value, validatePodSpec(spec.value, context))
}

function convert(pod: PodInput, networks: readonly NetworkInput[], context: NormaliseContext): PodSpec {
  const isResident = pod.volumes.some((volume) => 'persistent' in volume)
  const { backoff, upgrade, placement, killSelection, unreachableStrategy } = pod.scheduling ?? {}
  const upgradeByDefault = isResident
    ? { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }
    : { minimumHealthCapacity: 1, maximumOverCapacity: 1 }
  const acceptedResourceRoles = distinct(placement?.acceptedResourceRoles ?? [])
  const hasHostPorts = !networks.some(({ mode }) => mode === 'container')
  return defined({
    kind: 'pod' as const,
    id: absolutePathId(pod.id, context.base),
    labels: pod.labels,
    user: pod.user,
    env: pod.environment,
    containers: pod.containers.map((container) => convertContainer(container, hasHostPorts)),
    secrets: pod.secrets,
    volumes: pod.volumes.map(convertVolume),
    networks: networks.map(convertNetwork),
    instances: pod.scaling?.instances ?? 1,
    backoffSeconds: backoff?.backoff ?? 1,
    backoffFactor: backoff?.backoffFactor ?? 1.15,
    maxLaunchDelaySeconds: backoff?.maxLaunchDelay ?? 300,
    upgradeStrategy: upgrade ?? upgradeByDefault,
    constraints: (placement?.constraints ?? []).map(
      ({ fieldName, operator, value }): Constraint =>
        value === undefined ? [fieldName, operator] : [fieldName, operator, value],
    ),
    acceptedResourceRoles: acceptedResourceRoles.length === 0 ? undefined : acceptedResourceRoles,
    killSelection: killSelection ?? 'YOUNGEST_FIRST',
    unreachableStrategy: convertUnreachable(unreachableStrategy, isResident),
    executorResources: pod.executorResources ?? { cpus: 0.1, mem: 32, disk: 10 },
    role: pod.role ?? context.roles.defaultRole,
    linuxInfo: pod.linuxInfo === undefined ? undefined : defined({ ipcInfo: pod.linuxInfo.ipcInfo }),
    legacySharedCgroups: pod.legacySharedCgroups === true ? (true as const) : undefined,
    dependencies: [],
  })
}

/** `check` has no counterpart in what runs a pod, and is dropped. */
function convertContainer(container: PodContainerInput, hasHostPorts: boolean): PodContainer {
  const { environment, resourceLimits, healthCheck, image, check: _check, ...rest } = container
  return defined({
    ...rest,
    env: environment,
    resourceLimits: resourceLimits as PodContainer['resourceLimits'],
    image,
    healthCheck: healthCheck === undefined ? undefined : convertHealthCheck(healthCheck),
    endpoints: container.endpoints.map((endpoint) => convertEndpoint(endpoint, hasHostPorts)),
  })
}

/** The parser sees to the types; that one kind is given, to the rules. */
const convertHealthCheck = (check: PodHealthCheckInput): PodHealthCheck => defined({ ...check })

/** Off container networks every endpoint has a host port, 0 meaning any. */
const convertEndpoint = (endpoint: PodEndpointInput, hasHostPorts: boolean): PodEndpoint =>
  defined({ ...endpoint, hostPort: endpoint.hostPort ?? (hasHostPorts ? 0 : undefined) })

const convertVolume = (volume: PodVolumeInput): PodVolume =>
  'persistent' in volume ? { name: volume.name, persistent: convertPersistent(volume.persistent) } : volume
