// The first thing that happens to an offer (runtime 5): what it holds for instances that are gone is destroyed and
// unreserved, and nothing else is done with it. What else of ours it holds waits for its instance.

import type { PathId } from '../../lib/path-id.ts'
import { isResident } from '../../spec/run-spec.ts'
import { removeInstance } from '../apply.ts'
import type { Core } from '../core.ts'
import { reservedFor } from '../ids.ts'
import { hasEnded } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { expungedByForce } from '../instances/unreachable.ts'
import type { Offer, Operation } from '../mesos.ts'
import type { State } from '../state.ts'
import { decideOffered, leftoverOf, type OfferedDecision } from './decide-offered.ts'
import type { OfferedReservation } from './offered.ts'
import { takeBackOperations } from './operations.ts'

/** An instance that waits, and the offer that has its volumes. */
export interface Usable {
  readonly offered: OfferedReservation
  readonly instance: Instance
}

/** Looks at what is new in the offers, takes back what is nobody's, and returns what can be launched on. */
export function takeBackReservations(core: Core): readonly Usable[] {
  const { offers, state, askedBack } = core
  if (offers.reserved.isEmpty) return []
  lookAgainForWaiting(core)
  const unwanted = new Map<Offer, Unwanted[]>()
  const usable: Usable[] = []
  for (const offered of offers.reserved.unseen()) {
    const id = reservedFor(offered.id)
    const instance = id === undefined ? undefined : state.instance(id)
    const hasRunSpec = instance !== undefined && hasOrMayHaveAgain(state, instance.runSpecId)
    const decision = id === undefined ? 'keep' : decideOffered(offered, instance, hasRunSpec)
    if (decision === 'launch') usable.push({ offered, instance: instance! })
    else {
      offers.reserved.markSeen(offered)
      if (decision === 'ask') askAbout(core, instance!)
      const part = unwantedOf(decision, offered, instance)
      if (part !== undefined && askedBack.isDue(part.offered, state.now)) {
        const same = unwanted.get(offered.offer)
        if (same === undefined) unwanted.set(offered.offer, [part])
        else same.push(part)
      }
    }
  }
  for (const [offer, reservations] of unwanted) takeBack(core, offer, reservations)
  return usable.filter(({ offered }) => !unwanted.has(offered.offer))
}

/** What goes of an offer, and the instance that goes with it. */
interface Unwanted {
  readonly offered: OfferedReservation
  readonly instance?: Instance
}

function unwantedOf(
  decision: OfferedDecision,
  offered: OfferedReservation,
  instance: Instance | undefined,
): Unwanted | undefined {
  if (decision === 'take-back') return { offered, ...(instance !== undefined && { instance }) }
  const leftover = decision === 'leftover' ? leftoverOf(offered, instance!) : undefined
  return leftover && { offered: leftover }
}

/** Launches that nothing was heard of yet are left to the launch timeout: they may be on their way. */
function askAbout({ batch }: Core, { tasks, agent }: Instance): void {
  const asked = tasks.filter((task) => task.state !== undefined && !hasEnded(task))
  if (asked.length === 0) return
  const agentId = agent === undefined ? {} : { agentId: agent.agentId }
  batch.effect({ kind: 'reconcile', tasks: asked.map(({ id }) => ({ taskId: id, ...agentId })) })
}

/** Its removal may be taken back, as long as the deployment that removes it goes on. */
const hasOrMayHaveAgain = (state: State, id: PathId): boolean =>
  state.runSpec(id) !== undefined || state.lockOf(id) !== undefined

/** What kept some of those that wait from being launched may be over. */
function lookAgainForWaiting({ dirty, offers, state }: Core): void {
  for (const id of dirty.placement) {
    const runSpec = state.runSpec(id)
    if (runSpec === undefined || !isResident(runSpec)) continue
    for (const waiting of state.scheduledOf(id).values()) {
      for (const { reservation } of waiting.values()) {
        if (reservation !== undefined) offers.reserved.lookAgain(reservation.id)
      }
    }
  }
}

function takeBack(core: Core, offer: Offer, unwanted: readonly Unwanted[]): void {
  const { state, offers, batch, askedBack } = core
  const operations: Operation[] = []
  offers.remove(offer.id)
  for (const { offered, instance } of unwanted) {
    operations.push(...takeBackOperations(offered))
    askedBack.note(offered, state.now)
    if (instance !== undefined) removeInstance(core, instance, expungedByForce(instance, state.now))
  }
  batch.effect({ kind: 'accept', offerIds: [offer.id], agentId: offer.agentId, operations })
}
