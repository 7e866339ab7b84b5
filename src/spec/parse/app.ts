// Untrusted JSON to app definitions, updates of them and lists of either. The result has every default of the
// schema filled in and is otherwise as the user wrote it; bringing it into one form is spec/normalise's part.

import * as Type from 'typebox'
import { assert } from '../../lib/assert.ts'
import { ok, type Result } from '../../lib/result.ts'
import { App, type AppInput, AppUpdate, type AppUpdateInput } from '../schema/app.ts'
import { AppV1, ScaleV1, StopV1 } from '../schema/app-v1.ts'
import { interpret, type ParseOptions } from './interpreter.ts'
import type { Issue } from './issues.ts'

const AppList = Type.Array(App)
const AppUpdateList = Type.Array(AppUpdate)

/** A complete app definition: POST /v2/apps. */
export const parseApp = (json: unknown, options: ParseOptions = {}): Result<AppInput, Issue[]> =>
  interpret(App, json, options)

/** Some fields of an app definition: PUT and PATCH /v2/apps/{id}. Absent fields stay absent. */
export const parseAppUpdate = (json: unknown, options: ParseOptions = {}): Result<AppUpdateInput, Issue[]> =>
  interpret(AppUpdate, json, options)

/** The body of PUT /v2/apps with `partialUpdate=false`. */
export const parseAppArray = (json: unknown, options: ParseOptions = {}): Result<AppInput[], Issue[]> =>
  interpret(AppList, json, options)

/** The body of PUT and PATCH /v2/apps. That each has an id is for the caller to see to. */
export const parseAppUpdateArray = (
  json: unknown,
  options: ParseOptions = {},
): Result<AppUpdateInput[], Issue[]> => interpret(AppUpdateList, json, options)

/**
 * The body of POST /v1/apps/start: numbers may be text, an empty `cmd` and an empty container are none,
 * constraint operators in any case (rest-api 12.1, 12.3).
 */
export function parseAppV1(json: unknown, options: ParseOptions = {}): Result<AppInput, Issue[]> {
  const parsed = interpret(AppV1, withoutEmptyFields(json), { ...options, lenient: true })
  if (!parsed.ok) return parsed
  const constraints = parsed.value.constraints.map((constraint) =>
    constraint.map((word, index) => (index === 1 ? word.toUpperCase() : word)),
  )
  return ok({ ...parsed.value, constraints })
}

/** The body of POST /v1/apps/scale. */
export const parseScaleV1 = (json: unknown): Result<{ id: string; instances: number }, Issue[]> =>
  interpret(ScaleV1, json, { lenient: true })

/** The body of POST /v1/apps/stop. */
export const parseStopV1 = (json: unknown): Result<{ id: string }, Issue[]> =>
  interpret(StopV1, json, { lenient: true })

/**
 * The complete definition that an update amounts to when there is nothing to update (PUT of an unknown app, or with
 * `partialUpdate=false`): defaults filled in, the id of the path in place of the body's. The id is not judged here,
 * since paths in URLs meet validation and not the parser.
 */
export function completeApp(update: AppUpdateInput, id: string): AppInput {
  const { version: _version, versionInfo: _versionInfo, ...fields } = update
  const parsed = interpret(App, { ...fields, id: 'id' })
  assert(parsed.ok, 'a parsed update has the shape of an app')
  return { ...parsed.value, id }
}

function withoutEmptyFields(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json
  return Object.fromEntries(
    Object.entries(json).filter(([key, value]) => {
      if (key === 'cmd') return value !== ''
      return key !== 'container' || !isEmptyContainer(value)
    }),
  )
}

const isEmptyContainer = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !['image', 'type', 'docker', 'volumes'].some((key) => Object.hasOwn(value, key))
