// How many instances a run spec has and how many it shall have: what goes when there are too many, what is scheduled
// when there are too few (runtime 7, 11). The plain scale check and the ScaleApplication action of a deployment share
// it. Computed from the instances that exist now, so a decision taken twice wants nothing new.

import type { PathId } from '../../lib/path-id.ts'
import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Action, Decision } from '../actions.ts'
import { haveAllTasksEnded } from '../instances/condition.ts'
import type { Goal, Instance, InstanceId, KillCause } from '../instances/instance.ts'
import { goalOfSurplus } from '../instances/resident.ts'
import { selectByGroupBy } from './group-by-kill.ts'
import { type KillAnswer, killOrder, selectToKill } from './kill-order.ts'
import { isEnding, type Tally } from './tally.ts'

export interface ScaleInput {
  readonly runSpec: RunSpec
  readonly tally: Tally
  /** All of the run spec, of every version, goal and condition. Asked for only when one has to be chosen. */
  readonly instances: () => readonly Instance[]
  /** How many shall be; the run spec's own number unless a step says otherwise. */
  readonly target?: number
  /** Instances a user named: they go first, and all of them go, even when fewer would do (worked-examples 5). */
  readonly selected?: ReadonlySet<InstanceId>
  /** Most instances this decision may create or stop (limits.instancesPerDecision); the rest waits. */
  readonly most: number
}

export interface ScaleDecision extends Decision {
  /** Exactly as many as wanted count, and none is still ending. */
  readonly isSettled: boolean
  /** Instances created or stopped, to be taken from what else the same decision may do. */
  readonly spent: number
}

/**
 * Instances that failed and wait for their relaunch count: the launch queue starts them again in place. Instances that
 * are UnreachableInactive do not, so they are replaced; should they come back, they are surplus then. Missing ones do
 * not wait until others have ended, unless those leave a volume to use again.
 */
export function decideScale(input: ScaleInput): ScaleDecision {
  const { runSpec, tally, most, target = runSpec.instances } = input
  const { toKill: stopped, killCount, toStart } = change(input, target)
  const missing = Math.max(0, toStart - reusableOf(input))

  const started = Math.min(missing, most - stopped.length)
  const rest = killCount - stopped.length + missing - started
  return {
    actions: [...surplusActions(stopped, 'scale-down'), ...scheduleAction(runSpec, started)],
    waitingOn: [
      ...waitingForEnd(
        runSpec.id,
        tally.ending + stopped.filter((instance) => !haveAllTasksEnded(instance)).length,
      ),
      ...waitingForNextSlice(runSpec.id, rest),
    ],
    isSettled: killCount === 0 && toStart === 0 && tally.ending === 0,
    spent: stopped.length + started,
  }
}

function change({ runSpec, tally, instances, selected, most }: ScaleInput, target: number): KillAnswer {
  if (tally.counted <= target && selected === undefined)
    return { toKill: [], killCount: 0, toStart: target - tally.counted }
  return selectToKill({
    instances: instances(),
    target,
    killSelection: runSpec.killSelection,
    most,
    ...(runSpec.constraints.length > 0 && {
      selectByConstraints: (candidates, count) =>
        selectByGroupBy(killOrder(candidates, runSpec.killSelection), count, runSpec),
    }),
    ...(selected !== undefined && { selected }),
  })
}

/** Ending instances whose volumes the next launches will use. */
const reusableOf = ({ runSpec, instances }: ScaleInput): number =>
  isResident(runSpec)
    ? instances().filter((instance) => isEnding(instance) && instance.goal === 'Stopped').length
    : 0

export const stopActions = (
  instances: readonly Instance[],
  goal: Goal,
  cause: KillCause,
): readonly Action[] =>
  instances.map((instance) => ({ kind: 'set-goal', instanceId: instance.id, goal, cause }))

/** As many as there are too many: those with volumes stay for the next launch (runtime 12). */
export const surplusActions = (instances: readonly Instance[], cause: KillCause): readonly Action[] =>
  instances.map((instance) => ({
    kind: 'set-goal',
    instanceId: instance.id,
    goal: goalOfSurplus(instance),
    cause,
  }))

/** Instances to start: stopped ones are taken up again before new ones are made (runtime 4). */
export const scheduleAction = (runSpec: RunSpec, count: number): readonly Action[] =>
  count > 0 ? [{ kind: 'schedule', runSpec, count }] : []

export const waitingForEnd = (runSpecId: PathId, count: number): Decision['waitingOn'] =>
  count > 0 ? [{ kind: 'ending', runSpecId, count }] : []

export const waitingForNextSlice = (runSpecId: PathId, count: number): Decision['waitingOn'] =>
  count > 0 ? [{ kind: 'next-slice', runSpecId, count }] : []
