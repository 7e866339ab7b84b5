// What decisions return and apply.ts carries out. Decisions are pure: they read a view and return actions and reasons.

import type { App } from '../spec/app.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import type { AgentInfo, Goal, Instance, InstanceId, KillCause } from './instances/instance.ts'
import type { OfferId, TaskInfo } from './mesos.ts'
import type { WaitingOn } from './reasons.ts'

export type Action =
  /** Create `count` Scheduled instances of this version. */
  | { readonly kind: 'schedule'; readonly runSpec: RunSpec; readonly count: number }
  /** A terminal goal kills what runs and expunges what never ran. */
  | {
      readonly kind: 'set-goal'
      readonly instanceId: InstanceId
      readonly goal: Goal
      readonly cause: KillCause
    }
  /** End the tasks, keep the goal: the instance is relaunched in place. */
  | { readonly kind: 'kill'; readonly instanceId: InstanceId; readonly cause: KillCause }
  | { readonly kind: 'expunge'; readonly instanceId: InstanceId }

/** What a decision wants, and why it does not want more. */
export interface Decision {
  readonly actions: readonly Action[]
  readonly waitingOn: readonly WaitingOn[]
}

/** The launch of one instance on one offer: the outcome of matching. */
export interface Launch {
  readonly instance: Instance
  readonly runSpec: App
  readonly offerId: OfferId
  readonly agent: AgentInfo
  readonly task: TaskInfo
  readonly hostPorts: readonly number[]
}
