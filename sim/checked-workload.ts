// What users want of health and readiness checks, canary steps and deadlines, and how tasks fare that are asked.

import type { Rng } from '../src/lib/rng.ts'

type Body = Record<string, unknown>

/** Seconds between two questions; in long runs few. */
export type Pace = 'often' | 'seldom'

const intervals: Readonly<Record<Pace, readonly number[]>> = { often: [10, 30, 60], seldom: [600, 1_800] }

/** Checks of an app that has a port: fields of its definition. */
export function checksOf(rng: Rng, pace: Pace): Body {
  const intervalSeconds = rng.pick(intervals[pace])
  const checks = Array.from({ length: rng.chance(0.2) ? 2 : 1 }, () => ({
    protocol: rng.pick(['HTTP', 'HTTP', 'TCP', 'MESOS_HTTP', 'MESOS_TCP']),
    portIndex: 0,
    gracePeriodSeconds: rng.pick([60, 300]),
    intervalSeconds,
    timeoutSeconds: 5,
    maxConsecutiveFailures: rng.pick([0, 1, 3]),
  }))
  const isPaired = new Set(checks.map(({ protocol }) => protocol.startsWith('MESOS'))).size > 1
  return {
    // An engine runs one check of a task.
    healthChecks: isPaired || checks[0]?.protocol.startsWith('MESOS') ? checks.slice(0, 1) : checks,
    ...(rng.chance(0.3)
      ? {
          readinessChecks: [{ name: 'ready', intervalSeconds: pace === 'often' ? 5 : 60, timeoutSeconds: 4 }],
        }
      : {}),
  }
}

/** Fields of an upgrade strategy, often none. */
export function careOf(rng: Rng): Body {
  const body: Body = {}
  if (rng.chance(0.15)) body['progressDeadlineSeconds'] = rng.pick([120, 600, 3_600])
  if (rng.chance(0.2)) {
    body['canarySteps'] = rng.pick([
      [{ instances: 1, pauseSeconds: 60 }],
      [{ percent: 20, pauseSeconds: 300 }, { percent: 50 }],
      [{ instances: 1 }],
    ])
  }
  return body
}

/** How a task fares that goes on. */
export const goodCourse = (rng: Rng): string =>
  rng.pick(['', '', ' # healthy after 20 s', ' # ready after 30 s', ' # healthy after 5 s, ready after 15 s'])

/** How one fares that does not. */
export const badCourse = (rng: Rng): string =>
  rng.pick(['serve # unhealthy after 120 s', 'serve # flapping every 90 s', 'serve # unready'])
