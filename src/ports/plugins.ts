// Plugins: code of the operator's that the server loads at its start (events-metrics-flags 5). src/plugins finds and
// starts them; what they say about definitions goes to the core, what they answer to requests through HTTP.

import type { TaskProcessor } from '../core/placement/task-processors.ts'
import type { JsonObject } from '../spec/render/fields.ts'
import type { RunSpecValidator } from '../spec/validate/run-spec-validators.ts'

export interface Plugins {
  /** Those that are loaded, in the order of the descriptor. */
  readonly list: readonly PluginDescription[]
  readonly runSpecValidators: readonly RunSpecValidator[]
  /** In the order of the descriptor, which is that of their work. */
  readonly taskProcessors: readonly TaskProcessor[]
  /** By the id of the plugin. */
  readonly requestHandlers: ReadonlyMap<string, RequestHandler>
}

/** What people see of one. Its configuration, which may hold secrets, is not part of it. */
export interface PluginDescription {
  readonly id: string
  /** The full name of the interface. */
  readonly plugin: string
  readonly implementation: string
  readonly tags?: readonly string[]
  readonly info?: JsonObject
}

/** Rejects with a PluginError, nothing else. */
export type RequestHandler = (request: PluginRequest) => Promise<PluginAnswer>

export interface PluginRequest {
  readonly method: string
  /** What follows the plugin's id, without a leading slash. */
  readonly path: string
  readonly header: (name: string) => readonly string[]
  readonly queryParam: (name: string) => readonly string[]
  readonly body: Uint8Array
  readonly remoteAddr: string
  readonly remotePort: number
  readonly localAddr: string
  readonly localPort: number
}

export interface PluginAnswer {
  readonly status: number
  /** In the order in which they were set; a name may occur more than once. All can be sent. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: { readonly mediaType: string; readonly bytes: Uint8Array }
}

/** A request that a plugin did not answer. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly problem: { readonly kind: 'failed' } | { readonly kind: 'late'; readonly limitMs: number }

  constructor(problem: PluginError['problem'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}

/** A plugin that cannot be loaded. The server does not start without: exit code 102, PluginInitializationFailure. */
export class PluginStartError extends Error {
  override readonly name = 'PluginStartError'
}
