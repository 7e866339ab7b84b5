// Definitions matched with an offer and written as they leave for the master: what golden messages are compared with.

import { expect } from 'vitest'
import type { Instance } from '../../src/core/instances/instance.ts'
import type { Operation } from '../../src/core/mesos.ts'
import { buildPlacedIndex } from '../../src/core/placement/constraint-index.ts'
import { matchOffer } from '../../src/core/placement/match.ts'
import { openOffer } from '../../src/core/placement/remaining.ts'
import { defaultSettings } from '../../src/core/settings.ts'
import type { WireOperation } from '../../src/engine/mesos/wire/calls.ts'
import { type CallContext, encodeEffect } from '../../src/engine/mesos/wire/encode-effect.ts'
import type { WireCommand, WireTask } from '../../src/engine/mesos/wire/task.ts'
import { instant, seconds } from '../../src/lib/instant.ts'
import type { App } from '../../src/spec/app.ts'
import type { Pod } from '../../src/spec/pod.ts'
import type { RunSpec } from '../../src/spec/run-spec.ts'
import { buildOffer, fixedRng, ports, scalar, scheduledInstance } from './build-placement.ts'

const context: CallContext = {
  framework: {
    name: 'marathon',
    user: 'root',
    failoverTimeout: seconds(60),
    checkpoint: true,
    features: { taskKilling: false, gpuResources: false },
  },
  registration: { frameworkId: '5d0c-0001', roles: ['*'], suppressedRoles: [] },
}

const offered = [scalar('cpus', 4), scalar('mem', 4096), scalar('disk', 999), ports([[31000, 31030]])]

/** What goes over the wire, as the master reads it. */
export function sent(operations: readonly Operation[]): readonly WireOperation[] {
  const call = encodeEffect({ kind: 'accept', offerIds: ['O1'], agentId: '5d0c-S4', operations }, context)
  return JSON.parse(JSON.stringify(call)).accept.operations
}

/** The operation that launches it on an offer whose first port drawn is the one given. */
function launch(runSpec: RunSpec, firstPort: number, instance: Partial<Instance> = {}): Operation {
  const result = matchOffer({
    remaining: openOffer(buildOffer({ resources: offered })),
    instance: scheduledInstance({ runSpecId: runSpec.id, runSpecVersion: runSpec.version, ...instance }),
    runSpec,
    placed: buildPlacedIndex([], runSpec),
    settings: defaultSettings,
    rng: fixedRng(firstPort - 31000),
    now: instant(0),
  })
  if (result.kind === 'no-match') throw new Error(`expected a match, got ${result.reasons.join()}`)
  const tasks = result.tasks.map(({ info }) => info)
  return result.executor === undefined
    ? { type: 'LAUNCH', tasks }
    : { type: 'LAUNCH_GROUP', executor: result.executor, tasks }
}

/** The one task of an app. */
export function launchedApp(app: App, firstPort = 31006, instance: Partial<Instance> = {}): WireTask {
  const [operation] = sent([launch(app, firstPort, instance)])
  if (operation?.type !== 'LAUNCH') throw new Error(`expected LAUNCH, got ${operation?.type}`)
  expect(operation.launch.task_infos).toHaveLength(1)
  return operation.launch.task_infos[0]!
}

/** Executor and tasks of a pod. */
export function launchedPod(pod: Pod, firstPort = 31010, instance: Partial<Instance> = {}) {
  const [operation] = sent([launch(pod, firstPort, instance)])
  if (operation?.type !== 'LAUNCH_GROUP') throw new Error(`expected LAUNCH_GROUP, got ${operation?.type}`)
  return operation.launch_group
}

/** As they are sent, in the order of names given. */
export const variables = (of: Record<string, string>) =>
  Object.entries(of).map(([name, value]) => ({ name, value }))

function sorted(command: WireCommand | undefined) {
  const all = command?.environment?.variables ?? []
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The same message with its variables in alphabetical order. */
export const ordered = (task: WireTask): WireTask => ({
  ...task,
  command: { ...task.command, environment: { variables: sorted(task.command) } },
})
