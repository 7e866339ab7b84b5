// What the scheduler keeps running: an app or, later, a pod. The scheduler reads run specs through this name so
// that pods add a member to the union and a branch to the tables, not a second path through the core.

import type { App } from './app.ts'

export type RunSpec = App
