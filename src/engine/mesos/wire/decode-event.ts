// Events of the v1 scheduler API (mesos/v1/scheduler.proto) as what they mean to us: the border behind which nothing is
// `unknown` any more. What a later Mesos adds is told as unknown, what is broken as a problem; neither ends anything.

import type { EngineEvent } from '../../../core/events.ts'
import type { InverseOffer, Offer, OfferId } from '../../../core/mesos.ts'
import { type Duration, type Instant, seconds } from '../../../lib/instant.ts'
import { ok, type Result, refused } from '../../../lib/result.ts'
import type { Writable } from '../../../lib/writable.ts'
import { decodeMaster, type Master } from './decode-master.ts'
import { decodeInverseOffer, decodeOffer } from './decode-offer.ts'
import { decodeStatus } from './decode-status.ts'
import {
  elementsOf,
  id,
  type Json,
  objectOf,
  optionalId,
  optionalNumber,
  optionalPart,
  optionalText,
  part,
  problemOf,
  shown,
  text,
  type WireProblem,
} from './fields.ts'

export type Incoming =
  | { readonly kind: 'subscribed'; readonly subscribed: Subscribed }
  | { readonly kind: 'heartbeat' }
  /**
   * The master ends the subscription, or never began it: the stream closes. `isRemoved`: it knows the framework no
   * more, and never will again under this id.
   */
  | { readonly kind: 'error'; readonly message: string; readonly isRemoved: boolean }
  | { readonly kind: 'events'; readonly events: readonly EngineEvent[]; readonly flawed?: FlawedOffers }
  /** Only operations with an id get one, and ours have none. */
  | { readonly kind: 'operation-status'; readonly status: OperationStatus }
  /** Of a later Mesos than this. */
  | { readonly kind: 'unknown'; readonly type: string }

export interface Subscribed {
  readonly frameworkId: string
  /** Absent from masters that do not tell: 15 s. */
  readonly heartbeatInterval?: Duration
  /** Masters of 1.3 and later tell. */
  readonly master?: Master
}

/** Offers that could not be read; the others of the same record were. */
export interface FlawedOffers {
  readonly problems: readonly WireProblem[]
  /** Those whose ids could be read, to be declined: else nobody could use them. */
  readonly offerIds: readonly OfferId[]
}

export interface OperationStatus {
  readonly operationId?: string
  /** `OPERATION_…` */
  readonly state: string
  readonly message?: string
}

/** One record of the stream, decoded from UTF-8. `receivedAt` is the time of statuses that have none. */
export function decodeRecord(record: string, receivedAt: Instant): Result<Incoming, WireProblem> {
  let json: unknown
  try {
    json = JSON.parse(record)
  } catch (error) {
    const expected = `JSON (${error instanceof Error ? error.message : String(error)})`
    return refused({ where: '', expected, given: shown(record) })
  }
  return decodeEvent(json, receivedAt)
}

/** The same of a record that is parsed. */
export function decodeEvent(json: unknown, receivedAt: Instant): Result<Incoming, WireProblem> {
  try {
    const event = objectOf(json)
    const type = text(event, 'type')
    const decode = Object.hasOwn(decoders, type) ? decoders[type] : undefined
    return ok(decode === undefined ? { kind: 'unknown', type } : decode(event, receivedAt))
  } catch (error) {
    return refused(problemOf(error))
  }
}

const single = (event: EngineEvent): Incoming => ({ kind: 'events', events: [event] })

const decoders: Readonly<Record<string, (event: Json, receivedAt: Instant) => Incoming>> = {
  SUBSCRIBED: (event) => ({ kind: 'subscribed', subscribed: part(event, 'subscribed', decodeSubscribed) }),
  HEARTBEAT: () => ({ kind: 'heartbeat' }),
  ERROR: (event) => {
    const message = part(event, 'error', (error) => text(error, 'message'))
    return { kind: 'error', message, isRemoved: message.includes('Framework has been removed') }
  },
  OFFERS: (event) =>
    decodeOffers<Offer>(event, 'offers', 'offers', decodeOffer, (offers) => ({ kind: 'offers', offers })),
  INVERSE_OFFERS: (event) =>
    decodeOffers<InverseOffer>(event, 'inverse_offers', 'inverse_offers', decodeInverseOffer, (offers) => ({
      kind: 'inverse-offers',
      offers,
    })),
  RESCIND: (event) =>
    single({ kind: 'offer-rescinded', offerId: part(event, 'rescind', (it) => id(it, 'offer_id')) }),
  RESCIND_INVERSE_OFFER: (event) =>
    single({
      kind: 'inverse-offer-rescinded',
      offerId: part(event, 'rescind_inverse_offer', (it) => id(it, 'inverse_offer_id')),
    }),
  UPDATE: (event, receivedAt) =>
    single({
      kind: 'status',
      status: part(event, 'update', (it) => part(it, 'status', (json) => decodeStatus(json, receivedAt))),
    }),
  UPDATE_OPERATION_STATUS: (event) => ({
    kind: 'operation-status',
    status: part(event, 'update_operation_status', (it) => part(it, 'status', decodeOperationStatus)),
  }),
  MESSAGE: (event) =>
    single(
      part(event, 'message', (it) => ({
        kind: 'framework-message',
        agentId: id(it, 'agent_id'),
        executorId: id(it, 'executor_id'),
        data: text(it, 'data'),
      })),
    ),
  FAILURE: (event) => single(part(event, 'failure', decodeFailure)),
}

function decodeSubscribed(json: Json): Subscribed {
  const subscribed: Writable<Subscribed> = { frameworkId: id(json, 'framework_id') }
  const interval = optionalNumber(json, 'heartbeat_interval_seconds')
  if (interval !== undefined) subscribed.heartbeatInterval = seconds(interval)
  const master = optionalPart(json, 'master_info', decodeMaster)
  if (master !== undefined) subscribed.master = master
  return subscribed
}

/** An agent that is lost, or one of its executors that ended. */
function decodeFailure(json: Json): EngineEvent {
  const agentId = id(json, 'agent_id')
  const executorId = optionalId(json, 'executor_id')
  if (executorId === undefined) return { kind: 'agent-lost', agentId }
  const status = optionalNumber(json, 'status')
  const event = { kind: 'executor-lost', agentId, executorId } as const
  return status === undefined ? event : { ...event, status }
}

function decodeOperationStatus(json: Json): OperationStatus {
  const status: Writable<OperationStatus> = { state: text(json, 'state') }
  const operationId = optionalId(json, 'operation_id')
  if (operationId !== undefined) status.operationId = operationId
  const message = optionalText(json, 'message')
  if (message !== undefined) status.message = message
  return status
}

/** One that is broken does not spoil the others. */
function decodeOffers<T>(
  event: Json,
  key: string,
  listKey: string,
  decode: (json: Json) => T,
  eventOf: (offers: readonly T[]) => EngineEvent,
): Incoming {
  const elements = part(event, key, (it) => elementsOf(it, listKey))
  const offers: T[] = []
  const problems: WireProblem[] = []
  const offerIds: OfferId[] = []
  for (let i = 0; i < elements.length; i++) {
    try {
      offers.push(decode(objectOf(elements[i])))
    } catch (error) {
      problems.push(problemOf(error, `${key}.${listKey}[${i}]`))
      const offerId = readableId(elements[i])
      if (offerId !== undefined) offerIds.push(offerId)
    }
  }
  const events = offers.length > 0 || problems.length === 0 ? [eventOf(offers)] : []
  return problems.length === 0
    ? { kind: 'events', events }
    : { kind: 'events', events, flawed: { problems, offerIds } }
}

function readableId(element: unknown): OfferId | undefined {
  try {
    return id(objectOf(element), 'id')
  } catch {
    return undefined
  }
}
