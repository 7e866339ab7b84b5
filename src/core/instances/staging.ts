// How long a launch may take before its task is killed and the instance launched again (runtime 7, overdue).

import { after, type Instant } from '../../lib/instant.ts'
import type { Settings } from '../settings.ts'
import type { Condition, Instance } from './instance.ts'

type Timeouts = Pick<Settings, 'taskLaunchConfirmTimeout' | 'taskLaunchTimeout'>

/** Which timeout runs in which condition; all are measured from the match, not from the last status. */
const timeoutOf: Readonly<Partial<Record<Condition, keyof Timeouts>>> = {
  Provisioned: 'taskLaunchConfirmTimeout',
  Staging: 'taskLaunchTimeout',
  Starting: 'taskLaunchTimeout',
}

/** When the first of its tasks is overdue; undefined when none waits, or a kill is under way already. */
export function launchDeadline(instance: Instance, timeouts: Timeouts): Instant | undefined {
  if (instance.kill !== undefined) return undefined
  let earliest: Instant | undefined
  for (const task of instance.tasks) {
    const timeout = timeoutOf[task.condition]
    if (timeout === undefined) continue
    const deadline = after(task.stagedAt, timeouts[timeout])
    if (earliest === undefined || deadline < earliest) earliest = deadline
  }
  return earliest
}

/** Whether a kill with cause `launch-overdue` is due. */
export function isLaunchOverdue(instance: Instance, timeouts: Timeouts, now: Instant): boolean {
  const deadline = launchDeadline(instance, timeouts)
  return deadline !== undefined && now >= deadline
}
