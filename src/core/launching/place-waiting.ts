// Brings waiting instances and held offers together (runtime 5). New offers are tried against everything that waits; a
// run spec that newly waits is tried against every offer held; pairs that were tried and refused are not tried again
// until one of the two changes. Launches spread: no offer takes more than its share of a run spec while others fit.

import { after } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Launch } from '../actions.ts'
import { applyMatches, placeAgain } from '../apply.ts'
import type { Core } from '../core.ts'
import { reservedFor } from '../ids.ts'
import type { AgentInfo, Instance, InstanceId } from '../instances/instance.ts'
import type { Offer, OfferId, Resource } from '../mesos.ts'
import { addPlaced, type PlacedIndex, removePlaced } from '../placement/constraint-index.ts'
import { type CompiledConstraint, meetsConstraints } from '../placement/filters/constraints.ts'
import { isOfferedTo } from '../placement/filters/role.ts'
import { emptiestFirst, groupsOf, type OfferGroup } from '../placement/group-order.ts'
import { matchOffer, matchReservation } from '../placement/match.ts'
import { openResources, type RemainingOffer } from '../placement/remaining.ts'
import { processed } from '../placement/task-processors.ts'
import { decideOffered } from '../reservations/decide-offered.ts'
import { canReserve, type Reserving, reserveFor } from '../reservations/reserve.ts'
import { takeBackReservations, type Usable } from '../reservations/take-back.ts'
import { advance, type Candidate, candidatesOf, isShrinking } from './candidates.ts'
import { inFairOrder, queueBehind } from './fair-order.ts'
import { giveBack } from './give-back.ts'

/** One turn. True when work is left that only the limits of a turn held back. */
export function placeWaiting(core: Core): boolean {
  tryDelayedOnesAgain(core)
  const turn = new Turn(core)
  const usable = takeBackReservations(core)
  if (core.engine.isConnected && core.state.waiting.size > 0) {
    turn.launchOnReservations(usable)
    turn.tryFreshOffers()
    turn.tryFreshRunSpecs()
    turn.launch()
  } else {
    for (const offer of core.offers.fresh()) core.offers.markTried(offer.id)
    core.dirty.placement.clear()
  }
  if (!core.engine.holdsOffers) giveBack(core, turn.leavesRunSpecs)
  return turn.isCutShort
}

function tryDelayedOnesAgain(core: Core): void {
  for (const id of core.delayed.takeDue(core.state.now)) placeAgain(core, id)
}

/** What was matched on one offer. */
interface Matches {
  readonly launches: Launch[]
  readonly reserving: Reserving[]
}

class Turn {
  readonly #core: Core
  readonly #candidates = new Map<PathId, readonly Candidate[]>()
  readonly #matches = new Map<OfferId, Matches>()
  readonly #launched = new Set<InstanceId>()
  /** By field, of the offers that were grouped by it last. */
  readonly #grouped = new Map<
    string,
    { readonly offers: readonly Offer[]; readonly groups: readonly OfferGroup<Offer>[] }
  >()
  #pairsLeft: number = limits.pairsPerTurn
  #launchesLeft: number
  isCutShort = false
  /** Some of the run specs that newly wait were not tried, or not to the end. */
  leavesRunSpecs = false

  constructor(core: Core) {
    this.#core = core
    this.#launchesLeft = Math.min(limits.launchesPerTurn, core.tokens.left)
  }

  get #isOver(): boolean {
    return this.#launchesLeft <= 0
  }

  /** Before anything else, those that can be launched on no other offer (runtime 5). */
  launchOnReservations(usable: readonly Usable[]): void {
    const { offers } = this.#core
    for (const { offered, instance } of usable) {
      if (this.#isOver) {
        this.#cutShort()
        return
      }
      offers.reserved.markSeen(offered)
      this.#launchOnReservation(offered, instance)
    }
  }

  #launchOnReservation({ offer, resources, volumes }: Usable['offered'], instance: Instance): void {
    const { runSpecId, runSpecVersion, role } = instance
    const { settings } = this.#core
    const candidate = this.#candidatesOf(runSpecId).find(
      (each) => each.runSpec.version === runSpecVersion && each.role === role,
    )
    if (candidate === undefined || !isOfferedTo(offer, candidate) || this.#launched.has(instance.id)) return
    if (this.#countOn(offer.id) >= settings.maxInstancesPerOffer) return
    const own = instance.reservation!.volumes.map(({ persistenceId }) => volumes.get(persistenceId)!)
    const remaining = openResources(offer, resources)
    if (this.#launch(candidate, instance, remaining, own)) candidate.bound--
  }

  tryFreshOffers(): void {
    const { dirty, offers, state } = this.#core
    const fresh = offers.fresh()
    if (fresh.length === 0) return
    const candidates: Candidate[] = []
    for (const id of inFairOrder(this.#core, state.waiting)) {
      if (isShrinking(this.#core, id)) dirty.placement.add(id)
      for (const candidate of this.#candidatesOf(id)) {
        // Groups take turns only where all of them are seen, which is next, with every offer.
        if (candidate.grouping === undefined || !dirty.placement.has(id)) candidates.push(candidate)
      }
    }
    // As many offers as the turn has pairs for, each tried against everything: so every turn gets on.
    const count = Math.max(1, Math.floor(limits.pairsPerTurn / Math.max(1, candidates.length)))
    const chunk = fresh.slice(0, count)
    this.#spread(candidates, chunk)
    if (!this.#isOver) for (const offer of chunk) offers.markTried(offer.id)
    if (this.#isOver || chunk.length < fresh.length) this.#cutShort()
  }

  tryFreshRunSpecs(): void {
    const { dirty, offers } = this.#core
    for (const id of inFairOrder(this.#core, dirty.placement)) {
      if (this.#isOver || this.#pairsLeft <= 0) break
      if (isShrinking(this.#core, id)) continue
      const candidates = this.#candidatesOf(id)
      if (candidates.length > 0) this.#spread(candidates, offers.all())
      if (!this.#isOver) dirty.placement.delete(id)
    }
    this.leavesRunSpecs = (this.#isOver || this.#pairsLeft <= 0) && dirty.placement.size > 0
    if (this.leavesRunSpecs) this.#cutShort()
  }

  #cutShort(): void {
    this.isCutShort = this.#core.tokens.left > 0
  }

  /** Rounds in which every offer takes its share of every candidate, until nothing moves. */
  #spread(candidates: readonly Candidate[], offers: readonly Offer[]): void {
    for (const candidate of candidates) {
      if (candidate.next === undefined && candidate.bound > 0) this.#refuseAll(candidate, offers)
      if (candidate.grouping !== undefined) {
        this.#spreadInTurns(candidate, candidate.grouping, offers)
        continue
      }
      let open = offers
      while (candidate.next !== undefined && open.length > 0 && !this.#isOver) {
        const share = Math.max(1, Math.ceil(candidate.left / open.length))
        const willing: Offer[] = []
        for (const offer of open) {
          if (candidate.next === undefined || this.#isOver) break
          if (this.#fill(candidate, offer, share)) willing.push(offer)
        }
        open = willing
      }
    }
  }

  /** Group by group, one instance at a time, for as long as a round places any. */
  #spreadInTurns(candidate: Candidate, grouping: CompiledConstraint, offers: readonly Offer[]): void {
    const before = candidate.left
    const groups = this.#groupsOf(offers, grouping.field)
    let left = Number.POSITIVE_INFINITY
    while (candidate.left < left) {
      left = candidate.left
      for (const { queue } of emptiestFirst(groups, grouping.field, candidate.placed)) {
        this.#growGroup(candidate, grouping, queue)
      }
    }
    // Asked once more without hope, so that each tells why it cannot be used.
    for (const { queue } of groups) {
      if (!this.#mayGoOn(candidate)) break
      for (const offer of queue) if (this.#mayGoOn(candidate)) this.#fill(candidate, offer, 1)
    }
    // What was placed may have opened groups whose offers are not among these.
    const isOpened = candidate.next !== undefined && candidate.left < before
    if (isOpened) this.#core.dirty.placement.add(candidate.runSpec.id)
  }

  /** Many apps group the same offers by the same field: they share the work of it, each with queues of its own. */
  #groupsOf(offers: readonly Offer[], field: string): OfferGroup<Offer>[] {
    let known = this.#grouped.get(field)
    if (known?.offers !== offers) {
      known = { offers, groups: groupsOf(offers, field) }
      this.#grouped.set(field, known)
    }
    return known.groups.map(({ value, queue }) => ({ value, queue: queue.slice() }))
  }

  #mayGoOn(candidate: Candidate): boolean {
    return candidate.next !== undefined && !this.#isOver
  }

  /**
   * One more instance in a group, on the first of its offers that takes it. What refuses for another reason than the
   * group's size is not asked again; of two groupings the other one may be the reason, and that one passes.
   */
  #growGroup(candidate: Candidate, grouping: CompiledConstraint, queue: OfferGroup<Offer>['queue']): void {
    const { placed, wanted, runSpec } = candidate
    if (queue[0] === undefined || !meetsConstraints([grouping], queue[0], placed, wanted)) return
    const isOnlyGrouping = runSpec.constraints.filter(([, operator]) => operator === 'GROUP_BY').length === 1
    for (let asked = queue.length; asked > 0 && this.#mayGoOn(candidate); asked--) {
      const offer = queue.shift()!
      const { left } = candidate
      this.#fill(candidate, offer, 1)
      if (candidate.left < left || !isOnlyGrouping) queue.push(offer)
      if (candidate.left < left) return
    }
  }

  /** Takes up to `share` instances on the offer. False when it refused, so that it need not be asked again. */
  #fill(candidate: Candidate, offer: Offer, share: number): boolean {
    const { settings, offers } = this.#core
    if (!isOfferedTo(offer, candidate)) return false
    for (let taken = 0; taken < share; taken++) {
      const instance = candidate.next
      if (instance === undefined || this.#launchesLeft <= 0) return true
      if (this.#countOn(offer.id) >= settings.maxInstancesPerOffer) return false
      this.#pairsLeft--
      const isTaken = candidate.isResident
        ? this.#reserve(candidate, instance, offer)
        : this.#launch(candidate, instance, offers.open(offer.id))
      if (!isTaken) return false
      candidate.left--
      advance(candidate)
    }
    return true
  }

  /** `volumes`: of one that has them; `remaining` is then what is kept for it. */
  #launch(
    candidate: Candidate,
    instance: Instance,
    remaining: RemainingOffer,
    volumes?: readonly Resource[],
  ): boolean {
    const { quarantine, state, settings, engine, taskProcessors, placementRng: rng } = this.#core
    const { runSpec, statistics } = candidate
    const { offer } = remaining
    const match = quarantine.guard(runSpec.id, () => {
      const found = matchOffer({
        remaining,
        instance,
        runSpec,
        placed: volumes === undefined ? candidate.placed : candidate.launched,
        wantedInstances: candidate.wanted,
        settings,
        rng,
        now: state.now,
        enforceGroupRole: candidate.enforceGroupRole,
        volumes,
        ...(engine.homeRegion === undefined ? {} : { homeRegion: engine.homeRegion }),
      })
      return found.kind === 'match' ? processed(taskProcessors, runSpec, found) : found
    })
    if (match === undefined) {
      candidate.next = undefined
      return false
    }
    if (match.kind === 'no-match') {
      statistics.recordUnused(offer, match.reasons, state.now)
      return false
    }
    const { tasks, executor, agent } = match
    const launch = { instance, runSpec, agent, tasks }
    this.#matchesOn(offer.id).launches.push(executor === undefined ? launch : { ...launch, executor })
    if (volumes !== undefined) this.#launched.add(instance.id)
    this.#record(candidate, instance, agent)
    return true
  }

  /** An offer that holds the volumes of another instance of it, which does not fit there, is for that one alone. */
  #reserve(candidate: Candidate, instance: Instance, offer: Offer): boolean {
    const { quarantine, offers, state, settings, engine, ids, patience, placementRng: rng } = this.#core
    const { runSpec, statistics, placed } = candidate
    if (this.#holdsVolumes(offer.id, runSpec.id)) return false
    const match = quarantine.guard(runSpec.id, () =>
      matchReservation({
        remaining: offers.open(offer.id),
        runSpec,
        placed,
        wantedInstances: candidate.wanted,
        settings,
        rng,
        now: state.now,
        reserves: canReserve(this.#core),
        ...(engine.homeRegion === undefined ? {} : { homeRegion: engine.homeRegion }),
      }),
    )
    if (match === undefined) {
      candidate.next = undefined
      return false
    }
    if (match.kind === 'no-match') {
      statistics.recordUnused(offer, match.reasons, state.now)
      return false
    }
    this.#matchesOn(offer.id).reserving.push(
      reserveFor({
        instance,
        match,
        frameworkId: state.frameworkId!,
        principal: settings.mesosPrincipal!,
        newVolumeId: (name) => ids.volumeId(runSpec.id, name, state.now),
        deadline: after(state.now, patience.of(runSpec.id)),
      }),
    )
    this.#record(candidate, instance, match.agent)
    return true
  }

  #holdsVolumes(id: OfferId, runSpecId: PathId): boolean {
    const { offers, state } = this.#core
    return offers.reserved.inOffer(id).some((offered) => {
      const instance = state.instance(reservedFor(offered.id) ?? '')
      if (instance?.runSpecId !== runSpecId || this.#launched.has(instance.id)) return false
      return decideOffered(offered, instance, true) === 'launch'
    })
  }

  /** All that wait have their volumes somewhere, and not here (runtime 5.1). */
  #refuseAll(candidate: Candidate, offers: readonly Offer[]): void {
    const { state } = this.#core
    const { runSpec, statistics } = candidate
    for (const offer of offers) {
      if (!isOfferedTo(offer, candidate) || this.#holdsVolumes(offer.id, runSpec.id)) continue
      this.#pairsLeft--
      statistics.recordUnused(offer, ['NoCorrespondingReservationFound'], state.now)
    }
  }

  #record(candidate: Candidate, instance: Instance, agent: AgentInfo): void {
    for (const index of this.#indexesThatSee(instance)) addPlaced(index, agent)
    candidate.statistics.recordUsed(this.#core.state.now)
    this.#launchesLeft--
  }

  /** Those of every version of the run spec whose constraints count this instance once it is placed. */
  #indexesThatSee(instance: Instance): ReadonlySet<PlacedIndex> {
    const indexes = new Set<PlacedIndex>()
    for (const { runSpec, isResident, placed, launched } of this.#candidatesOf(instance.runSpecId)) {
      // What is reserved for one is in the way of other reservations from the start, whatever version it will run.
      if (isResident && instance.reservation === undefined) indexes.add(placed)
      else if (instance.runSpecVersion >= runSpec.versionInfo.lastConfigChangeAt) indexes.add(launched)
    }
    return indexes
  }

  #countOn(id: OfferId): number {
    const matches = this.#matches.get(id)
    return matches === undefined ? 0 : matches.launches.length + matches.reserving.length
  }

  #matchesOn(id: OfferId): Matches {
    let matches = this.#matches.get(id)
    if (matches === undefined) {
      matches = { launches: [], reserving: [] }
      this.#matches.set(id, matches)
    }
    return matches
  }

  /** The versions of a run spec that may be launched now. One whose delay is not over comes back when it is. */
  #candidatesOf(id: PathId): readonly Candidate[] {
    const known = this.#candidates.get(id)
    if (known !== undefined) return known
    const candidates = this.#core.quarantine.guard(id, () => candidatesOf(this.#core, id)) ?? []
    this.#candidates.set(id, candidates)
    return candidates
  }

  launch(): void {
    // Counted in advance so far, and for good when the instance changes.
    for (const { launches, reserving } of this.#matches.values()) {
      for (const { instance, agent } of [...launches, ...reserving]) {
        for (const index of this.#indexesThatSee(instance)) removePlaced(index, agent)
      }
    }
    for (const [id, matches] of this.#matches) {
      this.#core.offers.remove(id)
      applyMatches(this.#core, id, matches)
    }
    const served = [...this.#matches.values()].flatMap(({ launches }) => launches)
    queueBehind(this.#core, new Set(served.map(({ runSpec }) => runSpec.id)))
  }
}
