// Definitions through the whole spec layer, for tests: JSON in, the app or its refusal out.

import { rootId } from '../../src/lib/path-id.ts'
import { type Result, refused } from '../../src/lib/result.ts'
import type { App, AppSpec } from '../../src/spec/app.ts'
import { applyUpdate, normaliseApp } from '../../src/spec/normalise/app.ts'
import type { NormaliseContext } from '../../src/spec/normalise/context.ts'
import { normalisePod } from '../../src/spec/normalise/pod.ts'
import { parseApp, parseAppUpdate } from '../../src/spec/parse/app.ts'
import { parsePod } from '../../src/spec/parse/pod.ts'
import type { Pod, PodSpec } from '../../src/spec/pod.ts'
import type { Refusal } from '../../src/spec/refusal.ts'

export const defaultContext: NormaliseContext = {
  roles: { defaultRole: '*', allowedRoles: ['*'] },
  mesosBridgeName: 'mesos-bridge',
  enabledFeatures: new Set(),
  base: rootId,
}

export function readApp(json: unknown, context: Partial<NormaliseContext> = {}): Result<AppSpec, Refusal> {
  const parsed = parseApp(json)
  if (!parsed.ok) return refused({ kind: 'invalid-json-shape', issues: parsed.error })
  return normaliseApp(parsed.value, { ...defaultContext, ...context })
}

/** The app, or a thrown refusal. */
export function appOf(json: unknown, context: Partial<NormaliseContext> = {}): AppSpec {
  const result = readApp(json, context)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** `path: error` of each issue, or the message. */
export function problemsOf(result: Result<unknown, Refusal>): string[] {
  if (result.ok) return []
  if (result.error.kind === 'unprocessable') return [result.error.message]
  if (result.error.kind === 'validator-failed') return [result.error.reason]
  return result.error.issues.flatMap(({ path, errors }) => errors.map((error) => `${path}: ${error}`))
}

const firstVersion = '2031-04-02T09:15:20.480Z'
const bornAt = (version: string) => ({
  version,
  versionInfo: { lastScalingAt: version, lastConfigChangeAt: version },
})

export const versioned = (spec: AppSpec, version = firstVersion): App => ({ ...spec, ...bornAt(version) })
export const versionedPod = (spec: PodSpec, version = firstVersion): Pod => ({ ...spec, ...bornAt(version) })

export function readPod(json: unknown, context: Partial<NormaliseContext> = {}): Result<PodSpec, Refusal> {
  const parsed = parsePod(json)
  if (!parsed.ok) return refused({ kind: 'invalid-json-shape', issues: parsed.error })
  return normalisePod(parsed.value, { ...defaultContext, ...context })
}

/** The pod, or a thrown refusal. */
export function podOf(json: unknown, context: Partial<NormaliseContext> = {}): PodSpec {
  const result = readPod(json, context)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

export function updateApp(
  current: AppSpec,
  json: unknown,
  context: Partial<NormaliseContext> = {},
): Result<AppSpec, Refusal> {
  const parsed = parseAppUpdate(json)
  if (!parsed.ok) return refused({ kind: 'invalid-json-shape', issues: parsed.error })
  return applyUpdate(versioned(current), parsed.value, { ...defaultContext, ...context })
}
