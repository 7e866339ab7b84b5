// Which resources of an offer a run spec may use: those of its accepted roles that nobody has set aside (runtime 5.1).

import { isResident, type RunSpec } from '../../../spec/run-spec.ts'
import type { Offer, Resource } from '../../mesos.ts'
import { isKeptForInstance } from '../../reservations/labels.ts'
import type { Settings } from '../../settings.ts'

const anyone = '*'

/** Reserving takes what is nobody's, whatever else the run spec accepts (runtime 12). */
const unreserved: ReadonlySet<string> = new Set([anyone])

/** acceptedResourceRoles, or what --accepted_resource_roles_default_behavior makes of the run spec's role. */
export function acceptedRoles(runSpec: RunSpec, settings: Settings): ReadonlySet<string> {
  if (isResident(runSpec)) return unreserved
  if (runSpec.acceptedResourceRoles !== undefined && runSpec.acceptedResourceRoles.length > 0) {
    return new Set(runSpec.acceptedResourceRoles)
  }
  switch (settings.acceptedResourceRolesDefault) {
    case 'any':
      return new Set([runSpec.role, anyone])
    case 'unreserved':
      return new Set([anyone])
    case 'reserved':
      return new Set([runSpec.role])
  }
}

/** Whether an offer is for those in this role at all: on a shared cluster each is allocated to one. */
export const isOfferedTo = (offer: Pick<Offer, 'role'>, { role }: Pick<RunSpec, 'role'>): boolean =>
  offer.role === undefined || offer.role === role

/** False for volumes and for what a Marathon, this one or another, has reserved for one of its instances. */
export function isFreeToUse(resource: Resource): boolean {
  if (resource.disk?.persistence !== undefined || resource.disk?.volume !== undefined) return false
  return !isKeptForInstance(resource)
}
