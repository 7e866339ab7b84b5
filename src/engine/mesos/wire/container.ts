// Containers as agents make them (runtime 6.3, worked-examples 9.2 to 9.4): those of Docker, and those of Mesos' own
// containerizer, with their networks and mounts.

import type { ContainerInfo, ContainerNetwork, LinuxInfo, MappedPort } from '../../../core/mesos.ts'
import type { Writable } from '../../../lib/writable.ts'
import { encodeLabels, type Labels } from './labels.ts'
import { secretReference, type WireSecret } from './secret.ts'
import { encodeVolume, type WireVolume } from './volume.ts'

/** What a container or a command is of. */
export type Within = 'app' | 'pod'

export interface WireContainer {
  readonly type: 'DOCKER' | 'MESOS'
  readonly docker?: {
    readonly image: string
    readonly network: 'HOST' | 'BRIDGE' | 'USER'
    readonly privileged: boolean
    readonly force_pull_image: boolean
    readonly port_mappings?: readonly WirePort[]
    readonly parameters?: readonly { readonly key: string; readonly value: string }[]
  }
  readonly mesos?: { readonly image?: WireImage }
  readonly network_infos?: readonly WireNetwork[]
  readonly volumes?: readonly WireVolume[]
  readonly linux_info?: WireLinuxInfo
  readonly tty_info?: Readonly<Record<string, never>>
}

interface WireImage {
  readonly type: 'DOCKER'
  readonly docker: { readonly name: string; readonly config?: WireSecret }
  readonly cached?: boolean
}

interface WirePort {
  readonly host_port: number
  readonly container_port: number
  readonly protocol: string
}

interface WireNetwork {
  readonly name: string
  readonly labels?: Labels
  /** An empty one asks for an address, whichever it is. */
  readonly ip_addresses?: readonly Readonly<Record<string, never>>[]
  readonly port_mappings?: readonly WirePort[]
}

interface WireLinuxInfo {
  readonly seccomp?: { readonly profile_name?: string; readonly unconfined: boolean }
  readonly ipc_mode?: 'PRIVATE' | 'SHARE_PARENT'
  /** MiB. */
  readonly shm_size?: number
  readonly share_cgroups?: boolean
}

export function encodeContainer(container: ContainerInfo, within: Within): WireContainer {
  const { type, networkNames, networks, volumes, linuxInfo, tty } = container
  const wire: Writable<WireContainer> = { type }
  if (type === 'DOCKER') wire.docker = encodeDocker(container)
  else if (container.image !== undefined) wire.mesos = { image: encodeImage(container.image, container) }
  else if (within === 'app') wire.mesos = {}
  if (networkNames !== undefined) wire.network_infos = networkNames.map((name) => ({ name }))
  else if (networks !== undefined) {
    wire.network_infos = networks.map((network) => encodeNetwork(network, within))
  }
  if (volumes !== undefined) wire.volumes = volumes.map(encodeVolume)
  if (linuxInfo !== undefined) wire.linux_info = encodeLinuxInfo(linuxInfo)
  if (tty) wire.tty_info = {}
  return wire
}

function encodeDocker(container: ContainerInfo): NonNullable<WireContainer['docker']> {
  const { image = '', network = 'HOST', portMappings = [], parameters = [] } = container
  const docker: Writable<NonNullable<WireContainer['docker']>> = {
    image,
    network,
    privileged: container.privileged === true,
    force_pull_image: container.forcePullImage === true,
  }
  if (portMappings.length > 0) docker.port_mappings = portMappings.map(encodePort)
  if (parameters.length > 0) docker.parameters = parameters
  return docker
}

function encodeImage(name: string, { pullSecret, forcePullImage }: ContainerInfo): WireImage {
  const docker = pullSecret === undefined ? { name } : { name, config: secretReference(pullSecret) }
  return forcePullImage === undefined
    ? { type: 'DOCKER', docker }
    : { type: 'DOCKER', docker, cached: !forcePullImage }
}

function encodeNetwork({ name, labels, portMappings }: ContainerNetwork, within: Within): WireNetwork {
  const network: Writable<WireNetwork> = { name, labels: encodeLabels(labels) }
  if (within === 'app') network.ip_addresses = [{}]
  if (portMappings.length > 0) network.port_mappings = portMappings.map(encodePort)
  return network
}

const encodePort = ({ hostPort, containerPort, protocol }: MappedPort): WirePort => ({
  host_port: hostPort,
  container_port: containerPort,
  protocol,
})

function encodeLinuxInfo({ seccomp, ipcInfo, shareCgroups }: LinuxInfo): WireLinuxInfo {
  const wire: Writable<WireLinuxInfo> = {}
  if (seccomp !== undefined) {
    const { profileName, unconfined } = seccomp
    wire.seccomp = profileName === undefined ? { unconfined } : { profile_name: profileName, unconfined }
  }
  if (ipcInfo !== undefined) {
    wire.ipc_mode = ipcInfo.mode
    if (ipcInfo.shmSize !== undefined) wire.shm_size = ipcInfo.shmSize
  }
  if (shareCgroups !== undefined) wire.share_cgroups = shareCgroups
  return wire
}
