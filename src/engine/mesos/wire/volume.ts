// What containers mount: folders of the host, of the sandbox, volumes of Docker and CSI plugins, and secrets.
// Persistent volumes come as resources instead.

import type { CsiVolumeSource, MountedVolume, VolumeSource } from '../../../core/mesos.ts'
import type { Writable } from '../../../lib/writable.ts'
import { keysAndValues } from './labels.ts'
import { secretReference, type WireSecret } from './secret.ts'

export interface WireVolume {
  readonly container_path: string
  readonly mode: 'RO' | 'RW'
  readonly host_path?: string
  readonly source?: WireVolumeSource
}

type WireVolumeSource =
  | {
      readonly type: 'SANDBOX_PATH'
      readonly sandbox_path: { readonly type: 'PARENT'; readonly path: string }
    }
  | {
      readonly type: 'DOCKER_VOLUME'
      readonly docker_volume: {
        readonly driver: string
        readonly name: string
        readonly driver_options?: {
          readonly parameter: readonly { readonly key: string; readonly value: string }[]
        }
      }
    }
  | { readonly type: 'CSI_VOLUME'; readonly csi_volume: WireCsiVolume }
  | { readonly type: 'SECRET'; readonly secret: WireSecret }

interface WireCsiVolume {
  readonly plugin_name: string
  readonly static_provisioning: {
    readonly volume_id: string
    readonly volume_capability: {
      readonly access_mode: { readonly mode: string }
      readonly mount?: { readonly fs_type: string; readonly mount_flags?: readonly string[] }
      readonly block?: Readonly<Record<string, never>>
    }
    readonly node_stage_secrets?: Readonly<Record<string, WireSecret>>
    readonly node_publish_secrets?: Readonly<Record<string, WireSecret>>
    readonly volume_context?: Readonly<Record<string, string>>
  }
}

export function encodeVolume({ containerPath, mode, hostPath, source }: MountedVolume): WireVolume {
  const volume: Writable<WireVolume> = { container_path: containerPath, mode }
  if (hostPath !== undefined) volume.host_path = hostPath
  if (source !== undefined) volume.source = encodeSource(source)
  return volume
}

function encodeSource(source: VolumeSource): WireVolumeSource {
  switch (source.type) {
    case 'SANDBOX_PATH':
      return { type: source.type, sandbox_path: source.sandboxPath }
    case 'DOCKER_VOLUME': {
      const { driverOptions, ...volume } = source.dockerVolume
      return {
        type: source.type,
        docker_volume:
          driverOptions === undefined
            ? volume
            : { ...volume, driver_options: { parameter: keysAndValues(driverOptions) } },
      }
    }
    case 'CSI_VOLUME':
      return { type: source.type, csi_volume: encodeCsiVolume(source.csiVolume) }
    case 'SECRET':
      return { type: source.type, secret: secretReference(source.secret) }
  }
}

function encodeCsiVolume({ pluginName, staticProvisioning }: CsiVolumeSource): WireCsiVolume {
  const { volumeId, volumeCapability, nodeStageSecrets, nodePublishSecrets, volumeContext } =
    staticProvisioning
  const { accessMode, mount, block } = volumeCapability
  const capability: Writable<WireCsiVolume['static_provisioning']['volume_capability']> = {
    access_mode: { mode: accessMode },
  }
  if (mount !== undefined) capability.mount = { fs_type: mount.fsType, mount_flags: mount.mountFlags }
  if (block !== undefined) capability.block = block
  return {
    plugin_name: pluginName,
    static_provisioning: {
      volume_id: volumeId,
      volume_capability: capability,
      node_stage_secrets: references(nodeStageSecrets),
      node_publish_secrets: references(nodePublishSecrets),
      volume_context: volumeContext,
    },
  }
}

const references = (secrets: Readonly<Record<string, string>>): Record<string, WireSecret> =>
  Object.fromEntries(Object.entries(secrets).map(([key, name]) => [key, secretReference(name)]))
