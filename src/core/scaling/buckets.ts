// The instances of one run spec, sorted into sets with names. Every later rule consumes sets, and the same names are
// used in code, logs, API and UI. Each instance is in exactly one.

import { haveAllTasksEnded, isScheduled, isTerminalGoal } from '../instances/condition.ts'
import type { Condition, Instance } from '../instances/instance.ts'

export const bucketNames = [
  /** Waits for an offer, first or again. */
  'scheduled',
  /** Launched, not running yet. */
  'starting',
  'running',
  /** Its task is being ended while the instance is still wanted: it will be launched again in place. */
  'restarting',
  /** Its agent is cut off; still counted. */
  'unreachable',
  /** Cut off for too long: no longer counted, and replaced. */
  'inactive',
  /** Not wanted any more, its task has not ended yet. */
  'ending',
  /** Not wanted, nothing running, kept for what it reserved. */
  'stopped',
] as const
export type BucketName = (typeof bucketNames)[number]

export type Buckets = Readonly<Record<BucketName, readonly Instance[]>>

const bucketOfCondition: Readonly<Record<Condition, BucketName>> = {
  Scheduled: 'scheduled',
  Provisioned: 'starting',
  Staging: 'starting',
  Starting: 'starting',
  Running: 'running',
  Killing: 'restarting',
  Unreachable: 'unreachable',
  UnreachableInactive: 'inactive',
  Finished: 'scheduled',
  Killed: 'scheduled',
  Error: 'scheduled',
  Failed: 'scheduled',
  Gone: 'scheduled',
  Dropped: 'scheduled',
  Unknown: 'scheduled',
}

export function bucketOf(instance: Instance): BucketName {
  if (isTerminalGoal(instance.goal)) return haveAllTasksEnded(instance) ? 'stopped' : 'ending'
  return isScheduled(instance) ? 'scheduled' : bucketOfCondition[instance.condition]
}

/** All instances by bucket, each list in the order given. */
export function sortIntoBuckets(instances: Iterable<Instance>): Buckets {
  const buckets: Record<BucketName, Instance[]> = {
    scheduled: [],
    starting: [],
    running: [],
    restarting: [],
    unreachable: [],
    inactive: [],
    ending: [],
    stopped: [],
  }
  for (const instance of instances) buckets[bucketOf(instance)].push(instance)
  return buckets
}
