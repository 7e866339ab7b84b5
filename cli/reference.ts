// docs/reference/cli.md, written from the command tree: a command or an option that exists is on the page, and
// nothing else is. The test beside this file compares the page with it.

import type { Argument, Command, Option } from 'commander'
import { exitCodeMeanings, exitCodes } from './exit-codes.ts'
import { commandsOf, type NamedCommand } from './program.ts'

export function renderReference(root: Command): string {
  const commands = commandsOf(root)
  const leaves = commands.filter(({ command }) => command.commands.length === 0)
  return [
    introduction,
    '## Options of every command\n',
    table(
      ['Option', 'Meaning'],
      root.options.filter((option) => option.long !== '--version').map(rowOfOption),
    ),
    waitingText,
    '## Exit codes\n',
    table(
      ['Code', 'Meaning'],
      Object.entries(exitCodes).map(([name, code]) => [
        String(code),
        exitCodeMeanings[name as keyof typeof exitCodes],
      ]),
    ),
    '## Commands\n',
    table(
      ['Command', 'Does'],
      leaves.map(({ command, path }) => [`[\`${path}\`](#${anchorOf(path)})`, command.description()]),
    ),
    ...leaves.map(section),
  ].join('\n')
}

const introduction = `# The command line

<!-- Written by cli/reference.ts from the commands themselves: npx vitest run cli/reference.test.ts --update -->

\`marathon\` is server and client in one. A noun comes first, then a verb: \`marathon app scale /shop/web 3\`.
\`marathon NOUN --help\` lists the verbs.

    marathon server                                               # in one terminal
    marathon app add --id hello --cmd 'sleep 3600' --wait         # in another
    marathon app scale hello 3 --wait
    marathon task list hello
    marathon task logs hello -f
    marathon app remove hello

An id is absolute (\`/shop/web\`); a missing first slash is added.

## Where the server is

\`--url\`, else the environment variable \`MARATHON_URL\`, else \`http://127.0.0.1:8080\`. The scheme may be left out.
User and password come from \`--user NAME:PASSWORD\`, else from \`MARATHON_CREDENTIALS\`, else from the URL
(\`http://name:password@host:8080\`). Prefer the environment: other users of a machine can see command lines.
`

const waitingText = `## For people, and for scripts

Tables are cut to the width of the terminal, ids excepted; nothing is cut or coloured when the output is no terminal.
With \`-o json\` stdout has exactly what the server said and nothing else; errors and progress are text on stderr.
An error tells what happened, why, and the command that helps.

A change is a deployment, which goes on by itself. \`--wait\` shows how far it is and why it waits, and ends when what
was asked for runs. It bears a restart of the server. On a terminal one block is drawn again in place; elsewhere a line
is printed for each app whenever it changes. \`--timeout\` and Ctrl-C end the waiting, not the deployment.
`

function section({ command, path }: NamedCommand): string {
  const { registeredArguments: args, options } = command
  const parts = [`### ${path}\n`, `${capitalised(command.description())}.\n`, `    ${usage(command, path)}\n`]
  const documented = args.filter((argument) => argument.description !== '')
  if (documented.length > 0)
    parts.push(
      table(
        ['Argument', 'Meaning'],
        documented.map((argument) => [`\`${argument.name()}\``, argument.description]),
      ),
    )
  if (options.length > 0) parts.push(table(['Option', 'Meaning'], options.map(rowOfOption)))
  return parts.join('\n')
}

const usage = (command: Command, path: string): string =>
  [path, ...command.registeredArguments.map(shapeOf), command.options.length > 0 ? '[options]' : '']
    .filter(Boolean)
    .join(' ')

function shapeOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function rowOfOption(option: Option): readonly string[] {
  const notes = [
    option.mandatory ? 'required' : '',
    option.defaultValue !== undefined && typeof option.defaultValue !== 'boolean'
      ? `default ${option.defaultValue}`
      : '',
  ].filter(Boolean)
  return [`\`${option.flags}\``, `${option.description}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`]
}

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((row) => `| ${row.map(escaped).join(' | ')} |\n`).join('')

const escaped = (text: string): string => text.replaceAll('|', '\\|')

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The anchor that renderers of Markdown give to a heading. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-')
