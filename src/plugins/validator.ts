// A plugin that judges definitions, as the core asks it: what it returns becomes issues, and everything else it does is
// a failure to judge, which the core refuses and the log has in full.

import { limits } from '../lib/limits.ts'
import type { Logger } from '../ports/logger.ts'
import type { Issue } from '../spec/refusal.ts'
import type { RunSpecValidator } from '../spec/validate/run-spec-validators.ts'
import { inOneTurn, isPromiseLike } from './one-turn.ts'

/** What the class of a validator has. */
export interface ValidatorInstance {
  /** A list of texts and `{path, message}`; an empty one when there is nothing wrong. */
  validate(definition: unknown, about: { readonly kind: 'app' | 'pod' }): unknown
}

interface Options {
  readonly log: Logger
  readonly turnMs?: number
}

export function validatorOf(
  id: string,
  instance: ValidatorInstance,
  { log, turnMs = limits.pluginTurnMs }: Options,
): RunSpecValidator {
  return {
    id,
    validate: (definition, kind) => {
      try {
        return issuesOf(inOneTurn(turnMs, () => instance.validate(definition, { kind })))
      } catch (error) {
        log.error('a plugin failed to judge a definition', {
          plugin: id,
          definition: definition['id'],
          error,
        })
        throw error
      }
    },
  }
}

function issuesOf(returned: unknown): Issue[] {
  if (isPromiseLike(returned)) {
    // Nobody waits for it; a rejection that nobody hears would end the server.
    Promise.resolve(returned).catch(() => undefined)
    throw new Error('validate returned a promise, expected a list: definitions are judged at once')
  }
  if (!Array.isArray(returned)) {
    const given = returned === null ? 'null' : typeof returned
    throw new Error(
      `validate returned ${given}, expected a list of texts or {path, message}, empty when all is well`,
    )
  }
  return returned.map(issueOf)
}

function issueOf(item: unknown, index: number): Issue {
  if (typeof item === 'string') return { path: '/', errors: [item] }
  const { path, message } = (item ?? {}) as { readonly path?: unknown; readonly message?: unknown }
  if (typeof message === 'string' && typeof path === 'string' && (path === '' || path.startsWith('/'))) {
    return { path: path || '/', errors: [message] }
  }
  throw new Error(`item ${index} of what validate returned is neither a text nor {path: '/…', message: '…'}`)
}
