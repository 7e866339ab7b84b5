// Which agents a role of the framework wants offers of at all (OfferConstraints), as a master understands it: one of
// the alternatives has to hold, and of an alternative everything.

import type { AttributeConstraint, OfferConstraints } from '../../core/ready.ts'
import type { SimAgentConfig } from './parts.ts'

/** A role without constraints gets offers of every agent. */
export function isWantedBy(role: string, agent: SimAgentConfig, constraints: OfferConstraints): boolean {
  const groups = constraints[role]
  return groups === undefined || groups.some((group) => group.every((constraint) => holds(constraint, agent)))
}

function holds({ selector, predicate }: AttributeConstraint, agent: SimAgentConfig): boolean {
  const text = 'pseudo' in selector ? pseudo(selector.pseudo, agent) : attribute(selector.attribute, agent)
  switch (predicate.kind) {
    case 'exists':
      return text !== undefined
    case 'not-exists':
      return text === undefined
    case 'text-equals':
      return text === predicate.value
    case 'text-not-equals':
      return text !== predicate.value
    case 'text-matches':
      return text !== undefined && matches(predicate.regex, text)
    case 'text-not-matches':
      return text === undefined || !matches(predicate.regex, text)
  }
}

const matches = (regex: string, text: string): boolean => new RegExp(`^(?:${regex})$`).test(text)

function pseudo(name: 'HOSTNAME' | 'REGION' | 'ZONE', agent: SimAgentConfig): string | undefined {
  return { HOSTNAME: agent.hostname, REGION: agent.region, ZONE: agent.zone }[name]
}

const attribute = (name: string, { attributes }: SimAgentConfig): string | undefined =>
  attributes.find((each) => each.name === name)?.text
