// What agents run tasks with. The simulated one reads a task's fate off its command and costs next to nothing; the
// other (process-runner.ts) starts real processes in sandboxes.

import type { WireCommand, WireDisk } from './wire.ts'

export interface Launch {
  /** Unique in the cluster: framework and task. */
  readonly key: string
  readonly taskId: string
  readonly frameworkId: string
  readonly agentId: string
  readonly executorId: string
  readonly containerId: string
  readonly command: WireCommand
  /** Volumes to be found at their container paths. */
  readonly volumes: readonly WireDisk[]
}

export type Exit = { readonly code: number } | { readonly signal: string }

/** Why a task did not start. */
export interface LaunchFailure {
  readonly state: 'TASK_FAILED' | 'TASK_DROPPED'
  readonly reason: string
  readonly message: string
}

export interface RunnerHooks {
  started(): void
  ended(exit: Exit): void
  failed(failure: LaunchFailure): void
}

export interface Runner {
  launch(launch: Launch, hooks: RunnerHooks): void
  /** Ends a task, gently at first. */
  kill(key: string, graceMs: number): void
  /** Runs the command of a check beside the task. @returns its exit code */
  check(key: string, command: WireCommand, timeoutMs: number): Promise<number>
  /** What answers a check over the network; undefined: ask the real one. */
  answersChecks?(key: string): boolean
  /** As when an agent is lost with all its tasks. */
  killAll(agentId: string): void
  close(): Promise<void>
}
