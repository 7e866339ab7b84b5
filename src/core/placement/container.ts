// The container an engine is to make for an app's task (runtime 6.3), and the networks containers join, those of pods
// as well. Whatever names a host port is known only at the launch; the rest is the definition's.

import { assert } from '../../lib/assert.ts'
import type { Writable } from '../../lib/writable.ts'
import type { App, Container, Network, PortMapping } from '../../spec/app.ts'
import { isHostNetwork } from '../../spec/run-spec.ts'
import type { ContainerInfo, ContainerNetwork, MappedPort, TaskId } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { type ExposedPorts, portsOfApp } from './ports.ts'
import { mountedVolumes } from './volumes.ts'

/** What only the launch knows. */
export interface ContainerLaunch {
  readonly taskId: TaskId
  /** The host port of each mapping; undefined for mappings without one. */
  readonly hostPorts: readonly (number | undefined)[]
}

/**
 * The container of a launch, or undefined for a plain command on the host network. One that wants a terminal needs a
 * container to have it; the original forgot the wish.
 */
export function containerOf(
  runSpec: App,
  settings: Settings,
  launch: ContainerLaunch,
): ContainerInfo | undefined {
  const { container } = runSpec
  if (container?.type === 'DOCKER') return dockerContainer(runSpec, container, launch)
  if (container === undefined && isHostNetwork(runSpec) && runSpec.tty !== true) return undefined
  return mesosContainer(runSpec, settings, launch)
}

/** The name a network goes by; bridge networks of the Mesos containerizer have the configured one. */
export const networkName = (network: Network, settings: Settings): string =>
  network.mode === 'container/bridge' ? settings.mesosBridgeName : (network.name ?? '')

function dockerContainer(runSpec: App, container: Container, launch: ContainerLaunch): ContainerInfo {
  const { docker } = container
  assert(
    docker !== undefined,
    `${runSpec.id} has a DOCKER container without docker, which validation refuses`,
  )
  const network = dockerNetwork(runSpec)
  const info: Writable<ContainerInfo> = {
    type: 'DOCKER',
    image: docker.image,
    forcePullImage: docker.forcePullImage,
    privileged: docker.privileged,
    // The label lets tools on the agent find the container of a task.
    parameters: [...docker.parameters, { key: 'label', value: `MESOS_TASK_ID=${launch.taskId}` }],
    network,
  }
  if (network === 'USER') info.networkNames = runSpec.networks.map(({ name = '' }) => name)
  if (network !== 'HOST')
    info.portMappings = mappedPorts(portsOfApp(runSpec).mappings, launch.hostPorts, true)
  addCommon(info, runSpec)
  return info
}

function mesosContainer(runSpec: App, settings: Settings, launch: ContainerLaunch): ContainerInfo {
  const { container } = runSpec
  const info: Writable<ContainerInfo> = { type: 'MESOS' }
  if (container?.docker !== undefined) {
    info.image = container.docker.image
    info.forcePullImage = container.docker.forcePullImage
    if (container.docker.pullConfig !== undefined) info.pullSecret = container.docker.pullConfig.secret
  }
  if (!isHostNetwork(runSpec)) {
    info.networks = joinedNetworks(portsOfApp(runSpec), settings, launch.hostPorts, 'as one')
  }
  if (container?.linuxInfo !== undefined) info.linuxInfo = container.linuxInfo
  addCommon(info, runSpec)
  return info
}

/** The networks a container joins with the mappings that have a host port, each split by protocol or as it stands. */
export const joinedNetworks = (
  { networks, mappings }: Pick<ExposedPorts, 'networks' | 'mappings'>,
  settings: Settings,
  hostPorts: readonly (number | undefined)[],
  protocols: 'split' | 'as one',
): readonly ContainerNetwork[] =>
  networks
    .filter(({ mode }) => mode !== 'host')
    .map((network) => ({
      name: networkName(network, settings),
      labels: network.labels ?? {},
      portMappings: mappedPorts(
        mappings,
        hostPorts,
        protocols === 'split',
        ({ networkNames = [] }) =>
          networkNames.length === 0 || (network.name !== undefined && networkNames.includes(network.name)),
      ),
    }))

const dockerNetwork = (runSpec: App): 'HOST' | 'BRIDGE' | 'USER' =>
  isHostNetwork(runSpec)
    ? 'HOST'
    : runSpec.networks.some(({ mode }) => mode === 'container')
      ? 'USER'
      : 'BRIDGE'

/**
 * The mappings that have a host port. Docker and pods want one per protocol; of an app the Mesos containerizer gets the
 * protocol as it stands (runtime 6.3). Container port 0 is the assigned host port.
 */
function mappedPorts(
  mappings: readonly PortMapping[] = [],
  hostPorts: readonly (number | undefined)[],
  splitProtocols: boolean,
  joins: (mapping: PortMapping) => boolean = () => true,
): MappedPort[] {
  return mappings.flatMap((mapping, i) => {
    const hostPort = hostPorts[i]
    if (hostPort === undefined || !joins(mapping)) return []
    const containerPort = mapping.containerPort === 0 ? hostPort : mapping.containerPort
    const protocols = splitProtocols ? mapping.protocol.split(',') : [mapping.protocol]
    return protocols.map((protocol) => ({ hostPort, containerPort, protocol }))
  })
}

function addCommon(info: Writable<ContainerInfo>, runSpec: App): void {
  const volumes = mountedVolumes(runSpec)
  if (volumes.length > 0) info.volumes = volumes
  if (runSpec.tty === true) info.tty = true
}
