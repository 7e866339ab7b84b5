// The circuit breaker of health checks: when most instances of many apps turn bad together, the fault is more likely on
// the way to them than in each of them, and killing what works would make it worse (decisions/0022). Then unhealthy
// instances are let live, until most of them answer again.

import { after, type Duration, type Instant, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { InstanceId } from '../instances/instance.ts'

export interface Outage {
  /** Instances that turned bad, of those that count. */
  readonly failing: number
  readonly counted: number
  /** Apps of which at least half is bad. */
  readonly apps: number
}

/** What became of the breaker by what it was told, and how things stand then. */
export type BreakerTurn = { readonly kind: 'suspended' | 'resumed'; readonly outage: Outage } | undefined

interface AppStanding {
  well: number
  fallen: number
}

/** Who is told that an instance is well tells of its end, too: by `fell`, or by `gone`. */
export class HealthBreaker {
  readonly #apps = new Map<PathId, AppStanding>()
  /** Turned bad lately, or since kills are suspended: until when that is lately. */
  readonly #fallen = new Map<InstanceId, { readonly appId: PathId; readonly until: Instant }>()
  /** No one is forgotten before. */
  #nextForgotten = 0 as Instant
  #well = 0
  /** Apps of which at least half has fallen. */
  #appsDown = 0
  #suspendedAt: Instant | undefined

  /** Since when unhealthy instances are let live. */
  get suspendedAt(): Instant | undefined {
    return this.#suspendedAt
  }

  /** Instances count that are well, and that were so until lately. */
  get outage(): Outage {
    return { failing: this.#fallen.size, counted: this.#counted, apps: this.#appsDown }
  }

  get #counted(): number {
    return this.#well + this.#fallen.size
  }

  /** All checks that Marathon runs of this instance have found it alive. */
  isWell(id: InstanceId, appId: PathId): BreakerTurn {
    const hadFallen = this.#fallen.delete(id)
    this.#count(appId, 1, hadFallen ? -1 : 0)
    return this.#resume()
  }

  /** One that was well is not so any more. It is asked at such an interval: the others may need as long to be asked. */
  fell(id: InstanceId, appId: PathId, now: Instant, interval: Duration = millis(0)): BreakerTurn {
    this.#forgetOlder(now)
    const lately = Math.max(limits.healthBreakerWindowMs, limits.healthBreakerIntervals * interval)
    const until = after(now, millis(lately))
    this.#fallen.set(id, { appId, until })
    if (until < this.#nextForgotten) this.#nextForgotten = until
    this.#count(appId, -1, 1)
    if (this.#suspendedAt !== undefined || !this.#isMost()) return undefined
    this.#suspendedAt = now
    return { kind: 'suspended', outage: this.outage }
  }

  /** It is asked no more. */
  gone(id: InstanceId, appId: PathId, wasWell: boolean): BreakerTurn {
    if (wasWell) this.#count(appId, -1, 0)
    else if (this.#fallen.delete(id)) this.#count(appId, 0, -1)
    return this.#resume()
  }

  /** Kills were suspended when the process before this one ended; these are bad now. */
  restore(suspendedAt: Instant, fallen: Iterable<readonly [InstanceId, PathId]>): BreakerTurn {
    for (const [id, appId] of fallen) {
      this.#fallen.set(id, { appId, until: suspendedAt })
      this.#count(appId, 0, 1)
    }
    this.#suspendedAt = suspendedAt
    return this.#resume()
  }

  #isMost(): boolean {
    const share = limits.healthBreakerShare
    return (
      this.#appsDown >= Math.max(limits.healthBreakerApps, this.#apps.size * share) &&
      this.#fallen.size >= this.#counted * share
    )
  }

  #resume(): BreakerTurn {
    if (this.#suspendedAt === undefined) return undefined
    if (this.#fallen.size > this.#counted * limits.healthBreakerEndShare) return undefined
    const { outage } = this
    this.#suspendedAt = undefined
    // What is bad still is so for reasons of its own.
    for (const [id, { appId }] of this.#fallen) this.#forget(id, appId)
    return { kind: 'resumed', outage }
  }

  #forgetOlder(now: Instant): void {
    if (this.#suspendedAt !== undefined || now <= this.#nextForgotten) return
    // Not at each of thousands that turn bad one after the other.
    let next = after(now, millis(limits.healthBreakerWindowMs))
    const soonest = after(now, forgettingPause)
    for (const [id, { appId, until }] of this.#fallen) {
      if (until < now) this.#forget(id, appId)
      else if (until < next) next = until
    }
    this.#nextForgotten = next < soonest ? soonest : next
  }

  #forget(id: InstanceId, appId: PathId): void {
    this.#fallen.delete(id)
    this.#count(appId, 0, -1)
  }

  #count(appId: PathId, well: number, fallen: number): void {
    let app = this.#apps.get(appId)
    if (app === undefined) {
      app = { well: 0, fallen: 0 }
      this.#apps.set(appId, app)
    }
    const wasDown = isDown(app)
    app.well += well
    app.fallen += fallen
    this.#well += well
    this.#appsDown += Number(isDown(app)) - Number(wasDown)
    if (app.well + app.fallen === 0) this.#apps.delete(appId)
  }
}

const forgettingPause = millis(1_000)

const isDown = ({ well, fallen }: AppStanding): boolean =>
  fallen > 0 && fallen >= (well + fallen) * limits.healthBreakerShare
