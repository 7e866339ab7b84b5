// Truths of the state that everything else relies on, checked from outside: indexes agree with tables, records with
// each other. Used after every step of tests and simulation. Each broken truth is a sentence; none means sound.

import { type PathId, parentOf, rootId } from '../lib/path-id.ts'
import { isPod, isResident, type RunSpec } from '../spec/run-spec.ts'
import { servicePorts } from '../spec/service-ports.ts'
import type { Core } from './core.ts'
import { checkHealth } from './health/invariants.ts'
import { appTaskName, runSpecIdOf, taskId } from './ids.ts'
import {
  conditions,
  haveAllTasksEnded,
  isScheduled,
  isTerminalForWaiting,
  isTerminalGoal,
} from './instances/condition.ts'
import { combinedCondition } from './instances/from-tasks.ts'
import type { Instance } from './instances/instance.ts'
import { isReusable } from './instances/resident.ts'
import { buildPlacedIndex, holdsPlace, type PlacedIndex } from './placement/constraint-index.ts'
import { checkReservations } from './reservations/invariants.ts'
import { tallyOf } from './scaling/tally.ts'

/** Everything, at the cost of a scan. True between two steps, and of what was just loaded. */
export function checkInvariants(core: Core): readonly string[] {
  const { state } = core
  const broken: string[] = []
  const ids = new Set<PathId>(state.runSpecIdsWithInstances())
  for (const runSpec of state.runSpecs()) ids.add(runSpec.id)
  for (const id of ids) broken.push(...checkRunSpec(core, id))
  broken.push(...checkCounts(core), ...checkTree(core), ...checkDeployments(core), ...checkHealth(core))
  broken.push(...checkReservations(core))
  return broken
}

/** A step ends with everything decided: what remains is marked as work for the next one. */
export const checkSettled = ({ dirty }: Core): readonly string[] =>
  dirty.hasWork ? ['nothing is left to decide after a step'] : []

/** What concerns one run spec and its instances. */
export function checkRunSpec(core: Core, id: PathId): readonly string[] {
  const { state } = core
  const broken: string[] = []
  const instances = state.instancesOf(id)
  let scheduled = 0
  for (const instance of instances) {
    if (instance.runSpecId !== id)
      broken.push(`${instance.id} is listed under ${id}, and it is of ${instance.runSpecId}`)
    if (isScheduled(instance)) {
      scheduled++
      if (state.scheduledOf(id).get(instance.runSpecVersion)?.get(instance.id) !== instance)
        broken.push(`${instance.id} waits for a launch and is not among those that wait`)
    }
    broken.push(...checkInstance(core, instance))
  }
  if (scheduled !== state.scheduledCount(id))
    broken.push(`${scheduled} of ${id} wait for a launch, and ${state.scheduledCount(id)} are counted`)
  const reusable = instances.filter(isReusable)
  const kept = new Set(state.reusableOf(id, instances.length))
  if (reusable.length !== kept.size || !reusable.every((instance) => kept.has(instance)))
    broken.push(`${id}: those that may be taken up again are those that are listed so`)
  if (state.waiting.has(id) !== scheduled > 0)
    broken.push(`${id} is marked as waiting exactly when instances of it wait`)
  checkTally(core, id, broken)
  checkPlaced(core, id, broken)
  checkReplaceSets(core, id, broken)
  if (new Set(instances.map((instance) => instance.id)).size !== instances.length)
    broken.push(`${id} lists an instance twice`)
  return broken
}

/** The running tally says what counting anew says. */
function checkTally({ state }: Core, id: PathId, broken: string[]): void {
  const kept = state.tallyOf(id)
  const instances = state.instancesOf(id)
  const counted = tallyOf(instances)
  const compare = (what: string, a: number, b: number): void => {
    if (a !== b) broken.push(`${id}: ${b} instances are ${what} and ${a} are tallied`)
  }
  compare('counted', kept.counted, counted.counted)
  compare('ending', kept.ending, counted.ending)
  compare('listed', kept.all, counted.all)
  compare('decommissioned', kept.decommissioned, counted.decommissioned)
  compare('stopped', kept.stopped, counted.stopped)
  compare('provisioned', kept.provisioned, counted.provisioned)
  for (const version of new Set(instances.map((instance) => instance.runSpecVersion))) {
    for (const name of ['counted', 'running', 'healthy', 'ready', 'scheduled'] as const) {
      compare(
        `${name} of version ${version}`,
        kept.ofVersion(version)[name],
        counted.ofVersion(version)[name],
      )
    }
  }
}

/** The sets of a rolling restart hold what they would hold if they were built anew. */
function checkReplaceSets({ state }: Core, id: PathId, broken: string[]): void {
  const kept = state.keptReplaceSets(id)
  if (kept === undefined) return
  const anew = kept.rebuilt(state.instancesOf(id))
  for (const name of [
    'oldHealthy',
    'oldSick',
    'oldIdle',
    'oldLost',
    'newUp',
    'newPending',
    'ending',
  ] as const) {
    const isSame =
      kept[name].size === anew[name].size && [...anew[name]].every((each) => kept[name].has(each))
    if (!isSame)
      broken.push(`${id}: the set ${name} of its restart holds what it would hold if it were built anew`)
  }
  for (const stage of ['scheduled', 'launched', 'unhealthy', 'unready'] as const) {
    if (kept.pending[stage] !== anew.pending[stage])
      broken.push(`${id}: as many new instances are ${stage} as are counted for its restart`)
  }
}

/** What constraints count is what counting anew counts. */
function checkPlaced({ state }: Core, id: PathId, broken: string[]): void {
  const runSpec = state.runSpec(id)
  if (runSpec === undefined) return
  const instances = state.instancesOf(id)
  const compare = (what: string, kept: PlacedIndex, anew: PlacedIndex): void => {
    for (const [field, { perValue }] of anew.fields) {
      const values = kept.fields.get(field)?.perValue ?? new Map()
      const isSame =
        values.size === perValue.size && [...perValue].every(([value, n]) => values.get(value) === n)
      if (!isSame) broken.push(`${id}: as many ${what} per ${field} as are counted`)
    }
  }
  compare('are placed', state.placedOf(runSpec), buildPlacedIndex(instances, runSpec))
  if (!isResident(runSpec)) return
  compare('hold a place', state.heldPlacesOf(runSpec), buildPlacedIndex(instances, runSpec, holdsPlace))
}

/** What concerns one instance alone. */
export function checkInstance({ state, kills }: Core, instance: Instance): readonly string[] {
  const broken: string[] = []
  const fail = (truth: string): void => void broken.push(`${instance.id} (${instance.condition}): ${truth}`)
  const { condition, goal, tasks, attempt } = instance
  if (state.instance(instance.id) !== instance) fail('the table holds the record the index holds')
  if (runSpecIdOf(instance.id) !== instance.runSpecId) fail('its id names its run spec')
  if (state.runSpecVersion(instance.runSpecId, instance.runSpecVersion) === undefined)
    fail(`its version ${instance.runSpecVersion} is kept`)
  if (conditions[condition].isLaunching !== state.launching.has(instance.id))
    fail('it is among the launching exactly when it is launching')
  if ((tasks.length === 0) !== (attempt === 0)) fail('it has tasks exactly when it was launched')
  if (tasks.length > 0 && instance.agent === undefined && condition !== 'Scheduled')
    fail('it is on an agent once it was launched, unless that is gone')
  for (const task of tasks) {
    if (task.id !== taskId(instance.id, attempt, task.name))
      fail(`the task ${task.id} is that of launch ${attempt}`)
  }
  const launched =
    tasks[0] === undefined ? undefined : state.runSpecVersion(instance.runSpecId, tasks[0].runSpecVersion)
  if (
    launched !== undefined &&
    !isSameList(
      tasks.map(({ name }) => name),
      taskNames(launched),
    )
  )
    fail('it has one task, or one per container of a pod')
  const isAnew = tasks.length === 0 || (condition === 'Scheduled' && haveAllTasksEnded(instance))
  const combined = isAnew ? 'Scheduled' : combinedCondition(tasks)
  if (condition !== combined && !(condition === 'UnreachableInactive' && combined === 'Unreachable'))
    fail(`its condition is that of its tasks, ${combined}`)
  if (instance.kill !== undefined && haveAllTasksEnded(instance)) fail('what has ended is not to be killed')
  if (isTerminalGoal(goal) && !haveAllTasksEnded(instance) && instance.kill === undefined)
    fail('what is not wanted any more and may run is to be killed')
  if (goal === 'Decommissioned' && haveAllTasksEnded(instance) && instance.reservation === undefined)
    fail('what is not wanted any more and has ended is gone, unless something is reserved for it')
  const { reservation, agent } = instance
  if (reservation !== undefined) {
    if (agent === undefined) fail('what is reserved for it is on its agent')
    if ((reservation.state === 'launched') === haveAllTasksEnded(instance))
      fail('its reservation is in use exactly while something of it may run')
    if (reservation.deadline !== undefined && reservation.state !== 'new')
      fail('what was launched on is not given up for want of a launch')
  }
  const needsKill = instance.kill !== undefined && !isTerminalForWaiting(instance)
  if (needsKill !== kills.has(instance.id))
    fail('its kill is queued exactly when it is due and can be answered')
  return broken
}

const taskNames = (runSpec: RunSpec): readonly string[] =>
  isPod(runSpec) ? runSpec.containers.map(({ name }) => name) : [appTaskName]

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])

function checkCounts({ state }: Core): string[] {
  const broken: string[] = []
  let running = 0
  let launching = 0
  let awaited = 0
  let count = 0
  for (const instance of state.instances()) {
    count++
    if (instance.condition === 'Running') running++
    if (!conditions[instance.condition].isLaunching) continue
    launching++
    if (instance.kill === undefined) awaited++
  }
  if (running !== state.counts.running)
    broken.push(`${running} run and ${state.counts.running} are counted as running`)
  if (launching !== state.launching.size)
    broken.push(`${launching} are launching and ${state.launching.size} are listed as launching`)
  let last = 0
  for (const id of state.awaitedInOrder()) {
    const stagedAt = state.instance(id)?.tasks[0]?.stagedAt ?? 0
    if (stagedAt < last) broken.push(`${id} is listed among the launching in the order of launches`)
    last = stagedAt
    awaited--
  }
  if (awaited !== 0) broken.push(`${awaited} launches are awaited beyond those that are listed so`)
  let listed = 0
  for (const id of state.runSpecIdsWithInstances()) listed += state.instanceCountOf(id)
  if (listed !== count) broken.push(`there are ${count} instances, and ${listed} are listed by run spec`)
  return broken
}

function checkTree({ state }: Core): string[] {
  const broken: string[] = []
  const members = new Map<PathId, number>()
  const ports = new Map<number, number>()
  for (const runSpec of state.runSpecs()) {
    const { id } = runSpec
    if (state.runSpec(id) !== runSpec) broken.push(`${id}: the sorted list holds the record in force`)
    if (state.runSpecVersion(id, runSpec.version) !== runSpec)
      broken.push(`${id}: the version in force is kept`)
    if (state.groups.has(id)) broken.push(`${id} is an app and a group`)
    for (const port of servicePorts(runSpec)) ports.set(port, (ports.get(port) ?? 0) + 1)
    for (let group = parentOf(id); ; group = parentOf(group)) {
      members.set(group, (members.get(group) ?? 0) + 1)
      if (group === rootId) break
      if (!state.groups.has(group)) broken.push(`${id} lies in ${group}, which does not exist`)
    }
  }
  for (const [group, count] of members) {
    if (state.groups.memberCount(group) !== count)
      broken.push(`${group} has ${count} members and ${state.groups.memberCount(group)} are counted`)
  }
  for (const [port, count] of ports) {
    if (state.usedServicePorts.get(port) !== count)
      broken.push(
        `service port ${port} is used ${count} times and counted ${state.usedServicePorts.get(port) ?? 0}`,
      )
  }
  if (ports.size !== state.usedServicePorts.size) broken.push('no service port is counted that nobody uses')
  return broken
}

/** Each run spec is changed by one deployment at most, and every deployment holds what it changes. */
function checkDeployments({ state }: Core): string[] {
  const broken: string[] = []
  const deployments = state.deployments()
  if (deployments.length !== state.deploymentCount) broken.push('deployments are counted as they are')
  for (const { id, changes, steps, currentStep } of deployments) {
    if (currentStep >= steps.length) broken.push(`deployment ${id} has a step in progress`)
    for (const change of changes) {
      if (state.lockOf(change.id) !== id) broken.push(`deployment ${id} holds the lock of ${change.id}`)
      if (change.to !== undefined && state.runSpecVersion(change.id, change.to) === undefined)
        broken.push(`deployment ${id} leads ${change.id} to ${change.to}, which is not kept`)
    }
  }
  return broken
}
