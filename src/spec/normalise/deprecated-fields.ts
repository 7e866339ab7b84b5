// From the fields deprecated in 1.5 to those of today: uris → fetch, docker.portMappings and ipAddress.discovery →
// container.portMappings, ports → portDefinitions (app-definition 8, stages 3 to 9). Two ways of saying the same in one
// definition are refused with the message of the original.

import { ok, type Result, refused } from '../../lib/result.ts'
import { unprocessable } from '../parse/issues.ts'
import type { Refusal } from '../refusal.ts'
import type {
  AppInput,
  AppUpdateInput,
  ContainerInput,
  HealthCheckInput,
  IpAddressInput,
  NetworkInput,
  PortDefinitionInput,
  PortMappingInput,
  ReadinessCheckInput,
} from '../schema/app.ts'
import { uriPath } from '../uri.ts'
import { hasHostMode, hasNonHostMode } from './networks.ts'

type Fetch = AppInput['fetch']

const archiveSuffixes = ['.tar', '.tar.gz', '.tar.bz2', '.tar.xz', '.gz', '.tgz', '.tbz2', '.txz', '.zip']

export function migrateUris(
  uris: readonly string[],
  fetch: Fetch | undefined,
): Result<Fetch | undefined, Refusal> {
  if (uris.length === 0) return ok(fetch)
  if (fetch !== undefined && fetch.length > 0) {
    return refused(unprocessable('cannot specify both uris and fetch fields'))
  }
  return ok(uris.map((uri) => ({ uri, extract: isArchive(uri), executable: false, cache: false })))
}

function isArchive(uri: string): boolean {
  const path = uriPath(uri)
  return path !== undefined && archiveSuffixes.some((suffix) => path.endsWith(suffix))
}

/**
 * The container with all its port mappings in one place and without the deprecated docker fields. An `ipAddress`
 * without a container implies one of Mesos' own.
 */
export function migrateContainer(
  container: ContainerInput | undefined,
  ipAddress: IpAddressInput | undefined,
): Result<ContainerInput | undefined, Refusal> {
  const given = container ?? (ipAddress === undefined ? undefined : { type: 'MESOS' as const, volumes: [] })
  if (given === undefined) return ok(undefined)
  const moved = moveDockerPortMappings(given)
  return moved.ok ? moveDiscoveryPorts(moved.value, ipAddress) : moved
}

function moveDockerPortMappings(container: ContainerInput): Result<ContainerInput, Refusal> {
  if (container.docker === undefined) return ok(container)
  const { network: _network, portMappings, ...docker } = container.docker
  if (portMappings === undefined) return ok({ ...container, docker })
  if (container.portMappings !== undefined && portMappings.length > 0) {
    return refused(unprocessable('cannot specify both portMappings and docker.portMappings'))
  }
  return ok({ ...container, docker, portMappings: container.portMappings ?? portMappings })
}

function moveDiscoveryPorts(
  container: ContainerInput,
  ipAddress: IpAddressInput | undefined,
): Result<ContainerInput, Refusal> {
  const ports = ipAddress?.discovery?.ports ?? []
  if (ports.length === 0) return ok(container)
  if (container.type !== 'MESOS') {
    return refused(
      unprocessable(`ipAddress.discovery.ports do not apply for container type ${container.type}`),
    )
  }
  if (container.portMappings !== undefined) {
    return refused(unprocessable('container.portMappings and ipAddress.discovery.ports must not both be set'))
  }
  const portMappings = ports.map(({ number, name, protocol, labels }) => ({
    containerPort: number,
    labels,
    name,
    protocol,
    servicePort: 0,
    networkNames: [],
  }))
  return ok({ ...container, portMappings })
}

const emptyMapping: PortMappingInput = {
  containerPort: 0,
  labels: {},
  protocol: 'tcp',
  servicePort: 0,
  networkNames: [],
}

/** What a container off the host network has when no mappings are given; an explicit `[]` means none. */
export const defaultPortMappings: readonly PortMappingInput[] = [{ ...emptyMapping, name: 'default' }]

/**
 * Port mappings as the networks want them: none in host mode (no networks yet means host mode later), else the default,
 * and as many as there were port definitions before, so that an app moved off the host network keeps its port count.
 */
export function fitPortMappings(
  container: ContainerInput,
  networks: readonly NetworkInput[],
  portDefinitions: readonly PortDefinitionInput[] | undefined,
): ContainerInput {
  if (networks.length === 0 || hasHostMode(networks)) {
    const { portMappings: _portMappings, ...rest } = container
    return rest
  }
  const mappings = container.portMappings ?? defaultPortMappings
  const missing = Math.max(0, (portDefinitions?.length ?? 0) - mappings.length)
  return { ...container, portMappings: [...mappings, ...Array.from({ length: missing }, () => emptyMapping)] }
}

/** `ports` become definitions without names. */
export const migratePorts = (
  ports: readonly number[] | undefined,
  portDefinitions: PortDefinitionInput[] | undefined,
): PortDefinitionInput[] | undefined =>
  portDefinitions ?? ports?.map((port) => ({ port, protocol: 'tcp' as const }))

/** One port named `default` in host mode when nothing is said; none off it. */
export const fitPortDefinitions = (
  portDefinitions: PortDefinitionInput[] | undefined,
  networks: readonly NetworkInput[],
): PortDefinitionInput[] | undefined =>
  hasNonHostMode(networks) ? undefined : (portDefinitions ?? [{ port: 0, name: 'default', protocol: 'tcp' }])

/** Checks that go to a port and name none go to the first. */
export const addPortIndex = (check: HealthCheckInput): HealthCheckInput =>
  check.protocol !== 'COMMAND' && check.port === undefined && check.portIndex === undefined
    ? { ...check, portIndex: 0 }
    : check

export const addReadyStatus = (check: ReadinessCheckInput): ReadinessCheckInput =>
  (check.httpStatusCodesForReady?.length ?? 0) > 0 ? check : { ...check, httpStatusCodesForReady: [200] }

/** Whether a volume of the container keeps data on an agent. */
export const hasPersistentVolumes = (container: AppUpdateInput['container']): boolean =>
  container?.volumes.some((volume) => 'persistent' in volume) ?? false

export const hasExternalVolumes = (container: AppUpdateInput['container']): boolean =>
  container?.volumes.some((volume) => 'external' in volume) ?? false
