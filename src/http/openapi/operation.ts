// One call of the API as its document describes it: what it takes and what it answers. The tables in operations/ hold
// all of them; a test keeps them equal to what the server routes.

import type { TSchema } from 'typebox'
import { ExplanationAnswer } from '../../spec/schema/answers/explanation.ts'
import type { Method } from '../resource.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'header'
  readonly description: string
  readonly type: 'boolean' | 'string' | 'integer'
  readonly default?: boolean | number | string
  readonly values?: readonly string[]
  readonly isRequired?: boolean
  readonly isRepeatable?: boolean
}

export interface AnswerDescription {
  readonly description: string
  /** Absent: no body, unless it is text. */
  readonly schema?: TSchema
  /** A body that is no JSON, by its media type. */
  readonly text?: 'text/plain' | 'text/html' | 'text/event-stream' | 'application/octet-stream' | '*/*'
  /** Headers beside those every answer has. */
  readonly headers?: readonly HeaderName[]
}

export type HeaderName =
  | 'Location'
  | 'Marathon-Deployment-Id'
  | 'Marathon-Warnings'
  | 'Marathon-Event-Id'
  | 'Marathon-Log-Start'
  | 'Marathon-Log-End'
  | 'Marathon-Log-Size'

export interface Operation {
  readonly method: Method
  /** `{id}`: the id of an app, pod or group, with its slashes; other names: one segment. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  readonly body?: {
    readonly schema: TSchema
    readonly type?: 'multipart/form-data' | 'application/octet-stream'
    readonly isRequired?: false
  }
  readonly answers: { readonly [status: number]: AnswerDescription }
  /** Of every other status. Absent: an error, as everywhere. */
  readonly otherwise?: AnswerDescription
  /** What can go wrong here besides what can go wrong everywhere. */
  readonly errors?: readonly number[]
}

export type Tag = keyof typeof tags

/** In the order of the document. */
export const tags = {
  Apps: 'Long-running services: a command or a container, and how many of it',
  Tasks: 'What runs: one task for each instance of an app',
  Groups: 'Apps and pods in a tree, changed together',
  Pods: 'Containers that share a machine, a network and a life',
  Deployments: 'What is being changed',
  Queue: 'What waits to be launched, and why',
  Agents: 'Machines, or parts of one',
  Events: 'What happens, as it happens',
  Artifacts: 'Files for tasks to fetch',
  Server: 'The server itself',
  Schemas: 'What definitions look like',
  Pages: 'Files for browsers',
  V1: 'The API of the first releases',
} as const

export const flag = (name: string, description: string, byDefault: boolean): Parameter => ({
  name,
  in: 'query',
  description,
  type: 'boolean',
  default: byDefault,
})

export const text = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  type: 'string',
})

export const force = flag('force', 'Takes the place of a deployment that is under way', false)
export const forceByDefault = flag('force', 'Takes the place of a deployment that is under way', true)
export const dryRun = flag('dryRun', 'Changes nothing and answers the plan', false)
export const partialUpdate = flag(
  'partialUpdate',
  'Fields that are not given stay as they are; otherwise they get their defaults',
  true,
)
export const scale = flag('scale', 'There are fewer instances afterwards', false)
export const wipe = flag('wipe', 'Forgets the instances with their volumes, whether they end or not', false)
export const embed = (values: readonly string[], description: string): Parameter => ({
  name: 'embed',
  in: 'query',
  description,
  type: 'string',
  values,
  isRepeatable: true,
})

export const explained: AnswerDescription = {
  description: 'A tree of causes; as text one sentence to a line',
  schema: ExplanationAnswer,
  text: 'text/plain',
}
