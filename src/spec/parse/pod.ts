// Untrusted JSON to pod definitions, as parse/app.ts does for apps.

import type { Result } from '../../lib/result.ts'
import { Pod, type PodInput } from '../schema/pod.ts'
import { interpret, type ParseOptions } from './interpreter.ts'
import type { Issue } from './issues.ts'

/** A complete pod definition: POST /v2/pods and PUT /v2/pods/{id}. */
export const parsePod = (json: unknown, options: ParseOptions = {}): Result<PodInput, Issue[]> =>
  interpret(Pod, json, options)
