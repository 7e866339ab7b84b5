// What the container of an app's task mounts (runtime 6.3, worked-examples 9.3): folders of the host, volumes that live
// outside of the cluster, and secrets. Persistent volumes come as resources.

import { assert } from '../../lib/assert.ts'
import type { App, CsiVolume, DvdiVolume, Volume } from '../../spec/app.ts'
import type { CsiVolumeSource, MountedVolume, VolumeSource } from '../mesos.ts'
import { sourceOf } from './environment.ts'

/** In the order of the definition. */
export const mountedVolumes = ({ container, secrets }: Pick<App, 'container' | 'secrets'>): MountedVolume[] =>
  (container?.volumes ?? []).flatMap((volume) => mounted(volume, secrets))

function mounted(volume: Volume, secrets: App['secrets']): MountedVolume[] {
  const { containerPath } = volume
  if ('persistent' in volume) return []
  if ('hostPath' in volume) return [volume]
  if ('secret' in volume) {
    const secret = sourceOf(volume.secret, secrets)
    return [{ containerPath, mode: 'RO', source: { type: 'SECRET', secret } }]
  }
  const { external, mode } = volume
  return [
    { containerPath, mode, source: 'shared' in external ? dockerVolume(external) : csiVolume(external) },
  ]
}

const prefix = 'dvdi/'

/**
 * A volume of a Docker volume plugin. What is addressed to the plugin goes there without its prefix; a size of its own
 * wins over one among the options.
 */
function dockerVolume({ name, options, size }: DvdiVolume): VolumeSource {
  const driver = options[`${prefix}driver`]
  assert(driver !== undefined, `the volume ${name} names its driver, which validation sees to`)
  const sized = size === undefined ? options : { ...options, [`${prefix}size`]: String(size) }
  const driverOptions = Object.fromEntries(
    Object.entries(sized)
      .filter(([key]) => key.startsWith(prefix) && key.toLowerCase() !== `${prefix}driver`)
      .map(([key, value]) => [key.slice(prefix.length), value.trim()]),
  )
  const hasOptions = Object.keys(driverOptions).length > 0
  return {
    type: 'DOCKER_VOLUME',
    dockerVolume: hasOptions ? { driver, name, driverOptions } : { driver, name },
  }
}

/** A volume that exists already, by the id its plugin knows it by. */
function csiVolume({ name, options }: CsiVolume): VolumeSource {
  const { pluginName, capability, nodeStageSecret, nodePublishSecret, volumeContext } = options
  return {
    type: 'CSI_VOLUME',
    csiVolume: {
      pluginName,
      staticProvisioning: {
        volumeId: name,
        volumeCapability: capabilityOf(capability),
        nodeStageSecrets: nodeStageSecret ?? {},
        nodePublishSecrets: nodePublishSecret ?? {},
        volumeContext: volumeContext ?? {},
      },
    },
  }
}

const capabilityOf = ({
  accessMode,
  accessType,
  fsType = '',
  mountFlags = [],
}: CsiVolume['options']['capability']): CsiVolumeSource['staticProvisioning']['volumeCapability'] =>
  accessType === 'block' ? { accessMode, block: {} } : { accessMode, mount: { fsType, mountFlags } }
