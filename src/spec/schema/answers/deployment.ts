// Deployments and the launch queue as answers show them (rest-api 6, 7, examples 5, 6), with what each waits for.

import * as Type from 'typebox'
import { ReadinessCheckResult, ShownApp } from './app.ts'
import { ShownPod } from './pod.ts'
import { AbsoluteId, Anything, Count, Time } from './primitives.ts'

/** `reason` and the facts beside it are for programs, the message is for people and may change. */
export const WaitingOn = Type.Object(
  {
    reason: Type.Enum([
      'backoff',
      'offers',
      'no-match',
      'launch-tokens',
      'running',
      'health',
      'readiness',
      'promotion',
      'paused',
      'ending',
      'capacity',
      'next-slice',
      'artifacts',
      'engine',
      'deployment',
      'quarantine',
    ]),
    message: Type.String(),
    runSpecId: Type.Optional(AbsoluteId),
    until: Type.Optional(Time),
    count: Type.Optional(Count),
    reasons: Type.Optional(Type.Array(Type.String())),
    minHealthy: Type.Optional(Type.Number()),
    maxCapacity: Type.Optional(Type.Number()),
    deploymentId: Type.Optional(Type.String({ format: 'uuid' })),
    since: Type.Optional(Time),
    step: Type.Optional(Count),
    steps: Type.Optional(Count),
    instances: Type.Optional(Count),
  },
  { 'x-name': 'WaitingOn', description: 'Why something has not happened yet' },
)

const action = {
  action: Type.String({
    description: 'StartApplication, ScaleApplication, …, StartPod, …, ResolveArtifacts',
  }),
  app: Type.Optional(AbsoluteId),
  pod: Type.Optional(AbsoluteId),
}

export const DeploymentStep = Type.Object(
  { actions: Type.Array(Type.Object(action, { 'x-name': 'DeploymentAction' })) },
  { 'x-name': 'DeploymentStep' },
)

const CanaryProgress = Type.Object(
  {
    app: Type.Optional(AbsoluteId),
    pod: Type.Optional(AbsoluteId),
    step: Type.Integer({ minimum: 1 }),
    steps: Count,
    instances: Type.Integer({ minimum: 1, description: 'Of the new version, in this step' }),
    waiting: Type.Boolean({ description: 'They are up, and the step pauses' }),
    until: Type.Optional(Time),
  },
  { 'x-name': 'CanaryProgress' },
)

export const Deployment = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    steps: Type.Array(DeploymentStep),
    version: Time,
    affectedApps: Type.Array(AbsoluteId),
    affectedPods: Type.Array(AbsoluteId),
    currentActions: Type.Array(
      Type.Object({ ...action, readinessCheckResults: Type.Array(ReadinessCheckResult) }),
    ),
    currentStep: Type.Integer({ minimum: 0, description: 'From 1; 0 until the first step starts' }),
    totalSteps: Count,
    paused: Type.Optional(Type.Boolean({ description: 'Nothing is started or stopped; absent: false' })),
    pausedAt: Type.Optional(Time),
    canary: Type.Optional(
      Type.Array(CanaryProgress, { description: 'What is tried on a few instances first; absent: nothing' }),
    ),
    failed: Type.Optional(
      Type.Object(
        { id: Type.String({ format: 'uuid' }), reason: Type.String() },
        { description: 'The deployment that failed and is taken back by this one' },
      ),
    ),
    waitingOn: Type.Optional(Type.Array(WaitingOn)),
  },
  { 'x-name': 'Deployment' },
)

export const Plan = Type.Object(
  {
    steps: Type.Array(DeploymentStep),
    changes: Type.Array(
      Type.Object({
        id: AbsoluteId,
        kind: Type.Enum(['app', 'pod', 'group']),
        action: Type.Enum(['create', 'update', 'remove']),
        fields: Type.Array(
          Type.Object({ path: Type.String(), from: Type.Optional(Anything), to: Type.Optional(Anything) }),
          { description: 'What differs; none of what is removed' },
        ),
      }),
    ),
    conflicts: Type.Optional(
      Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }), {
        description: 'Deployments that would have to give way: the change needs force',
      }),
    ),
  },
  { 'x-name': 'Plan', description: 'What a change would do, and nothing is done' },
)

export const DeploymentList = Type.Array(Deployment)

/** What an offer or an agent has of one kind, in the words of Mesos. */
const value = {
  name: Type.String(),
  scalar: Type.Optional(Type.Number()),
  ranges: Type.Optional(Type.Array(Type.Object({ begin: Type.Number(), end: Type.Number() }))),
  set: Type.Optional(Type.Array(Type.String())),
}

const Offer = Type.Object(
  {
    id: Type.String(),
    hostname: Type.String(),
    agentId: Type.String(),
    resources: Type.Array(Type.Object({ ...value, role: Type.String() })),
    attributes: Type.Array(Type.Object({ ...value, text: Type.Optional(Type.String()) })),
  },
  { 'x-name': 'Offer' },
)

const RejectSummary = Type.Object(
  { reason: Type.String(), declined: Count, processed: Count },
  { 'x-name': 'RejectSummary' },
)

const Funnel = Type.Array(RejectSummary, {
  description: 'In the order in which offers are looked at: how many came so far, how many ended here',
})

const queued = {
  count: Count,
  role: Type.String(),
  delay: Type.Object({ timeLeftSeconds: Count, overdue: Type.Boolean() }),
  since: Time,
  processedOffersSummary: Type.Object({
    processedOffersCount: Count,
    unusedOffersCount: Count,
    lastUnusedOfferAt: Type.Optional(Time),
    lastUsedOfferAt: Type.Optional(Time),
    rejectSummaryLastOffers: Funnel,
    rejectSummaryLaunchAttempt: Funnel,
  }),
  lastUnusedOffers: Type.Optional(
    Type.Array(Type.Object({ offer: Offer, reason: Type.Array(Type.String()), timestamp: Time })),
  ),
  waitingOn: Type.Array(WaitingOn),
  app: Type.Optional(ShownApp),
  pod: Type.Optional(ShownPod),
}

export const QueueItem = Type.Object(queued, { 'x-name': 'QueueItem' })
export const Queue = Type.Object({ queue: Type.Array(QueueItem) }, { 'x-name': 'Queue' })
