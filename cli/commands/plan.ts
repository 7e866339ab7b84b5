// What a change would do, for people: `--dry-run` of every change. One line for each step, then what would differ.

import type { Answer } from '../../client/transport.ts'
import type { Plan } from '../../client/wire.ts'
import { printable } from '../../src/lib/printable.ts'
import type { Context } from '../context.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { Tone } from '../output/colour.ts'

/** The plan as the server made it; nothing has been changed. */
export function showPlan(context: Context, answer: Answer<Plan>): ExitCode {
  context.json(answer)
  const { steps, changes, conflicts = [] } = answer.body
  if (steps.length === 0 && changes.length === 0) context.say('Nothing would change.')
  for (const [index, { actions }] of steps.entries()) {
    const work = actions.map(({ action, app, pod }) => `${verbOf(action)} ${app ?? pod ?? ''}`)
    context.say(`${index + 1}. ${printable(work.join(', '))}`)
  }
  for (const { id, kind, action, fields } of changes) {
    context.say(context.palette(tones[action], printable(`${signs[action]} ${kind} ${id}`)))
    for (const { path, from, to } of fields) {
      context.say(`    ${printable(`${placeOf(path)}: ${shownValue(from)} → ${shownValue(to)}`)}`)
    }
  }
  if (conflicts.length > 0) {
    const held = conflicts.map((deployment) => deployment.id).join(', ')
    context.say(`It would have to wait for, or with --force cancel: ${printable(held)}`)
  }
  return exitCodes.ok
}

const signs = { create: '+', update: '~', remove: '-' } as const
const tones = { create: 'good', update: 'busy', remove: 'bad' } as const satisfies Record<string, Tone>

/** `ScaleApplication` → `scale`. */
const verbOf = (action: string): string => action.replace(/(Application|Pod)$/, '').toLowerCase()

const placeOf = (path: string): string => path.replace(/^\//, '').replaceAll('/', '.')

const shownValue = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))
