// Rules about path ids of apps and groups (app-definition 1, 10.2).

import { limits } from '../../lib/limits.ts'
import { type PathId, segments } from '../../lib/path-id.ts'
import { segmentPattern } from '../schema/primitives.ts'
import { mustFullyMatch } from './phrases.ts'

/** The pattern as users are told it; `segmentPattern` accepts the same texts. */
const documentedSegment =
  '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$'
const segment = new RegExp(segmentPattern)

const reserved = ['restart', 'tasks', 'versions', '.', '..']

/** What is wrong with a path, relative or absolute. */
export function pathErrors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  const last = parts.at(-1)
  return [
    ...(parts.every((part) => segment.test(part)) ? [] : [mustFullyMatch(documentedSegment)]),
    ...(last !== undefined && reserved.includes(last)
      ? [`must not end with any of the following reserved keywords: ${reserved.join(', ')}`]
      : []),
  ]
}

/** What is wrong with the id of a service, which must be absolute and not the root. */
export const serviceIdErrors = (id: PathId): string[] => [
  ...pathErrors(id),
  ...(id.startsWith('/') ? [] : ['Path needs to be absolute']),
  ...(segments(id).length === 0 ? ['Path must contain at least one path element'] : []),
  ...lengthErrors(id),
]

/** Of a resolved id, of a service or a group: what it is kept under has a length, too. */
export const lengthErrors = (id: PathId): string[] =>
  id.length > limits.serviceIdChars
    ? [`has ${id.length} characters, expected ${limits.serviceIdChars} or fewer`]
    : []
