// `marathon deployment …`: the changes under way, and taking one back.

import type { Command } from 'commander'
import type { Answer } from '../../client/transport.ts'
import type { Deployment } from '../../client/wire.ts'
import { type Handler, type Runner, withWait } from '../command.ts'
import { type Context, sayDone } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatAge } from '../output/duration.ts'
import type { Cell, Column } from '../output/table.ts'
import type { WaitOptions } from '../wait.ts'
import { sentenceOf } from '../waiting.ts'
import { conclude } from './conclude.ts'

const list: Handler<unknown> = async (context) => {
  const answer = await context.client.deployments()
  context.json(answer)
  const now = context.clock.now()
  if (answer.body.length === 0) context.say('No deployment runs: all changes are done.')
  else
    context.table(
      columns,
      answer.body.map((deployment) => rowOf(deployment, now)),
    )
  return exitCodes.ok
}

const columns: readonly Column[] = [
  { title: 'DEPLOYMENT' },
  { title: 'STEP', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'DOES', shrinkTo: 16 },
  { title: 'WAITING FOR', shrinkTo: 12 },
]

const rowOf = (deployment: Deployment, now: number): readonly Cell[] => [
  deployment.id,
  `${deployment.currentStep}/${deployment.totalSteps}${deployment.paused === true ? ' paused' : ''}`,
  formatAge(deployment.version, now),
  workOf(deployment),
  deployment.waitingOn === undefined || deployment.waitingOn.length === 0
    ? '-'
    : deployment.waitingOn.map(sentenceOf).join('; '),
]

/** `scale /shop/web, stop /old`; before its first step, what it will touch. */
function workOf(deployment: Deployment): string {
  if (deployment.currentActions.length === 0)
    return [...deployment.affectedApps, ...(deployment.affectedPods ?? [])].join(', ')
  return deployment.currentActions
    .map(
      ({ action, app, pod }) =>
        `${action.replace(/(Application|Pod)$/, '').toLowerCase()} ${app ?? pod ?? ''}`,
    )
    .join(', ')
}

interface CancelOptions extends WaitOptions {
  readonly force?: boolean
}

const cancel: Handler<CancelOptions> = async (context, args, options) => {
  const id = args[0]!
  const answer = await context.client.cancelDeployment(id, options)
  context.json(answer)
  if (answer.body === undefined) {
    sayDone(context, `Deployment ${id} is cancelled; what it has done stays`, [['See what runs', 'app list']])
    return exitCodes.ok
  }
  const change = {
    deploymentId: answer.body.deploymentId,
    started: `Taking back what deployment ${id} has done`,
    done: `What deployment ${id} had done is taken back`,
    look: 'deployment list',
    next: [],
  }
  return conclude(context, change, options)
}

/** One that pauses, or goes on: what it does then is in the list. */
const steer =
  <O>(
    ask: (context: Context, id: string, options: O) => Promise<Answer<Deployment>>,
    done: string,
  ): Handler<O> =>
  async (context, args, options) => {
    const id = args[0]!
    const answer = await ask(context, id, options)
    context.json(answer)
    const next = [['See how far it is', 'deployment list'] as const]
    sayDone(context, `Deployment ${id} ${done}`, next)
    return exitCodes.ok
  }

const pause = steer(({ client }, id) => client.pauseDeployment(id), 'is paused; what it has started goes on')
const resume = steer(({ client }, id) => client.resumeDeployment(id), 'goes on')
const promote = steer<{ readonly all?: boolean }>(
  ({ client }, id, options) => client.promoteDeployment(id, options),
  'goes on with its next step',
)

export function registerDeployment(root: Command, run: Runner): void {
  const deployment = root.command('deployment').description('Changes under way')
  deployment.command('list').description('List the deployments that run').action(run(list))
  deployment
    .command('pause <id>')
    .description('Start and stop nothing more, until it is resumed')
    .action(run(pause))
  deployment.command('resume <id>').description('Go on with a paused deployment').action(run(resume))
  deployment
    .command('promote <id>')
    .description('Leave a canary step for the next one')
    .option('--all', 'to the end, through all canary steps')
    .action(run(promote))
  withWait(
    deployment
      .command('cancel <id>')
      .description('Take the changes of a deployment back by another deployment')
      .option('--force', 'only end it: what it has done stays as it is'),
  ).action(run(cancel))
}
