// What a simulated task does, read from its command: nothing is executed, so the commands people try first have a
// meaning here. Anything that is not understood runs until it is killed.

import type { CommandInfo, TaskInfo } from '../../core/mesos.ts'
import { type Duration, seconds } from '../../lib/instant.ts'
import { type Condition, conditionOf, wellBehaved } from './condition.ts'

export interface Behaviour {
  /** `silent`: the launch never reaches its agent; `stuck`: TASK_STARTING is the last that is heard of it. */
  readonly start: 'normal' | 'silent' | 'stuck'
  /** How long it runs; absent: until it is killed. */
  readonly runsFor?: Duration
  readonly exitCode: number
  /** Ends only when its grace period is over. */
  readonly ignoresTerm: boolean
  readonly condition: Condition
}

const forever: Behaviour = { start: 'normal', exitCode: 0, ignoresTerm: false, condition: wellBehaved }

const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 }

const sleeps = String.raw`(?:sleep\s+(\d+(?:\.\d+)?)([smhd]?)\s*(?:;|&&|$)\s*)?`
const ends = String.raw`(?:exit(?:\s+(\d+))?(?:\s+after\s+(\d+(?:\.\d+)?)\s*s)?|(true)|(false))?`
const scripted = new RegExp(`^${sleeps}${ends}$`)

/**
 * `sleep 600`, `exit 1`, `exit 1 after 5 s`, `sleep 5; false`; `silent`, `stuck` and `stubborn …` (ignores SIGTERM)
 * have no counterpart in a shell. Behind a `#`, or instead of all that, how it fares meanwhile (condition.ts):
 * `sleep 600 # ready after 20 s, unhealthy after 60 s`. What is not understood there is a comment.
 */
export function behaviourOf({ command }: Pick<TaskInfo, 'command'>): Behaviour {
  const text = (command.value ?? '').trim()
  const [, life = '', comment] = /^([^#]*)(?:#(.*))?$/s.exec(text) ?? []
  const condition = conditionOf(comment ?? life)
  if (comment === undefined && condition !== undefined) return { ...forever, condition }
  const stubborn = /^stubborn\s*(.*)$/.exec(life.trim())
  const behaviour = stubborn === null ? read(life.trim()) : { ...read(stubborn[1]!), ignoresTerm: true }
  return condition === undefined ? behaviour : { ...behaviour, condition }
}

function read(text: string): Behaviour {
  if (text === 'silent' || text === 'stuck') return { ...forever, start: text }
  const match = text === '' ? null : scripted.exec(text)
  if (match === null) return forever
  const [, sleep, unit = '', code, after, , isFalse] = match
  const runsForSeconds = Number(sleep ?? 0) * unitSeconds[unit]! + Number(after ?? 0)
  return {
    ...forever,
    runsFor: seconds(runsForSeconds),
    exitCode: isFalse === undefined ? Number(code ?? 0) : 1,
  }
}

/** How a command that is not the task's own would end, as that of a check: at once. */
export const exitCodeOf = (command: Pick<CommandInfo, 'value'> | undefined): number =>
  read((command?.value ?? '').trim()).exitCode
