// Rules about apps and pods that are not ours but the operator's: validator plugins (events-metrics-flags 5.2). They
// are asked where our rules about the final form are (app-definition 10.3, last words). They come from outside, so what
// they get cannot be changed, and one that throws refuses the definition: a rule that cannot be judged is not kept.

import { ok, type Result, refused } from '../../lib/result.ts'
import { Issues, invalidObject } from '../parse/issues.ts'
import type { Issue, Refusal } from '../refusal.ts'
import { renderApp } from '../render/app.ts'
import type { Json, JsonObject } from '../render/fields.ts'
import { renderPod } from '../render/pod.ts'
import { isPod, type RunSpecDraft } from '../run-spec.ts'

export interface RunSpecValidator {
  /** Of the plugin, for messages. */
  readonly id: string
  /**
   * What is wrong with a definition, as the API shows it but without version. Says the same of the same, always. Throws
   * when it cannot say.
   */
  readonly validate: (definition: JsonObject, kind: RunSpecKind) => readonly Issue[]
}

export type RunSpecKind = 'app' | 'pod'

/** The definition, unless one of our rules (`issues`) or one of the validators has something against it. */
export function acceptedBy<S extends RunSpecDraft>(
  validators: readonly RunSpecValidator[],
  runSpec: S,
  issues: readonly Issue[],
): Result<S, Refusal> {
  const all = new Issues()
  all.addAll(issues)
  if (validators.length > 0) {
    const kind = isPod(runSpec) ? 'pod' : 'app'
    const definition = shownToPlugins(runSpec)
    for (const { id, validate } of validators) {
      try {
        all.addAll(validate(definition, kind))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return refused({ kind: 'validator-failed', plugin: id, reason })
      }
    }
  }
  return all.isEmpty ? ok(runSpec) : refused(invalidObject(all.list()))
}

/** As the API shows it; it cannot be changed. */
export const shownToPlugins = (runSpec: RunSpecDraft): JsonObject =>
  frozenCopy(isPod(runSpec) ? renderPod(runSpec) : renderApp(runSpec)) as JsonObject

/** Rendered definitions share their parts with those in force. */
function frozenCopy(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return Object.freeze(value.map(frozenCopy))
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, part]) => [key, frozenCopy(part)])),
  )
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
