// `marathon deployment list`: the changes under way.

import type { Command } from 'commander'
import type { Deployment } from '../../client/wire.ts'
import type { Handler, Runner } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatAge } from '../output/duration.ts'
import type { Cell, Column } from '../output/table.ts'
import { sentenceOf } from '../waiting.ts'

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
  `${deployment.currentStep}/${deployment.totalSteps}`,
  formatAge(deployment.version, now),
  workOf(deployment),
  deployment.waitingOn === undefined || deployment.waitingOn.length === 0
    ? '-'
    : deployment.waitingOn.map(sentenceOf).join('; '),
]

/** `scale /shop/web, stop /old`; before its first step, what it will touch. */
function workOf(deployment: Deployment): string {
  if (deployment.currentActions.length === 0) return deployment.affectedApps.join(', ')
  return deployment.currentActions
    .map(
      ({ action, app, pod }) =>
        `${action.replace(/(Application|Pod)$/, '').toLowerCase()} ${app ?? pod ?? ''}`,
    )
    .join(', ')
}

export function registerDeployment(root: Command, run: Runner): void {
  const deployment = root.command('deployment').description('Changes under way')
  deployment.command('list').description('List the deployments that run').action(run(list))
}
