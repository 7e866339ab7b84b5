// What lies beneath /v2/pods: the id of a pod contains slashes, and what is meant of it follows two colons, which no
// id contains (rest-api 1.5, 3). Pure.

import { absolutePathId, type PathId } from '../../lib/path-id.ts'

export type PodPath =
  | { readonly kind: 'collection' }
  | { readonly kind: 'statuses' }
  | { readonly kind: 'pod'; readonly id: PathId }
  | { readonly kind: 'status'; readonly id: PathId }
  | { readonly kind: 'explain'; readonly id: PathId }
  | { readonly kind: 'versions'; readonly id: PathId }
  | { readonly kind: 'version'; readonly id: PathId; readonly version: string }
  | { readonly kind: 'instances'; readonly id: PathId }
  | { readonly kind: 'instance'; readonly id: PathId; readonly instanceId: string }

const subjects: Readonly<Record<string, (id: PathId, rest: string | undefined) => PodPath | undefined>> = {
  status: (id, rest) => (rest === undefined ? { kind: 'status', id } : undefined),
  explain: (id, rest) => (rest === undefined ? { kind: 'explain', id } : undefined),
  versions: (id, rest) =>
    rest === undefined ? { kind: 'versions', id } : { kind: 'version', id, version: rest },
  instances: (id, rest) =>
    rest === undefined ? { kind: 'instances', id } : { kind: 'instance', id, instanceId: rest },
}

/** `rest` is what follows /v2/pods, decoded. Undefined: nothing is there. Extra slashes count for nothing. */
export function splitPodPath(rest: string): PodPath | undefined {
  const [path, ...subject] = rest.split('::')
  const id = absolutePathId(path!)
  const isCollection = id === '/'
  if (subject.length === 0) return isCollection ? { kind: 'collection' } : { kind: 'pod', id }
  if (subject.length > 1) return undefined
  const [word, ...more] = subject[0]!.split('/').filter((segment) => segment !== '')
  if (isCollection) return word === 'status' && more.length === 0 ? { kind: 'statuses' } : undefined
  if (word === undefined || more.length > 1 || !Object.hasOwn(subjects, word)) return undefined
  return subjects[word]!(id, more[0])
}
