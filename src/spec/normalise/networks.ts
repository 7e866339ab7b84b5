// The networks of an app: from the deprecated `ipAddress` and `docker.network` to the one list of today
// (app-definition 8, stage 4), and names for container networks that have none (stage 12).

import { ok, type Result, refused } from '../../lib/result.ts'
import { isEmpty } from '../defined.ts'
import { unprocessable } from '../parse/issues.ts'
import type { Refusal } from '../refusal.ts'
import type { DockerInput, IpAddressInput, NetworkInput } from '../schema/app.ts'
import type { NormaliseContext } from './context.ts'

type DockerNetwork = NonNullable<DockerInput['network']>

export interface NetworkSources {
  readonly ipAddress: IpAddressInput | undefined
  readonly dockerNetwork: DockerNetwork | undefined
  /** Undefined when the user named none; an empty list counts as none in a complete app. */
  readonly networks: readonly NetworkInput[] | undefined
}

/** The networks meant, or undefined when nothing was said about them. */
export function translateNetworks(
  { ipAddress, dockerNetwork, networks }: NetworkSources,
  context: NormaliseContext,
): Result<readonly NetworkInput[] | undefined, Refusal> {
  if (ipAddress === undefined && dockerNetwork === undefined) return ok(networks)
  if (networks !== undefined)
    return refused(unprocessable('cannot mix deprecated and canonical network APIs'))
  if (dockerNetwork === undefined) return ok([networkOfIpAddress(ipAddress, context)])
  const labels = labelsOf(ipAddress)
  const name = ipAddress?.networkName
  switch (dockerNetwork) {
    case 'HOST':
      return ok([{ mode: 'host' }])
    case 'USER':
      return ok([{ ...(name === undefined ? {} : { name }), mode: 'container', ...labels }])
    case 'BRIDGE':
      return ok([{ mode: 'container/bridge', ...labels }])
    case 'NONE':
      return refused(unprocessable('unsupported docker network type NONE'))
  }
}

function networkOfIpAddress(ipAddress: IpAddressInput | undefined, context: NormaliseContext): NetworkInput {
  const labels = labelsOf(ipAddress)
  const name = ipAddress?.networkName
  if (name === undefined) return { mode: 'container', ...labels }
  return name === context.mesosBridgeName
    ? { mode: 'container/bridge', ...labels }
    : { name, mode: 'container', ...labels }
}

const labelsOf = (ipAddress: IpAddressInput | undefined): Pick<NetworkInput, 'labels'> =>
  ipAddress === undefined || isEmpty(ipAddress.labels) ? {} : { labels: ipAddress.labels }

/** Container networks without a name get the default one; refused when there is none. */
export function nameNetworks(
  networks: readonly NetworkInput[],
  context: NormaliseContext,
): Result<NetworkInput[], Refusal> {
  const name = context.defaultNetworkName
  const named = networks.map((network) =>
    network.mode === 'container' && network.name === undefined && name !== undefined
      ? { name, ...network }
      : network,
  )
  return named.some((network) => network.mode === 'container' && network.name === undefined)
    ? refused(unprocessable('container network name is not defined'))
    : ok(named)
}

export const hasHostMode = (networks: readonly { readonly mode: string }[]): boolean =>
  networks.some((network) => network.mode === 'host')

export const hasNonHostMode = (networks: readonly { readonly mode: string }[]): boolean =>
  networks.some((network) => network.mode !== 'host')
