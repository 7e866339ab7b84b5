// No data is lost by us: a volume that an instance has written to stays for as long as somebody wants the instance, and
// the instance runs on its own volumes and on nothing else. What operators destroy is theirs.

import { parseTaskId } from '../../src/core/ids.ts'
import type { Instance, InstanceId } from '../../src/core/instances/instance.ts'
import { launchedTasks, type Operation, type Resource } from '../../src/core/mesos.ts'
import type { Request, TaskSelection } from '../../src/core/requests.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { SimVolume } from '../../src/engine/sim/volumes.ts'
import type { Step } from '../observer.ts'
import type { World } from '../world.ts'
import { type Checker, Violation } from './checker.ts'

export class VolumeChecker implements Checker {
  readonly #world: () => World
  /** Instances something is reserved for, as they were after the last step. */
  readonly #kept = new Map<InstanceId, Instance>()
  /** Of these the app or pod was removed, and they were not taken up again since. */
  readonly #removed = new Set<InstanceId>()

  constructor(world: () => World) {
    this.#world = world
  }

  started({ core }: InspectableScheduler): void {
    this.#kept.clear()
    for (const instance of core.state.instances())
      if (instance.reservation !== undefined) this.#kept.set(instance.id, instance)
  }

  stepped({ ready, slice, scheduler }: Step): void {
    const requests = slice.flatMap((event) => (event.kind === 'request' ? [event.request] : []))
    for (const effect of ready.effects) {
      if (effect.kind !== 'accept') continue
      for (const operation of effect.operations) {
        if (operation.type === 'DESTROY') this.#destroyed(operation.volumes, scheduler)
        else this.#launched(operation, effect.agentId, scheduler)
      }
    }
    if (ready.writes.some(({ table, kind }) => table === 'run-spec' && kind === 'delete'))
      for (const { id, runSpecId } of this.#kept.values())
        if (scheduler.core.state.runSpec(runSpecId) === undefined) this.#removed.add(id)
    for (const write of ready.writes) {
      if (write.table !== 'instance') continue
      const before = this.#kept.get(write.key)
      const after = scheduler.core.state.instance(write.key)
      if (before !== undefined) this.#changed(before, after, requests, scheduler)
      if (after?.reservation === undefined) this.#kept.delete(write.key)
      else this.#kept.set(write.key, after)
    }
  }

  /** On all that it has, and on nothing else. */
  #launched(operation: Operation, agentId: string, { core }: InspectableScheduler): void {
    const tasks = launchedTasks(operation)
    const used = new Map<InstanceId, Set<string>>()
    for (const { taskId, resources } of tasks) {
      const id = parseTaskId(taskId)?.instanceId
      if (id === undefined) continue
      const ids = used.get(id) ?? new Set<string>()
      used.set(id, ids)
      const shared = operation.type === 'LAUNCH_GROUP' ? operation.executor.resources : []
      for (const volume of volumeIdsOf([...resources, ...shared])) ids.add(volume)
    }
    for (const [id, ids] of used) {
      const own = (core.state.instance(id)?.reservation?.volumes ?? []).map(
        ({ persistenceId }) => persistenceId,
      )
      if (ids.size !== own.length || own.some((volume) => !ids.has(volume)))
        fail(
          `${id} is launched on ${[...ids].join(', ') || 'no volume'}, and has ${own.join(', ') || 'none'}`,
        )
      const left = this.#written(id).filter((volume) => !ids.has(volume.id))
      if (left.length > 0)
        fail(
          `${id} is launched on ${agentId} without what it has written to ${left.map((v) => v.id).join(', ')}`,
        )
    }
  }

  #destroyed(volumes: readonly Resource[], { core }: InspectableScheduler): void {
    for (const persistenceId of volumeIdsOf(volumes))
      for (const instance of core.state.instances())
        if (instance.reservation?.volumes.some((volume) => volume.persistenceId === persistenceId))
          fail(
            `${persistenceId} is destroyed, and ${instance.id} has it (${instance.condition}/${instance.goal})`,
          )
  }

  #changed(
    before: Instance,
    after: Instance | undefined,
    requests: readonly Request[],
    { core }: InspectableScheduler,
  ): void {
    if (after?.goal === 'Running') this.#removed.delete(before.id)
    if (before.goal === 'Decommissioned' || this.#removed.has(before.id)) return
    const isGivenUp = after?.reservation === undefined || after.goal === 'Decommissioned'
    if (!isGivenUp || core.state.runSpec(before.runSpecId) === undefined) return
    const lost = this.#written(before.id)
    if (lost.length === 0 || requests.some((request) => asksToWipe(request, before))) return
    fail(
      `${before.id} is given up (${before.condition}/${before.goal}, then ${after?.condition ?? 'nothing'}/${after?.goal ?? 'nothing'}), nobody has asked for it, and ${lost.map(({ id }) => id).join(', ')} has been written to`,
    )
  }

  /** Volumes of the cluster with data of this instance. */
  #written(id: InstanceId): readonly SimVolume[] {
    return [...this.#world().cluster.volumes.all].filter(({ writers }) => writers.has(id))
  }
}

function asksToWipe(request: Request, instance: Instance): boolean {
  return request.kind === 'kill-tasks' && request.wipe && isSelected(request.selection, instance)
}

function isSelected(selection: TaskSelection, { id, runSpecId, agent }: Instance): boolean {
  switch (selection.kind) {
    case 'app':
      return selection.id === runSpecId && [undefined, '*', agent?.hostname].includes(selection.host)
    case 'task':
      return parseTaskId(selection.taskId)?.instanceId === id
    case 'tasks':
      return selection.taskIds.some((taskId) => parseTaskId(taskId)?.instanceId === id)
    case 'instances':
      return selection.instanceIds.includes(id)
  }
}

const volumeIdsOf = (resources: readonly Resource[]): readonly string[] =>
  resources.flatMap(({ disk }) => (disk?.persistence === undefined ? [] : [disk.persistence.id]))

function fail(what: string): never {
  throw new Violation('volumes', what)
}
