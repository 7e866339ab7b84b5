// Which ports of an offer a launch gets (runtime 5.2). Random ones start at a random place of the offer, so that a port
// just given up is not given away again while load balancers still point at it, and then go on in order, so that
// ranges do not fall to pieces.

import type { Rng } from '../../lib/rng.ts'
import type { App, Network, PortDefinition, PortMapping } from '../../spec/app.ts'
import type { Pod, PodContainer, PodEndpoint } from '../../spec/pod.ts'
import { isHostNetwork, isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { PortClaim, PortSpan } from './remaining.ts'

/** What a run spec asks for, one entry per definition or mapping. */
export type PortRequest =
  /** No host port. */
  { readonly kind: 'none' } | { readonly kind: 'any' } | { readonly kind: 'fixed'; readonly port: number }

/** The ports of an app, or of one container of a pod, as they are in force. */
export interface ExposedPorts {
  readonly networks: readonly Network[]
  /** On networks of containers; undefined on the host's, and without any. */
  readonly mappings: readonly PortMapping[] | undefined
  /** On the host network. */
  readonly definitions: readonly PortDefinition[]
}

export function portsOfApp(app: App): ExposedPorts {
  const { networks } = app
  return isHostNetwork(app)
    ? { networks, mappings: undefined, definitions: app.portDefinitions ?? [] }
    : { networks, mappings: app.container?.portMappings, definitions: [] }
}

export function portsOfContainer({ networks }: Pod, { endpoints }: PodContainer): ExposedPorts {
  return isHostNetwork({ networks })
    ? { networks, mappings: undefined, definitions: endpoints.map(asMapping).map(asDefinition) }
    : { networks, mappings: endpoints.map(asMapping), definitions: [] }
}

/** A container without a port of its own gets to know the host's; without protocols it is TCP, as in Mesos. */
const asMapping = ({ containerPort = 0, protocol, ...rest }: PodEndpoint): PortMapping => ({
  ...rest,
  containerPort,
  servicePort: 0,
  protocol: protocol.length === 0 ? 'tcp' : protocol.join(','),
})

const asDefinition = ({ name, protocol, labels }: PortMapping): PortDefinition =>
  name === undefined ? { port: 0, protocol, labels } : { port: 0, name, protocol, labels }

/** The table of runtime 5.2; those of a pod are the endpoints of all its containers in their order. */
export function portRequests(runSpec: RunSpec): readonly PortRequest[] {
  if (isPod(runSpec)) {
    return runSpec.containers.flatMap(({ endpoints }) =>
      endpoints.map(({ hostPort }) => mappingRequest(hostPort)),
    )
  }
  const { mappings, definitions } = portsOfApp(runSpec)
  if (mappings !== undefined) return mappings.map(({ hostPort }) => mappingRequest(hostPort))
  return definitions.map(({ port }) => (runSpec.requirePorts ? { kind: 'fixed', port } : { kind: 'any' }))
}

/**
 * A claim per request (undefined for those without a host port), or undefined when the offer cannot serve them all.
 * Draws from `rng` only when random ports are asked for. Takes nothing yet: see takePorts.
 */
export function assignPorts(
  requests: readonly PortRequest[],
  spans: readonly PortSpan[],
  roles: ReadonlySet<string>,
  rng: Rng,
): readonly (PortClaim | undefined)[] | undefined {
  if (requests.length === 0) return noClaims
  const usable = spans.filter((span) => roles.has(span.source.role))
  const fixed = new Set<number>()
  for (const request of requests) if (request.kind === 'fixed') fixed.add(request.port)
  let random: RandomPorts | undefined
  const claims: (PortClaim | undefined)[] = []
  for (const request of requests) {
    if (request.kind === 'none') {
      claims.push(undefined)
      continue
    }
    random ??= request.kind === 'any' ? startRandom(usable, rng) : undefined
    const claim = request.kind === 'any' ? nextRandom(random!, fixed) : claimOf(usable, request.port)
    if (claim === undefined) return undefined
    claims.push(claim)
  }
  return claims
}

const noClaims: readonly PortClaim[] = []

/** Each port once: two mappings may share one, as DNS does over TCP and UDP. */
export function claimsOnce(assigned: readonly (PortClaim | undefined)[]): readonly PortClaim[] {
  const byPort = new Map<number, PortClaim>()
  for (const claim of assigned)
    if (claim !== undefined && !byPort.has(claim.port)) byPort.set(claim.port, claim)
  return [...byPort.values()]
}

const mappingRequest = (hostPort: number | undefined): PortRequest =>
  hostPort === undefined
    ? { kind: 'none' }
    : hostPort === 0
      ? { kind: 'any' }
      : { kind: 'fixed', port: hostPort }

function claimOf(spans: readonly PortSpan[], port: number): PortClaim | undefined {
  const span = spans.find(({ begin, end }) => begin <= port && port <= end)
  return span && { port, source: span.source }
}

/** A walk over all usable ports, each once: shuffled spans, from a random place, around the end. */
interface RandomPorts {
  readonly spans: readonly PortSpan[]
  at: number
  port: number
  /** Ports not visited yet. */
  left: number
}

function startRandom(usable: readonly PortSpan[], rng: Rng): RandomPorts {
  const spans = usable.length > 1 ? rng.shuffle(usable) : usable
  let left = 0
  for (const span of spans) left += span.end - span.begin + 1
  let skip = left > 0 ? rng.int(left) : 0
  let at = 0
  for (const span of spans) {
    const size = span.end - span.begin + 1
    if (skip < size) return { spans, at, port: span.begin + skip, left }
    skip -= size
    at++
  }
  return { spans, at: 0, port: 0, left: 0 }
}

/** The next port of the walk that is not one of the fixed ones. */
function nextRandom(walk: RandomPorts, fixed: ReadonlySet<number>): PortClaim | undefined {
  while (walk.left > 0) {
    const span = walk.spans[walk.at]!
    const { port } = walk
    walk.left--
    if (port < span.end) walk.port++
    else {
      walk.at = (walk.at + 1) % walk.spans.length
      walk.port = walk.spans[walk.at]!.begin
    }
    if (!fixed.has(port)) return { port, source: span.source }
  }
  return undefined
}
