// In which order offers are asked for an app with GROUP_BY. The rule of that operator (runtime 5.3) judges one offer
// by what is placed; it does not know which other offers are there, so the first rack asked could take everything.
// Asked in this order, the groups take turns, the emptiest one first.

import type { Constraint } from '../../spec/app.ts'
import type { PlacedIndex } from './constraint-index.ts'
import { fieldText, type Placeable } from './field-text.ts'

/** The field whose values are the groups; of several the first counts. */
export const groupField = (constraints: readonly Constraint[]): string | undefined =>
  constraints.find(([, operator]) => operator === 'GROUP_BY')?.[0]

/** By the number of instances that the offer's group will have when its turn comes; equal ones stay in their order. */
export function orderByGroup<O extends Placeable>(
  offers: readonly O[],
  field: string,
  placed: PlacedIndex,
): readonly O[] {
  const counts = placed.fields.get(field)?.perValue
  const turns = new Map<string | undefined, number>()
  const ranked = offers.map((offer) => {
    const group = fieldText(offer, field)
    const turn = turns.get(group) ?? counts?.get(group) ?? 0
    turns.set(group, turn + 1)
    return { offer, turn }
  })
  return ranked.sort((a, b) => a.turn - b.turn).map(({ offer }) => offer)
}
