// docs/reference/flags.md, written from the table of flags in src/config. Nothing in it is typed by hand.

import { type DeprecatedFeature, deprecatedFeatures } from '../../src/config/deprecated-features.ts'
import { type Flag, isWorking, shownName } from '../../src/config/flag.ts'
import { flags, sections } from '../../src/config/table.ts'

/** The text of the page. */
export function renderFlagsPage(): string {
  return [opening, working(), withoutEffect(), refused(), removedFeatures()].join('\n')
}

const opening = `# Flags of the server

<!-- Written from src/config/table.ts: UPDATE_DOCS=1 npx vitest run tests/docs -->

\`marathon server --NAME VALUE …\`, or \`npm start -- --NAME VALUE …\` in a clone.

- Every flag can be set in the environment instead: \`--http_port 9090\` is \`MARATHON_HTTP_PORT=9090\`. Giving both is an
  error.
- A flag shown as \`--[disable_]name\` stands alone: \`--http_compression\` switches on, \`--disable_http_compression\` off.
  In the environment, \`MARATHON_HTTP_COMPRESSION=false\` or \`MARATHON_DISABLE_HTTP_COMPRESSION=true\` switches it off; a
  variable without a value is the flag alone.
- A list is separated by commas. Words to choose from are taken in any case.
- An unknown flag or a value that cannot be ends the server at once with a message and
  [exit code 112](exit-codes.md).
- Variables that begin with \`MARATHON_APP_\` are left alone: they are what tasks get. \`MARATHON_URL\` and
  \`MARATHON_CREDENTIALS\` belong to the [command line](cli.md), \`MARATHON_HEAP_MB\` to \`bin/marathon\`: the most memory
  the server's heap may take, half of the machine's when absent.
${variables()}
- What is marked (Mesos) has a meaning where \`--master\` names a Mesos master; elsewhere it has no effect.
- When it is up the server logs all options in one line, secrets and credentials within URLs masked, and a warning for
  each that has no effect.
`

function variables(): string {
  const shown = flags.flatMap((flag) =>
    flag.variable === undefined ? [] : [`\`${flag.variable}\` is \`--${flag.name}\``],
  )
  return `- Three variables go by the original's names and give way to the flag: ${shown.join(',\n  ')}.`
}

function working(): string {
  return sections
    .map(({ title, flags }) => ({ title, rows: (flags as readonly Flag[]).filter(isWorking) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) => `## ${title}\n\n${table(headings, rows.map(rowOf))}`)
    .join('\n')
}

const headings = ['Flag', 'Value', 'Default', 'Meaning']

const rowOf = (flag: Flag): readonly string[] => [
  `\`${shownName(flag)}\``,
  shownKind(flag),
  flag.default === undefined ? '' : `\`${flag.default}\``,
  flag.standing?.kind === 'mesos-only' ? `${flag.help} (Mesos)` : flag.help,
]

function withoutEffect(): string {
  const rows = flags.filter((flag) => flag.standing?.kind === 'without-effect')
  return `## Without effect

Known from Marathon 1.11 and before, so that old start scripts work. Their form is checked, and the log says once that
nothing comes of them.

${table([...headings.slice(0, 3), 'Meaning there', 'Why nothing comes of it'], rows.map(rowWithReason))}`
}

function refused(): string {
  const rows = flags.filter((flag) => flag.standing?.kind === 'refused')
  return `## Refused

What these ask for would be missing without a sign, so the server does not start with them.

${table([...headings.slice(0, 3), 'Meaning there', 'Why not'], rows.map(rowWithReason))}`
}

const rowWithReason = (flag: Flag): readonly string[] => [...rowOf(flag), flag.standing?.why ?? '']

function removedFeatures(): string {
  const rows = (deprecatedFeatures as readonly DeprecatedFeature[]).map((feature) => [
    `\`${feature.key}\``,
    feature.about,
    feature.softRemoval.join('.'),
    feature.hardRemoval.join('.'),
    feature.isKept ? `on; \`disable_${feature.key}\` switches it off` : 'naming it is an error',
  ])
  return `## Deprecated features

What \`--deprecated_features\` may name. \`disable_<feature>\` is taken for each.

${table(['Feature', 'What', 'Off unless named, in the original, from', 'Removed there in', 'Here'], rows)}`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows.map((row) => row.map(cell))]
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`
}

function shownKind(flag: Flag): string {
  switch (flag.kind) {
    case 'toggle':
    case 'switch':
      return 'on/off'
    case 'choice':
      return flag.choices!.map((choice) => `\`${choice}\``).join(', ')
    case 'integer':
      return `whole number${shownRange(flag)}`
    case 'number':
      return `number${shownRange(flag)}`
    case 'list':
      return 'list'
    case 'text':
      return 'text'
  }
}

function shownRange({ min, max }: Flag): string {
  if (min === undefined) return ''
  return max === undefined ? `, ${min} or more` : ` ${min}–${max}`
}

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|')
