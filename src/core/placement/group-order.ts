// In which order offers are asked for an app with GROUP_BY. The rule of that operator (runtime 5.3) judges one offer
// by what is placed; it does not know which other offers are there, so the first rack asked could take everything.
// Asked group by group, the emptiest one first, the groups take turns.

import type { Constraint } from '../../spec/app.ts'
import type { PlacedIndex } from './constraint-index.ts'
import { fieldText, type Placeable } from './field-text.ts'
import { type CompiledConstraint, compileConstraint } from './filters/constraints.ts'

/** The constraint whose values are the groups; of several the first counts. */
export function groupConstraint(constraints: readonly Constraint[]): CompiledConstraint | undefined {
  const grouping = constraints.find(([, operator]) => operator === 'GROUP_BY')
  return grouping && compileConstraint(grouping)
}

/** Offers of one group. */
export interface OfferGroup<O> {
  readonly value: string | undefined
  /** The next to be asked first. */
  readonly queue: O[]
}

/** In the order in which the groups first appear. */
export function groupsOf<O extends Placeable>(offers: readonly O[], field: string): OfferGroup<O>[] {
  const groups = new Map<string | undefined, OfferGroup<O>>()
  for (const offer of offers) {
    const value = fieldText(offer, field)
    const group = groups.get(value)
    if (group === undefined) groups.set(value, { value, queue: [offer] })
    else group.queue.push(offer)
  }
  return [...groups.values()]
}

/** Those with offers left, by the number of instances placed in them; equal ones stay in their order. */
export function emptiestFirst<O>(
  groups: readonly OfferGroup<O>[],
  field: string,
  placed: PlacedIndex,
): readonly OfferGroup<O>[] {
  const counts = placed.fields.get(field)?.perValue
  const placedIn = ({ value }: OfferGroup<O>): number => counts?.get(value) ?? 0
  return groups.filter(({ queue }) => queue.length > 0).sort((a, b) => placedIn(a) - placedIn(b))
}
