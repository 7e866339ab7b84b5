// Which configurations the instances of a run spec have. Instances keep the version they were launched with when only
// the number of instances changes, so versions that share their last config change are one configuration.

import type { RunSpec } from '../spec/run-spec.ts'
import type { State } from './state.ts'

/** How many of the instances that count have the configuration of this definition. */
export function instancesWithConfigurationOf(state: State, { id, versionInfo }: RunSpec): number {
  let count = 0
  for (const version of state.tallyOf(id).versions()) {
    const configuredAt = state.runSpecVersion(id, version)?.versionInfo.lastConfigChangeAt
    if (configuredAt === versionInfo.lastConfigChangeAt) count += state.tallyOf(id).ofVersion(version).counted
  }
  return count
}

/** Whether some of the instances that count have another one. */
export const hasOtherConfigurations = (state: State, runSpec: RunSpec): boolean =>
  instancesWithConfigurationOf(state, runSpec) < state.tallyOf(runSpec.id).counted
