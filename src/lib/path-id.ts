// Path ids: the names of apps, pods and groups (app-definition 1). A PathId in the program is always absolute
// and canonical: a leading slash, no trailing one, no empty, `.` or `..` segments. `/` is the root group.

export type PathId = string

export const rootId: PathId = '/'

/** The segments of an absolute path id; none for the root. */
export const segments = (id: PathId): string[] => (id === '/' ? [] : id.slice(1).split('/'))

/** Resolves a path as a user wrote it against the group it was written in. */
export function absolutePathId(path: string, base: PathId = rootId): PathId {
  const out = path.startsWith('/') ? [] : segments(base)
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') out.pop()
    else out.push(segment)
  }
  return `/${out.join('/')}`
}

/** The enclosing group; the root's parent is the root. */
export function parentOf(id: PathId): PathId {
  const slash = id.lastIndexOf('/')
  return slash <= 0 ? rootId : id.slice(0, slash)
}

/** The groups that `id` lies in, the inmost first, the root last. */
export function* groupsAround(id: PathId): Generator<PathId> {
  for (let group = parentOf(id); ; group = parentOf(group)) {
    yield group
    if (group === rootId) return
  }
}

/** Whether `id` is `ancestor` itself or lies beneath it. */
export const isWithin = (id: PathId, ancestor: PathId): boolean =>
  ancestor === rootId || id === ancestor || id.startsWith(`${ancestor}/`)

/** Segments joined with `_`: the form used in instance ids and text lists. */
export const safePath = (id: PathId): string => segments(id).join('_')

/** Reversed segments joined with dots: the Mesos task name and the discovery name (`web.prod` for /prod/web). */
export const hostnameForm = (id: PathId): string => segments(id).reverse().join('.')

/** The top-level group a path lies in, or undefined for the root and for what lies directly under it. */
export function topLevelGroup(id: PathId): PathId | undefined {
  const parts = segments(id)
  return parts.length > 1 ? `/${parts[0]}` : undefined
}

/** Lexicographic by segment, so that a group's members stay together. */
export function comparePathIds(a: PathId, b: PathId): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    // The end of a segment comes before whatever else may follow.
    if (left !== right) return left === slash ? -1 : right === slash ? 1 : left - right
  }
  return a.length - b.length
}

const slash = 0x2f
