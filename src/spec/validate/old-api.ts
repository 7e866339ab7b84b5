// The rules about fields deprecated in 1.5, before they are brought into today's form (app-definition 10.1).

import { type Issue, Issues } from '../parse/issues.ts'
import type { AppInput, ContainerInput, PortMappingInput } from '../schema/app.ts'
import { greatestPort, greatestUriChars } from '../schema/primitives.ts'
import { isUri } from '../uri.ts'
import { mustBeEmpty } from './phrases.ts'
import { hasDuplicates } from './ports.ts'

/** Reads an app as it was parsed. */
export function validateOldApi(app: AppInput): Issue[] {
  const issues = new Issues()
  if (app.container !== undefined) checkContainer(app.container, issues)
  if (app.container?.type === 'DOCKER' && app.ipAddress?.discovery !== undefined) {
    issues.add('/ipAddress', 'ipAddress/discovery is not allowed for Docker containers')
  }
  const uris = app.uris ?? []
  for (const [index, uri] of uris.entries()) {
    if (!isUri(uri)) issues.add(`/uris(${index})`, 'URI has invalid syntax.')
    if (uri.length < 1 || uri.length > greatestUriChars)
      issues.add(`/uris(${index})`, outOfRange(uri.length, 1, greatestUriChars))
  }
  for (const [index, port] of (app.ports ?? []).entries()) {
    if (port < 0 || port > greatestPort) issues.add(`/ports(${index})`, outOfRange(port, 0, greatestPort))
  }
  if (uris.length > 0 && app.fetch.length > 0) issues.add('/uris', 'may not be set in conjunction with fetch')
  for (const { isBroken, error } of wholeAppRules) if (isBroken(app)) issues.add('/', error)
  return issues.list()
}

function checkContainer({ type, docker }: ContainerInput, issues: Issues): void {
  if (docker === undefined) return
  if (docker.credential !== undefined) issues.add('/container/docker/credential', mustBeEmpty)
  if (type === 'MESOS') {
    if (docker.network !== undefined) issues.add('/container/docker/network', mustBeEmpty)
    if (docker.parameters.length > 0) issues.add('/container/docker/parameters', mustBeEmpty)
    if (docker.portMappings !== undefined) issues.add('/container/docker/portMappings', mustBeEmpty)
  }
  if (hasDuplicates(namesOf(docker.portMappings ?? []))) {
    issues.add('/container/docker/portMappings', 'Port names must be unique.')
  }
}

const namesOf = (mappings: readonly PortMappingInput[]): string[] =>
  mappings.flatMap(({ name }) => (name === undefined ? [] : [name]))

const hasOldPorts = (app: AppInput): boolean =>
  (app.ports?.length ?? 0) > 0 || (app.portDefinitions?.length ?? 0) > 0

// The items of lists have no limits while they are parsed, but what these become has (docs/compatibility.md).
const outOfRange = (given: number, least: number, greatest: number): string =>
  `got ${given}, expected between ${least} and ${greatest}`

interface Rule {
  readonly isBroken: (app: AppInput) => boolean
  readonly error: string
}

const wholeAppRules: readonly Rule[] = [
  {
    isBroken: (app) => app.container?.docker?.network !== undefined && app.networks.length > 0,
    error: 'must not specify both container.docker.network and networks',
  },
  {
    isBroken: (app) => app.ipAddress !== undefined && app.networks.length > 0,
    error: 'must not specify both networks and ipAddress',
  },
  {
    isBroken: (app) => hasDuplicates((app.ports ?? []).filter((port) => port !== 0)),
    error: 'ports must be unique',
  },
  {
    isBroken: (app) => app.ipAddress !== undefined && hasOldPorts(app),
    error: 'cannot specify both an IP address and port',
  },
  {
    isBroken: ({ ports, portDefinitions }) =>
      ports !== undefined &&
      portDefinitions !== undefined &&
      ports.join() !== portDefinitions.map(({ port }) => port).join(),
    error: 'cannot specify both ports and port definitions',
  },
]
