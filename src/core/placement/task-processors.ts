// The operator's own code changes what is launched: task processor plugins (events-metrics-flags 5.2). They see a draft
// of each task, with what is theirs to change; what was matched (ids, agent, resources, ports) is not. One that throws
// keeps its run spec from being launched, since a launch without what somebody relies on is worse than none.

import type { JsonObject } from '../../spec/render/fields.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import { type RunSpecKind, shownToPlugins } from '../../spec/validate/run-spec-validators.ts'
import type { LaunchedTask } from '../actions.ts'
import type { CommandUri, ExecutorInfo, TaskInfo } from '../mesos.ts'

export interface TaskProcessor {
  /** Of the plugin, for messages. */
  readonly id: string
  /**
   * What is launched instead, of the same tasks in the same order. Says the same of the same, always. Throws when it
   * cannot say.
   */
  readonly change: (draft: LaunchDraft, definition: JsonObject, kind: RunSpecKind) => LaunchDraft
}

/** What an instance is launched as. */
export interface LaunchDraft {
  /** One for an app, one per container for a pod. */
  readonly tasks: readonly TaskDraft[]
  /** Pods only. */
  readonly executor?: { readonly labels: Readonly<Record<string, string>> }
}

export interface TaskDraft {
  readonly taskId: string
  readonly agentId: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Variables whose values are secrets are not among them, and win over those of the same name. */
  readonly environment: Readonly<Record<string, string>>
  /** Absent: as the engine is set up. */
  readonly user?: string
  readonly uris: readonly CommandUri[]
}

interface Launched {
  readonly tasks: readonly LaunchedTask[]
  readonly executor?: ExecutorInfo
}

/** The launch as the processors leave it, each working on what the one before made of it. */
export function processed<T extends Launched>(
  processors: readonly TaskProcessor[],
  runSpec: RunSpec,
  launch: T,
): T {
  if (processors.length === 0) return launch
  const kind = isPod(runSpec) ? 'pod' : 'app'
  const definition = definitionOf(runSpec)
  let draft = draftOf(launch)
  for (const { change } of processors) draft = change(draft, definition, kind)
  const tasks = launch.tasks.map((task, i) => ({ ...task, info: withDraft(task.info, draft.tasks[i]!) }))
  if (launch.executor === undefined || draft.executor === undefined) return { ...launch, tasks }
  return { ...launch, tasks, executor: { ...launch.executor, labels: draft.executor.labels } }
}

const definitions = new WeakMap<RunSpec, JsonObject>()

/** A memo, not state: a run spec is shown the same for ever. */
function definitionOf(runSpec: RunSpec): JsonObject {
  let definition = definitions.get(runSpec)
  if (definition === undefined) {
    definition = shownToPlugins(runSpec)
    definitions.set(runSpec, definition)
  }
  return definition
}

const draftOf = ({ tasks, executor }: Launched): LaunchDraft => ({
  tasks: tasks.map(({ info: { taskId, agentId, name, labels, command } }) => ({
    taskId,
    agentId,
    name,
    labels,
    environment: Object.fromEntries(command.environment.map((variable) => [variable.name, variable.value])),
    ...(command.user === undefined ? {} : { user: command.user }),
    uris: command.uris,
  })),
  ...(executor === undefined ? {} : { executor: { labels: executor.labels } }),
})

function withDraft(info: TaskInfo, { name, labels, environment, user, uris }: TaskDraft): TaskInfo {
  const { user: _replaced, ...command } = info.command
  const secrets = new Set(command.secrets?.map((variable) => variable.name))
  return {
    ...info,
    name,
    labels,
    command: {
      ...command,
      ...(user === undefined ? {} : { user }),
      environment: Object.entries(environment).flatMap(([variable, value]) =>
        secrets.has(variable) ? [] : [{ name: variable, value }],
      ),
      uris,
    },
  }
}
