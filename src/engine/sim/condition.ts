// How a simulated task fares while it runs, read from its command: whether it is healthy, and whether it is ready. Both
// are answers to whoever asks: the prober, and the checks its executor runs.

import { type Duration, type Instant, millis, seconds } from '../../lib/instant.ts'

export interface Condition {
  readonly health: Course
  readonly readiness: Course
}

/** What holds from which time of its run on; what holds before the first is its opposite. */
export type Course = readonly Turn[]

interface Turn {
  readonly after: Duration
  readonly isGood: boolean
  /** From then on it changes again and again, each time after as long. */
  readonly every?: Duration
}

/** Nothing is ever wrong with it. */
export const wellBehaved: Condition = { health: [], readiness: [] }

const number = String.raw`(\d+(?:\.\d+)?)\s*s`
const phrase = new RegExp(
  `^(healthy|unhealthy|flapping|ready|unready)(?:\\s+every\\s+${number})?(?:\\s+after\\s+${number})?$`,
)
const flapsEverySeconds = 10

/**
 * `unhealthy`, `healthy after 10 s`, `healthy after 5 s, unhealthy after 60 s`, `flapping`, `flapping every 30 s`,
 * `ready after 20 s`, `unready`, in any order, with commas between. Undefined when something else is said, too.
 */
export function conditionOf(text: string): Condition | undefined {
  const health: Turn[] = []
  const readiness: Turn[] = []
  for (const part of text.split(',')) {
    const match = phrase.exec(part.trim())
    if (match === null) return undefined
    const [, word, every, delay] = match
    const turn = { after: seconds(Number(delay ?? 0)), isGood: word === 'healthy' || word === 'ready' }
    if (word === 'flapping') health.push({ ...turn, every: seconds(Number(every ?? flapsEverySeconds)) })
    else if (every !== undefined) return undefined
    else if (word === 'ready' || word === 'unready') readiness.push(turn)
    else health.push(turn)
  }
  const inOrder = (a: Turn, b: Turn): number => a.after - b.after
  return { health: health.sort(inOrder), readiness: readiness.sort(inOrder) }
}

/** Whether all is well after `elapsed` of a run. */
export function isGoodAt(course: Course, elapsed: Duration): boolean {
  const turn = course.findLast(({ after }) => after <= elapsed)
  if (turn === undefined) return course.length === 0 || !course[0]!.isGood
  if (turn.every === undefined || turn.every <= 0) return turn.isGood
  return (Math.floor((elapsed - turn.after) / turn.every) % 2 === 0) === turn.isGood
}

/** When the next change comes, after `elapsed` of a run; undefined: never. */
export function nextTurn(course: Course, elapsed: Duration): Duration | undefined {
  const index = course.findLastIndex(({ after }) => after <= elapsed)
  const turn = course[index]
  const next = course[index + 1]?.after
  if (turn?.every === undefined || turn.every <= 0) return next
  const flip = millis(turn.after + (Math.floor((elapsed - turn.after) / turn.every) + 1) * turn.every)
  return next === undefined || flip < next ? flip : next
}

/** What someone who asks finds: a task that runs, in its condition of now. */
export interface Patient {
  readonly condition: Condition
  readonly runningSince: Instant | undefined
  /** Said by whoever plays with the cluster; it counts more than the command. */
  readonly toldHealth: boolean | undefined
}

export const isHealthyAt = (patient: Patient, now: Instant): boolean =>
  patient.toldHealth ?? isGoodAt(patient.condition.health, runFor(patient, now))

export const isReadyAt = (patient: Patient, now: Instant): boolean =>
  isGoodAt(patient.condition.readiness, runFor(patient, now))

const runFor = ({ runningSince }: Patient, now: Instant): Duration => millis(now - (runningSince ?? now))
