// From the body of a request to the definitions it asks for: parsed, merged with what is there, normalised and
// validated by the rules of spec/. Nothing is changed here.

import { formatInstant, parseInstant } from '../../lib/instant.ts'
import { absolutePathId, type PathId, rootId, topLevelGroup } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { App, AppSpec } from '../../spec/app.ts'
import type { FieldWarnings } from '../../spec/field-warnings.ts'
import { applyUpdate, normaliseApp, rollbackVersion } from '../../spec/normalise/app.ts'
import type { NormaliseContext } from '../../spec/normalise/context.ts'
import {
  completeApp,
  parseApp,
  parseAppArray,
  parseAppUpdate,
  parseAppUpdateArray,
  parseAppV1,
} from '../../spec/parse/app.ts'
import type { Issue } from '../../spec/refusal.ts'
import { roleSettings } from '../../spec/roles.ts'
import { isPod } from '../../spec/run-spec.ts'
import type { AppUpdateInput } from '../../spec/schema/app.ts'
import type { Core } from '../core.ts'
import type { Refusal, UpdateMode } from '../requests.ts'

/** A new app. */
export function proposeApp(
  core: Core,
  body: unknown,
  options: { readonly force: boolean; readonly isLenient: boolean; readonly warnings?: FieldWarnings },
): Result<AppSpec, Refusal> {
  const { isLenient, warnings } = options
  const parsed = shaped(isLenient ? parseAppV1(body, { warnings }) : parseApp(body, { warnings }))
  if (!parsed.ok) return parsed
  return normaliseApp(parsed.value, contextOf(core, absolutePathId(parsed.value.id), options.force))
}

interface UpdateOptions {
  readonly mode: UpdateMode
  readonly force: boolean
  readonly isLenient: boolean
  readonly warnings?: FieldWarnings
}

/** The app `id` after an update; a new one where the mode allows it (rest-api 2). */
export function proposeUpdate(
  core: Core,
  id: PathId,
  body: unknown,
  options: UpdateOptions,
): Result<AppSpec, Refusal> {
  const parsed = shaped(parseAppUpdate(body, { lenient: options.isLenient, warnings: options.warnings }))
  return parsed.ok ? updated(core, { id, current: core.state.app(id) }, parsed.value, options) : parsed
}

/** Every app a bulk update names, after it. */
export function proposeUpdates(
  core: Core,
  body: unknown,
  options: Omit<UpdateOptions, 'isLenient'>,
): Result<ReadonlyMap<PathId, AppSpec>, Refusal> {
  return options.mode === 'complete' ? replacedAll(core, body, options) : updatedAll(core, body, options)
}

function replacedAll(
  core: Core,
  body: unknown,
  { force, warnings }: Omit<UpdateOptions, 'isLenient'>,
): Result<ReadonlyMap<PathId, AppSpec>, Refusal> {
  const parsed = shaped(parseAppArray(body, { warnings }))
  if (!parsed.ok) return parsed
  const specs = new Map<PathId, AppSpec>()
  for (const input of parsed.value) {
    const id = absolutePathId(input.id)
    const spec = normaliseApp(input, contextOf(core, id, force))
    if (!spec.ok) return spec
    specs.set(id, spec.value)
  }
  return ok(specs)
}

function updatedAll(
  core: Core,
  body: unknown,
  { mode, force, warnings }: Omit<UpdateOptions, 'isLenient'>,
): Result<ReadonlyMap<PathId, AppSpec>, Refusal> {
  const parsed = shaped(parseAppUpdateArray(body, { warnings }))
  if (!parsed.ok) return parsed
  const specs = new Map<PathId, AppSpec>()
  for (const update of parsed.value) {
    if (update.id === undefined) {
      return refused({
        kind: 'unprocessable',
        message: 'requirement failed: App Update must have app id set',
      })
    }
    const id = absolutePathId(update.id)
    // An app that is named twice has what both say.
    const current = specs.get(id) ?? core.state.app(id)
    const spec = updated(core, { id, current }, update, { mode, force, isLenient: false })
    if (!spec.ok) return spec
    specs.set(id, spec.value)
  }
  return ok(specs)
}

function updated(
  core: Core,
  { id, current }: { readonly id: PathId; readonly current: AppSpec | undefined },
  update: AppUpdateInput,
  options: UpdateOptions,
): Result<AppSpec, Refusal> {
  const context = contextOf(core, id, options.force)
  if (current === undefined || options.mode === 'complete') {
    const spec = normaliseApp(completeApp(update, id), context)
    if (spec.ok && current === undefined && options.mode === 'patch')
      return refused({ kind: 'app-not-found', id })
    return spec
  }
  const version = rollbackVersion(update)
  if (!version.ok) return version
  return version.value === undefined
    ? applyUpdate(current, update, context)
    : formerVersion(core, id, version.value)
}

function formerVersion(core: Core, id: PathId, version: string): Result<App, Refusal> {
  const at = parseInstant(version)
  if (at === undefined) {
    const message = `Invalid timestamp provided '${version}'. Expecting ISO-8601 datetime string.`
    return refused({ kind: 'unprocessable', message })
  }
  const former = core.state.runSpecVersion(id, formatInstant(at))
  return former === undefined || isPod(former) ? refused({ kind: 'app-not-found', id }) : ok(former)
}

/** What normalising and validating the app or pod `id` need to know of its surroundings. */
export function contextOf(
  { state, settings, runSpecValidators }: Core,
  id: PathId,
  force: boolean,
  options: {
    /** The top-level group as the same change makes it; absent: as it is. */
    readonly group?: { readonly enforceRole?: boolean } | undefined
    /** The app comes in the body of a group (app-definition 9). */
    readonly isOfGroup?: boolean
  } = {},
): NormaliseContext {
  const top = topLevelGroup(id)
  return {
    roles: roleSettings({
      id,
      mesosRole: settings.mesosRole,
      newGroupEnforceRole: settings.newGroupEnforceRole,
      group: options.group ?? (top === undefined ? undefined : state.groups.get(top)),
      previousRole: state.runSpec(id)?.role,
      isRoleChangeForced: force,
      isOfGroup: options.isOfGroup ?? false,
    }),
    ...(settings.defaultNetworkName === undefined ? {} : { defaultNetworkName: settings.defaultNetworkName }),
    ...(settings.artifactsUrl === undefined ? {} : { artifactsUrl: settings.artifactsUrl }),
    mesosBridgeName: settings.mesosBridgeName,
    enabledFeatures: settings.enabledFeatures,
    base: rootId,
    runSpecValidators,
  }
}

export const shaped = <T>(parsed: Result<T, readonly Issue[]>): Result<T, Refusal> =>
  parsed.ok ? parsed : refused({ kind: 'invalid-json-shape', issues: parsed.error })
