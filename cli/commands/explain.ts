// `marathon explain ID`: why an app, a pod or a deployment is not as it shall be, as a tree of causes.

import type { Command } from 'commander'
import { ApiError } from '../../client/errors.ts'
import type { Answer } from '../../client/transport.ts'
import type { Cause, Explanation, ExplanationAnswer } from '../../client/wire.ts'
import { printable } from '../../src/lib/printable.ts'
import type { Handler, Runner } from '../command.ts'
import { type Context, parseAppId } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { CliError } from '../messages.ts'
import type { Tone } from '../output/colour.ts'

const explain: Handler<unknown> = async (context, args) => {
  const answer = await explanationOf(context, args[0]!)
  const { explanation } = answer.body
  context.json(answer)
  show(context, explanation)
  return explanation.isWell ? exitCodes.ok : exitCodes.failed
}

const isDeploymentId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/** Apps, pods and groups share one tree of ids, so what is no app may be a pod. */
async function explanationOf(context: Context, given: string): Promise<Answer<ExplanationAnswer>> {
  const { client } = context
  if (isDeploymentId(given)) {
    const answer = await ifFound(client.explainDeployment(given))
    if (answer !== undefined) return answer
  }
  const id = parseAppId(given)
  const answer = (await ifFound(client.explainApp(id))) ?? (await ifFound(client.pods.explain(id)))
  if (answer !== undefined) return answer
  const what = isDeploymentId(given)
    ? `No deployment ${given} runs: it is done, or was taken back`
    : `There is no app or pod ${id}`
  const fix = isDeploymentId(given)
    ? [`See those that run: ${context.spell('deployment list')}`]
    : [`See what there is: ${context.spell('app list')} and ${context.spell('pod list')}`]
  throw new CliError({ what, fix }, exitCodes.notFound)
}

async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.failure.kind === 'not-found') return undefined
    throw error
  }
}

function show(context: Context, explanation: Explanation): void {
  const { palette } = context
  const { isWell, text, causes } = explanation
  context.say(
    `${palette(isWell ? 'good' : 'busy', isWell ? '✓' : '●')} ${palette('strong', printable(text))}`,
  )
  const add = (list: readonly Cause[], indent: string): void => {
    list.forEach((cause, at) => {
      const isLast = at === list.length - 1
      const line = palette(tones[cause.kind], printable(cause.message))
      context.say(`${palette('dim', `${indent}${isLast ? '└─' : '├─'}`)} ${line}`)
      add(cause.causes, `${indent}${isLast ? '   ' : '│  '}`)
    })
  }
  add(causes, '  ')
}

/** What stands in the way, what would help, and what is only told along with it. */
const tones: Readonly<Partial<Record<Cause['kind'], Tone>>> = {
  backoff: 'bad',
  'no-match': 'bad',
  engine: 'bad',
  quarantine: 'bad',
  unhealthy: 'bad',
  check: 'bad',
  unreachable: 'bad',
  if: 'good',
  fits: 'good',
  promotion: 'good',
  agent: 'dim',
  instance: 'dim',
  'later-step': 'dim',
}

export function registerExplain(root: Command, run: Runner): void {
  root
    .command('explain <id>')
    .description('Why an app, a pod or a deployment is not (yet) running or well, and what would help')
    .action(run(explain))
}
