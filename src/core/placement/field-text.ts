// What a constraint's field reads on an agent, as text: the name of the host, its fault domain, or an attribute
// (runtime 5.3). One reading for offers and for the agents of placed instances, so that both compare equal.

import type { Attribute, Range } from '../mesos.ts'
import { decimalText } from './fixed-point.ts'

/** What offers and AgentInfo have in common. */
export interface Placeable {
  readonly hostname: string
  readonly region?: string
  readonly zone?: string
  readonly attributes: readonly Attribute[]
}

/** The text of `field`, or undefined when the agent has no such attribute or no fault domain. */
export function fieldText(agent: Placeable, field: string): string | undefined {
  switch (field) {
    case 'hostname':
    case '@hostname':
      return agent.hostname
    case '@region':
      return agent.region
    case '@zone':
      return agent.zone
    default: {
      const attribute = agent.attributes.find((candidate) => candidate.name === field)
      return attribute && attributeText(attribute)
    }
  }
}

/** Scalars with up to three decimals, ranges `[b-e,b-e]` by begin, sets `{a,b}` sorted, text as it is. */
export function attributeText(attribute: Attribute): string {
  if (attribute.text !== undefined) return attribute.text
  if (attribute.scalar !== undefined) return decimalText(attribute.scalar)
  if (attribute.ranges !== undefined) return `[${byBegin(attribute.ranges).map(rangeText).join(',')}]`
  // Code-unit order, as the original sorts.
  return `{${[...(attribute.set ?? [])].sort().join(',')}}`
}

const byBegin = (ranges: readonly Range[]): Range[] => [...ranges].sort((a, b) => a.begin - b.begin)
const rangeText = (range: Range): string => `${range.begin}-${range.end}`
