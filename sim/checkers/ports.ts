// No host port is given to two tasks at a time: neither in one step, nor while the task that has it really runs. By the
// records, at the moment it is decided; what the agents say of it comes later, and only if the launch arrives.

import { hasEnded } from '../../src/core/instances/condition.ts'
import type { Instance, InstanceId } from '../../src/core/instances/instance.ts'
import type { TaskId } from '../../src/core/mesos.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { Step } from '../observer.ts'
import type { World } from '../world.ts'
import { type Checker, Violation } from './checker.ts'
import { launchedTasks } from './launches.ts'

const nothing: ReadonlySet<TaskId> = new Set()

export class PortChecker implements Checker {
  readonly #world: () => World
  /** agent:port → the task that was given it last, unless its end is known. */
  readonly #holders = new Map<string, TaskId>()
  readonly #held = new Map<InstanceId, readonly string[]>()

  constructor(world: () => World) {
    this.#world = world
  }

  started({ core }: InspectableScheduler): void {
    this.#holders.clear()
    this.#held.clear()
    for (const instance of core.state.instances()) this.#take(instance, nothing)
  }

  stepped({ ready, scheduler: { core } }: Step): void {
    const changed: Instance[] = []
    for (const write of ready.writes) {
      if (write.table !== 'instance') continue
      this.#giveBack(write.key)
      const instance = core.state.instance(write.key)
      if (instance !== undefined) changed.push(instance)
    }
    const launched = changed.length === 0 ? nothing : launchedTasks(ready)
    for (const instance of changed) this.#take(instance, launched)
  }

  #giveBack(id: InstanceId): void {
    for (const key of this.#held.get(id) ?? []) this.#holders.delete(key)
    this.#held.delete(id)
  }

  #take({ id, agent, tasks }: Instance, launched: ReadonlySet<TaskId>): void {
    if (agent === undefined) return
    const keys: string[] = []
    for (const task of tasks) {
      if (hasEnded(task)) continue
      for (const port of task.hostPorts) {
        const key = `${agent.agentId}:${port}`
        const other = this.#holders.get(key)
        const isTaken = other !== undefined && (launched.has(other) || this.#runs(other))
        if (launched.has(task.id) && isTaken)
          throw new Violation(
            'ports',
            `${task.id} was given port ${port} of ${agent.agentId}, which ${other} has`,
          )
        this.#holders.set(key, task.id)
        keys.push(key)
      }
    }
    if (keys.length > 0) this.#held.set(id, keys)
  }

  /** Records may be behind: the port of what has ended is free as soon as the agent says so. */
  #runs(id: TaskId): boolean {
    const task = this.#world().cluster.tasks.get(id)
    return task !== undefined && !task.hasEnded
  }
}
