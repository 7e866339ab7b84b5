// Why something is not as it shall be, as answers show it: a tree of causes, each kind with its own facts. `message` is
// for people and may change; the rest is for programs.

import * as Type from 'typebox'
import { AbsoluteId, Count, Time } from './primitives.ts'

const text = Type.String()
const amount = Type.Number()
const optional = Type.Optional
const runSpecId = AbsoluteId
const uuid = Type.String({ format: 'uuid' })
const constraint = Type.Array(Type.String())
const condition = Type.String({ description: 'Provisioned, Staging, Running, …' })

/** What an agent can be refused by. */
const rule = {
  rule: Type.Enum([
    'cpus',
    'mem',
    'disk',
    'gpus',
    'constraint',
    'port',
    'ports',
    'role',
    'maintenance',
    'gpus-kept',
    'region',
    'volumes',
    'volume-disks',
    'framework-role',
  ]),
  constraint: optional(constraint),
  port: optional(Type.Integer()),
  count: optional(Count),
}

const Refusal = Type.Object(
  { ...rule, agents: Count },
  { 'x-name': 'Refusal', description: 'A rule that refuses agents, and how many' },
)

const Obstacle = Type.Object(
  {
    ...rule,
    has: optional(Type.Union([amount, text])),
    asks: optional(amount),
    until: optional(Time),
  },
  {
    'x-name': 'Obstacle',
    description: 'A rule that refuses an agent, and what it has instead of what is asked for',
  },
)

const Change = Type.Object(
  {
    change: Type.Enum([
      'cpus',
      'mem',
      'disk',
      'gpus',
      'constraint',
      'port',
      'ports',
      'roles',
      'maintenance',
      'gpus-kept',
      'region',
      'volumes',
      'volume-disks',
      'framework-role',
    ]),
    atMost: optional(amount),
    asks: optional(amount),
    constraint: optional(constraint),
    port: optional(Type.Integer()),
    count: optional(Count),
    roles: optional(Type.Array(text)),
  },
  { 'x-name': 'HelpfulChange', description: 'One thing that would be otherwise' },
)

const kinds = {
  launch: { runSpecId, version: Time, count: Count, wanted: Count, since: Time },
  backoff: {
    runSpecId,
    until: Time,
    delaySeconds: amount,
    factor: amount,
    failures: Count,
    alike: Count,
    lastFailure: optional(
      Type.Object({
        condition,
        message: optional(text),
        taskId: optional(text),
        hostname: optional(text),
        at: Time,
      }),
    ),
  },
  offers: { runSpecId, count: Count },
  'no-match': {
    runSpecId,
    agents: Count,
    of: Count,
    refusals: Type.Array(Refusal),
    asOf: optional(Time),
  },
  fits: { runSpecId, agents: Count, of: Count },
  if: { runSpecId, changes: Type.Array(Change), agents: Count, of: Count },
  constraint: {
    runSpecId,
    constraint,
    refusing: Count,
    lacking: Count,
    of: Count,
    values: Type.Array(Type.Object({ value: text, agents: Count, placed: Count })),
    moreValues: Count,
  },
  agent: { agentId: text, hostname: text, obstacles: Type.Array(Obstacle) },
  'cannot-reserve': { runSpecId, missing: Type.Enum(['engine', 'principal']) },
  bound: { runSpecId, count: Count },
  'bound-instance': {
    instanceId: text,
    agentId: text,
    hostname: text,
    state: Type.Enum(['asked-for', 'nothing-offered', 'volumes-missing', 'refused', 'fits']),
    until: optional(Time),
    reasons: optional(Type.Array(text)),
  },
  'launch-tokens': { runSpecId, until: Time },
  engine: {},
  quarantine: { runSpecId },
  running: { runSpecId, count: Count, until: optional(Time) },
  unhealthy: { runSpecId, count: Count },
  unchecked: { runSpecId, count: Count },
  readiness: { runSpecId, count: Count },
  unreachable: {
    runSpecId,
    count: Count,
    until: optional(Time),
    fate: optional(Type.Enum(['replaced', 'forgotten'])),
  },
  ending: {
    runSpecId,
    count: Count,
    cause: optional(text),
    since: optional(Time),
    until: optional(Time),
    queued: Count,
  },
  instance: {
    instanceId: text,
    condition,
    since: Time,
    taskId: optional(text),
    hostname: optional(text),
  },
  check: {
    runSpecId,
    index: Count,
    protocol: text,
    path: optional(text),
    failures: Count,
    failureCause: optional(text),
    lastFailureAt: optional(Time),
    most: Count,
    killAt: optional(Time),
    graceUntil: optional(Time),
    isSuspended: Type.Boolean(),
  },
  'ready-check': { runSpecId, name: text, status: optional(Type.Integer()) },
  'under-deployment': { runSpecId, deploymentId: uuid, step: Count, of: Count, ownStep: Count },
  progress: { runSpecId, up: Count, since: Time, until: Time },
  'takes-back': { deploymentId: uuid, reason: text },
  action: { runSpecId, action: text },
  'more-actions': { count: Count },
  'later-step': {
    step: Count,
    actions: Type.Array(Type.Object({ action: text, runSpecId })),
    moreActions: Count,
  },
  capacity: { runSpecId, minHealthy: amount, maxCapacity: amount },
  promotion: {
    runSpecId,
    deploymentId: uuid,
    step: Count,
    steps: Count,
    instances: Count,
    until: optional(Time),
  },
  paused: { deploymentId: uuid, since: Time },
  'next-slice': { runSpecId, count: Count },
  artifacts: { runSpecId, count: Count },
  deployment: { deploymentId: uuid },
}

interface CauseItself {
  readonly kind: string
  readonly message: string
  readonly causes: readonly CauseItself[]
}

const causes = Type.Array(Type.Unsafe<CauseItself>({ 'x-ref': 'Cause' }))

export const Cause = Type.Union(
  Object.entries(kinds).map(([kind, facts]) =>
    Type.Object({ kind: Type.Literal(kind), message: text, ...facts, causes }),
  ),
  { 'x-name': 'Cause', description: 'Why something is not as it shall be, and why that is' },
)

export const Explanation = Type.Object(
  {
    kind: Type.Enum(['app', 'pod', 'deployment']),
    id: text,
    isWell: Type.Boolean({ description: 'Nothing is missing and nothing is being done' }),
    text,
    wanted: optional(Count),
    running: optional(Count),
    healthy: optional(Count),
    outdated: optional(
      Type.Integer({ minimum: 0, description: 'Of those that run: with an older configuration' }),
    ),
    isChecked: optional(Type.Boolean()),
    step: optional(Count),
    of: optional(Count),
    since: optional(Time),
    causes: Type.Array(Cause),
  },
  { 'x-name': 'Explanation' },
)

export const ExplanationAnswer = Type.Object({ explanation: Explanation }, { 'x-name': 'ExplanationAnswer' })
