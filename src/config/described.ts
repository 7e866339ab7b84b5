// What people read about flags: the help, the warnings at the start, the log of all options.

import { switchFeatures } from './deprecated-features.ts'
import { type Flag, isOnOff, isWorking, shownName, shownValue } from './flag.ts'
import type { GivenFlag } from './flags.ts'
import { parseMaster } from './forms.ts'
import { type FlagValues, flags, sections } from './table.ts'

/** The text of `marathon server --help`. */
export function describeFlags(): string {
  const lines = [
    'Usage: marathon server [--flag value …]',
    '',
    'Every flag can also be set as MARATHON_<FLAG> in the environment.',
  ]
  for (const { title, flags } of sections) {
    const working = (flags as readonly Flag[]).filter(isWorking)
    if (working.length > 0) lines.push('', `${title}:`)
    for (const flag of working) {
      const shown = flag.default === undefined ? '' : ` (${flag.default})`
      lines.push(`  ${shownName(flag)}${shown}`, `      ${flag.help}`)
    }
  }
  lines.push('', 'Known from Marathon 1.11 and before, and without effect or refused here:')
  lines.push(...wrapped(flags.filter((flag) => !isWorking(flag)).map(shownName)))
  lines.push('  docs/reference/flags.md says why.')
  return `${lines.join('\n')}\n`
}

/** Lines of at most 80 columns. */
function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > 80) lines.push(`  ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** One sentence for each flag a user gave in vain. A toggle that is given as it stands anyway asks for nothing. */
export function warningsOf(given: readonly GivenFlag[], values: FlagValues): readonly string[] {
  const hasMaster = !['local', 'sim'].includes(parseMaster(values.master)!.kind)
  const inVain = given.flatMap(({ flag, text }) => {
    const { standing } = flag
    const isVain = standing?.kind === 'without-effect' || (standing?.kind === 'mesos-only' && !hasMaster)
    return !isVain || (isOnOff(flag) && text === flag.default)
      ? []
      : [`${givenName(flag, text)} has no effect: ${standing.why}`]
  })
  const names = new Set(given.map(({ flag }) => flag.name))
  const alone = given.flatMap(({ flag }) =>
    flag.needs === undefined || names.has(flag.needs)
      ? []
      : [`--${flag.name} has no effect without --${flag.needs}.`],
  )
  return [...inVain, ...alone, ...switchFeatures(values.deprecated_features).warnings]
}

/** All options for the log (events-metrics-flags 3.1): those that were given, and the others that have a value. */
export function optionsForLog(given: readonly GivenFlag[]): {
  readonly given: readonly string[]
  readonly defaults: readonly string[]
} {
  const names = new Set(given.map(({ flag }) => flag.name))
  return {
    given: given.map(({ flag, text }) => shownOption(flag, text)),
    defaults: flags.flatMap((flag) =>
      names.has(flag.name) || flag.default === undefined || !isWorking(flag)
        ? []
        : [shownOption(flag, flag.default)],
    ),
  }
}

const shownOption = (flag: Flag, text: string): string =>
  flag.kind === 'toggle' ? givenName(flag, text) : `${givenName(flag, text)} ${shownValue(flag, text)}`

const givenName = (flag: Flag, text: string): string =>
  `--${flag.kind === 'toggle' && text === 'off' ? 'disable_' : ''}${flag.name}`
