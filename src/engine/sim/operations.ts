// What reserving and making volumes does to what an agent has, and when a master refuses it. Refusing one operation of
// an accept does not end the rest: what builds on it is refused for want of what it would have made.

import { type Operation, type Resource, reservationOf } from '../../core/mesos.ts'
import { unreachable } from '../../lib/assert.ts'
import { type Amounts, amountsOf, minus, plus } from './amounts.ts'
import { resourceOf, volumeIdOf, withoutReservation, withoutVolume } from './parcels.ts'

export type Keeping = Exclude<Operation, { readonly type: 'LAUNCH' | 'LAUNCH_GROUP' }>

export interface OperationRules {
  /** Of the offers accepted; undefined: any. */
  readonly role: string | undefined
  /** Of the framework; undefined: nobody asks. */
  readonly principal: string | undefined
  /** Whether a volume of this id exists on the agent. */
  readonly isVolume: (persistenceId: string) => boolean
}

/** What the agent has afterwards, or why not. */
export function performKeeping(free: Amounts, operation: Keeping, rules: OperationRules): Amounts | string {
  const { resources, refused } = wishOf(operation)
  if (resources.length === 0) return `${operation.type} of nothing`
  for (const resource of resources) {
    const why = refused(resource, rules)
    if (why !== undefined) return `${operation.type} of ${resource.name}: ${why}`
  }
  const { before, after } = exchangeOf(operation)
  const left = minus(free, amountsOf(resources.map(before)))
  if (typeof left === 'string') return `${operation.type}: there is too little ${left}`
  return plus(left, amountsOf(resources.map(after)))
}

/** What operators do to what is left behind. */
export type Tidying =
  | { readonly kind: 'destroy'; readonly persistenceId: string }
  | { readonly kind: 'unreserve'; readonly labels: Readonly<Record<string, string>> }

/** Undefined: there is nothing of it among what is free. */
export function operationOf(what: Tidying, { parcels }: Amounts): Keeping | undefined {
  if (what.kind === 'destroy') {
    const volumes = parcels.filter((parcel) => volumeIdOf(parcel) === what.persistenceId).map(resourceOf)
    return volumes.length === 0 ? undefined : { type: 'DESTROY', volumes }
  }
  const wanted = Object.entries(what.labels)
  const resources = parcels
    .filter((parcel) => {
      const labels = reservationOf(parcel.kind)?.labels ?? {}
      return volumeIdOf(parcel) === undefined && wanted.every(([key, value]) => labels[key] === value)
    })
    .map(resourceOf)
  return resources.length === 0 ? undefined : { type: 'UNRESERVE', resources }
}

interface Wish {
  readonly resources: readonly Resource[]
  readonly refused: (resource: Resource, rules: OperationRules) => string | undefined
}

function wishOf(operation: Keeping): Wish {
  switch (operation.type) {
    case 'RESERVE':
      return { resources: operation.resources, refused: refusedReserve }
    case 'UNRESERVE':
      return { resources: operation.resources, refused: refusedUnreserve }
    case 'CREATE':
      return { resources: operation.volumes, refused: refusedCreate }
    case 'DESTROY':
      return { resources: operation.volumes, refused: refusedDestroy }
    default:
      return unreachable(operation)
  }
}

interface Exchange {
  readonly before: (resource: Resource) => Resource
  readonly after: (resource: Resource) => Resource
}

const same = (resource: Resource): Resource => resource
const exchanges: Readonly<Record<Keeping['type'], Exchange>> = {
  RESERVE: { before: withoutReservation, after: same },
  UNRESERVE: { before: same, after: withoutReservation },
  CREATE: { before: withoutVolume, after: same },
  DESTROY: { before: same, after: withoutVolume },
}
const exchangeOf = ({ type }: Keeping): Exchange => exchanges[type]

function refusedReserve(resource: Resource, { role, principal }: OperationRules): string | undefined {
  const reservation = reservationOf(resource)
  if (reservation?.type !== 'DYNAMIC') return 'it has no dynamic reservation'
  if (reservation.role !== resource.role) return `its role is ${resource.role}, not that of its reservation`
  if (resource.disk?.persistence !== undefined) return 'it is a volume'
  if (role !== undefined && !isWithin(role, reservation.role))
    return `it was allocated to role ${role}, not ${reservation.role}`
  if (principal !== undefined && reservation.principal !== principal)
    return `its principal is ${reservation.principal}, not ${principal}`
  return undefined
}

function refusedUnreserve(resource: Resource): string | undefined {
  if (reservationOf(resource)?.type !== 'DYNAMIC') return 'it has no dynamic reservation'
  if (resource.disk?.persistence !== undefined) return 'its volume has to be destroyed first'
  return undefined
}

function refusedCreate(resource: Resource, { isVolume }: OperationRules): string | undefined {
  const id = resource.disk?.persistence?.id
  if (resource.name !== 'disk' || id === undefined) return 'it is no persistent volume'
  if (reservationOf(resource) === undefined) return 'it is not reserved'
  if (resource.disk?.volume === undefined) return 'it has no path'
  if (isVolume(id)) return `volume ${id} exists`
  return undefined
}

const refusedDestroy = (resource: Resource, { isVolume }: OperationRules): string | undefined => {
  const id = resource.disk?.persistence?.id
  return id !== undefined && isVolume(id) ? undefined : 'persistent volumes not found'
}

const isWithin = (role: string, above: string): boolean => role === above || role.startsWith(`${above}/`)
