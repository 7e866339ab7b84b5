// From what a user sent to the one form an app has in the program, or to the reasons why not: the stages of
// app-definition 8, in its order. Updates of some fields are merged into the present app and then go the same way.

import type { Version } from '../../lib/instant.ts'
import { absolutePathId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { App, AppSpec } from '../app.ts'
import { defined } from '../defined.ts'
import { invalidObject } from '../parse/issues.ts'
import type { Refusal } from '../refusal.ts'
import type { AppInput, AppUpdateInput } from '../schema/app.ts'
import { validateAppSpec } from '../validate/app.ts'
import { validateCanonical } from '../validate/canonical.ts'
import { validateOldApi } from '../validate/old-api.ts'
import { acceptedBy } from '../validate/run-spec-validators.ts'
import type { NormaliseContext } from './context.ts'
import { convert } from './convert.ts'
import {
  addPortIndex,
  addReadyStatus,
  defaultPortMappings,
  fitPortDefinitions,
  fitPortMappings,
  hasPersistentVolumes,
  migrateContainer,
  migratePorts,
  migrateUris,
} from './deprecated-fields.ts'
import { translateExternalContainerizer } from './external-containerizer.ts'
import { hasNonHostMode, nameNetworks, translateNetworks } from './networks.ts'
import { fetchStored } from './store-urls.ts'

/** A complete definition in its final form, without version and with service ports not yet assigned. */
export function normaliseApp(input: AppInput, context: NormaliseContext): Result<AppSpec, Refusal> {
  const translated = translateExternalContainerizer({ ...input, id: absolutePathId(input.id, context.base) })
  if (!translated.ok) return translated
  const oldApiIssues = validateOldApi(translated.value)
  if (oldApiIssues.length > 0) return refused(invalidObject(oldApiIssues))
  const migrated = migrateApp(translated.value, context)
  if (!migrated.ok) return migrated
  const canonical: AppInput = { ...migrated.value, role: migrated.value.role ?? context.roles.defaultRole }
  const issues = validateCanonical(canonical, context)
  if (issues.length > 0) return refused(invalidObject(issues))
  const spec = convert(canonical, context)
  if (!spec.ok) return spec
  return acceptedBy(context.runSpecValidators ?? [], spec.value, validateAppSpec(spec.value, context))
}

/** Stages 3 to 9 for a complete app. */
function migrateApp(app: AppInput, context: NormaliseContext): Result<AppInput, Refusal> {
  const { uris, ipAddress, ports, ...rest } = app
  const migrated = migrateUris(uris ?? [], app.fetch)
  if (!migrated.ok) return migrated
  const fetch = fetchStored(migrated.value ?? [], app.storeUrls ?? [], context)
  if (!fetch.ok) return fetch
  const translated = translateNetworks(
    {
      ipAddress,
      dockerNetwork: app.container?.docker?.network,
      networks: app.networks.length === 0 ? undefined : app.networks,
    },
    context,
  )
  if (!translated.ok) return translated
  const networks = translated.value ?? []
  const moved = migrateContainer(app.container, ipAddress)
  if (!moved.ok) return moved
  const oldDefinitions = migratePorts(ports, app.portDefinitions)
  const container =
    moved.value === undefined ? undefined : fitPortMappings(moved.value, networks, oldDefinitions)
  // Deliberately not the deprecated `ports` nor the defaulted definition: checks of such apps stay without an index.
  const hasPorts = (app.portDefinitions?.length ?? 0) > 0 || container?.portMappings !== undefined
  const residency = hasPersistentVolumes(app.container)
    ? (app.residency ?? { relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: 'WAIT_FOREVER' as const })
    : app.residency
  return ok({
    ...defined({
      ...rest,
      container,
      portDefinitions: fitPortDefinitions(oldDefinitions, networks),
      residency,
    }),
    fetch: fetch.value,
    networks: [...networks],
    healthChecks: hasPorts ? app.healthChecks.map(addPortIndex) : app.healthChecks,
    readinessChecks: app.readinessChecks.map(addReadyStatus),
  })
}

/**
 * The version to go back to when an update names one, which it may do beside the id only (rest-api 2). The id is
 * the path's, so the caller looks the version up and needs nothing further from the update.
 */
export function rollbackVersion(update: AppUpdateInput): Result<Version | undefined, Refusal> {
  const { version, id: _id, ...others } = update
  if (version === undefined || Object.keys(others).length === 0) return ok(version)
  return refused(
    invalidObject([{ path: '/', errors: ["The 'version' field may only be combined with the 'id' field."] }]),
  )
}

/**
 * `current` with the given fields replaced, each as a whole, then normalised and validated like a new app. A version in
 * the update is judged but not followed: callers ask `rollbackVersion` first.
 */
export function applyUpdate(
  current: AppSpec,
  update: AppUpdateInput,
  context: NormaliseContext,
): Result<AppSpec, Refusal> {
  const fields = normaliseUpdate(update, context)
  return fields.ok ? normaliseApp(mergeUpdate(current, fields.value), context) : fields
}

/** An update with its fields in today's form, and no defaults for what it does not say. */
function normaliseUpdate(update: AppUpdateInput, context: NormaliseContext): Result<AppUpdateInput, Refusal> {
  const translated = translateExternalContainerizer(update)
  if (!translated.ok) return translated
  const migrated = migrateUpdate(translated.value, context)
  if (!migrated.ok) return migrated
  const version = rollbackVersion(update)
  if (!version.ok) return version
  const { networks, container } = migrated.value
  if (networks === undefined) return migrated
  const named = nameNetworks(networks, context)
  if (!named.ok) return named
  const needsContainer = container === undefined && hasNonHostMode(networks)
  return ok({
    ...migrated.value,
    networks: named.value,
    ...(needsContainer
      ? { container: { type: 'MESOS' as const, volumes: [], portMappings: [...defaultPortMappings] } }
      : {}),
  })
}

/** Stages 3 to 8 for the fields of an update. */
function migrateUpdate(update: AppUpdateInput, context: NormaliseContext): Result<AppUpdateInput, Refusal> {
  const { uris, ipAddress, ports, ...rest } = update
  const fetch = migrateUris(uris ?? [], update.fetch)
  if (!fetch.ok) return fetch
  const networks = translateNetworks(
    { ipAddress, dockerNetwork: update.container?.docker?.network, networks: update.networks },
    context,
  )
  if (!networks.ok) return networks
  const container = migrateContainer(update.container, ipAddress)
  if (!container.ok) return container
  return ok(
    defined({
      ...rest,
      fetch: fetch.value,
      networks: networks.value === undefined ? undefined : [...networks.value],
      container: container.value,
      portDefinitions: migratePorts(ports, update.portDefinitions),
      healthChecks: update.healthChecks?.map(addPortIndex),
      readinessChecks: update.readinessChecks?.map(addReadyStatus),
    }),
  )
}

/**
 * The original also drops resourceLimits and executorResources that an update does not repeat, so that scaling an app
 * would take its limits away and restart it. What an update does not name stays (docs/compatibility.md), but for
 * `storeUrls`: once stored, a file is like any other that is fetched.
 */
const mergeUpdate = (current: AppSpec, update: AppUpdateInput): AppInput => ({
  ...asInput(current),
  ...update,
  id: current.id,
})

/** An app as its owner would have to send it to get it again. */
function asInput(app: AppSpec): AppInput {
  const {
    version: _version,
    versionInfo: _versionInfo,
    storeUrls: _stored,
    ...spec
  }: AppSpec & Partial<App> = app
  const portMappings = app.container?.portMappings?.map((mapping) => ({
    ...mapping,
    networkNames: mapping.networkNames ?? [],
  }))
  const container = app.container === undefined ? undefined : defined({ ...app.container, portMappings })
  const input = defined({ ...spec, args: app.args ?? [], container })
  // The two types differ in `readonly` alone; nothing here or later writes to an input.
  return input as unknown as AppInput
}
