// What calls have in common beside their subject.

import type { Query } from './transport.ts'

export interface ChangeOptions {
  /** Takes the place of a deployment that is under way. */
  readonly force?: boolean | undefined
  /** Only if this is still the version in force, as the ETag of a read begins with: otherwise a `conflict`. */
  readonly ifMatch?: string | undefined
}

export interface KillOptions {
  readonly force?: boolean | undefined
  readonly scale?: boolean | undefined
  readonly wipe?: boolean | undefined
}

export interface EmbedOption {
  /** What is shown besides, as `tasks` or `group.apps.counts`. */
  readonly embed?: readonly string[] | undefined
}

/** The query and the headers of a change. What is not asked for is not sent. */
export const asked = (
  options: ChangeOptions,
): { readonly query: Query; readonly headers: Record<string, string> } => ({
  query: { force: options.force || undefined },
  headers: options.ifMatch === undefined ? {} : { 'if-match': `"${options.ifMatch}"` },
})

export const killQuery = (options: KillOptions): Query => ({
  force: options.force || undefined,
  scale: options.scale || undefined,
  wipe: options.wipe || undefined,
})

export const embedQuery = (options: EmbedOption): Query => ({ embed: options.embed })
