// Folders in which launcher and supervisors leave files for the server. What a watch misses is found by the sweep; a
// machine without a watch left lives on the sweep alone.

import fs from 'node:fs'
import type { OnProblem } from './failures.ts'

export class FolderWatches {
  readonly #onProblem: OnProblem
  readonly #watchers: fs.FSWatcher[] = []

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem
  }

  /** @param onFile called with its name when a file appears, changes or goes */
  add(folder: string, onFile: (name: string) => void): void {
    try {
      const watcher = fs.watch(folder, (_, name) => {
        if (name) onFile(name)
      })
      watcher.on('error', (error) => this.#onProblem(`watching ${folder}: ${error.message}`))
      this.#watchers.push(watcher)
    } catch (error) {
      this.#onProblem(`watching ${folder}: ${(error as Error).message}`)
    }
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close()
  }
}
