// One flag of the server: what a user may write, what holds when he does not, and what it is worth here. The tables in
// table/ have a row for each; reading, help, warnings, the log of options and docs/reference/flags.md come from them.

import type { Form } from './forms.ts'

/**
 * `toggle` is switched by `--name` and `--disable_name`, `switch` by `--name` alone, as in the original. Choices and
 * forms of a `list` hold for each of its items.
 */
export type FlagKind = 'text' | 'integer' | 'number' | 'toggle' | 'switch' | 'choice' | 'list'

export interface Flag {
  readonly name: string
  readonly kind: FlagKind
  /** As text, the way a user would write it; absent: none. Toggles and switches: `on` or `off`. */
  readonly default?: string
  /** Compared without regard to case. */
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  /** What texts are allowed. */
  readonly form?: Form
  /** Never shown, neither in a message nor in a log. */
  readonly isSecret?: true
  /** A variable of the environment that holds when the flag is not given otherwise (events-metrics-flags 3.1). */
  readonly variable?: string
  readonly help: string
  /** Without this other flag it means nothing. */
  readonly needs?: string
  /** Absent: the flag does what its help says. */
  readonly standing?: Standing
}

/** A flag that does not do what its name says. */
export type Standing =
  /** Accepted; who gives it is told why nothing comes of it. */
  | { readonly kind: 'without-effect'; readonly why: string }
  /** Not accepted, for what it asks for would be missing without anybody noticing. A toggle is refused when on. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It does what its help says on a Mesos cluster; elsewhere who gives it is told why nothing comes of it. */
  | { readonly kind: 'mesos-only'; readonly why: string }

/** Whether it ever does what its help says. */
export const isWorking = ({ standing }: Flag): boolean =>
  standing === undefined || standing.kind === 'mesos-only'

/** A flag that is unknown or has a value it cannot have. The server exits with 112 (InvalidCommandLineFlag). */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

/** A value as it may be read by anybody: nothing of a secret, and of a URL all but its user and password. */
export function shownValue(flag: Flag, text: string): string {
  if (flag.isSecret) return '***'
  return flag.kind === 'list' ? text.split(',').map(withoutCredentials).join(',') : withoutCredentials(text)
}

/** In the original's form (events-metrics-flags 3.1). A password may hold slashes and at-signs. */
export const withoutCredentials = (text: string): string => text.replace(/:\/\/\S*@/, '://xxxxxxxx:xxxxxxxx@')

/** `--[disable_]name` for toggles. */
export const shownName = (flag: Flag): string =>
  flag.kind === 'toggle' ? `--[disable_]${flag.name}` : `--${flag.name}`

/** It stands alone or has a value that says on or off. */
export const isOnOff = (flag: Flag): boolean => flag.kind === 'toggle' || flag.kind === 'switch'
