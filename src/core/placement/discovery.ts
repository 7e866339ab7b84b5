// What service discovery learns of a task (runtime 6.3, DiscoveryInfo): always present, its ports may be empty.

import type { PortMapping } from '../../spec/app.ts'
import type { DiscoveryInfo } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { networkName } from './container.ts'
import type { ExposedPorts } from './ports.ts'

type DiscoveryPort = DiscoveryInfo['ports'][number]

/**
 * `name` is that of the run spec. One port entry per protocol and, for ports reached inside a container network, per
 * network.
 */
export function discoveryOf(
  exposed: ExposedPorts,
  settings: Settings,
  launch: { readonly name: string; readonly hostPorts: readonly (number | undefined)[] },
): DiscoveryInfo {
  const { name, hostPorts } = launch
  const { mappings, definitions } = exposed
  const ports =
    mappings !== undefined
      ? mappings.flatMap((mapping, i) => mappedPorts(mapping, hostPorts[i], exposed, settings))
      : definitions.flatMap((definition, i) => perProtocol(definition, hostPorts[i] ?? 0))
  return { visibility: 'FRAMEWORK', name, ports }
}

function mappedPorts(
  mapping: PortMapping,
  hostPort: number | undefined,
  exposed: ExposedPorts,
  settings: Settings,
): DiscoveryPort[] {
  if (hostPort !== undefined) return perProtocol(mapping, hostPort, { 'network-scope': 'host' })
  return networksOf(mapping, exposed, settings).flatMap((name) =>
    perProtocol(mapping, mapping.containerPort, { 'network-scope': 'container', 'network-name': name }),
  )
}

/** The networks a mapping names, else all that are joined. */
const networksOf = (
  { networkNames = [] }: PortMapping,
  { networks }: ExposedPorts,
  settings: Settings,
): readonly string[] =>
  networkNames.length > 0
    ? networkNames
    : networks.filter(({ mode }) => mode !== 'host').map((network) => networkName(network, settings))

interface Described {
  readonly name?: string
  readonly protocol: string
  readonly labels?: Readonly<Record<string, string>>
}

function perProtocol(
  { name, protocol, labels }: Described,
  number: number,
  scope?: Readonly<Record<string, string>>,
): DiscoveryPort[] {
  const described: { name?: string; labels?: Readonly<Record<string, string>> } = {}
  if (name !== undefined) described.name = name
  const all = scope === undefined ? labels : { ...labels, ...scope }
  if (all !== undefined && Object.keys(all).length > 0) described.labels = all
  return protocol.split(',').map((each) => ({ number, protocol: each, ...described }))
}
