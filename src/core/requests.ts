// What users ask for, and what they are told. A request carries the body as it was parsed from JSON: checking its
// shape, filling defaults, validating and planning all happen in one step of the core, against the state of that
// moment.

import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { App } from '../spec/app.ts'
import type { FieldChange } from '../spec/definition-diff.ts'
import type { FieldWarning } from '../spec/field-warnings.ts'
import type { Pod } from '../spec/pod.ts'
import type { Refusal as SpecRefusal } from '../spec/refusal.ts'
import type { Deployment, DeploymentId, Step } from './deployments/deployment.ts'
import type { Instance, InstanceId } from './instances/instance.ts'
import type { TaskId } from './mesos.ts'
import type { Notice } from './notices/notice.ts'
import type { PreconditionFailed, Preconditions } from './requests/preconditions.ts'

/** Who asked: shown in api_post_event. */
export interface Origin {
  readonly clientIp: string
  readonly uri: string
}

/**
 * How a body that changes an existing app is read (rest-api 2): `partial` merges the fields given and creates when
 * the app is unknown; `complete` replaces; `patch` merges and never creates.
 */
export type UpdateMode = 'partial' | 'complete' | 'patch'

/** `isDryRun`: nothing is changed, the outcome is the plan. */
export type Request =
  /** `isLenient`: the v1 dialect, where numbers may come as text (rest-api 12.1). */
  | {
      readonly kind: 'create-app'
      readonly body: unknown
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly isLenient?: boolean
      readonly origin: Origin
    }
  | {
      readonly kind: 'update-app'
      readonly id: PathId
      readonly body: unknown
      readonly mode: UpdateMode
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly isLenient?: boolean
      readonly origin: Origin
      readonly preconditions?: Preconditions
    }
  /** Preconditions are about the version of the root: that of the latest change of any definition. */
  | {
      readonly kind: 'update-apps'
      readonly body: unknown
      readonly mode: UpdateMode
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly preconditions?: Preconditions
    }
  /** `origin` only from the stop of v1, which tells of itself as start and scale do (rest-api 12.1). */
  | {
      readonly kind: 'remove-app'
      readonly id: PathId
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly origin?: Origin
      readonly preconditions?: Preconditions
    }
  | {
      readonly kind: 'restart-app'
      readonly id: PathId
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly preconditions?: Preconditions
    }
  | {
      readonly kind: 'create-pod'
      readonly body: unknown
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly origin: Origin
    }
  /** Always a whole definition; one that is not there is created. */
  | {
      readonly kind: 'update-pod'
      readonly id: PathId
      readonly body: unknown
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly origin: Origin
      readonly preconditions?: Preconditions
    }
  | {
      readonly kind: 'remove-pod'
      readonly id: PathId
      readonly force: boolean
      readonly isDryRun?: boolean
      readonly origin: Origin
      readonly preconditions?: Preconditions
    }
  | { readonly kind: 'kill-tasks'; readonly selection: TaskSelection; readonly wipe: boolean }
  | {
      readonly kind: 'kill-and-scale'
      readonly selection: TaskSelection
      readonly force: boolean
      readonly isDryRun?: boolean
    }
  | { readonly kind: 'reset-delay'; readonly id: PathId }
  | { readonly kind: 'cancel-deployment'; readonly id: DeploymentId; readonly force: boolean }
  | { readonly kind: 'pause-deployment'; readonly id: DeploymentId }
  | { readonly kind: 'resume-deployment'; readonly id: DeploymentId }
  /** `all`: every canary step there is; without, to the next one. */
  | { readonly kind: 'promote-deployment'; readonly id: DeploymentId; readonly all: boolean }
  /** `id` is the path the request came to; the body may name a group relative to it (rest-api 4). */
  | {
      readonly kind: 'create-group' | 'update-group'
      readonly id: PathId
      readonly body: unknown
      readonly force: boolean
      readonly isDryRun?: boolean
    }
  | { readonly kind: 'patch-group'; readonly id: PathId; readonly body: unknown }
  /** Of the root: everything in it. */
  | {
      readonly kind: 'remove-group'
      readonly id: PathId
      readonly force: boolean
      readonly isDryRun?: boolean
    }
  /** `callbackUrl` as it was given, undefined when none was (rest-api 12). */
  | { readonly kind: 'subscribe'; readonly callbackUrl: string | undefined; readonly origin: Origin }
  | { readonly kind: 'unsubscribe'; readonly callbackUrl: string | undefined; readonly origin: Origin }

export type RequestOf<K extends Request['kind']> = Extract<Request, { readonly kind: K }>

/** Which tasks a kill means (rest-api 2.2, 5). */
export type TaskSelection =
  /** `host` absent or `*`: every instance of the app. */
  | { readonly kind: 'app'; readonly id: PathId; readonly host?: string }
  | { readonly kind: 'task'; readonly appId: PathId; readonly taskId: TaskId }
  | { readonly kind: 'tasks'; readonly taskIds: readonly TaskId[] }
  /** Those of the run spec's instances that have one of these ids. */
  | {
      readonly kind: 'instances'
      readonly runSpecId: PathId
      readonly instanceIds: readonly InstanceId[]
    }

export interface Reply {
  readonly requestId: number
  readonly outcome: Outcome
}

export type Outcome =
  /**
   * A deployment is under way (or was empty and is over). `app`, `pod`: as it stands now, for requests about one.
   */
  | {
      readonly kind: 'deployed'
      readonly deploymentId: DeploymentId
      readonly version: Version
      readonly wasCreated: boolean
      readonly app?: App
      /** Fields of the body that nothing understands. */
      readonly warnings?: readonly FieldWarning[]
      readonly pod?: Pod
      /** The group a request was about. */
      readonly groupId?: PathId
    }
  /** Kills are under way for these instances, shown as they were before. */
  | { readonly kind: 'killed'; readonly instances: readonly Instance[] }
  | { readonly kind: 'done' }
  /** The deployment pauses, or goes on: as it is now. */
  | { readonly kind: 'steered'; readonly deployment: Deployment }
  | Planned
  /** `notice` is what listeners are told of it, and what is answered (rest-api 12). */
  | { readonly kind: 'subscription-changed'; readonly notice: Notice }
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly warnings?: readonly FieldWarning[]
    }

/** What a change would do: the answer to a dry run, which changes nothing. */
export interface Planned {
  readonly kind: 'planned'
  readonly steps: readonly Step[]
  readonly changes: readonly DefinitionChange[]
  /** The deployments that would have to be cancelled for it, with force. */
  readonly conflicts: readonly DeploymentId[]
  readonly warnings?: readonly FieldWarning[]
}

/** Why nothing was changed. */
export type Stopped = Refusal | Planned

/** What becomes of one definition, or of one group. */
export interface DefinitionChange {
  readonly id: PathId
  readonly kind: 'app' | 'pod' | 'group'
  readonly action: 'create' | 'update' | 'remove'
  /** None of what is removed. */
  readonly fields: readonly FieldChange[]
}

/** Why a request is not carried out. http/errors.ts gives each kind its status and body. */
export type Refusal =
  | SpecRefusal
  | { readonly kind: 'app-not-found'; readonly id: PathId; readonly version?: Version }
  | { readonly kind: 'path-not-found'; readonly id: PathId }
  | { readonly kind: 'task-not-found'; readonly taskId: TaskId }
  | { readonly kind: 'bad-task-id'; readonly taskId: string; readonly reason: string }
  | { readonly kind: 'app-exists'; readonly id: PathId }
  | { readonly kind: 'pod-not-found'; readonly id: PathId }
  | { readonly kind: 'pod-exists'; readonly id: PathId }
  /** The definition is that of another service than the path names. */
  | { readonly kind: 'id-mismatch'; readonly id: PathId; readonly given: string }
  | { readonly kind: 'group-not-found'; readonly id: PathId }
  | { readonly kind: 'group-exists'; readonly id: PathId; readonly as: 'group' | 'app' }
  | { readonly kind: 'locked'; readonly deployments: readonly DeploymentId[] }
  | PreconditionFailed
  | { readonly kind: 'too-many-deployments'; readonly limit: number }
  | { readonly kind: 'deployment-not-found'; readonly id: DeploymentId }
  /** It is not in a state in which that means anything. */
  | {
      readonly kind: 'cannot-steer'
      readonly id: DeploymentId
      readonly why:
        | 'is-paused'
        | 'is-not-paused'
        | 'waits-for-promotion'
        | 'has-no-canaries'
        | 'canaries-not-up'
    }
  | { readonly kind: 'not-in-queue'; readonly id: PathId }
  | { readonly kind: 'ports-exhausted'; readonly min: number; readonly max: number }
  /** Events are not posted to anybody: --event_subscriber is not set. */
  | { readonly kind: 'callbacks-off' }
  | { readonly kind: 'too-many-subscriptions'; readonly limit: number }
  /** A decision about this run spec threw; it is quarantined and nothing was changed. */
  | { readonly kind: 'internal'; readonly message: string }
