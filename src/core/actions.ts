// What decisions return and apply.ts carries out. Decisions are pure: they read a view and return actions and reasons.

import type { RunSpec } from '../spec/run-spec.ts'
import type { AgentInfo, Goal, Instance, InstanceId, KillCause } from './instances/instance.ts'
import type { ExecutorInfo, TaskInfo } from './mesos.ts'
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
  readonly runSpec: RunSpec
  readonly agent: AgentInfo
  /** One for an app, one per container for a pod. */
  readonly tasks: readonly LaunchedTask[]
  /** Pods only: what their tasks run in. */
  readonly executor?: ExecutorInfo
}

export interface LaunchedTask {
  readonly info: TaskInfo
  /** Container name; `_app` for apps. */
  readonly name: string
  /** The assigned host ports in the order of the definitions; those without one leave no gap. */
  readonly hostPorts: readonly number[]
}
