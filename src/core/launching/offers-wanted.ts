// Roles, revive and suppress (runtime 5, 13): on a cluster that is shared, be in the roles there are instances of, ask
// for offers of a role while something of it waits, and for none while nothing does. Asking is limited to one call per
// interval; a change within it is made up for at its end. Each revive is repeated once, two intervals later, if its
// role still waits: what was on its way back while it was sent stays away otherwise. An engine whose offers stay with
// us needs none of this.

import { after, type Duration, type Instant, millis } from '../../lib/instant.ts'
import type { EngineEffect } from '../ready.ts'

export interface RolesAtHand {
  /** Every role we may get offers of: our own, and those of the instances there are. */
  readonly known: ReadonlySet<string>
  /** Those in which something waits for a launch with no delay ahead of it. */
  readonly wanted: ReadonlySet<string>
}

/** In which roles the engine has us, and of which of them it offers nothing. Both sorted. */
export interface SubscribedRoles {
  readonly roles: readonly string[]
  readonly suppressedRoles: readonly string[]
}

interface RoleState {
  /** Gets no offers until it is revived. So does a role that comes into use later than the connection. */
  isSuppressed: boolean
  /** Something new waits that no call was made for. */
  isOwed: boolean
  /** Offers were given back since the last revive: without another, they stay away for the decline duration. */
  hasDeclined: boolean
  /** When the last revive is to be repeated. */
  repeatAt: Instant | undefined
}

export class OffersWanted {
  readonly #interval: Duration
  readonly #repeatAfter: Duration
  readonly #suppresses: boolean
  /** Those the engine has us in. */
  #subscribed: ReadonlySet<string> = new Set()
  readonly #roles = new Map<string, RoleState>()
  #nextCall = 0 as Instant
  #wakeAt: Instant | undefined
  /** Nothing was said since the connection. */
  #isNew = true

  constructor(options: { readonly interval: Duration; readonly suppresses: boolean }) {
    this.#interval = options.interval
    this.#repeatAfter = millis(2 * options.interval)
    this.#suppresses = options.suppresses
  }

  /** As whom we register for the first time. */
  register({ known, wanted }: RolesAtHand): void {
    const suppressedRoles = this.#suppresses ? [...known].filter((role) => !wanted.has(role)) : []
    this.reset({ roles: [...known], suppressedRoles })
  }

  /** What the engine knows of our roles: what it is to subscribe with. */
  get told(): SubscribedRoles {
    const roles = [...this.#subscribed].sort()
    return { roles, suppressedRoles: roles.filter((role) => this.#roles.get(role)?.isSuppressed ?? false) }
  }

  /**
   * A new connection, made with these roles; without a word about them, with those told last, all of which get offers.
   * Whatever was declined before is offered again.
   */
  reset(
    { roles, suppressedRoles }: SubscribedRoles = { roles: [...this.#subscribed], suppressedRoles: [] },
  ): void {
    this.#subscribed = new Set(roles)
    this.#roles.clear()
    for (const role of roles) this.#stateOf(role).isSuppressed = suppressedRoles.includes(role)
    this.#wakeAt = undefined
    this.#isNew = true
  }

  /** An offer of this role went back; one without a role was everybody's. */
  declined(role: string | undefined): void {
    if (role !== undefined) this.#stateOf(role).hasDeclined = true
    else for (const state of this.#roles.values()) state.hasDeclined = true
  }

  /** Something of this role newly waits, or may be placed now where it could not before. */
  want(role: string): void {
    this.#stateOf(role).isOwed = true
  }

  /** What to tell the engine now: its roles before what is asked for in them. */
  decide({ known, wanted }: RolesAtHand, now: Instant): EngineEffect[] {
    for (const role of known) {
      const state = this.#stateOf(role)
      // A connection asks for everything by itself: that is repeated, too.
      if (this.#isNew && wanted.has(role)) state.repeatAt = after(now, this.#repeatAfter)
    }
    this.#isNew = false
    const suppressed: string[] = []
    const revived: string[] = []
    let wakeAt: Instant | undefined
    for (const [role, state] of this.#roles) {
      if (wanted.has(role)) {
        const reviveAt = dueRevive(state, now)
        if (reviveAt === undefined) continue
        if (reviveAt <= now) revived.push(role)
        else if (wakeAt === undefined || reviveAt < wakeAt) wakeAt = reviveAt
      } else if (known.has(role)) {
        state.isOwed = false
        state.repeatAt = undefined
        if (this.#suppresses && !state.isSuppressed) suppressed.push(role)
      } else if (!this.#subscribed.has(role)) {
        this.#roles.delete(role)
      }
    }
    const isChanged = !isSame(known, this.#subscribed)
    const isCallDue = isChanged || suppressed.length + revived.length > 0
    this.#wakeAt = isCallDue && now < this.#nextCall ? this.#nextCall : wakeAt
    if (!isCallDue || now < this.#nextCall) return []
    this.#nextCall = after(now, this.#interval)
    const effects: EngineEffect[] = []
    for (const role of suppressed) this.#stateOf(role).isSuppressed = true
    if (!isChanged && suppressed.length > 0) effects.push({ kind: 'suppress', roles: suppressed })
    for (const role of revived) this.#revive(this.#stateOf(role), now)
    if (isChanged) effects.push(this.#subscribeTo(known))
    // Also of a role that is new, and offered by itself: asked for, its offers come at once.
    if (revived.length > 0) effects.push({ kind: 'revive', roles: revived })
    return effects
  }

  /** When to decide again: a call was held back, or one is to be repeated. */
  get wakeAt(): Instant | undefined {
    return this.#wakeAt
  }

  #subscribeTo(known: ReadonlySet<string>): EngineEffect {
    this.#subscribed = new Set(known)
    for (const [role, state] of this.#roles) {
      if (!known.has(role)) this.#roles.delete(role)
      else if (!this.#suppresses) state.isSuppressed = false
    }
    return { kind: 'update-framework', ...this.told }
  }

  /** Something new to ask for has a repeat of its own; a repeat has none. */
  #revive(state: RoleState, now: Instant): void {
    const isRepeat = !isNewlyNeeded(state)
    state.isSuppressed = false
    state.isOwed = false
    state.hasDeclined = false
    state.repeatAt = isRepeat ? undefined : after(now, this.#repeatAfter)
    if (state.repeatAt === undefined) return
    if (this.#wakeAt === undefined || state.repeatAt < this.#wakeAt) this.#wakeAt = state.repeatAt
  }

  #stateOf(role: string): RoleState {
    let state = this.#roles.get(role)
    if (state === undefined) {
      state = { isSuppressed: true, isOwed: false, hasDeclined: false, repeatAt: undefined }
      this.#roles.set(role, state)
    }
    return state
  }
}

/** What is neither suppressed nor was declined comes without being asked for. */
const isNewlyNeeded = (state: RoleState): boolean => state.isSuppressed || (state.isOwed && state.hasDeclined)

/** When a role that is wanted is to be revived. What was asked for and is not needed is forgotten. */
function dueRevive(state: RoleState, now: Instant): Instant | undefined {
  if (isNewlyNeeded(state)) return now
  state.isOwed = false
  return state.repeatAt
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((role) => b.has(role))
