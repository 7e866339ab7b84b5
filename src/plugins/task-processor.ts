// A plugin that changes what is launched, as the core asks it: it gets a copy of the draft that it may change, and what
// it leaves has to be one, or the launch does not happen.

import type { LaunchDraft, TaskDraft, TaskProcessor } from '../core/placement/task-processors.ts'
import { limits } from '../lib/limits.ts'
import type { Logger } from '../ports/logger.ts'
import { inOneTurn, isPromiseLike } from './one-turn.ts'

/** What the class of a processor has. */
export interface ProcessorInstance {
  /** Changes the task of an app. */
  taskInfo(app: unknown, task: unknown): unknown
  /** Changes the tasks of a pod and the executor around them. */
  taskGroup(pod: unknown, executor: unknown, tasks: unknown): unknown
}

interface Options {
  readonly log: Logger
  readonly turnMs?: number
}

export function taskProcessorOf(
  id: string,
  instance: ProcessorInstance,
  { log, turnMs = limits.pluginTurnMs }: Options,
): TaskProcessor {
  return {
    id,
    change: (draft, definition, kind) => {
      try {
        const copy = structuredClone(draft)
        const call = (): unknown =>
          kind === 'app'
            ? instance.taskInfo(definition, copy.tasks[0])
            : instance.taskGroup(definition, copy.executor, copy.tasks)
        const returned = inOneTurn(turnMs, call)
        if (isPromiseLike(returned)) {
          // Nobody waits for it; a rejection that nobody hears would end the server.
          Promise.resolve(returned).catch(() => undefined)
          throw new Error('it returned a promise: tasks are changed at once')
        }
        return readDraft(copy, draft)
      } catch (error) {
        log.error('a plugin failed to change a task; it is not launched', {
          plugin: id,
          definition: definition['id'],
          error,
        })
        throw new Error(`the plugin '${id}' failed to change a task: ${textOf(error)}`, { cause: error })
      }
    },
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** @throws Error naming what is no draft of these tasks any more */
function readDraft(changed: LaunchDraft, given: LaunchDraft): LaunchDraft {
  const tasks = changed.tasks as readonly unknown[]
  if (tasks.length !== given.tasks.length) {
    throw new Error(`it left ${tasks.length} tasks, expected the ${given.tasks.length} it was given`)
  }
  const read = tasks.map((task, i) => readTask(task, given.tasks[i]!, `task ${i}`))
  if (given.executor === undefined) return { tasks: read }
  const executor = readMembers(changed.executor, 'executor', executorMembers)
  return { tasks: read, executor: executor as LaunchDraft['executor'] & object }
}

function readTask(task: unknown, given: TaskDraft, place: string): TaskDraft {
  const read = readMembers(task, place, taskMembers) as unknown as TaskDraft
  for (const member of ['taskId', 'agentId'] as const) {
    if (read[member] !== given[member]) {
      throw new Error(
        `${place}.${member} is '${read[member]}', and cannot be another than '${given[member]}'`,
      )
    }
  }
  return read
}

/** What a value has to be, in words, when it is not; a copy of it when it is. */
type Member = { readonly isOptional?: true; readonly read: (value: unknown, place: string) => unknown }

const text: Member = {
  read: (value, place) => (typeof value === 'string' && value !== '' ? value : wrong(value, place, 'a text')),
}
const flag: Member = {
  read: (value, place) => (typeof value === 'boolean' ? value : wrong(value, place, 'true or false')),
}
const texts: Member = {
  read: (value, place) => {
    const entries = Object.entries(objectAt(value, place))
    for (const [key, each] of entries) {
      if (typeof each !== 'string') wrong(each, `${place}.${key}`, 'a text')
    }
    return Object.fromEntries(entries)
  },
}
const uriMembers: Readonly<Record<string, Member>> = {
  value: text,
  extract: flag,
  executable: flag,
  cache: flag,
  outputFile: { ...text, isOptional: true },
}
const uris: Member = {
  read: (value, place) =>
    Array.isArray(value)
      ? value.map((each, i) => readMembers(each, `${place}[${i}]`, uriMembers))
      : wrong(value, place, 'a list'),
}
const taskMembers: Readonly<Record<string, Member>> = {
  taskId: text,
  agentId: text,
  name: text,
  labels: texts,
  environment: texts,
  user: { ...text, isOptional: true },
  uris,
}
const executorMembers: Readonly<Record<string, Member>> = { labels: texts }

/** A member we do not know was meant to do something. */
function readMembers(
  value: unknown,
  place: string,
  members: Readonly<Record<string, Member>>,
): Record<string, unknown> {
  const object = objectAt(value, place)
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(members, name)) {
      throw new Error(
        `${place}.${name} is nothing that can be set; expected ${Object.keys(members).join(', ')}`,
      )
    }
  }
  const read: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(members)) {
    const given = object[name]
    if (given !== undefined) read[name] = member.read(given, `${place}.${name}`)
    else if (member.isOptional !== true) throw new Error(`${place}.${name} is missing`)
  }
  return read
}

function objectAt(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong(value, place, 'an object')
  }
  return value as Readonly<Record<string, unknown>>
}

function wrong(value: unknown, place: string, expected: string): never {
  const given = typeof value === 'string' ? `'${value}'` : value === null ? 'null' : typeof value
  throw new Error(`${place} is ${given}, expected ${expected}`)
}
