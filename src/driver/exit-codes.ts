// Why the process ended, as a number for those who supervise it. 100 to 112 are the original's (events-metrics-flags
// 4), ours follow. docs/reference/exit-codes.md has the same table for people; a test keeps the two equal.

import { EngineError } from '../ports/engine.ts'
import { PluginStartError } from '../ports/plugins.ts'
import { StoreError, type StoreErrorKind } from '../ports/store.ts'

export const exitCodes = {
  ZookeeperConnectionFailure: 100,
  ZookeeperConnectionLoss: 101,
  PluginInitializationFailure: 102,
  LeadershipLoss: 103,
  LeadershipEndedFaulty: 104,
  LeadershipEndedGracefully: 105,
  MesosSchedulerError: 106,
  UncaughtException: 107,
  FrameworkIdMissing: 108,
  IncompatibleLibMesos: 109,
  FrameworkHasBeenRemoved: 110,
  BindingError: 111,
  InvalidCommandLineFlag: 112,
  StoreFailure: 113,
  StoreInUse: 114,
  StoreCorrupt: 115,
  StoreFull: 116,
} as const

export type ExitName = keyof typeof exitCodes

const exitOfStoreError: Readonly<Record<StoreErrorKind, ExitName>> = {
  'in-use': 'StoreInUse',
  // Another process took the store over, which is what losing the leadership means.
  fenced: 'LeadershipLoss',
  full: 'StoreFull',
  io: 'StoreFailure',
  corrupt: 'StoreCorrupt',
  closed: 'StoreFailure',
  invalid: 'StoreFailure',
}

const exitOfEngineError: Readonly<Record<EngineError['kind'], ExitName>> = {
  'engine-error': 'MesosSchedulerError',
  'framework-removed': 'FrameworkHasBeenRemoved',
  'framework-id-missing': 'FrameworkIdMissing',
}

/** How the process ends when this error reaches the top. */
export function exitOf(error: unknown): ExitName {
  if (error instanceof PluginStartError) return 'PluginInitializationFailure'
  if (error instanceof EngineError) return exitOfEngineError[error.kind]
  return error instanceof StoreError ? exitOfStoreError[error.kind] : 'UncaughtException'
}
