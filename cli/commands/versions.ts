// The versions of a definition, of an app as of a pod or a group.

import type { Answer } from '../../client/transport.ts'
import type { Context } from '../context.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { formatAge } from '../output/duration.ts'

/** The newest first. */
export function showVersions(
  context: Context,
  answer: Answer<unknown>,
  versions: readonly string[],
): ExitCode {
  context.json(answer)
  const now = context.clock.now()
  context.table(
    [{ title: 'VERSION' }, { title: 'AGE' }],
    versions
      .toSorted()
      .reverse()
      .map((version) => [version, formatAge(version, now)]),
  )
  return exitCodes.ok
}
