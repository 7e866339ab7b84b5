// What lies beneath /v2/apps: app ids contain slashes, so one wildcard route takes the whole path and this table
// splits it into the id and what is meant of the app (rest-api 1.5). Pure.

import { absolutePathId, type PathId } from '../../lib/path-id.ts'

export type AppPath =
  | { readonly kind: 'collection' }
  | { readonly kind: 'app'; readonly id: PathId }
  /** All apps of a group and of those beneath it: the id ends in `*`. */
  | { readonly kind: 'apps-of'; readonly groupId: PathId }
  | { readonly kind: 'tasks'; readonly id: PathId }
  | { readonly kind: 'tasks-of'; readonly groupId: PathId }
  | { readonly kind: 'task'; readonly id: PathId; readonly taskId: string }
  /** POST restarts `id`; every other method means the app whose own id ends in `restart`. */
  | { readonly kind: 'restart'; readonly id: PathId; readonly literalId: PathId }
  /** GET explains `id`, unless there is an app whose own id ends in `explain`; every other method means that one. */
  | { readonly kind: 'explain'; readonly id: PathId; readonly literalId: PathId }
  | { readonly kind: 'versions'; readonly id: PathId }
  | { readonly kind: 'version'; readonly id: PathId; readonly version: string }

interface Suffix {
  /** Its named group `id` is greedy: the last occurrence of the word counts. */
  readonly pattern: RegExp
  readonly read: (id: string, last: string) => AppPath
}

const suffixes: readonly Suffix[] = [
  {
    pattern: /^(?<id>.+)\/tasks\/(?<last>[^/]+)$/,
    read: (id, last) => ({ kind: 'task', id: absolutePathId(id), taskId: last }),
  },
  {
    pattern: /^(?<id>.+)\/tasks$/,
    read: (id) =>
      endsInStar(id)
        ? { kind: 'tasks-of', groupId: withoutStar(id) }
        : { kind: 'tasks', id: absolutePathId(id) },
  },
  {
    pattern: /^(?<id>.+)\/versions\/(?<last>[^/]+)$/,
    read: (id, last) => ({ kind: 'version', id: absolutePathId(id), version: last }),
  },
  { pattern: /^(?<id>.+)\/versions$/, read: (id) => ({ kind: 'versions', id: absolutePathId(id) }) },
  {
    pattern: /^(?<id>.+)\/restart$/,
    read: (id) => ({
      kind: 'restart',
      id: absolutePathId(id),
      literalId: absolutePathId(`${id}/restart`),
    }),
  },
  {
    pattern: /^(?<id>.+)\/explain$/,
    read: (id) => ({
      kind: 'explain',
      id: absolutePathId(id),
      literalId: absolutePathId(`${id}/explain`),
    }),
  },
]

/** `rest` is what follows /v2/apps, decoded. Extra slashes count for nothing. */
export function splitAppPath(rest: string): AppPath {
  const path = rest
    .split('/')
    .filter((segment) => segment !== '')
    .join('/')
  if (path === '') return { kind: 'collection' }
  for (const { pattern, read } of suffixes) {
    const groups = pattern.exec(path)?.groups
    if (groups !== undefined) return read(groups['id']!, groups['last'] ?? '')
  }
  if (endsInStar(path)) return { kind: 'apps-of', groupId: withoutStar(path) }
  return { kind: 'app', id: absolutePathId(path) }
}

const endsInStar = (path: string): boolean => path === '*' || path.endsWith('/*')
const withoutStar = (path: string): PathId => absolutePathId(path.slice(0, -1))
