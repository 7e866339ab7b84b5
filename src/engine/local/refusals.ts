// What this engine cannot run yet, told by name before anything is touched. Pure.

import type { TaskInfo } from '../../core/mesos.ts'

/** Why a task cannot run here; undefined when it can. */
export function describeUnsupported(info: TaskInfo): string | undefined {
  const { container } = info
  if (info.executor) return `The local engine cannot run custom executors yet (executor "${info.executor}")`
  if (!container) return undefined
  if (container.image) {
    const kind = container.type === 'DOCKER' ? 'Docker containers' : 'container images'
    return `The local engine cannot run ${kind} yet (image "${container.image}")`
  }
  if (container.type === 'DOCKER')
    return 'The local engine cannot run Docker containers yet (container type DOCKER)'
  const volume = container.volumes?.[0]
  if (volume)
    return `The local engine cannot mount volumes yet (containerPath "${String(volume['containerPath'])}")`
  if (container.network && container.network !== 'HOST') {
    return `The local engine cannot give a task a network of its own yet (network ${container.network})`
  }
  if (container.portMappings && container.portMappings.length > 0) {
    return `The local engine cannot map ports yet (containerPort ${container.portMappings[0]!.containerPort})`
  }
  return undefined
}

/** Why the tasks of a pod cannot run here, together or alone. */
export const describePod = ({ name }: TaskInfo): string =>
  `The local engine cannot run pods yet (container "${name}")`
