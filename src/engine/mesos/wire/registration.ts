// As whom Marathon registers with a master (runtime 1, 13): the framework's description, what it can do, its roles, and
// which offers it wants.

import type { AttributeConstraint, OfferConstraints } from '../../../core/ready.ts'
import type { Duration } from '../../../lib/instant.ts'
import type { Writable } from '../../../lib/writable.ts'
import type {
  Call,
  FrameworkCapability,
  WireAttributeConstraint,
  WireFramework,
  WireOfferConstraints,
  WireRegistration,
} from './calls.ts'
import { inSeconds } from './times.ts'

/** What stays the same as long as the process runs. */
export interface Framework {
  readonly name: string
  /** The user tasks run as when they name none; empty: the one the agent runs as. */
  readonly user: string
  /** How long tasks outlive the connection. */
  readonly failoverTimeout: Duration
  readonly checkpoint: boolean
  readonly hostname?: string
  readonly webuiUrl?: string
  readonly principal?: string
  /** `--enable_features`. */
  readonly features: { readonly taskKilling: boolean; readonly gpuResources: boolean }
}

/** What changes. */
export interface CurrentRegistration {
  /** Absent: never registered. */
  readonly frameworkId?: string
  readonly roles: readonly string[]
  readonly suppressedRoles: readonly string[]
  readonly offerConstraints?: OfferConstraints
}

/**
 * The first call of a stream. Sent with an id it takes over from whoever has it: their stream is closed with "Framework
 * failed over".
 */
export function subscribeCall(framework: Framework, registration: CurrentRegistration): Call {
  const subscribe = encodeRegistration(framework, registration)
  const { frameworkId } = registration
  return frameworkId === undefined
    ? { type: 'SUBSCRIBE', subscribe }
    : { type: 'SUBSCRIBE', framework_id: { value: frameworkId }, subscribe }
}

/** A suppressed role that is none of the framework's makes the master refuse all of it: such are left out. */
export function encodeRegistration(
  framework: Framework,
  registration: CurrentRegistration,
): WireRegistration {
  const { roles, suppressedRoles, offerConstraints } = registration
  const wire: Writable<WireRegistration> = { framework_info: frameworkInfo(framework, registration) }
  const suppressed = suppressedRoles.filter((role) => roles.includes(role))
  if (suppressed.length > 0) wire.suppressed_roles = suppressed
  const constraints = offerConstraints === undefined ? undefined : encodeConstraints(offerConstraints, roles)
  if (constraints !== undefined) wire.offer_constraints = constraints
  return wire
}

/** The FrameworkInfo of a registration (runtime 1). */
export function frameworkInfo(
  framework: Framework,
  { frameworkId, roles }: Pick<CurrentRegistration, 'frameworkId' | 'roles'>,
): WireFramework {
  const { user, name, failoverTimeout, checkpoint, hostname, webuiUrl, principal } = framework
  const info: Writable<WireFramework> = {
    user,
    name,
    failover_timeout: inSeconds(failoverTimeout),
    checkpoint,
    roles,
    capabilities: capabilitiesOf(framework).map((type) => ({ type })),
  }
  if (frameworkId !== undefined) info.id = { value: frameworkId }
  if (hostname !== undefined) info.hostname = hostname
  if (principal !== undefined) info.principal = principal
  if (webuiUrl !== undefined) info.webui_url = webuiUrl
  return info
}

/**
 * The original announced all of these but RESERVATION_REFINEMENT. Without it a master keeps back what is reserved more
 * than once (for a role, then for one below it), and of all other resources the two formats say the same.
 */
function capabilitiesOf({ features }: Framework): FrameworkCapability[] {
  const capabilities: FrameworkCapability[] = [
    'PARTITION_AWARE',
    'REGION_AWARE',
    'MULTI_ROLE',
    'RESERVATION_REFINEMENT',
  ]
  if (features.taskKilling) capabilities.push('TASK_KILLING_STATE')
  if (features.gpuResources) capabilities.push('GPU_RESOURCES')
  return capabilities
}

/** Undefined when there are none. Those of roles that are not the framework's make the master refuse all of it. */
function encodeConstraints(
  constraints: OfferConstraints,
  roles: readonly string[],
): WireOfferConstraints | undefined {
  const entries = Object.entries(constraints)
    .filter(([role, alternatives]) => alternatives.length > 0 && roles.includes(role))
    .map(([role, alternatives]) => {
      const groups = alternatives.map((conditions) => ({
        attribute_constraints: conditions.map(encodeConstraint),
      }))
      return [role, { groups }] as const
    })
  return entries.length === 0 ? undefined : { role_constraints: Object.fromEntries(entries) }
}

const encodeConstraint = ({ selector, predicate }: AttributeConstraint): WireAttributeConstraint => ({
  selector:
    'pseudo' in selector ? { pseudoattribute_type: selector.pseudo } : { attribute_name: selector.attribute },
  predicate: encodePredicate(predicate),
})

function encodePredicate(predicate: AttributeConstraint['predicate']): WireAttributeConstraint['predicate'] {
  switch (predicate.kind) {
    case 'exists':
      return { exists: {} }
    case 'not-exists':
      return { not_exists: {} }
    case 'text-equals':
      return { text_equals: { value: predicate.value } }
    case 'text-not-equals':
      return { text_not_equals: { value: predicate.value } }
    case 'text-matches':
      return { text_matches: { regex: predicate.regex } }
    case 'text-not-matches':
      return { text_not_matches: { regex: predicate.regex } }
  }
}
