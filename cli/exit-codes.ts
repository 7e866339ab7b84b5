// The exit codes, one meaning each: scripts branch on them, so a code never changes its meaning.

import type { Failure } from '../client/errors.ts'

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  timedOut: 5,
  conflict: 6,
  /** What a shell reports for a program ended by SIGINT. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What each code tells, in the words of the reference page. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'It is done. With `--wait`: done, and what is wanted runs.',
  failed:
    'The server refused it or failed, the deployment that was waited for did not get there, or what `explain` explains is not well.',
  usage: 'The command line, a file or a setting is wrong. Nothing was changed.',
  unreachable: 'No Marathon answers at the endpoint.',
  notFound: 'The app, task, version or agent does not exist.',
  timedOut: 'The time given by `--timeout` was over while waiting. The deployment goes on.',
  conflict: 'It exists already, or another deployment holds it (`--force` overrides that).',
  interrupted: 'Interrupted with Ctrl-C. A deployment that was waited for goes on.',
}

export const exitCodeOf: Readonly<Record<Failure['kind'], ExitCode>> = {
  unreachable: exitCodes.unreachable,
  foreign: exitCodes.unreachable,
  unauthenticated: exitCodes.failed,
  forbidden: exitCodes.failed,
  invalid: exitCodes.failed,
  refused: exitCodes.failed,
  broken: exitCodes.failed,
  'not-found': exitCodes.notFound,
  conflict: exitCodes.conflict,
}
