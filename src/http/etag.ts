// Entity tags and the conditions requests put on them (RFC 9110 sections 8.8.3 and 13). A tag is strong: equal tags
// mean equal bytes. That of a definition begins with its version, then a dot: changes compare the version alone, since
// what else an answer shows (tasks, counts) changes all the time and is nobody's edit.

import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Preconditions, VersionsNamed } from '../core/requests/preconditions.ts'
import { limits } from '../lib/limits.ts'
import { type Answer, type Content, letGo } from './answer.ts'
import { fail } from './errors.ts'

interface EntityTag {
  readonly isWeak: boolean
  /** What stands between the quotes. */
  readonly opaque: string
}

type TagList = '*' | readonly EntityTag[]

const tagPattern = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y
const betweenTags = /[ \t]*(?:,[ \t]*)*/y

/** The value of an If-Match or If-None-Match header; undefined when it is neither `*` nor a list of entity tags. */
export function parseTagList(value: string): TagList | undefined {
  if (value.trim() === '*') return '*'
  const tags: EntityTag[] = []
  let at = 0
  for (;;) {
    betweenTags.lastIndex = at
    const separator = betweenTags.exec(value)![0]
    at += separator.length
    if (at === value.length) return tags.length > 0 ? tags : undefined
    if (tags.length > 0 && !separator.includes(',')) return undefined
    tagPattern.lastIndex = at
    const tag = tagPattern.exec(value)
    if (tag === null) return undefined
    tags.push({ isWeak: tag[1] !== undefined, opaque: tag[2]! })
    at = tagPattern.lastIndex
  }
}

/** Leaves the route with 400 when the header cannot be read. */
function tagsOf(request: FastifyRequest, name: 'if-match' | 'if-none-match'): TagList | undefined {
  const value = request.headers[name]
  if (value === undefined) return undefined
  const shown = name === 'if-match' ? 'If-Match' : 'If-None-Match'
  return (
    parseTagList(value) ??
    fail({
      kind: 'bad-request',
      message: `${shown} is ${value}, expected * or entity tags in double quotes with commas between them, as ETag headers have them.`,
    })
  )
}

const versionPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)(?:\.|$)/

/** The versions that tags begin with. One that has none names none. */
const versionsIn = (tags: readonly EntityTag[]): VersionsNamed =>
  tags.flatMap(({ opaque }) => versionPattern.exec(opaque)?.[1] ?? [])

/** Nothing a request could have said. */
const isUnconditional = (request: FastifyRequest): boolean =>
  request.headers['if-match'] === undefined && request.headers['if-none-match'] === undefined

/**
 * What a change asks of the version in force. A weak tag never holds in If-Match (RFC 9110 section 13.1.1). Leaves the
 * route with 400 when a header cannot be read.
 */
export function preconditionsOf(request: FastifyRequest): { readonly preconditions?: Preconditions } {
  if (isUnconditional(request)) return {}
  const ifMatch = tagsOf(request, 'if-match')
  const ifNoneMatch = tagsOf(request, 'if-none-match')
  const preconditions: Preconditions = {
    ...(ifMatch && { ifMatch: ifMatch === '*' ? '*' : versionsIn(ifMatch.filter((tag) => !tag.isWeak)) }),
    ...(ifNoneMatch && { ifNoneMatch: ifNoneMatch === '*' ? '*' : versionsIn(ifNoneMatch) }),
  }
  return { preconditions }
}

/** A condition that is not looked at must not be passed over in silence: somebody relies on it. */
export function refuseConditions(request: FastifyRequest): void {
  if (isUnconditional(request)) return
  fail({
    kind: 'bad-request',
    message: `If-Match and If-None-Match have no meaning for ${request.method} here; nothing was changed.`,
  })
}

/** For what a definition's version and these bytes make. */
export const definitionTag = (version: string, bytes: Uint8Array): string => `${version}.${digest(bytes)}`

const digest = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 22)

/**
 * Gives the answer to a GET its entity tag, and answers the conditions of the request with it. An answer without one
 * of its own has that of its bytes, unless they are many or leave in slices. Leaves the route with 400 when a header
 * cannot be read, with 412 when If-Match does not hold.
 */
export function answerConditions(request: FastifyRequest, given: Answer): Answer {
  let answer: Answer | undefined
  try {
    answer = conditionalAnswer(request, given)
    return answer
  } finally {
    if (answer === undefined || answer.kind === 'empty') letGo(given)
  }
}

function conditionalAnswer(request: FastifyRequest, given: Answer): Answer {
  if (given.kind === 'taken' || given.kind === 'empty' || given.status !== 200) return given
  const answer = given.kind === 'json' ? inBytes(given) : given
  const tag = answer.tag ?? tagOfContent(answer.content)
  const ifMatch = tagsOf(request, 'if-match')
  const ifNoneMatch = tagsOf(request, 'if-none-match')
  if (tag === undefined) return answer
  if (ifMatch !== undefined && !isAmong(tag, ifMatch, 'strong'))
    fail({ kind: 'other-entity-tag', tag: `"${tag}"` })
  const known = ifNoneMatch === undefined ? undefined : isAmong(tag, ifNoneMatch, 'weak')
  if (known !== undefined) {
    const { 'content-encoding': _nothingEncoded, ...headers } = answer.headers
    return { kind: 'empty', status: 304, headers: { ...headers, etag: `"${known}"` } }
  }
  return { ...answer, headers: { ...answer.headers, etag: `"${tag}"` } }
}

const inBytes = ({
  body,
  ...given
}: Extract<Answer, { kind: 'json' }>): Extract<Answer, { kind: 'bytes' }> => ({
  ...given,
  kind: 'bytes',
  type: 'application/json',
  content: Buffer.from(JSON.stringify(body)),
})

function tagOfContent(content: Content | (() => Content)): string | undefined {
  if (!(content instanceof Uint8Array) || content.length > limits.taggedByContentBytes) return undefined
  return digest(content)
}

/** The member of the list that names this answer, in whatever encoding it was sent. */
function isAmong(tag: string, tags: TagList, comparison: 'strong' | 'weak'): string | undefined {
  if (tags === '*') return tag
  const found = tags.find(
    ({ isWeak, opaque }) => !(isWeak && comparison === 'strong') && withoutEncoding(opaque) === tag,
  )
  return found?.opaque
}

const encodingSuffix = /-(?:gzip|deflate)$/
const withoutEncoding = (opaque: string): string => opaque.replace(encodingSuffix, '')

/** The same answer in another encoding is another representation, with another tag (RFC 9110 section 8.8.3.3). */
export const encodedTag = (etag: string, encoding: string): string => etag.replace(/"$/, `-${encoding}"`)
