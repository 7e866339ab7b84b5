// What the current step of a deployment does next: all its actions at the same time, each from the instances that
// exist now. Nothing is remembered between two decisions, so a new leader goes on where the last one stopped, and a
// decision taken twice wants nothing new. Starting and ending instances is the launch queue's and the engine's part.

import { assert, unreachable } from '../../lib/assert.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Action as CoreAction, Decision } from '../actions.ts'
import type { GoodVersion } from '../good-versions.ts'
import { haveAllTasksEnded } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import type { WaitingOn } from '../reasons.ts'
import { decideScale, surplusActions, waitingForEnd, waitingForNextSlice } from '../scaling/decide-scale.ts'
import type { Tally } from '../scaling/tally.ts'
import type { View } from '../view.ts'
import { currentActions } from './advance.ts'
import { type Canary, canaryStepsOf, instancesAt, pauseEndsAt, promoted, reached } from './canary.ts'
import { type Action, canaryOf, changeOf, type Deployment, workOf } from './deployment.ts'
import { needsReadiness, waitingForHealth } from './launch-waiting.ts'
import type { Progress } from './progress.ts'
import { decideReplace, type ReplaceDecision } from './replace.ts'
import { type ReplaceSets, RunningReplaceSets } from './replace-sets.ts'

export interface StepDecision extends Decision {
  /** Every action that was decided has reached its end. */
  readonly isDone: boolean
  /** Those that have not, by run spec, and what each waits for. */
  readonly unfinished: ReadonlyMap<PathId, readonly WaitingOn[]>
  /** How far each action that brings instances up has come, but for those that pause. */
  readonly progress: ReadonlyMap<PathId, Progress>
  /** Trials that are further than the deployment's record says. */
  readonly canaries: readonly Canary[]
}

/** What a step reads of the state. */
export type StepView = Pick<View, 'now' | 'runSpecVersion' | 'instancesOf'> & {
  tallyOf(id: PathId): Tally
  /** Kept from one decision to the next, where that is done; `build` makes them. */
  replaceSetsOf?(runSpec: RunSpec, build: () => RunningReplaceSets): ReplaceSets
  /** Absent: not known. */
  readonly goodVersions?: Pick<ReadonlyMap<PathId, GoodVersion>, 'get'>
  /** Paths of the artifact store that are not there yet. */
  readonly missingArtifacts: { get(id: PathId): ReadonlySet<string> | undefined }
}

/**
 * Decides the actions of the current step, or only those of some run specs: no action looks at another's. At most
 * limits.instancesPerDecision instances are created or stopped; what is left is reported as `next-slice`.
 */
export function decideStep(
  deployment: Deployment,
  view: StepView,
  only: { has(id: PathId): boolean } = everyone,
  guard: Guard = unguarded,
): StepDecision {
  const actions: CoreAction[] = []
  const unfinished = new Map<PathId, readonly WaitingOn[]>()
  const progress = new Map<PathId, Progress>()
  const canaries: Canary[] = []
  let most: number = limits.instancesPerDecision
  for (const action of currentActions(deployment)) {
    if (!only.has(action.runSpecId)) continue
    const decision = guard(action.runSpecId, () => decideAction(action, { deployment, view, most }))
    if (decision === undefined) {
      unfinished.set(action.runSpecId, [{ kind: 'quarantine', runSpecId: action.runSpecId }])
      continue
    }
    for (const each of decision.actions) actions.push(each)
    if (!decision.isDone) unfinished.set(action.runSpecId, decision.waitingOn)
    if (decision.progress !== undefined) progress.set(action.runSpecId, decision.progress)
    if (decision.canary !== undefined) canaries.push(decision.canary)
    most -= decision.spent
  }
  return {
    actions,
    waitingOn: [...unfinished.values()].flat(),
    isDone: unfinished.size === 0,
    unfinished,
    progress,
    canaries,
  }
}

const everyone = { has: () => true }

/** Runs the decision about one run spec. Undefined: it threw, and nothing is done about that one. */
export type Guard = <T>(id: PathId, decide: () => T) => T | undefined

const unguarded: Guard = (_, decide) => decide()

interface ActionContext {
  readonly deployment: Deployment
  readonly view: StepView
  readonly most: number
}

interface ActionDecision extends Decision {
  readonly isDone: boolean
  readonly spent: number
  /** Absent: it brings nothing up, or pauses. */
  readonly progress?: Progress
  /** The trial as it is now, when it has come further. */
  readonly canary?: Canary
}

const nothingToDo: ActionDecision = { actions: [], waitingOn: [], isDone: true, spent: 0 }

function decideAction(action: Action, context: ActionContext): ActionDecision {
  const work = workOf(action)
  switch (work) {
    case 'resolve':
      return decideResolve(action.runSpecId, context)
    case 'start':
      return nothingToDo
    case 'stop':
      return decideStop(action.runSpecId, context)
    case 'scale':
      return decideScaleAction(action.runSpecId, context)
    case 'restart':
      return decideRestart(action.runSpecId, context)
    default:
      return unreachable(work)
  }
}

/** Nothing is started before all of it is there. */
function decideResolve(id: PathId, { view }: ActionContext): ActionDecision {
  const count = view.missingArtifacts.get(id)?.size ?? 0
  if (count === 0) return nothingToDo
  return { ...nothingToDo, waitingOn: [{ kind: 'artifacts', runSpecId: id, count }], isDone: false }
}

/** What holds data is stopped until the deployment is done: taken back before, the removal finds it (orphans.ts). */
function decideStop(id: PathId, { view, most }: ActionContext): ActionDecision {
  const { all, decommissioned, stopped, ending } = view.tallyOf(id)
  const remaining = all - decommissioned - stopped
  const chosen = remaining === 0 ? [] : stillWanted(view.instancesOf(id), most)
  return {
    actions: surplusActions(chosen, 'app-removed'),
    waitingOn: [
      ...waitingForEnd(id, ending + chosen.filter((instance) => !haveAllTasksEnded(instance)).length),
      ...waitingForNextSlice(id, remaining - chosen.length),
    ],
    isDone: remaining === 0 && ending === 0,
    spent: chosen.length,
  }
}

/** The first of those nobody has told to end. */
function stillWanted(instances: readonly Instance[], most: number): readonly Instance[] {
  const found: Instance[] = []
  for (const instance of instances) {
    if (found.length >= most) break
    if (instance.goal === 'Running') found.push(instance)
  }
  return found
}

/**
 * Waits for the instances this deployment starts, those of its version, and not for the ones that were there before:
 * where nothing is missing it is done at once, whatever their state (runtime 11).
 */
function decideScaleAction(id: PathId, context: ActionContext): ActionDecision {
  const { view, most } = context
  const runSpec = targetOf(id, context)
  const tally = view.tallyOf(id)
  const scale = decideScale({ runSpec, tally, instances: () => view.instancesOf(id), most })
  const scheduled = scale.actions.reduce((sum, each) => sum + (each.kind === 'schedule' ? each.count : 0), 0)
  const own = tally.ofVersion(runSpec.version)
  const up = needsReadiness(runSpec) ? own.ready : own.healthy
  return {
    actions: scale.actions,
    waitingOn: [
      ...scale.waitingOn,
      ...waitingForHealth(id, {
        scheduled: own.scheduled + scheduled,
        launched: own.counted - own.scheduled - own.running,
        unhealthy: own.running - own.healthy,
        unready: own.healthy - up,
      }),
    ],
    isDone: scale.isSettled && own.counted === up,
    spent: scale.spent,
    progress: { up, left: tally.counted - own.counted + tally.ending },
  }
}

function decideRestart(id: PathId, context: ActionContext): ActionDecision {
  const { deployment, view, most } = context
  const runSpec = targetOf(id, context)
  const canary = canaryOf(deployment, id)
  const canaries = canary === undefined ? undefined : instancesAt(runSpec, canary.step)
  const build = (): RunningReplaceSets =>
    new RunningReplaceSets(
      runSpec.version,
      { isNew: hasConfigurationOf(runSpec, view), mustBeReady: needsReadiness(runSpec) },
      view.instancesOf(id),
    )
  const former = canaries === undefined ? undefined : formerOf(runSpec, context)
  const decision = decideReplace({
    runSpec,
    sets: view.replaceSetsOf?.(runSpec, build) ?? build(),
    most,
    ...(canaries === undefined ? {} : { canaries, isHeld: canary?.reachedAt !== undefined }),
    ...(former === undefined ? {} : { former, isStray: isOutside(former, view) }),
  })
  if (canary === undefined || canaries === undefined) return decision
  return tried(runSpec, canary, decision, context)
}

/**
 * What a trial is compared with: the last good definition, or the one before; else what some of its instances are.
 * Undefined where nothing ran of it: that would be a first start.
 */
function formerOf({ id, versionInfo }: RunSpec, { deployment, view }: ActionContext): RunSpec | undefined {
  const good = view.goodVersions?.get(id)
  const from = changeOf(deployment, id)?.from
  for (const version of [good, from, ...view.tallyOf(id).versions()]) {
    const former = version === undefined ? undefined : view.runSpecVersion(id, version)
    if (former === undefined || former.instances === 0) continue
    if (former.versionInfo.lastConfigChangeAt !== versionInfo.lastConfigChangeAt) return former
  }
  return undefined
}

/** A trial: reached, it pauses; its pause over, it goes on, unless something of it is not up just then. */
function tried(
  runSpec: RunSpec,
  canary: Canary,
  decision: ReplaceDecision,
  { deployment, view }: ActionContext,
): ActionDecision {
  const { isReached } = decision
  if (canary.reachedAt === undefined) {
    return isReached ? { ...decision, canary: reached(canary, view.now) } : decision
  }
  const until = pauseEndsAt(runSpec, canary)
  const isOver = until !== undefined && until <= view.now
  const { progress: _standsStill, ...held } = decision
  return {
    ...held,
    ...(isOver && isReached && { canary: promoted(canary) }),
    waitingOn: [
      {
        kind: 'promotion',
        runSpecId: runSpec.id,
        deploymentId: deployment.id,
        step: canary.step + 1,
        steps: canaryStepsOf(runSpec).length,
        instances: instancesAt(runSpec, canary.step)!,
        ...(until === undefined ? {} : { until }),
      },
      ...decision.waitingOn.filter(({ kind }) => kind !== 'capacity'),
    ],
  }
}

/**
 * Instances keep the version they were launched with when only the number of instances changes, so versions that share
 * their last config change are one configuration. A version no longer kept counts as another one.
 */
function hasConfigurationOf(runSpec: RunSpec, view: StepView): (instance: Instance) => boolean {
  const known = new Map<string, boolean>([[runSpec.version, true]])
  return ({ runSpecVersion: version }) => {
    if (version === runSpec.version) return true
    let isSame = known.get(version)
    if (isSame === undefined) {
      const configuredAt = view.runSpecVersion(runSpec.id, version)?.versionInfo.lastConfigChangeAt
      isSame = configuredAt === runSpec.versionInfo.lastConfigChangeAt
      known.set(version, isSame)
    }
    return isSame
  }
}

function isOutside(runSpec: RunSpec, view: StepView): (instance: Instance) => boolean {
  const isWithin = hasConfigurationOf(runSpec, view)
  return (instance) => !isWithin(instance)
}

function targetOf(id: PathId, { deployment, view }: ActionContext): RunSpec {
  const version = changeOf(deployment, id)?.to
  assert(
    version !== undefined,
    `deployment ${deployment.id} acts on ${id}, which it does not lead to a version`,
  )
  const runSpec = view.runSpecVersion(id, version)
  assert(
    runSpec !== undefined,
    `deployment ${deployment.id} leads ${id} to version ${version}, which is not kept`,
  )
  return runSpec
}
