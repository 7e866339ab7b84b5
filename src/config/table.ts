// The table of flags, in the order in which people read it.

import type { Flag } from './flag.ts'
import { clusterFlags } from './table/cluster.ts'
import { definitionFlags } from './table/definitions.ts'
import { diagnosticFlags } from './table/diagnostics.ts'
import { eventFlags, httpFlags } from './table/http.ts'
import { removedFlags } from './table/removed.ts'
import { runningFlags } from './table/running.ts'
import { schedulingFlags } from './table/scheduling.ts'
import { tuningFlags } from './table/tuning.ts'

export const sections = [
  { title: 'What runs where', flags: runningFlags },
  { title: 'HTTP', flags: httpFlags },
  { title: 'Events and artifacts', flags: eventFlags },
  { title: 'Definitions', flags: definitionFlags },
  { title: 'Scheduling', flags: schedulingFlags },
  { title: 'Logs and metrics', flags: diagnosticFlags },
  { title: 'Clusters', flags: clusterFlags },
  { title: 'Tuning', flags: tuningFlags },
  { title: 'Removed', flags: removedFlags },
] as const satisfies readonly { readonly title: string; readonly flags: readonly Flag[] }[]

export const flags: readonly Flag[] = sections.flatMap((section): readonly Flag[] => section.flags)

type AnyFlag = (typeof sections)[number]['flags'][number]

/** What each flag says; a list that was not given is empty. */
export type FlagValues = { readonly [F in AnyFlag as F['name']]: ValueOf<F> }

type ValueOf<F extends Flag> =
  | (F['kind'] extends 'integer' | 'number'
      ? number
      : F['kind'] extends 'toggle' | 'switch'
        ? boolean
        : F['kind'] extends 'list'
          ? readonly string[]
          : F extends { choices: readonly (infer C)[] }
            ? C
            : string)
  | (F extends { default: string } ? never : F['kind'] extends 'list' ? never : undefined)
