// What readiness checks of the run specs that are being deployed have found so far. Memory of one process: whether an
// instance is ready is in its own record.

import type { PathId } from '../../lib/path-id.ts'
import type { Probe, ProbeTarget } from '../health/probe.ts'
import type { TaskId } from '../mesos.ts'
import type { ReadinessResult } from './readiness-check.ts'

interface Asked {
  /** Absent: it is not asked (any more), for it is ready. */
  readonly target?: ProbeTarget
  /** Absent: it has not answered yet. */
  readonly result?: ReadinessResult
}

const none: readonly ReadinessResult[] = []

export class ReadinessResults {
  readonly #asked = new Map<PathId, Map<TaskId, Asked>>()
  /** One list until something of it changes: whoever shows it compares it with the last one. */
  readonly #lists = new Map<PathId, readonly ReadinessResult[]>()

  of(id: PathId): readonly ReadinessResult[] {
    const tasks = this.#asked.get(id)
    if (tasks === undefined) return none
    let list = this.#lists.get(id)
    if (list === undefined) {
      list = [...tasks.values()].flatMap(({ result }) => (result === undefined ? [] : [result]))
      this.#lists.set(id, list)
    }
    return list
  }

  /** What is asked of a task now; undefined when nothing is. */
  targetOf(id: PathId, taskId: TaskId): ProbeTarget | undefined {
    return this.#asked.get(id)?.get(taskId)?.target
  }

  has(id: PathId, taskId: TaskId): boolean {
    return this.#asked.get(id)?.has(taskId) === true
  }

  ask(id: PathId, taskId: TaskId, { target }: Probe): void {
    this.#put(id, taskId, { target })
  }

  /** A ready task is not asked again. */
  answered(id: PathId, result: ReadinessResult): void {
    const target = this.targetOf(id, result.taskId)
    this.#put(id, result.taskId, result.ready || target === undefined ? { result } : { target, result })
  }

  /** The tasks of a run spec that are still asked. */
  askedOf(id: PathId): readonly TaskId[] {
    return [...(this.#asked.get(id) ?? [])].flatMap(([taskId, { target }]) =>
      target === undefined ? [] : [taskId],
    )
  }

  /** True when it was asked. */
  forgetTask(id: PathId, taskId: TaskId): boolean {
    const tasks = this.#asked.get(id)
    const asked = tasks?.get(taskId)
    if (tasks === undefined || asked === undefined) return false
    tasks.delete(taskId)
    if (tasks.size === 0) this.#asked.delete(id)
    this.#lists.delete(id)
    return asked.target !== undefined
  }

  forget(id: PathId): void {
    this.#asked.delete(id)
    this.#lists.delete(id)
  }

  #put(id: PathId, taskId: TaskId, asked: Asked): void {
    let tasks = this.#asked.get(id)
    if (tasks === undefined) {
      tasks = new Map()
      this.#asked.set(id, tasks)
    }
    tasks.set(taskId, asked)
    this.#lists.delete(id)
  }
}
