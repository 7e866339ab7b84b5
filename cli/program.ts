// The whole command tree, built anew for each run: nouns, then the server itself, then the first releases'
// commands. Help, completion and the reference page are all read from it.

import { Command, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import type { Runner } from './command.ts'
import { registerAgent } from './commands/agent.ts'
import { registerApp } from './commands/app.ts'
import { registerCompletion } from './commands/completion.ts'
import { registerDeployment } from './commands/deployment.ts'
import { registerExplain } from './commands/explain.ts'
import { registerGroup } from './commands/group.ts'
import { registerPod } from './commands/pod.ts'
import { registerQueue } from './commands/queue.ts'
import { registerSystem } from './commands/system.ts'
import { registerTask } from './commands/task.ts'
import { registerV1 } from './commands/v1.ts'
import { defaultUrl } from './endpoint.ts'

export interface ProgramSinks {
  out(text: string): void
  err(text: string): void
  readonly columns: number | undefined
}

const helpColumns = 80

export function buildProgram(run: Runner, sinks: ProgramSinks): Command {
  const width = sinks.columns ?? helpColumns
  const root = new Command('marathon')
    .description('Keeps services running, on one machine or on a cluster.')
    .exitOverride()
    .configureOutput({
      writeOut: sinks.out,
      writeErr: sinks.err,
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .configureHelp({ showGlobalOptions: true })
    .option('--url <url>', `the server (environment: MARATHON_URL; default ${defaultUrl})`)
    .option('--user <name:password>', 'who you are (environment: MARATHON_CREDENTIALS, or in the URL)')
    .addOption(
      new Option('-o, --output <format>', 'table for people, json for scripts: what the server said').choices(
        ['table', 'json'],
      ),
    )
    .option('--no-color', 'no colours (environment: NO_COLOR)')
    .version(manifest.version, '-V, --version', 'the version of this program')
  root.commandsGroup('The server:')
  root
    .command('server')
    .description('Run the server; takes its own flags, see `marathon server --help`')
    .argument('[flags...]', 'flags of the server')
    .allowUnknownOption()
  registerSystem(root, run)
  root.commandsGroup('What runs:')
  registerApp(root, run)
  registerGroup(root, run)
  registerPod(root, run)
  registerTask(root, run)
  registerDeployment(root, run)
  registerQueue(root, run)
  registerExplain(root, run)
  registerAgent(root, run)
  root.commandsGroup('As in the first releases:')
  registerV1(root, run)
  root.commandsGroup('Other:')
  registerCompletion(root, sinks.out)
  for (const { command, path } of commandsOf(root)) {
    command.showHelpAfterError(`  → ${path} --help tells how`)
  }
  return root
}

export interface NamedCommand {
  readonly command: Command
  /** The words to type: `marathon app list`. */
  readonly path: string
}

/** Every command of the tree in the order of help, the root first. */
export function commandsOf(root: Command): readonly NamedCommand[] {
  const visit = (command: Command, path: string): NamedCommand[] => [
    { command, path },
    ...command.commands.flatMap((child) => visit(child, `${path} ${child.name()}`)),
  ]
  return visit(root, root.name())
}
