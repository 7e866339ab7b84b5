// Once nothing goes wrong any more and nobody asks for anything, everything ends: what is wanted runs, what is not
// wanted does not, no deployment is left, and then nothing is done any more. What cannot settle is named with its
// reason.

import { isHealthy, isScheduled } from '../../src/core/instances/condition.ts'
import { awaitsCleanup, isReusable } from '../../src/core/instances/resident.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import { behaviourOf } from '../../src/engine/sim/behaviour.ts'
import type { Course } from '../../src/engine/sim/condition.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import { isPod, type RunSpec } from '../../src/spec/run-spec.ts'
import type { World } from '../world.ts'
import { bereaved, strayReservations } from './leftovers.ts'
import { hasRoomFor } from './room.ts'

/** Apps and pods whose tasks do not stay up, that wait for an offer that cannot come, or nobody can decide about. */
export function troubledApps(
  { cluster }: World,
  { view, core }: InspectableScheduler,
  spoilt: ReadonlySet<PathId>,
): ReadonlySet<PathId> {
  const troubled = new Set<PathId>()
  for (const id of spoilt)
    if (view.runSpec(id) !== undefined || core.state.instanceCountOf(id) > 0) troubled.add(id)
  for (const runSpec of view.runSpecs()) if (!staysUp(runSpec)) troubled.add(runSpec.id)
  for (const id of core.state.runSpecIdsWithInstances()) {
    for (const { runSpecVersion } of core.state.instancesOf(id)) {
      const version = core.state.runSpecVersion(id, runSpecVersion)
      if (version !== undefined && !staysUp(version)) troubled.add(id)
    }
  }
  for (const { runSpec, waitingOn } of view.queue()) {
    if (waitingOn.some(({ kind }) => kind === 'no-match') && !hasRoomFor(cluster, core, runSpec.id))
      troubled.add(runSpec.id)
  }
  return troubled
}

/** A pod stays up as long as nothing of it fails and something goes on. */
function staysUp(runSpec: RunSpec): boolean {
  if (!isPod(runSpec)) return fateOf(runSpec.cmd) === 'runs'
  const fates = runSpec.containers.map(({ exec }) =>
    fateOf(exec !== undefined && 'shell' in exec.command ? exec.command.shell : undefined),
  )
  return fates.every((fate) => fate === 'runs' || fate === 'finishes') && fates.includes('runs')
}

function fateOf(value: string | undefined): 'runs' | 'finishes' | 'fails' {
  const { start, runsFor, exitCode, condition } = behaviourOf({
    command: { shell: true, environment: [], uris: [], ...(value === undefined ? {} : { value }) },
  })
  if (start !== 'normal') return 'fails'
  // Whoever asks it may kill it, or wait for it for ever.
  if (![condition.health, condition.readiness].every(endsWell)) return 'fails'
  if (runsFor === undefined) return 'runs'
  return exitCode === 0 ? 'finishes' : 'fails'
}

function endsWell(course: Course): boolean {
  const last = course.at(-1)
  return last === undefined || (last.isGood && last.every === undefined)
}

/** What is not as it should be, one sentence each. Empty: converged. */
export function unsettled(world: World, spoilt: ReadonlySet<PathId>): readonly string[] {
  const { scheduler } = world
  if (scheduler === undefined) return ['the server is down']
  if (!scheduler.core.engine.isConnected) return ['the engine is not connected']
  const troubled = troubledApps(world, scheduler, spoilt)
  return [
    ...unsettledDeployments(scheduler, troubled),
    ...unsettledApps(world, scheduler, troubled),
    ...strayTasks(world, scheduler),
    ...strayReservations(world, scheduler),
  ]
}

function unsettledDeployments({ view }: InspectableScheduler, troubled: ReadonlySet<PathId>): string[] {
  const left: string[] = []
  for (const deployment of view.deployments()) {
    if (deployment.changes.some((change) => troubled.has(change.id))) continue
    const waitingOn = view.deploymentWaitingOn(deployment.id)
    left.push(
      `deployment ${deployment.id} of ${deployment.changes.map((change) => change.id).join(', ')} does not end (waits for ${JSON.stringify(waitingOn)})`,
    )
  }
  return left
}

function unsettledApps(
  world: World,
  scheduler: InspectableScheduler,
  troubled: ReadonlySet<PathId>,
): string[] {
  const left: string[] = []
  const { core, view } = scheduler
  const gone = new Set(bereaved(world, scheduler))
  const { state } = core
  const isHeldBack = (id: PathId): boolean =>
    state.deploymentsOf(id).some((deployment) => deployment.changes.some((change) => troubled.has(change.id)))
  for (const runSpec of view.runSpecs()) {
    const { id } = runSpec
    if (troubled.has(id) || isHeldBack(id)) continue
    const instances = state.instancesOf(id).filter((instance) => !isReusable(instance))
    const running = instances.filter((instance) => isHealthy(instance) && instance.goal === 'Running')
    if (running.length === runSpec.instances && running.length === instances.length) continue
    const others = instances
      .filter((instance) => !running.includes(instance))
      .map(({ condition, goal }) => `${condition}/${goal}`)
    left.push(`${id}: ${running.length} of ${runSpec.instances} run, others: ${others.join(', ') || 'none'}`)
  }
  for (const id of state.runSpecIdsWithInstances()) {
    if (state.runSpec(id) !== undefined || isHeldBack(id)) continue
    // What was kept for them is not there any more: no offer will ever end their wait for it.
    const instances = state.instancesOf(id).filter((each) => !(awaitsCleanup(each) && gone.has(each)))
    if (instances.length > 0) left.push(`${id} is removed and has ${instances.length} instances`)
  }
  for (const id of state.waiting) {
    if (!troubled.has(id) && !isHeldBack(id))
      left.push(`${id} waits for ${state.scheduledCount(id)} launches`)
  }
  return left
}

/** Tasks of the cluster and records of the server are the same. */
function strayTasks({ cluster }: World, { core }: InspectableScheduler): string[] {
  const left: string[] = []
  const kept = new Set<string>()
  for (const instance of core.state.instances()) {
    for (const task of instance.tasks) {
      kept.add(task.id)
      const real = cluster.tasks.get(task.id)
      if (task.condition === 'Running' && (real === undefined || real.hasEnded))
        left.push(`${task.id} is held to be running and is not`)
    }
    if (isScheduled(instance) && instance.kill !== undefined)
      left.push(`${instance.id} waits and is to be killed`)
  }
  for (const task of cluster.tasks.values()) {
    if (!task.hasEnded && !kept.has(task.id)) left.push(`${task.id} runs and nobody wants it`)
  }
  return left
}
