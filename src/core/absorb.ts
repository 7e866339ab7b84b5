// What an event means: records what is now known and marks what must be decided. Each kind of event has one function.

import { unreachable } from '../lib/assert.ts'
import { after, type Instant, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { applyAction, changeInstance, rememberFailure, removeInstance } from './apply.ts'
import { artifactStored, waitingForArtifact } from './artifact-downloads.ts'
import type { Core } from './core.ts'
import type { Event } from './events.ts'
import type { ProbeResult } from './health/probe.ts'
import { parseProbeId } from './health/probe-id.ts'
import { healthAnswered } from './health-answers.ts'
import { parseTaskId } from './ids.ts'
import type { Instance } from './instances/instance.ts'
import { applyStatus } from './instances/transition.ts'
import { decideUnknownStatus } from './instances/unknown-status.ts'
import type { Offer, TaskId, TaskStatus } from './mesos.ts'
import {
  frameworkMessage,
  schedulerDisconnected,
  schedulerRegistered,
  schedulerReregistered,
} from './notices/scheduler.ts'
import { unknownInstanceTerminated } from './notices/status.ts'
import { readinessAnswered } from './readiness-watch.ts'
import { decideReconcile } from './reconciliation/decide-reconcile.ts'
import { inverseOffersArrived } from './registration/inverse-offers.ts'
import { forgetRegistration, registered } from './registration/registration.ts'
import { handleRequest } from './requests/handle-request.ts'
import { failDeployment } from './roll-back.ts'
import { taskFailureOf } from './task-failure.ts'

export function absorb(core: Core, event: Event): void {
  switch (event.kind) {
    case 'engine-connected':
      engineConnected(core, event)
      return
    case 'engine-disconnected':
      engineDisconnected(core)
      return
    case 'offers':
      for (const offer of event.offers) offerArrived(core, offer)
      return
    case 'offer-rescinded':
      core.offers.remove(event.offerId)
      return
    case 'agent-lost':
      for (const offer of core.offers.all()) if (offer.agentId === event.agentId) core.offers.remove(offer.id)
      return
    case 'executor-lost':
      // Its tasks have statuses of their own, and nobody is told of executors (events-metrics-flags 1.1).
      return
    case 'framework-message':
      core.batch.notice(frameworkMessage(event, core.state.now))
      return
    case 'inverse-offers':
      inverseOffersArrived(core, event.offers)
      return
    case 'inverse-offer-rescinded':
      // Each was answered when it came.
      return
    case 'engine-failed':
      engineFailed(core, event)
      return
    case 'status':
      statusArrived(core, event.status)
      return
    case 'artifact-stored':
      artifactStored(core, event.path)
      return
    case 'artifact-failed':
      artifactFailed(core, event)
      return
    case 'probe-results':
      for (const result of event.results) probeAnswered(core, result)
      return
    case 'request':
      handleRequest(core, event.requestId, event.request)
      return
    case 'statuses-missed':
      askAgainSoon(core)
      return
    case 'woke':
      return
    default:
      unreachable(event)
  }
}

function probeAnswered(core: Core, result: ProbeResult): void {
  const subject = parseProbeId(result.id)
  if (subject?.kind === 'health') healthAnswered(core, subject, result.outcome)
  else if (subject?.kind === 'readiness') readinessAnswered(core, result)
}

/** Nothing of these deployments is done yet, and nothing of them stays. */
function artifactFailed(core: Core, event: Extract<Event, { kind: 'artifact-failed' }>): void {
  for (const id of waitingForArtifact(core, event.path)) {
    const deployment = core.state.deployment(id)
    if (deployment !== undefined) failDeployment(core, deployment, event.reason)
  }
}

function engineConnected(core: Core, event: Extract<Event, { kind: 'engine-connected' }>): void {
  const { engine, state, batch, settings } = core
  const { frameworkId, master } = event
  registered(core, frameworkId)
  batch.notice(
    engine.wasConnected
      ? schedulerReregistered(master, state.now)
      : schedulerRegistered({ frameworkId, master }, state.now),
  )
  engine.isConnected = true
  engine.connectedAt = state.now
  engine.wasConnected = true
  engine.holdsOffers = event.holdsOffers
  engine.reserves = event.reserves === true
  engine.homeRegion = event.homeRegion
  engine.master = master
  core.offers.clear()
  core.offersWanted.reset(event.subscribed)
  core.constraintUpdates?.reset(event.subscribed?.offerConstraints)
  core.kills.requeueAll()
  core.progress.beginAnew(state.now)
  // Launches decided before this connection either left with the last one or never did: all of them are asked about.
  reconcile(core, after(state.now, millis(1)))
  core.timetable.set('reconcile', after(state.now, settings.reconciliationInitialDelay))
}

/** Not at once: what was too much would be so once more. */
function askAgainSoon({ engine, state, settings, timetable }: Core): void {
  const soon = after(state.now, settings.reconciliationInitialDelay)
  if (engine.isConnected && !timetable.isDue('reconcile', soon)) timetable.set('reconcile', soon)
}

function engineDisconnected(core: Core): void {
  core.engine.isConnected = false
  core.offers.clear()
  core.timetable.cancel('reconcile')
  core.timetable.cancel('look-for-leftovers')
  core.batch.notice(schedulerDisconnected(core.state.now))
}

/** It cannot go on in this process; in another one, if we are not known any more, only as somebody else (runtime 1). */
function engineFailed(core: Core, event: Extract<Event, { kind: 'engine-failed' }>): void {
  const { message, isRemoved } = event
  if (core.engine.isConnected) engineDisconnected(core)
  if (isRemoved) forgetRegistration(core)
  core.batch.end({ kind: isRemoved ? 'framework-removed' : 'engine-error', message })
}

/** Asks about every task we believe in, then about everything the engine knows (runtime 8). */
export function reconcile(core: Core, launchedBefore: Instant): void {
  const { state, batch } = core
  const { tasks, orphans } = decideReconcile({
    instances: state.instances(),
    isKnown: (id) => state.runSpec(id) !== undefined || state.lockOf(id) !== undefined,
    launchedBefore,
  })
  for (let from = 0; from < tasks.length; from += limits.tasksPerReconcile) {
    batch.effect({ kind: 'reconcile', tasks: tasks.slice(from, from + limits.tasksPerReconcile) })
  }
  batch.effect({ kind: 'reconcile', tasks: [] })
  for (const instanceId of orphans) {
    applyAction(core, { kind: 'set-goal', instanceId, goal: 'Decommissioned', cause: 'app-removed' })
  }
}

function offerArrived(core: Core, offer: Offer): void {
  if (!core.engine.isConnected) return
  core.offers.add(offer, core.state.frameworkIds)
  if (core.offers.size <= limits.heldOffers) return
  const oldest = core.offers.oldest()!
  core.offers.remove(oldest.id)
  core.offersWanted.declined(oldest.role)
  core.batch.effect({ kind: 'decline', offerIds: [oldest.id], refuseFor: core.settings.declineOfferDuration })
}

function statusArrived(core: Core, status: TaskStatus): void {
  const instance = instanceOf(core, status.taskId)
  const hasTask = instance?.tasks.some((task) => task.id === status.taskId) ?? false
  if (instance !== undefined && hasTask) taskChanged(core, instance, status)
  else unknownTask(core, instance, status)
  if (status.uuid === undefined) return
  core.batch.effect({
    kind: 'acknowledge',
    taskId: status.taskId,
    uuid: status.uuid,
    ...(status.agentId === undefined ? {} : { agentId: status.agentId }),
  })
}

/** Almost always the id of a task begins with that of its instance, and has two parts more. */
function instanceOf({ state }: Core, taskId: TaskId): Instance | undefined {
  const end = taskId.lastIndexOf('.', taskId.lastIndexOf('.') - 1)
  const known = end > 0 ? state.instance(taskId.slice(0, end)) : undefined
  if (known !== undefined) return known
  const parsed = parseTaskId(taskId)
  return parsed === undefined ? undefined : state.instance(parsed.instanceId)
}

function taskChanged(core: Core, instance: Instance, status: TaskStatus): void {
  const { state } = core
  const runSpec = state.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
  const transition = applyStatus(instance, status, runSpec, state.now)
  if (transition.kind === 'unchanged') return
  const failure = taskFailureOf(instance, status, state.now)
  if (failure !== undefined) rememberFailure(core, failure)
  if (transition.kind === 'expunged') removeInstance(core, instance, transition.instance, status)
  else changeInstance(core, instance, transition.instance, status, transition.shown)
}

/** The status of a task nobody here keeps: it is told of when it ended, and ended when it still runs. */
function unknownTask(core: Core, instance: Instance | undefined, status: TaskStatus): void {
  const decision = decideUnknownStatus(instance, status)
  if (decision.event !== undefined)
    core.batch.notice(unknownInstanceTerminated(decision.event, core.state.now))
  if (!decision.kill) return
  core.batch.effect({
    kind: 'kill',
    taskId: status.taskId,
    cause: 'unknown-instance',
    ...(status.agentId === undefined ? {} : { agentId: status.agentId }),
  })
}
