// What lies beneath /v2/groups: ids contain slashes, so one wildcard route takes the whole path and this table splits
// it into the group and what is asked about it (rest-api 4). A suffix counts for reading alone; changes mean the group
// of that name. Pure.

import { absolutePathId, type PathId, rootId } from '../../lib/path-id.ts'

export interface GroupPath {
  /** What GET means. */
  readonly read:
    | { readonly kind: 'group'; readonly id: PathId }
    | { readonly kind: 'apps'; readonly id: PathId }
    | { readonly kind: 'versions'; readonly id: PathId }
    | { readonly kind: 'version'; readonly id: PathId; readonly version: string }
  /** What every change means. */
  readonly id: PathId
}

interface Suffix {
  /** Its named group `id` is greedy: the last occurrence of the word counts. */
  readonly pattern: RegExp
  readonly read: (id: PathId, last: string) => GroupPath['read']
}

const suffixes: readonly Suffix[] = [
  { pattern: /^(?:(?<id>.+)\/)?apps$/, read: (id) => ({ kind: 'apps', id }) },
  { pattern: /^(?:(?<id>.+)\/)?versions$/, read: (id) => ({ kind: 'versions', id }) },
  {
    pattern: /^(?:(?<id>.+)\/)?versions\/(?<last>.+)$/,
    read: (id, version) => ({ kind: 'version', id, version }),
  },
]

/** `rest` is what follows /v2/groups, decoded. Extra slashes count for nothing. */
export function splitGroupPath(rest: string): GroupPath {
  const path = rest
    .split('/')
    .filter((segment) => segment !== '')
    .join('/')
  const id = absolutePathId(path)
  for (const { pattern, read } of suffixes) {
    const groups = pattern.exec(path)?.groups
    if (groups === undefined) continue
    const of = groups['id'] === undefined ? rootId : absolutePathId(groups['id'])
    return { read: read(of, groups['last'] ?? ''), id }
  }
  return { read: { kind: 'group', id }, id }
}
