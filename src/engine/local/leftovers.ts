// What ended launches leave behind: cgroups and the records of launches. They are removed one at a time, since many at
// once would take the threads that the store commits with; what cannot be removed yet is tried again by the sweep.

import type { Cgroups } from './cgroups.ts'
import { describeFailure, type OnProblem } from './failures.ts'
import type { LaunchId, TaskFiles } from './task-files.ts'

export interface LeftoversOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly onProblem: OnProblem
}

export class Leftovers {
  readonly #options: LeftoversOptions
  /** Cgroups that still held a process when they were to be removed. */
  readonly #cgroups = new Set<LaunchId>()
  #chores: Promise<void> = Promise.resolve()

  constructor(options: LeftoversOptions) {
    this.#options = options
  }

  /** Whether the cgroup of this launch is still to be removed. */
  hasCgroup(id: LaunchId): boolean {
    return this.#cgroups.has(id)
  }

  /** Removes a cgroup whose task is over; what should still be in it is killed, and it is removed by a later sweep. */
  clearCgroup(id: LaunchId): void {
    const { cgroups } = this.#options
    this.#cgroups.add(id)
    this.#chore('removing a cgroup', async () => {
      if (await cgroups.remove(id)) this.#cgroups.delete(id)
      else cgroups.kill(id)
    })
  }

  /** Nothing of this launch is needed any more. */
  forget(id: LaunchId): void {
    this.#chore('removing the record of a task', () => this.#options.files.remove(id))
  }

  sweep(): void {
    for (const id of this.#cgroups) this.clearCgroup(id)
  }

  /** Resolves when everything that was to be removed has been tried. */
  async cleared(): Promise<void> {
    await this.#chores
  }

  #chore(doing: string, work: () => Promise<void>): void {
    this.#chores = this.#chores
      .then(work)
      .catch((error) => this.#options.onProblem(`${doing}: ${describeFailure(error)}`))
  }
}
