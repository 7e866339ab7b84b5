// What to do about a launch, from what is on disk and in /proc: the fence, the adoption, the verdict. Pure; asked at
// start for every launch found, and by the sweep for every launch that should have moved on.

import type { Claim, ExitRecord } from './records.ts'

/** What is known about a launch at one moment. */
export interface LaunchFacts {
  /** A terminal status was already decided and is waiting to be acknowledged. */
  readonly hasVerdict: boolean
  readonly record: ExitRecord | undefined
  /** Undefined: nobody has claimed the launch. */
  readonly claim: Claim | undefined
  /** The machine was restarted since the claim was made. */
  readonly isOtherBoot: boolean
  readonly isTaskAlive: boolean
  /** The supervisor, or the one that adopted the task in its place. */
  readonly isSupervisorAlive: boolean
  /** A child that has announced itself and not (yet) claimed is alive. */
  readonly isCandidateAlive: boolean
}

export type LaunchDecision =
  | { readonly kind: 'keep-verdict' }
  | { readonly kind: 'ended'; readonly record: ExitRecord }
  /** Nobody has claimed it: take the claim, so that nobody ever can. If that fails, ask again. */
  | { readonly kind: 'fence' }
  /** Fenced before, or claimed by a child that died before it could say so. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'running' }
  /** Its supervisor is gone: give it a new one, which stands by it, or clears up after it and leaves the record. */
  | { readonly kind: 'adopt' }
  | { readonly kind: 'gone-with-boot' }
  /** A process is between two steps; ask again soon. */
  | { readonly kind: 'wait' }

export function decideLaunch(facts: LaunchFacts): LaunchDecision {
  if (facts.hasVerdict) return { kind: 'keep-verdict' }
  if (facts.record) return { kind: 'ended', record: facts.record }
  if (facts.claim === undefined) return { kind: 'fence' }
  switch (facts.claim.kind) {
    case 'fenced':
      return { kind: 'dropped' }
    case 'empty':
      return facts.isCandidateAlive ? { kind: 'wait' } : { kind: 'dropped' }
    case 'child':
      if (facts.isOtherBoot) return { kind: 'gone-with-boot' }
      if (facts.isSupervisorAlive) return facts.isTaskAlive ? { kind: 'running' } : { kind: 'wait' }
      return { kind: 'adopt' }
  }
}
