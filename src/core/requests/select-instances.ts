// Which instances a kill means (rest-api 2.2, 5).

import { unreachable } from '../../lib/assert.ts'
import { isWithin } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { parseTaskId } from '../ids.ts'
import type { Instance } from '../instances/instance.ts'
import type { Refusal, TaskSelection } from '../requests.ts'
import type { State } from '../state.ts'

export function selectInstances(
  state: State,
  selection: TaskSelection,
): Result<readonly Instance[], Refusal> {
  switch (selection.kind) {
    case 'app':
      return ofApp(state, selection)
    case 'task':
      return oneTask(state, selection)
    case 'tasks':
      return namedTasks(state, selection)
    case 'instances':
      return namedInstances(state, selection)
    default:
      return unreachable(selection)
  }
}

function ofApp(
  state: State,
  { id, host }: Extract<TaskSelection, { kind: 'app' }>,
): Result<readonly Instance[], Refusal> {
  if (state.runSpec(id) === undefined) return refused({ kind: 'app-not-found', id })
  const instances = state.instancesOf(id)
  return ok(
    host === undefined || host === '*' ? instances : instances.filter((instance) => isOn(instance, host)),
  )
}

/** A virtual agent has a label and an address; people see both. */
const isOn = ({ agent }: Instance, host: string): boolean =>
  agent !== undefined && (agent.hostname === host || agent.address === host)

/** Only the instance part is compared, so the id of an earlier attempt means the task of today (rest-api 2.2). */
function oneTask(
  state: State,
  { appId, taskId }: Extract<TaskSelection, { kind: 'task' }>,
): Result<readonly Instance[], Refusal> {
  if (state.runSpec(appId) === undefined) return refused({ kind: 'app-not-found', id: appId })
  const parsed = parseTaskId(taskId)
  const instance = parsed === undefined ? undefined : state.instance(parsed.instanceId)
  if (instance === undefined || !isWithin(instance.runSpecId, appId))
    return refused({ kind: 'task-not-found', taskId })
  return ok([instance])
}

/** Ids that are well-formed but unknown are passed over, and so are those of unknown apps and of pods. */
function namedTasks(
  state: State,
  { taskIds }: Extract<TaskSelection, { kind: 'tasks' }>,
): Result<readonly Instance[], Refusal> {
  const instances = new Map<string, Instance>()
  for (const taskId of taskIds) {
    const parsed = parseTaskId(taskId)
    if (parsed === undefined) {
      const reason = 'expected <app>.instance-<uuid>._app.<attempt> or an older form of task id'
      return refused({ kind: 'bad-task-id', taskId, reason })
    }
    const instance = state.instance(parsed.instanceId)
    if (instance !== undefined && state.app(instance.runSpecId) !== undefined)
      instances.set(instance.id, instance)
  }
  return ok([...instances.values()])
}

function namedInstances(
  state: State,
  { runSpecId, instanceIds }: Extract<TaskSelection, { kind: 'instances' }>,
): Result<readonly Instance[], Refusal> {
  if (state.runSpec(runSpecId) === undefined) return refused({ kind: 'path-not-found', id: runSpecId })
  const instances = [...new Set(instanceIds)]
    .map((id) => state.instance(id))
    .filter((instance) => instance !== undefined)
  return ok(instances.filter((instance) => instance.runSpecId === runSpecId))
}
