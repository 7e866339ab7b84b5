// Rules about ports and networks of an app in today's form (app-definition 10.2).

import { isEmpty } from '../defined.ts'
import type { Issues } from '../parse/issues.ts'
import type { AppInput, NetworkInput, PortDefinitionInput, PortMappingInput } from '../schema/app.ts'
import { networkNameChars, networkNamePattern } from '../schema/primitives.ts'
import { isNotOneOf, mustFullyMatch } from './phrases.ts'

export const hasDuplicates = (items: readonly (string | number)[]): boolean =>
  new Set(items).size !== items.length

const portNames = (ports: readonly { readonly name?: string }[]): string[] =>
  ports.flatMap(({ name }) => (name === undefined ? [] : [name]))

export function checkPortDefinitions(portDefinitions: readonly PortDefinitionInput[], issues: Issues): void {
  if (hasDuplicates(portNames(portDefinitions))) issues.add('/portDefinitions', 'Port names must be unique.')
  const numbers = portDefinitions.map(({ port }) => port).filter((port) => port !== 0)
  if (hasDuplicates(numbers)) issues.add('/portDefinitions', 'Ports must be unique.')
}

export function checkPortMappings(
  mappings: readonly PortMappingInput[],
  networks: readonly NetworkInput[],
  issues: Issues,
): void {
  const path = '/container/portMappings'
  if (hasDuplicates(portNames(mappings))) issues.add(path, 'Port names must be unique.')
  for (const [index, mapping] of mappings.entries()) {
    checkNetworksOfPort(mapping, networks, `${path}(${index})`, issues)
  }
}

/** Which networks a port mapping or an endpoint is on. */
export function checkNetworksOfPort(
  { hostPort, networkNames }: { readonly hostPort?: number; readonly networkNames: readonly string[] },
  networks: readonly NetworkInput[],
  path: string,
  issues: Issues,
): void {
  if (countOf(networks, 'container') > 1 && hostPort !== undefined && networkNames.length !== 1) {
    issues.add(
      path,
      'networkNames must be a single item list when hostPort is specified and more than 1 container network is defined',
    )
  }
  const known = networks.flatMap(({ name }) => (name === undefined ? [] : [name]))
  for (const [index, name] of networkNames.entries()) {
    if (!known.includes(name)) issues.add(`${path}/networkNames(${index})`, isNotOneOf(known))
  }
}

/** How many ports there are to be addressed by an index. */
export const portCount = (app: Pick<AppInput, 'container' | 'portDefinitions'>): number =>
  (app.container?.portMappings ?? app.portDefinitions ?? []).length

/** Whether a check that may name a port or an index of one comes to exactly one port. */
export function addressesPort(
  check: { readonly port?: number | undefined; readonly portIndex?: number | undefined },
  ports: number,
): boolean {
  if (check.portIndex !== undefined) return check.portIndex < ports
  return check.port !== undefined || ports === 1
}

const countOf = (networks: readonly NetworkInput[], mode: NetworkInput['mode']): number =>
  networks.filter((network) => network.mode === mode).length

const isNamed = (network: NetworkInput): boolean => (network.name ?? '') !== ''

/** A container network without a name gets the default one, if there is one. */
export function checkNetworkNames(
  networks: readonly NetworkInput[],
  defaultName: string | undefined,
  issues: Issues,
): void {
  const isNameless = networks.some(({ mode, name }) => mode === 'container' && name === undefined)
  if (isNameless && defaultName === undefined) {
    issues.add('/networks', 'Network name must be specified when container network is selected.')
  }
}

/** Rules about the list of networks. */
export function checkNetworks(networks: readonly NetworkInput[], issues: Issues): void {
  for (const { isBroken, error } of networkRules) if (isBroken(networks)) issues.add('/networks', error)
  for (const [index, { name }] of networks.entries()) {
    if (name === undefined) continue
    const path = `/networks(${index})/name`
    if (!networkName.test(name)) issues.add(path, mustFullyMatch(networkNamePattern))
    if (name.length > networkNameChars)
      issues.add(path, `got ${name.length}, expected between 1 and ${networkNameChars}`)
  }
}

/** Names given in the old form, as networkName of ipAddress, have not been looked at when they come here. */
const networkName = new RegExp(networkNamePattern)

const networkRules: readonly {
  readonly isBroken: (networks: readonly NetworkInput[]) => boolean
  readonly error: string
}[] = [
  {
    isBroken: (networks) =>
      networks.some(
        (network) => network.mode === 'host' && (isNamed(network) || !isEmpty(network.labels ?? {})),
      ),
    error: 'Host networks may not have names or labels',
  },
  {
    isBroken: (networks) =>
      networks.some((network) => network.mode === 'container/bridge' && isNamed(network)),
    error: 'Bridge networks may not have names',
  },
  {
    // Unnamed container networks will all get the same default name.
    isBroken: (networks) =>
      networks.filter(({ mode, name }) => mode === 'container' && name === undefined).length > 1 ||
      hasDuplicates(networks.flatMap(({ name }) => (name === undefined ? [] : [name]))),
    error: 'Duplicate networks are not allowed',
  },
  {
    isBroken: (networks) => {
      const host = countOf(networks, 'host')
      const bridge = countOf(networks, 'container/bridge')
      const container = countOf(networks, 'container')
      const kinds = [host, bridge, container].filter((count) => count > 0).length
      return kinds > 1 || host > 1 || bridge > 1
    },
    error: 'May specify a single host network, single bridge network, or else 1-to-n container networks',
  },
]
