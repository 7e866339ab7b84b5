// What normalising and validating need to know besides the definition itself.

import type { PathId } from '../../lib/path-id.ts'
import type { RoleSettings } from '../roles.ts'
import type { RunSpecValidator } from '../validate/run-spec-validators.ts'

export interface NormaliseContext {
  readonly roles: RoleSettings
  /** `--default_network_name`: for container networks without a name. */
  readonly defaultNetworkName?: string
  /** `--mesos_bridge_name`: this name in the deprecated `ipAddress` means bridge networking. */
  readonly mesosBridgeName: string
  readonly enabledFeatures: ReadonlySet<string>
  /** Where tasks fetch artifacts from; absent: there is no artifact store. */
  readonly artifactsUrl?: string
  /** The group that relative ids are resolved against; the root for /v2/apps. */
  readonly base: PathId
  /** The operator's own rules; absent: none. */
  readonly runSpecValidators?: readonly RunSpecValidator[]
}
