// What is durable: small records, one per entity, never one growing blob. Each is a plain JSON object, written whole
// when it is replaced.

import type { Instant, Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import type { Deployment } from './deployments/deployment.ts'
import type { GoodVersion } from './good-versions.ts'
import type { Instance } from './instances/instance.ts'
import type { TaskState } from './mesos.ts'

/** The tables of the store and the record each holds. */
export interface Tables {
  /**
   * key: path id — the version that is in force, and the last one whose deployment succeeded: `none` when none has,
   * absent when it is not known.
   */
  readonly 'run-spec': { readonly id: PathId; readonly version: Version; readonly goodVersion?: GoodVersion }
  /** key: path id + `@` + version — every kept version of every run spec. */
  readonly 'run-spec-version': RunSpec
  /** key: path id */
  readonly group: Group
  /** key: version + `@` + number of the part — what this version of the root replaced. */
  readonly 'root-version': RootChange
  /** key: instance id */
  readonly instance: Instance
  /** key: deployment id */
  readonly deployment: Deployment
  /** key: path id — the last failure of a task of this run spec. */
  readonly 'task-failure': TaskFailure
  /** key: the URL — who gets events posted. */
  readonly 'event-subscription': EventSubscription
  /** key: number of its first event + `@` + characters before it — a part of the event log (event-log/segment.ts). */
  readonly 'event-log': string
  /** key: name of the fact (`framework`, `removed-framework`, `former-frameworks`, `root`, `unhealthy-kills`) */
  readonly meta: Readonly<Record<string, string | number>>
}
export type TableName = keyof Tables
export const tableNames: readonly TableName[] = [
  'run-spec',
  'run-spec-version',
  'group',
  'root-version',
  'instance',
  'deployment',
  'task-failure',
  'event-subscription',
  'event-log',
  'meta',
]

export type Write = {
  [T in TableName]:
    | { readonly kind: 'put'; readonly table: T; readonly key: string; readonly value: Tables[T] }
    | { readonly kind: 'delete'; readonly table: T; readonly key: string }
}[TableName]

export type StoredRecord = {
  [T in TableName]: { readonly table: T; readonly key: string; readonly value: Tables[T] }
}[TableName]

export interface Group {
  readonly id: PathId
  readonly dependencies: readonly PathId[]
  readonly version: Version
  /** Top-level groups only. */
  readonly enforceRole?: boolean
}

/** What one version of the root replaced, or a part of it: from it the tree before is found again. */
export interface RootChange {
  readonly version: Version
  /** The version of the root before. */
  readonly previous: Version
  /** Absent `from`: the change brought it. */
  readonly runSpecs: readonly { readonly id: PathId; readonly from?: Version }[]
  readonly groups: readonly {
    readonly id: PathId
    readonly from?: Pick<Group, 'dependencies' | 'enforceRole'>
  }[]
}

/** rest-api 12, /v2/eventSubscriptions. */
export interface EventSubscription {
  readonly callbackUrl: string
  readonly since: Instant
}

/** app-definition 2, lastTaskFailure. */
export interface TaskFailure {
  readonly appId: PathId
  readonly host: string
  readonly message: string
  readonly state: TaskState
  readonly taskId: string
  readonly timestamp: Instant
  readonly version: Version
  readonly slaveId?: string
}
