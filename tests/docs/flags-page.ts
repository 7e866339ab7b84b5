// docs/reference/flags.md, written from the table of flags in src/config/flags.ts. Nothing in it is typed by hand.

import { type Flag, flags } from '../../src/config/flags.ts'

/** The text of the page. */
export function renderFlagsPage(): string {
  const rows = (flags as readonly Flag[]).map(
    (flag) => `| \`--${flag.name}\` | ${shownValue(flag)} | ${shownDefault(flag)} | ${cell(flag.help)} |`,
  )
  return `${opening}\n| Flag | Value | Default | Meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

const opening = `# Flags of the server

<!-- Written from src/config/flags.ts: UPDATE_DOCS=1 npx vitest run tests/docs -->

\`marathon server --NAME VALUE …\`, or \`npm start -- --NAME VALUE …\` in a clone.

- Every flag can be set in the environment instead: \`--http_port 9090\` is \`MARATHON_HTTP_PORT=9090\`. Giving both is an
  error.
- An *on/off* flag stands alone: \`--http_compression\` switches on, \`--disable_http_compression\` off. In the environment,
  \`MARATHON_HTTP_COMPRESSION=false\` or \`MARATHON_DISABLE_HTTP_COMPRESSION=true\` switches it off.
- A list is separated by commas.
- An unknown flag or a value that cannot be ends the server at once with a message and
  [exit code 112](exit-codes.md).
- Variables that begin with \`MARATHON_APP_\` are left alone: they are what tasks get. \`MARATHON_URL\` and
  \`MARATHON_CREDENTIALS\` belong to the [command line](cli.md), \`MARATHON_HEAP_MB\` to \`bin/marathon\`: the most memory
  the server's heap may take, half of the machine's when absent.
`

function shownValue(flag: Flag): string {
  const range =
    flag.min !== undefined && flag.max !== undefined
      ? ` ${flag.min}–${flag.max}`
      : flag.min !== undefined
        ? `, ${flag.min} or more`
        : ''
  switch (flag.kind) {
    case 'toggle':
      return 'on/off'
    case 'choice':
      return flag.choices!.map((choice) => `\`${choice}\``).join(', ')
    case 'integer':
      return `whole number${range}`
    case 'number':
      return `number${range}`
    case 'list':
      return 'list'
    case 'text':
      return 'text'
  }
}

const shownDefault = (flag: Flag): string => (flag.default === undefined ? '' : `\`${flag.default}\``)

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|')
