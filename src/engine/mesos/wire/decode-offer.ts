// Offers and inverse offers as the core knows them.

import type { Attribute, InverseOffer, Offer } from '../../../core/mesos.ts'
import type { Writable } from '../../../lib/writable.ts'
import {
  id,
  type Json,
  list,
  Malformed,
  number,
  optionalPart,
  optionalText,
  part,
  text,
  texts,
} from './fields.ts'
import { decodeResources, rangesOf } from './resource.ts'
import { durationOf, instantOf } from './times.ts'

export function decodeOffer(json: Json): Offer {
  const offer: Writable<Offer> = {
    id: id(json, 'id'),
    agentId: id(json, 'agent_id'),
    hostname: text(json, 'hostname'),
    resources: decodeResources(json),
    attributes: list(json, 'attributes', decodeAttribute),
  }
  const role = optionalPart(json, 'allocation_info', (allocation) => optionalText(allocation, 'role'))
  if (role !== undefined) offer.role = role
  const domain = optionalPart(json, 'domain', decodeDomain)
  if (domain !== undefined) Object.assign(offer, domain)
  const unavailability = optionalPart(json, 'unavailability', decodeUnavailability)
  if (unavailability !== undefined) offer.unavailability = unavailability
  return offer
}

/** An inverse offer without an agent is of the framework's resources anywhere, which no master makes. */
export const decodeInverseOffer = (json: Json): InverseOffer => ({
  id: id(json, 'id'),
  agentId: id(json, 'agent_id'),
  unavailability: part(json, 'unavailability', decodeUnavailability),
})

/** Region and zone of an agent or a master; empty for a domain of another kind. */
export const decodeDomain = (json: Json): { readonly region?: string; readonly zone?: string } =>
  optionalPart(json, 'fault_domain', (domain) => ({
    region: part(domain, 'region', (region) => text(region, 'name')),
    zone: part(domain, 'zone', (zone) => text(zone, 'name')),
  })) ?? {}

/** Without a duration it has no end. */
function decodeUnavailability(json: Json): InverseOffer['unavailability'] {
  const start = part(json, 'start', instantOf)
  const duration = optionalPart(json, 'duration', durationOf)
  return duration === undefined ? { start } : { start, duration }
}

function decodeAttribute(json: Json): Attribute {
  const name = text(json, 'name')
  switch (json['type']) {
    case 'TEXT':
      return { name, text: part(json, 'text', (value) => text(value, 'value')) }
    case 'SCALAR':
      return { name, scalar: part(json, 'scalar', (value) => number(value, 'value')) }
    case 'RANGES':
      return { name, ranges: part(json, 'ranges', rangesOf) }
    case 'SET':
      return { name, set: part(json, 'set', (value) => texts(value, 'item')) }
    default:
      throw new Malformed('type', 'TEXT, SCALAR, RANGES or SET', json['type'])
  }
}
