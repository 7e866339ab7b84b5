// The last stage: from an app that has passed the rules to the form the program keeps, with what depends on the whole
// app filled in (app-definition 8, stages 12 to 14) and what has no meaning for this kind of app left out. What the
// original discovered only here and answered with 500 is refused as unprocessable.

import { absolutePathId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type {
  AppCheck,
  AppHealthCheck,
  AppSpec,
  Constraint,
  Container,
  CsiVolume,
  Network,
  PersistentVolume,
  PortDefinition,
  PortMapping,
  UnreachableStrategy,
  Volume,
} from '../app.ts'
import { isOperator } from '../constraint-rules.ts'
import { defined, isEmpty } from '../defined.ts'
import { unprocessable } from '../parse/issues.ts'
import type { Refusal } from '../refusal.ts'
import type {
  AppInput,
  CheckInput,
  ContainerInput,
  HealthCheckInput,
  NetworkInput,
  PersistentVolumeInput,
  PortDefinitionInput,
  PortMappingInput,
  VolumeInput,
} from '../schema/app.ts'
import { isCsi } from '../validate/volumes.ts'
import type { NormaliseContext } from './context.ts'
import {
  addReadyStatus,
  defaultPortMappings,
  hasExternalVolumes,
  hasPersistentVolumes,
} from './deprecated-fields.ts'
import { hasNonHostMode, nameNetworks } from './networks.ts'

/** A definition that cannot be converted; caught in `converted` and nowhere else. */
class Unconvertible extends Error {}

export function convert(app: AppInput, context: NormaliseContext): Result<AppSpec, Refusal> {
  const named = nameNetworks(app.networks, context)
  if (!named.ok) return named
  const networks: NetworkInput[] = named.value.length === 0 ? [{ mode: 'host' }] : named.value
  return converted(() => convertWith(app, networks, context))
}

/** What `make` gives, unless it comes upon something unconvertible. */
export function converted<T>(make: () => T): Result<T, Refusal> {
  try {
    return ok(make())
  } catch (error) {
    if (error instanceof Unconvertible) return refused(unprocessable(error.message))
    throw error
  }
}

function convertWith(app: AppInput, networks: readonly NetworkInput[], context: NormaliseContext): AppSpec {
  const isOffHost = hasNonHostMode(networks)
  const isResident = hasPersistentVolumes(app.container)
  const upgradeByDefault =
    isResident || hasExternalVolumes(app.container)
      ? { maximumOverCapacity: 0, minimumHealthCapacity: 0.5 }
      : { maximumOverCapacity: 1, minimumHealthCapacity: 1 }
  const spec = defined({
    id: absolutePathId(app.id, context.base),
    acceptedResourceRoles: app.acceptedResourceRoles,
    args: app.args.length === 0 ? undefined : app.args,
    backoffFactor: app.backoffFactor,
    backoffSeconds: app.backoffSeconds,
    cmd: app.cmd,
    constraints: app.constraints.map(convertConstraint),
    container: convertContainer(app.container, networks),
    cpus: app.cpus,
    dependencies: distinct(app.dependencies.map((dependency) => absolutePathId(dependency, context.base))),
    disk: app.disk,
    env: app.env,
    executor: app.executor,
    executorResources: app.executorResources,
    fetch: app.fetch,
    healthChecks: app.healthChecks.map(convertHealthCheck),
    check: app.check === undefined ? undefined : convertCheck(app.check),
    instances: app.instances,
    labels: app.labels,
    maxLaunchDelaySeconds: app.maxLaunchDelaySeconds,
    mem: app.mem,
    gpus: app.gpus,
    networks: networks.map(convertNetwork),
    portDefinitions: isOffHost ? undefined : (app.portDefinitions ?? []).map(convertPortDefinition),
    readinessChecks: app.readinessChecks.map((check) => ({
      ...check,
      httpStatusCodesForReady: addReadyStatus(check).httpStatusCodesForReady ?? [],
    })),
    residency: isResident
      ? { relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: 'WAIT_FOREVER' as const }
      : undefined,
    resourceLimits: app.resourceLimits as AppSpec['resourceLimits'],
    requirePorts: app.requirePorts && !isOffHost,
    secrets: app.secrets,
    storeUrls: app.storeUrls?.length ? app.storeUrls : undefined,
    taskKillGracePeriodSeconds: app.taskKillGracePeriodSeconds,
    upgradeStrategy: app.upgradeStrategy ?? upgradeByDefault,
    user: app.user,
    killSelection: app.killSelection,
    unreachableStrategy: convertUnreachable(app.unreachableStrategy, isResident),
    tty: app.tty === true ? true : undefined,
    role: app.role ?? context.roles.defaultRole,
  })
  return spec
}

export const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)]

function convertConstraint(constraint: readonly string[]): Constraint {
  const [field = '', operator = '', value] = constraint
  if (!isOperator(operator)) {
    throw new Unconvertible(`illegal constraint specification ${constraint.join(',')}`)
  }
  return value === undefined ? [field, operator] : [field, operator, value]
}

/** Services without persistent volumes are replaced at once, those with wait for their agent. */
export function convertUnreachable(
  given: AppInput['unreachableStrategy'],
  isResident: boolean,
): UnreachableStrategy {
  if (given === undefined)
    return isResident ? 'disabled' : { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 }
  return typeof given === 'string' ? 'disabled' : given
}

export const convertNetwork = ({ name, mode, labels }: NetworkInput): Network => {
  const kept = labels === undefined || isEmpty(labels) ? undefined : labels
  if (mode === 'host') return { mode }
  return mode === 'container' ? defined({ name, mode, labels: kept }) : defined({ mode, labels: kept })
}

const convertPortDefinition = ({ port, labels, name, protocol }: PortDefinitionInput): PortDefinition =>
  defined({ port, labels: labels === undefined || isEmpty(labels) ? undefined : labels, name, protocol })

function convertContainer(
  given: ContainerInput | undefined,
  networks: readonly NetworkInput[],
): Container | undefined {
  const isOffHost = hasNonHostMode(networks)
  if (given === undefined && !isOffHost) return undefined
  const container: ContainerInput = given ?? {
    type: 'MESOS',
    volumes: [],
    portMappings: [...defaultPortMappings],
  }
  const isBridge = networks.some(({ mode }) => mode === 'container/bridge')
  const isMesos = container.type === 'MESOS'
  const docker = container.docker
  return defined({
    type: container.type,
    docker:
      docker === undefined
        ? undefined
        : defined({
            pullConfig: isMesos ? docker.pullConfig : undefined,
            forcePullImage: docker.forcePullImage,
            image: docker.image,
            parameters: isMesos ? [] : docker.parameters,
            privileged: docker.privileged && !isMesos,
          }),
    linuxInfo: isMesos ? container.linuxInfo : undefined,
    volumes: container.volumes.map(convertVolume),
    portMappings: isOffHost
      ? (container.portMappings ?? []).map((mapping) => convertPortMapping(mapping, isBridge))
      : undefined,
  })
}

/** On a bridge every mapping has a host port, 0 meaning any. */
const convertPortMapping = (mapping: PortMappingInput, isBridge: boolean): PortMapping =>
  defined({
    containerPort: mapping.containerPort,
    hostPort: mapping.hostPort ?? (isBridge ? 0 : undefined),
    labels: mapping.labels,
    name: mapping.name,
    protocol: mapping.protocol,
    servicePort: mapping.servicePort,
    networkNames: mapping.networkNames.length === 0 ? undefined : mapping.networkNames,
  })

/** Throws `Unconvertible`. */
export function convertPersistent(info: PersistentVolumeInput): PersistentVolume {
  const { type, size, maxSize, profileName, constraints } = info
  const illegal = constraints.find(([, operator]) => operator !== 'LIKE')
  if (illegal !== undefined) throw new Unconvertible(`illegal volume constraint ${illegal.join(',')}`)
  return defined({
    type: type ?? (profileName === undefined ? ('root' as const) : ('mount' as const)),
    size,
    maxSize,
    profileName,
    constraints,
  })
}

function convertVolume(volume: VolumeInput): Volume {
  if ('persistent' in volume) {
    const { containerPath, persistent, mode } = volume
    return { containerPath, persistent: convertPersistent(persistent), mode }
  }
  if (!('external' in volume)) return volume
  const { containerPath, external, mode } = volume
  if (isCsi(external)) {
    const { accessType, fsType } = external.options.capability
    if (accessType === 'mount' && fsType === undefined) {
      throw new Unconvertible(`CSI volume ${external.name} has the access type mount but no fsType`)
    }
    return { containerPath, external: convertCsi(external), mode }
  }
  const { size, name, provider, options, shared } = external
  if (name === undefined || provider === undefined) {
    throw new Unconvertible(`external volume at ${containerPath} has no name or no provider`)
  }
  return { containerPath, external: defined({ size, name, provider, options, shared }), mode }
}

type ExternalInput = Extract<VolumeInput, { external: unknown }>['external']
type CsiVolumeInput = Extract<ExternalInput, { provider: 'csi' }>

/** What is empty says nothing, and is not shown (rest-api 11). */
function convertCsi({ name, provider, options }: CsiVolumeInput): CsiVolume {
  const { pluginName, capability, ...maps } = options
  const { mountFlags, ...access } = capability
  return {
    name,
    provider,
    options: {
      pluginName,
      capability: { ...access, ...(mountFlags?.length ? { mountFlags } : {}) },
      ...Object.fromEntries(Object.entries(maps).filter(([, map]) => !isEmpty(map))),
    },
  }
}

const httpProtocols: readonly string[] = ['HTTP', 'HTTPS']
const pathProtocols: readonly string[] = [...httpProtocols, 'MESOS_HTTP', 'MESOS_HTTPS']

/** Keeps what a check of this protocol has; combinations without meaning are refused (app-definition 2.2). */
function convertHealthCheck(check: HealthCheckInput): AppHealthCheck {
  const { protocol, command, path, port, portIndex } = check
  if (command !== undefined && protocol !== 'COMMAND') {
    throw new Unconvertible(`illegal protocol ${protocol} specified with command`)
  }
  if (command === undefined && protocol === 'COMMAND') {
    throw new Unconvertible('illegal protocol COMMAND for non-command health check')
  }
  if (command !== undefined && (path !== undefined || port !== undefined)) {
    throw new Unconvertible(`Invalid combination of HealthCheck parameters in ${JSON.stringify(check)}`)
  }
  const isMarathons = protocol === 'HTTP' || protocol === 'HTTPS' || protocol === 'TCP'
  const isCommand = protocol === 'COMMAND'
  return defined({
    command,
    gracePeriodSeconds: check.gracePeriodSeconds,
    ignoreHttp1xx: httpProtocols.includes(protocol) ? (check.ignoreHttp1xx ?? false) : undefined,
    intervalSeconds: check.intervalSeconds,
    maxConsecutiveFailures: check.maxConsecutiveFailures,
    path: pathProtocols.includes(protocol) ? path : undefined,
    port: isCommand ? undefined : port,
    portIndex: isCommand ? undefined : portIndex,
    protocol,
    ipProtocol: isMarathons || isCommand ? ('IPv4' as const) : check.ipProtocol,
    timeoutSeconds: check.timeoutSeconds,
    delaySeconds: isMarathons ? 15 : check.delaySeconds,
  })
}

function convertCheck(check: CheckInput): AppCheck {
  const kinds = [check.http, check.tcp, check.exec].filter((kind) => kind !== undefined)
  if (kinds.length !== 1) {
    throw new Unconvertible('illegal check: expected exactly one of http, tcp and exec')
  }
  if (check.http?.scheme === 'HTTPS') {
    throw new Unconvertible('illegal check: got scheme HTTPS, expected HTTP')
  }
  return check
}
