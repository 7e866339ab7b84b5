// The only mutator. Every change of an instance passes through here, and what follows from one (the record to write,
// the notices, the delay, the queue of kills, what must be decided again) follows in one place. Nothing here decides:
// it carries out what decisions and transitions return.

import { assert, unreachable } from '../lib/assert.ts'
import { seconds } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import { isPod, type RunSpec } from '../spec/run-spec.ts'
import type { Action, Launch } from './actions.ts'
import type { Core } from './core.ts'
import { changeOf } from './deployments/deployment.ts'
import { forgetHealth, watchHealth } from './health-watch.ts'
import { parseTaskId } from './ids.ts'
import { haveAllTasksEnded, isScheduled, isTerminalForWaiting } from './instances/condition.ts'
import { withoutKill } from './instances/from-tasks.ts'
import { changeGoal, type InstanceUpdate } from './instances/goal.ts'
import type { Instance, InstanceId } from './instances/instance.ts'
import { dueKill, requestKill } from './instances/kill.ts'
import { provision, schedule } from './instances/launch.ts'
import { reuse } from './instances/resident.ts'
import { expungedByForce, nextUnreachableDeadline } from './instances/unreachable.ts'
import { delayEffect, launchFailureOf } from './launching/backoff.ts'
import { waitingRoles } from './launching/waiting-roles.ts'
import type { OfferId, Operation, TaskId, TaskInfo, TaskStatus } from './mesos.ts'
import { instanceChanged, instanceHealthChanged } from './notices/instance.ts'
import { statusUpdate } from './notices/status.ts'
import { type Counts, holdsPlace, isPlaced } from './placement/constraint-index.ts'
import { readinessChanged } from './readiness-watch.ts'
import type { TaskFailure } from './records.ts'
import { reservationChanged } from './reservations/changed.ts'
import { isOnReservation, type Reserving, reserved } from './reservations/reserve.ts'
import { leaveBehind } from './reservations/roles-left-behind.ts'

export function applyAction(core: Core, action: Action): void {
  if (action.kind === 'schedule') {
    scheduleInstances(core, action.runSpec, action.count)
    return
  }
  const instance = core.state.instance(action.instanceId)
  if (instance === undefined) return
  const { now } = core.state
  switch (action.kind) {
    case 'set-goal':
      applyUpdate(core, instance, changeGoal(instance, action.goal, action.cause, now))
      return
    case 'kill':
      applyUpdate(core, instance, requestKill(instance, action.cause, now))
      return
    case 'expunge':
      leaveBehind(core, instance)
      removeInstance(core, instance, expungedByForce(instance, now))
      return
    default:
      unreachable(action)
  }
}

/** Those that are stopped and hold volumes are taken up again first, then new ones are made (runtime 4). */
function scheduleInstances(core: Core, runSpec: RunSpec, count: number): void {
  const { now } = core.state
  const reused = core.state.reusableOf(runSpec.id, count)
  for (const instance of reused) changeInstance(core, instance, reuse(instance, runSpec, now))
  for (let i = reused.length; i < count; i++) {
    changeInstance(core, undefined, schedule(runSpec, core.ids.instanceId(runSpec.id, now), now))
  }
}

function applyUpdate(core: Core, before: Instance, update: InstanceUpdate): void {
  if (update.kind === 'expunged') removeInstance(core, before, update.instance)
  else if (update.kind === 'updated' && update.instance !== before)
    changeInstance(core, before, update.instance)
}

/**
 * Puts a new record in the place of an old one (or of none), with everything that follows from the difference.
 * `status`: what caused the change, if the engine did; it is told first. `shown`: as events show it, when that is not
 * what it becomes.
 */
export function changeInstance(
  core: Core,
  before: Instance | undefined,
  changed: Instance,
  status?: TaskStatus,
  shown?: Instance,
): void {
  const { state, batch } = core
  const next = changed.kill !== undefined && haveAllTasksEnded(changed) ? withoutKill(changed) : changed
  state.putInstance(next)
  batch.put('instance', next.id, next)
  notify(core, before, shown ?? next, status)
  updateDelay(core, before, next, status)
  if (next.condition === 'Running' && next.healthy !== false && isNews(before, next)) core.tokens.giveBack()
  if (next.kill === undefined || isTerminalForWaiting(next)) core.kills.done(next.id)
  else core.kills.enqueue(next.id)
  watchUnreachable(core, next)
  reservationChanged(core, before, next)
  markPlacement(core, before, next)
  watchHealth(core, before, next)
  readinessChanged(core, before, next)
  forgetStatistics(core, next.runSpecId)
  core.dirty.mark(next.runSpecId)
}

/** Takes an instance out. `last` is how it is shown a last time. */
export function removeInstance(core: Core, before: Instance, last: Instance, status?: TaskStatus): void {
  core.state.removeInstance(before)
  core.batch.delete('instance', before.id)
  notify(core, before, last, status)
  // What an expunged instance was before counts as unknown, so its last condition is news (runtime 4).
  updateDelay(core, undefined, last, status)
  core.kills.done(before.id)
  forgetHealth(core, before)
  readinessChanged(core, before, undefined)
  reservationChanged(core, before, undefined)
  markPlacement(core, before, undefined)
  forgetStatistics(core, before.runSpecId)
  core.dirty.mark(before.runSpecId)
}

/** Status, instance, health: listeners rely on this order (events-metrics-flags 1.1). */
function notify(
  core: Core,
  before: Instance | undefined,
  next: Instance,
  status: TaskStatus | undefined,
): void {
  const { batch, state } = core
  if (status !== undefined) batch.notice(statusUpdate(next, status, state.now))
  if (isNews(before, next)) batch.notice(instanceChanged(next, state.now))
  if (before === undefined || before.healthy === next.healthy) return
  const isGone = state.instance(next.id) === undefined
  if (!isGone || next.healthy !== undefined) batch.notice(instanceHealthChanged(next, state.now))
}

/** A new condition or goal: what an instance_changed_event tells. */
const isNews = (before: Instance | undefined, next: Instance): boolean =>
  before?.condition !== next.condition || before.goal !== next.goal

function updateDelay(
  core: Core,
  before: Instance | undefined,
  next: Instance,
  status: TaskStatus | undefined,
): void {
  const effect = delayEffect(before, next)
  if (effect === 'none') return
  const runSpec = core.state.runSpecVersion(next.runSpecId, next.runSpecVersion)
  if (runSpec === undefined) return
  if (effect === 'reset') resetDelay(core, runSpec)
  else {
    const { now } = core.state
    const failure = effect === 'increase' ? launchFailureOf(next, status, now) : undefined
    core.delays.apply(effect, runSpec, now, failure)
  }
}

/** Launches of this configuration wait no longer. */
export function resetDelay(core: Core, runSpec: RunSpec): void {
  core.delays.reset(runSpec)
  placeAgain(core, runSpec.id)
}

/** Every offer is a new one to what waits of this run spec: something that kept it waiting is over. */
export function placeAgain({ state, delayed, dirty, offersWanted }: Core, id: PathId): void {
  delayed.delete(id)
  if (!state.waiting.has(id)) return
  dirty.placement.add(id)
  for (const role of waitingRoles(state, id)) offersWanted.want(role)
}

function watchUnreachable(core: Core, instance: Instance): void {
  if (instance.condition !== 'Unreachable' && instance.condition !== 'UnreachableInactive') return
  const runSpec = core.state.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
  const deadline = nextUnreachableDeadline(instance, runSpec, core.unreachableFloor)
  if (deadline !== undefined) core.unreachable.add(deadline, instance.id)
}

/** Room under a constraint, or a new wish for a launch, is a reason to look at every held offer again. */
function markPlacement(core: Core, before: Instance | undefined, next: Instance | undefined): void {
  const id = (next ?? before)!.runSpecId
  if (next !== undefined && isScheduled(next)) {
    if (before === undefined || !isScheduled(before)) placeAgain(core, id)
    return
  }
  if (!core.state.waiting.has(id)) core.delayed.delete(id)
  const runSpec = core.state.runSpec(id)
  if (before === undefined || runSpec === undefined || runSpec.constraints.length === 0) return
  const isFreed = (counts: Counts): boolean =>
    counts(before, runSpec) && !(next !== undefined && counts(next, runSpec))
  if (isFreed(isPlaced) || isFreed(holdsPlace)) placeAgain(core, id)
}

/** Once everything is launched and heard of, the next wait starts with statistics of its own (runtime 4). */
function forgetStatistics({ state, statistics }: Core, id: PathId): void {
  if (state.waiting.has(id) || state.tallyOf(id).provisioned > 0) return
  statistics.get(id)?.release()
  statistics.delete(id)
}

/** How a task of this run spec last failed, as long as there is one (app-definition 2, lastTaskFailure). */
export function rememberFailure({ state, batch }: Core, failure: TaskFailure): void {
  if (state.runSpec(failure.appId) === undefined) return
  state.failures.set(failure.appId, failure)
  batch.put('task-failure', failure.appId, failure)
}

/** Turns the matches on one offer into launches and reservations: records first, then one accept for all of them. */
export function applyMatches(
  core: Core,
  offerId: OfferId,
  { launches, reserving }: { readonly launches: readonly Launch[]; readonly reserving: readonly Reserving[] },
): void {
  const first = launches[0] ?? reserving[0]
  assert(first !== undefined, 'an accept launches something, or reserves something')
  for (const launch of launches) {
    const before = core.state.instance(launch.instance.id)
    assert(before !== undefined && isScheduled(before), 'only a scheduled instance is launched')
    assert(
      isOnReservation(launch, core.state.frameworkIds),
      'what has volumes uses what is kept for it alone',
    )
    changeInstance(core, before, provision(before, launch, core.state.now))
  }
  for (const each of reserving) applyReserving(core, each)
  core.tokens.take(launches.length + reserving.length)
  core.counters.launched += launches.length
  core.batch.effect({
    kind: 'accept',
    offerIds: [offerId],
    agentId: first.agent.agentId,
    operations: [...operationsOf(launches), ...reserving.flatMap(({ operations }) => operations)],
  })
}

/** It is still Scheduled, and said to be so again, now with its agent (worked-examples 10.1). */
function applyReserving(core: Core, reserving: Reserving): void {
  const before = core.state.instance(reserving.instance.id)
  assert(before !== undefined && isScheduled(before), 'what is reserved is for a scheduled instance')
  const next = reserved(reserving)
  changeInstance(core, before, next)
  core.batch.notice(instanceChanged(next, core.state.now))
}

/** Apps on one offer in one operation, each pod in its own: its tasks start together or not at all. */
function operationsOf(launches: readonly Launch[]): Operation[] {
  const operations: Operation[] = []
  const tasks: TaskInfo[] = []
  for (const launch of launches) {
    const infos = launch.tasks.map(({ info }) => info)
    if (launch.executor === undefined) tasks.push(...infos)
    else operations.push({ type: 'LAUNCH_GROUP', executor: launch.executor, tasks: infos })
  }
  if (tasks.length > 0) operations.unshift({ type: 'LAUNCH', tasks })
  return operations
}

/** Sends the kills that are due: new ones as far as the chunk has room, unanswered ones again. */
export function sendKills(core: Core): void {
  if (!core.engine.isConnected) return
  for (const id of core.kills.takeDue(core.state.now)) sendKill(core, id)
}

/** Sends the kill of one instance at once, whatever else is in flight. */
export function killNow(core: Core, id: InstanceId): void {
  if (core.engine.isConnected) sendKill(core, id)
}

function sendKill(core: Core, id: InstanceId): void {
  const { state, batch } = core
  const instance = state.instance(id)
  const due = instance === undefined ? undefined : dueKill(instance)
  if (instance === undefined || due === undefined) return
  const runSpec = state.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
  for (const taskId of due.taskIds) {
    const grace = runSpec === undefined ? undefined : killGracePeriod(runSpec, taskId)
    batch.effect({
      kind: 'kill',
      taskId,
      cause: due.cause,
      ...(instance.agent === undefined ? {} : { agentId: instance.agent.agentId }),
      ...(grace === undefined ? {} : { gracePeriod: seconds(grace) }),
    })
  }
}

/** Seconds; a pod's containers have one each. */
export function killGracePeriod(runSpec: RunSpec, taskId: TaskId): number | undefined {
  if (!isPod(runSpec)) return runSpec.taskKillGracePeriodSeconds
  const name = parseTaskId(taskId)?.name
  return runSpec.containers.find((container) => container.name === name)?.lifecycle?.killGracePeriodSeconds
}

/**
 * Forgets versions that nothing uses, not even the way back to an older root, but for the newest `keep` of a run spec
 * that is still there.
 */
export function forgetOldVersions(core: Core, id: PathId, keep: number): void {
  const { state } = core
  const versions = state.versions(id)
  const current = state.runSpec(id)
  if (current !== undefined && versions.length <= keep) return
  const used = new Set<string>()
  if (current !== undefined) used.add(current.version)
  used.add(state.goodVersions.get(id) ?? 'none')
  for (const instance of state.instancesOf(id)) used.add(instance.runSpecVersion)
  for (const deployment of state.deploymentsOf(id)) {
    const { from, to } = changeOf(deployment, id) ?? {}
    if (from !== undefined) used.add(from)
    if (to !== undefined) used.add(to)
  }
  versions.forEach((version, index) => {
    if ((current !== undefined && index < keep) || used.has(version)) return
    if (state.history.needs(id, version)) return
    state.removeVersion(id, version)
    core.batch.delete('run-spec-version', versionKey(id, version))
  })
}

export const versionKey = (id: PathId, version: string): string => `${id}@${version}`
