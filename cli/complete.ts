// Completion scripts for shells, from the command tree. They are static: no server is asked while one types.

import type { Command } from 'commander'

export type CompletionShell = 'bash' | 'zsh' | 'fish'

export const completionScript = (root: Command, shell: CompletionShell): string => scripts[shell](root)

const scripts: Readonly<Record<CompletionShell, (root: Command) => string>> = {
  bash: bashScript,
  // zsh runs the bash function through its own emulation.
  zsh: (root) => `autoload -Uz compinit bashcompinit && compinit && bashcompinit\n${bashScript(root)}`,
  fish: fishScript,
}

interface Words {
  /** The words that lead here, without the program: `app list`; empty at the root. */
  readonly path: string
  readonly names: readonly { readonly name: string; readonly text: string }[]
  readonly options: readonly {
    readonly short?: string | undefined
    readonly long?: string | undefined
    readonly text: string
  }[]
}

function wordsOf(command: Command, path: string): Words[] {
  const here: Words = {
    path,
    names: command.commands.map((child) => ({ name: child.name(), text: child.description() })),
    options: command.options.map((option) => ({
      short: option.short,
      long: option.long,
      text: option.description,
    })),
  }
  const below = command.commands.flatMap((child) => wordsOf(child, `${path} ${child.name()}`.trim()))
  return [here, ...below]
}

function bashScript(root: Command): string {
  const words = wordsOf(root, '')
  const globals = words[0]!.options.map((option) => option.long).join(' ')
  const cases = words.map(({ path, names, options }) => {
    const all = [
      ...names.map((each) => each.name),
      ...options.map((option) => option.long),
      path === '' ? '' : globals,
    ]
    return `    '${path}') words='${all.filter(Boolean).join(' ')}' ;;`
  })
  const paths = words.map((each) => `'${each.path}'`).join('|')
  return `_marathon() {
  local path='' word words=''
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _marathon marathon
`
}

function fishScript(root: Command): string {
  const words = wordsOf(root, '')
  const lines = words.flatMap(({ path, names, options }) => {
    const seen =
      path === ''
        ? ''
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ')
    const known = names.map((each) => each.name).join(' ')
    const here =
      path === '' ? '__fish_use_subcommand' : `${seen}; and not __fish_seen_subcommand_from ${known}`
    const children = names.map(
      ({ name, text }) => `complete -c marathon -f -n '${here}' -a ${name} -d ${quoted(text)}`,
    )
    const flags = options.map(({ short, long, text }) => {
      const parts = [
        seen === '' ? '' : `-n '${seen}'`,
        short === undefined ? '' : `-s ${short.slice(1)}`,
        long === undefined ? '' : `-l ${long.slice(2)}`,
        `-d ${quoted(text)}`,
      ]
      return ['complete -c marathon', ...parts.filter(Boolean)].join(' ')
    })
    return [...children, ...flags]
  })
  return `${lines.join('\n')}\n`
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
