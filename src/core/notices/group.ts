// Events about changes of the tree of groups (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { formatInstant, type Instant, type Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Notice } from './notice.ts'

/**
 * `groupId`: the parent for changes of an app, the group itself for changes of a group, `/` for bulk changes,
 * kill-and-scale and roll-backs.
 */
export interface GroupChangeSubject {
  readonly groupId: PathId
  readonly version: Version
}

/** The change is stored; its deployment may just have begun. */
export function groupChangeSuccess({ groupId, version }: GroupChangeSubject, now: Instant): Notice {
  const type = 'group_change_success'
  return { type, body: { groupId, version, eventType: type, timestamp: formatInstant(now) } }
}

/** The change was refused, for any reason but missing permission. */
export function groupChangeFailed(
  { groupId, version, reason }: GroupChangeSubject & { readonly reason: string },
  now: Instant,
): Notice {
  const type = 'group_change_failed'
  return { type, body: { groupId, version, reason, eventType: type, timestamp: formatInstant(now) } }
}
