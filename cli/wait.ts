// Waits for a change to be there, showing how far it is. The server is asked a few times a second; if it does
// not answer for a while (it may be restarting: the deployment survives that) the waiting goes on.

import { ApiError } from '../client/errors.ts'
import type { AppInfo } from '../client/wire.ts'
import type { Context } from './context.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { CliError } from './messages.ts'
import { formatDuration } from './output/duration.ts'
import { createProgress } from './output/progress.ts'
import {
  deploymentOf,
  deploymentReasons,
  headline,
  judge,
  progressOf,
  type Snapshot,
  type Target,
} from './progress.ts'

export interface WaitOptions {
  readonly wait?: boolean
  /** Seconds; undefined: as long as it takes. */
  readonly timeout?: number
}

const pollIntervalMs = 250
/** How long the server may be away before waiting for it is given up. */
const patienceMs = 30_000
/** Apps looked at one by one; a deployment of more is followed by its targets alone. */
const appsFollowed = 20

/** Returns ok once the target is reached. Throws CliError when it was missed or the time is over. */
export async function waitFor(context: Context, target: Target, options: WaitOptions): Promise<ExitCode> {
  const { clock, io } = context
  const display = createProgress(io, context.palette, context.isJson)
  const start = clock.now()
  let lastAnswer = start
  try {
    for (;;) {
      const snapshot = await look(context, target).catch((error: unknown) => {
        const isAway =
          error instanceof ApiError &&
          (error.failure.kind === 'unreachable' || error.failure.kind === 'broken')
        if (!isAway || clock.now() - lastAnswer > patienceMs) throw error
        return undefined
      })
      const elapsedMs = clock.now() - start
      if (snapshot === undefined) {
        const reasons = ['the server does not answer, trying again']
        display.show({ headline: `Waiting · ${formatDuration(elapsedMs)}`, apps: [], reasons })
      } else {
        lastAnswer = clock.now()
        const verdict = judge(target, snapshot)
        const apps = progressOf(target, snapshot)
        const reasons = deploymentReasons(snapshot, apps)
        display.show({ headline: headline(target, snapshot, elapsedMs), apps, reasons })
        if (verdict.kind === 'reached') return exitCodes.ok
        if (verdict.kind === 'missed') {
          const fix = [`Look at it: ${context.spell(`app show ${verdict.appId}`)}`]
          throw new CliError({ what: verdict.what, why: [verdict.why], fix }, exitCodes.failed)
        }
      }
      if (options.timeout !== undefined && clock.now() - start >= options.timeout * 1000) {
        throw timedOut(context, target, options.timeout, snapshot)
      }
      await clock.sleep(pollIntervalMs, io.signal)
    }
  } finally {
    display.end()
  }
}

function timedOut(
  context: Context,
  target: Target,
  seconds: number,
  snapshot: Snapshot | undefined,
): CliError {
  const progress = snapshot === undefined ? [] : progressOf(target, snapshot)
  return new CliError(
    {
      what: `Not there after ${formatDuration(seconds * 1000)}; it goes on without you`,
      why: progress.map((app) => `${[`${app.id}: ${app.text}`, ...app.reasons].join('; ')}`),
      fix: [
        `See how far it is: ${context.spell('deployment list')}`,
        `And what it waits for: ${context.spell('queue')}`,
      ],
    },
    exitCodes.timedOut,
  )
}

/** The deployment first, its apps after: an ended deployment is then always seen with its result. */
async function look(context: Context, target: Target): Promise<Snapshot> {
  const { client } = context
  const running = (await client.deployments()).body
  const deployment = deploymentOf(target, running)
  const failure = running.find(
    ({ failed }) => failed !== undefined && failed.id === target.deploymentId,
  )?.failed
  const affected =
    deployment === undefined || deployment.affectedApps.length > appsFollowed ? [] : deployment.affectedApps
  const ids = new Set([...target.apps.map((app) => app.id), ...affected])
  const apps = new Map<string, AppInfo | undefined>()
  for (const id of ids) apps.set(id, await appIfThere(context, id))
  // Reasons are worth a request only while something is missing.
  const isShort = [...apps.values()].some(
    (app) => app !== undefined && (app.tasksRunning ?? 0) < app.instances,
  )
  const queue = isShort ? (await client.queue()).body.queue : []
  return { deployment, failure: failure?.reason, apps, queue }
}

async function appIfThere(context: Context, id: string): Promise<AppInfo | undefined> {
  try {
    return (await context.client.app(id)).body.app
  } catch (error) {
    // Gone is an answer here: removing an app ends like this.
    if (error instanceof ApiError && error.failure.kind === 'not-found') return undefined
    throw error
  }
}
