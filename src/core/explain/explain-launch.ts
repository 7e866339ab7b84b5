// Why instances of a run spec wait for a launch: what comes first in the way of a launch is said first, and only where
// nothing else is in the way do agents matter.

import { type Instant, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import type { Offer } from '../mesos.ts'
import { type LaunchPlan, launchPlan } from '../placement/launch-plan.ts'
import { openOffer } from '../placement/remaining.ts'
import { canReserve } from '../reservations/reserve.ts'
import { type Cause, cause } from './cause.ts'
import { reservingCauses, volumeCauses } from './explain-volumes.ts'
import { explainPlacement } from './placement.ts'
import { survey } from './survey.ts'

/** One cause per version that waits. At most `offers` offers are looked at for all of them together. */
export function launchCauses(
  core: Core,
  id: PathId,
  scheduled: readonly Instance[],
  offers: number,
): readonly Cause[] {
  const byVersion = new Map<string, Instance[]>()
  for (const instance of scheduled) {
    const known = byVersion.get(instance.runSpecVersion)
    if (known === undefined) byVersion.set(instance.runSpecVersion, [instance])
    else known.push(instance)
  }
  return [...byVersion].map(([version, waiting]) => {
    const runSpec = core.state.runSpecVersion(id, version)
    const since = waiting.reduce(
      (first, { scheduledAt }) => (scheduledAt < first ? scheduledAt : first),
      core.state.now,
    )
    const wanted = core.state.runSpec(id)?.instances ?? runSpec?.instances ?? waiting.length
    return cause(
      { kind: 'launch', runSpecId: id, version, count: waiting.length, wanted, since },
      runSpec === undefined
        ? []
        : whyNotLaunched(core, runSpec, { waiting, wanted, most: Math.ceil(offers / byVersion.size) }),
    )
  })
}

interface Waiting {
  readonly waiting: readonly Instance[]
  readonly wanted: number
  /** Offers to look at. */
  readonly most: number
}

function whyNotLaunched(core: Core, runSpec: RunSpec, { waiting, wanted, most }: Waiting): readonly Cause[] {
  const { state, settings, engine } = core
  const runSpecId = runSpec.id
  const delay = whatHoldsAllUp(core, runSpec)
  if (delay !== undefined) return [delay]
  const looks = Math.ceil(most / lengthOf(launchPlan(runSpec, settings)))
  const { offers, of, asOf } = offersAtHand(core, runSpecId, looks)
  const bound = waiting.filter(({ reservation }) => reservation !== undefined)
  const count = waiting.length - bound.length
  const volumes = volumeCauses(core, runSpec, bound, offers)
  if (count === 0) return volumes
  const hasVolumes = isResident(runSpec)
  const reserving = hasVolumes ? reservingCauses(core, runSpec) : []
  if (offers.length === 0) return [...reserving, cause({ kind: 'offers', runSpecId, count }), ...volumes]
  const surveyed = survey({
    runSpec,
    wanted,
    placed: hasVolumes ? state.heldPlacesOf(runSpec) : state.placedOf(runSpec),
    offers,
    open: engine.holdsOffers ? (offer) => core.offers.open(offer.id) : openOffer,
    settings,
    homeRegion: engine.homeRegion,
    reserves: canReserve(core),
    now: state.now,
  })
  const placement = explainPlacement(surveyed, { count, of, ...(asOf === undefined ? {} : { asOf }) })
  return [...reserving, placement, ...volumes]
}

/** What would keep any instance of it from being launched, whatever is offered. */
function whatHoldsAllUp(core: Core, runSpec: RunSpec): Cause | undefined {
  const { state, delays, engine, tokens, quarantine } = core
  const runSpecId = runSpec.id
  if (quarantine.has(runSpecId)) return cause({ kind: 'quarantine', runSpecId })
  if (!engine.isConnected) return cause({ kind: 'engine' })
  const delay = delays.get(runSpec)
  if (delay !== undefined && delay.deadline > state.now) {
    const { deadline: until, nanos, failures, alike, lastFailure } = delay
    return cause({
      kind: 'backoff',
      runSpecId,
      until,
      delay: millis(Math.round(nanos / 1_000_000)),
      factor: runSpec.backoffFactor,
      failures,
      alike,
      ...(lastFailure === undefined ? {} : { lastFailure }),
    })
  }
  if (tokens.left <= 0) return cause({ kind: 'launch-tokens', runSpecId, until: tokens.nextRefresh })
  return undefined
}

/** How much longer than usual a look at one offer takes: 1, or more for a definition of many constraints and ports. */
function lengthOf({ constraints, ports }: LaunchPlan): number {
  return Math.max(1, (constraints.length + ports.length) / limits.explainedRules)
}

interface OffersAtHand {
  readonly offers: readonly Offer[]
  /** Agents, or offers, of which these are some. */
  readonly of: number
  /** When the oldest of those not held was refused. */
  readonly asOf?: Instant
}

/** Those held; on a shared cluster, where none is, the last ones this run spec could not use. */
function offersAtHand({ engine, offers, statistics }: Core, id: PathId, most: number): OffersAtHand {
  if (engine.holdsOffers) {
    const all = offers.all()
    return { offers: evenly(all, most), of: all.length }
  }
  const last = statistics.get(id)?.summary().lastUnusedOffers ?? []
  const [oldest] = last
  const known = last.map(({ offer }) => offer)
  return { offers: known, of: known.length, ...(oldest === undefined ? {} : { asOf: oldest.timestamp }) }
}

/** At most `count` of them, from the whole list. */
function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)]!)
}
