// What this engine cannot run yet, told by name before anything is touched. Pure.

import type { MountedVolume, TaskInfo } from '../../core/mesos.ts'

/** Why a task cannot run here; undefined when it can. */
export function describeUnsupported({ executor, command, container }: TaskInfo): string | undefined {
  if (executor) return `The local engine cannot run custom executors yet (executor "${executor}")`
  const secret = command.secrets?.[0]
  if (secret) return `The local engine cannot look up secrets yet (environment variable "${secret.name}")`
  if (!container) return undefined
  if (container.image) {
    const kind = container.type === 'DOCKER' ? 'Docker containers' : 'container images'
    return `The local engine cannot run ${kind} yet (image "${container.image}")`
  }
  if (container.type === 'DOCKER')
    return 'The local engine cannot run Docker containers yet (container type DOCKER)'
  const volume = container.volumes?.[0]
  if (volume) return describeVolume(volume)
  if (container.network && container.network !== 'HOST') {
    return `The local engine cannot give a task a network of its own yet (network ${container.network})`
  }
  if (container.portMappings && container.portMappings.length > 0) {
    return `The local engine cannot map ports yet (containerPort ${container.portMappings[0]!.containerPort})`
  }
  if (container.tty) return 'The local engine cannot give a task a terminal yet (tty)'
  return undefined
}

function describeVolume({ containerPath, source }: MountedVolume): string {
  const at = `(containerPath "${containerPath}")`
  switch (source?.type) {
    case 'SECRET':
      return `The local engine cannot look up secrets yet ${at}`
    case 'DOCKER_VOLUME':
    case 'CSI_VOLUME':
      return `The local engine cannot mount external volumes yet ${at}`
    default:
      return `The local engine cannot mount volumes yet ${at}`
  }
}

/** Why the tasks of a pod cannot run here, together or alone. */
export const describePod = ({ name }: TaskInfo): string =>
  `The local engine cannot run pods yet (container "${name}")`
