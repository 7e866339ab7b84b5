// Conditions a request puts on the version in force of what it changes, so that nobody undoes what he has not seen
// (RFC 9110 section 13). They are judged in the step that would make the change: nothing comes in between.

import type { Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'

/** `*`: any version. */
export type VersionsNamed = readonly Version[] | '*'

/** If-Match and If-None-Match of a change. What their entity tags say besides the version has no say here. */
export interface Preconditions {
  /** One of these versions is in force. */
  readonly ifMatch?: VersionsNamed
  /** None of these versions is in force; `*`: there is none, the request creates. */
  readonly ifNoneMatch?: VersionsNamed
}

/** `version` is the one in force; absent when there is none. */
export interface PreconditionFailed {
  readonly kind: 'precondition-failed'
  readonly id: PathId
  readonly version?: Version
}

/** Why the request must not be carried out. `version`: the one in force, if there is one. */
export function failedPrecondition(
  id: PathId,
  version: Version | undefined,
  { ifMatch, ifNoneMatch }: Preconditions = {},
): PreconditionFailed | undefined {
  const holds =
    (ifMatch === undefined || names(ifMatch, version)) &&
    (ifNoneMatch === undefined || !names(ifNoneMatch, version))
  if (holds) return undefined
  return { kind: 'precondition-failed', id, ...(version === undefined ? {} : { version }) }
}

const names = (named: VersionsNamed, version: Version | undefined): boolean =>
  version !== undefined && (named === '*' || named.includes(version))
