// The containers an engine is to make for a pod instance (runtime 6.3): one around all of it, which has the networks,
// and one for each of its tasks, which has the image and the mounts.

import type { Writable } from '../../lib/writable.ts'
import type { Pod, PodContainer, PodVolumeMount } from '../../spec/pod.ts'
import { isHostNetwork } from '../../spec/run-spec.ts'
import type { ContainerInfo, MountedVolume } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { joinedNetworks } from './container.ts'
import { sourceOf } from './environment.ts'
import { portsOfContainer } from './ports.ts'

/** `hostPorts`: of every endpoint of the pod; undefined for those without one. */
export function executorContainer(
  pod: Pod,
  settings: Settings,
  hostPorts: readonly (number | undefined)[],
): ContainerInfo {
  const info: Writable<ContainerInfo> = { type: 'MESOS', linuxInfo: { ...sharing(pod), ...pod.linuxInfo } }
  if (!isHostNetwork(pod)) {
    const mappings = pod.containers.flatMap((container) => portsOfContainer(pod, container).mappings ?? [])
    info.networks = joinedNetworks({ networks: pod.networks, mappings }, settings, hostPorts, 'split')
  }
  return info
}

/** The same at every launch of a version. */
export function taskContainer(pod: Pod, container: PodContainer): ContainerInfo {
  const { image, linuxInfo, tty, volumeMounts } = container
  const info: Writable<ContainerInfo> = { type: 'MESOS', linuxInfo: { ...sharing(pod), ...linuxInfo } }
  if (image !== undefined) {
    info.image = image.id
    if (image.forcePull !== undefined) info.forcePullImage = image.forcePull
    if (image.pullConfig !== undefined) info.pullSecret = image.pullConfig.secret
  }
  const mounts = volumeMounts.flatMap((mount) => mounted(mount, pod))
  if (mounts.length > 0) info.volumes = mounts
  if (tty === true) info.tty = true
  return info
}

/** Always said, on the executor and on every task: without it an agent would decide. */
const sharing = ({ legacySharedCgroups }: Pod) => ({ shareCgroups: legacySharedCgroups ?? false })

/** Ephemeral and persistent volumes lie in the sandbox the containers share. */
function mounted(
  { name, mountPath, readOnly }: PodVolumeMount,
  { volumes, secrets }: Pick<Pod, 'volumes' | 'secrets'>,
): MountedVolume[] {
  const volume = volumes.find((candidate) => candidate.name === name)
  if (volume === undefined) return []
  if ('secret' in volume) {
    const secret = sourceOf(volume.secret, secrets)
    return [{ containerPath: mountPath, mode: 'RO', source: { type: 'SECRET', secret } }]
  }
  const mount = { containerPath: mountPath, mode: readOnly ? 'RO' : 'RW' } as const
  if ('host' in volume) return [{ ...mount, hostPath: volume.host }]
  const path = 'persistent' in volume ? name : `volumes/${name}`
  return [{ ...mount, source: { type: 'SANDBOX_PATH', sandboxPath: { type: 'PARENT', path } } }]
}
