// `marathon completion SHELL`: a script that completes commands and options, made from the command tree.

import { Argument, type Command } from 'commander'
import { type CompletionShell, completionScript } from '../complete.ts'

export const registerCompletion = (root: Command, out: (text: string) => void): Command =>
  root
    .command('completion')
    .description('Print a script that lets a shell complete commands: source <(marathon completion bash)')
    .addArgument(
      new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'] satisfies CompletionShell[]),
    )
    .action((shell: CompletionShell) => out(completionScript(root, shell)))
