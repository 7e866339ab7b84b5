// From the body of a request to the pod it asks for, as propose-app.ts does for apps. Nothing is changed here.

import { absolutePathId, type PathId } from '../../lib/path-id.ts'
import { type Result, refused } from '../../lib/result.ts'
import type { FieldWarnings } from '../../spec/field-warnings.ts'
import { normalisePod } from '../../spec/normalise/pod.ts'
import { parsePod } from '../../spec/parse/pod.ts'
import type { PodSpec } from '../../spec/pod.ts'
import { validatePod } from '../../spec/validate/pod.ts'
import type { Core } from '../core.ts'
import type { Refusal } from '../requests.ts'
import { contextOf, shaped } from './propose-app.ts'

interface PodOptions {
  readonly force: boolean
  readonly warnings?: FieldWarnings
}

/** A new pod. Its reservations, if it has any, are new too, so force has no role to change. */
export function proposePod(
  core: Core,
  body: unknown,
  { warnings }: Omit<PodOptions, 'force'>,
): Result<PodSpec, Refusal> {
  const parsed = shaped(parsePod(body, { warnings }))
  if (!parsed.ok) return parsed
  return normalisePod(parsed.value, contextOf(core, absolutePathId(parsed.value.id), false))
}

/** The pod `id` after it is replaced by a whole definition. That it is another's shows when that one is sound. */
export function proposePodUpdate(
  core: Core,
  id: PathId,
  body: unknown,
  { force, warnings }: PodOptions,
): Result<PodSpec, Refusal> {
  const parsed = shaped(parsePod(body, { warnings }))
  if (!parsed.ok) return parsed
  const context = contextOf(core, id, force)
  const given = parsed.value.id
  if (absolutePathId(given) === id) return normalisePod(parsed.value, context)
  const issues = validatePod(parsed.value, context)
  return refused(issues.length > 0 ? { kind: 'invalid-object', issues } : { kind: 'id-mismatch', id, given })
}
