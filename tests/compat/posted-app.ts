// What becomes of one definition that is posted: the answer, the refusal in short, the task the engine is told to run.

import { expect } from 'vitest'
import { launchedTasks, type Operation, type TaskInfo } from '../../src/core/mesos.ts'
import type { Request } from '../../src/core/requests.ts'
import { createScheduler } from '../../src/core/scheduler.ts'
import { defaultSettings, type Settings } from '../../src/core/settings.ts'
import { buildOffer } from '../support/build-placement.ts'
import { type Reply, type StackOptions, startedAt, startStack } from './stack.ts'

export const withFeatures = (...names: string[]): Partial<Settings> => ({ enabledFeatures: new Set(names) })

const plain = { id: '/web', cmd: 'sleep 600' }

export async function post(
  definition: object,
  settings: Partial<Settings> = {},
  more: Omit<StackOptions, 'settings'> = {},
): Promise<Reply> {
  const stack = await startStack({ settings, ...more })
  const answer = await stack.send('POST', '/v2/apps', { ...plain, ...definition })
  await stack.close()
  return answer
}

/** `path: error` of each issue, the message when there are no details; nothing when it was taken. */
export async function problems(definition: object, settings?: Partial<Settings>): Promise<string[]> {
  return problemsIn(await post(definition, settings))
}

export function problemsIn({ status, body }: Reply): string[] {
  if (status === 201 || status === 200) return []
  expect(status).toBe(422)
  if (!Array.isArray(body.details)) return [body.message]
  return body.details.flatMap((issue: { path: string; errors: string[] }) =>
    issue.errors.map((error) => `${issue.path}: ${error}`),
  )
}

/** What the engine is told to run for an app. */
export const launched = (definition: object, settings: Partial<Settings> = {}): TaskInfo =>
  launchedTasks(operationFor('create-app', { ...plain, portDefinitions: [], ...definition }, settings))[0]!

/** What it is told to do for the first instance of an app or of a pod. */
export function operationFor(
  kind: 'create-app' | 'create-pod',
  body: object,
  changed: Partial<Settings>,
): Operation {
  const now = startedAt
  const settings = { ...defaultSettings, ...changed }
  const core = createScheduler({ settings, seed: 'compat', records: [], now, quarantines: false })
  const origin = { clientIp: '::1', uri: '/v2/apps' }
  const request: Request = { kind, body, force: false, origin }
  core.step(
    [
      { kind: 'engine-connected', frameworkId: 'F', master: 'm', holdsOffers: true },
      { kind: 'offers', offers: [buildOffer()] },
      { kind: 'request', requestId: 1, request },
    ],
    now,
  )
  const launch = core.takeReady().effects.find((effect) => effect.kind === 'accept')
  if (launch?.kind !== 'accept') throw new Error('nothing was launched')
  return launch.operations[0]!
}
