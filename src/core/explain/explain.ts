// Why something is not as it shall be: an app, a pod or a deployment. Only reads; nothing here is remembered, so that
// what is said is what the state says now.

import { after, seconds } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import { currentActions } from '../deployments/advance.ts'
import { type Action, changeOf, type Deployment, type DeploymentId } from '../deployments/deployment.ts'
import type { Instance } from '../instances/instance.ts'
import type { WaitingOn } from '../reasons.ts'
import { type Cause, cause, type Explanation, type Fact, type Standing, type Subject } from './cause.ts'
import { instanceCauses, unreadyInstances } from './explain-instances.ts'
import { rollCall } from './roll-call.ts'

/** Undefined: there is no such app, pod or deployment. */
export const explain = (core: Core, subject: Subject): Explanation | undefined =>
  subject.kind === 'deployment' ? explainDeployment(core, subject.id) : explainRunSpec(core, subject)

function explainRunSpec(
  core: Core,
  subject: Exclude<Subject, { readonly kind: 'deployment' }>,
): Explanation | undefined {
  const { kind, id } = subject
  const runSpec = core.state.runSpec(id)
  if (runSpec === undefined || isPod(runSpec) !== (kind === 'pod')) return undefined
  const standing = standingOf(runSpec, core.state.instancesOf(id))
  const held = deploymentCauses(core, id)
  const causes = [...instanceCauses(core, id), ...held, ...(held.length > 0 ? [] : unbalanced(core, runSpec))]
  return {
    subject,
    isWell: causes.length === 0 && standing.healthy === standing.wanted,
    standing,
    causes,
  }
}

function explainDeployment(core: Core, id: DeploymentId): Explanation | undefined {
  const deployment = core.state.deployment(id)
  if (deployment === undefined) return undefined
  const { currentStep, steps, startedAt } = deployment
  return {
    subject: { kind: 'deployment', id },
    isWell: false,
    standing: { kind: 'deployment', step: currentStep + 1, of: steps.length, since: startedAt },
    causes: [...circumstances(deployment), ...actionCauses(core, deployment), ...laterSteps(deployment)],
  }
}

/** Instances to be created or stopped that no decision has got to yet: one does so many at a time. */
function unbalanced({ state, quarantine }: Core, { id, instances }: RunSpec): readonly Cause[] {
  const count = Math.abs(state.tallyOf(id).counted - instances)
  return count === 0 || quarantine.has(id) ? [] : [cause({ kind: 'next-slice', runSpecId: id, count })]
}

type Instances = Extract<Standing, { readonly kind: 'instances' }>

function standingOf(runSpec: RunSpec, instances: readonly Instance[]): Instances {
  const { healthy, sick, unchecked } = rollCall(instances)
  const running = [...healthy, ...sick, ...unchecked]
  const configuredAt = runSpec.versionInfo.lastConfigChangeAt
  const since = healthy.reduce<Instances['since']>(
    (latest, instance) => (latest === undefined || instance.since > latest ? instance.since : latest),
    undefined,
  )
  return {
    kind: 'instances',
    wanted: runSpec.instances,
    running: running.length,
    healthy: healthy.length,
    outdated: running.filter(({ runSpecVersion }) => runSpecVersion < configuredAt).length,
    isChecked: isPod(runSpec)
      ? runSpec.containers.some(({ healthCheck }) => healthCheck !== undefined)
      : runSpec.healthChecks.length > 0,
    ...(since === undefined ? {} : { since }),
  }
}

/** What a deployment has still to do about one run spec, or has to do for others first. */
function deploymentCauses(core: Core, id: PathId): readonly Cause[] {
  const [deployment] = core.state.deploymentsOf(id)
  if (deployment === undefined) return []
  const { currentStep, steps } = deployment
  const own = steps.findIndex(
    ({ actions }, at) => at >= currentStep && actions.some(({ runSpecId }) => runSpecId === id),
  )
  if (own === -1) return []
  const unfinished = core.unfinished.get(deployment.id)
  const waiting = unfinished?.get(id)
  if (own === currentStep && unfinished !== undefined && waiting === undefined) return []
  const fact: Fact = {
    kind: 'under-deployment',
    runSpecId: id,
    deploymentId: deployment.id,
    step: currentStep + 1,
    of: steps.length,
    ownStep: own + 1,
  }
  const beneath =
    own === currentStep
      ? [...otherReasons(core, id, waiting ?? []), ...progressCauses(core, deployment, id)]
      : actionCauses(core, deployment)
  return [cause(fact, [...circumstances(deployment), ...beneath])]
}

/** What is to be said of the deployment as a whole: whom it takes back, and that somebody has it wait. */
function circumstances({ id, failed, pausedAt }: Deployment): readonly Cause[] {
  return [
    ...(failed === undefined
      ? []
      : [cause({ kind: 'takes-back', deploymentId: failed.id, reason: failed.reason })]),
    ...(pausedAt === undefined ? [] : [cause({ kind: 'paused', deploymentId: id, since: pausedAt })]),
  ]
}

/** How much longer a deployment may stand still; nothing where it may for ever, or no clock runs. */
function progressCauses({ state, progress }: Core, deployment: Deployment, id: PathId): readonly Cause[] {
  const best = progress.get(id)
  const version = changeOf(deployment, id)?.to
  const runSpec = version === undefined ? undefined : state.runSpecVersion(id, version)
  const allowed = runSpec?.upgradeStrategy.progressDeadlineSeconds
  if (best?.deploymentId !== deployment.id || allowed === undefined) return []
  const { up, since } = best
  return [cause({ kind: 'progress', runSpecId: id, up, since, until: after(since, seconds(allowed)) })]
}

/** Those of the current step that are not done, each with what it waits for. */
function actionCauses(core: Core, deployment: Deployment): readonly Cause[] {
  const unfinished = core.unfinished.get(deployment.id)
  const open = currentActions(deployment).filter(({ runSpecId }) => unfinished?.has(runSpecId) ?? true)
  const shown = open.slice(0, limits.explainedNames)
  const more = open.length - shown.length
  const offers = Math.ceil(limits.explainedOffers / Math.max(1, shown.length))
  return [
    ...shown.map((action) =>
      actionCause(core, deployment, { action, waiting: unfinished?.get(action.runSpecId) ?? [], offers }),
    ),
    ...(more > 0 ? [cause({ kind: 'more-actions', count: more })] : []),
  ]
}

interface OpenAction {
  readonly action: Action
  readonly waiting: readonly WaitingOn[]
  /** Offers to look at: an explanation of many actions takes no longer than that of one. */
  readonly offers: number
}

function actionCause(core: Core, deployment: Deployment, { action, waiting, offers }: OpenAction): Cause {
  const { kind, runSpecId } = action
  return cause({ kind: 'action', runSpecId, action: kind }, [
    ...instanceCauses(core, runSpecId, offers),
    ...otherReasons(core, runSpecId, waiting),
    ...progressCauses(core, deployment, runSpecId),
  ])
}

function laterSteps({ steps, currentStep }: Deployment): readonly Cause[] {
  return steps.slice(currentStep + 1, currentStep + 1 + limits.explainedNames).map(({ actions }, at) =>
    cause({
      kind: 'later-step',
      step: currentStep + 2 + at,
      actions: actions
        .slice(0, limits.explainedNames)
        .map(({ kind, runSpecId }) => ({ action: kind, runSpecId })),
      moreActions: Math.max(0, actions.length - limits.explainedNames),
    }),
  )
}

/** Who tells a reason: the instances (explain-instances.ts) or the deployment, and more than it holds, or itself. */
const tellers: Readonly<Record<WaitingOn['kind'], 'instances' | 'deployment' | 'itself'>> = {
  backoff: 'instances',
  offers: 'instances',
  'no-match': 'instances',
  'launch-tokens': 'instances',
  running: 'instances',
  ending: 'instances',
  engine: 'instances',
  quarantine: 'instances',
  health: 'instances',
  readiness: 'itself',
  promotion: 'itself',
  paused: 'deployment',
  capacity: 'itself',
  'next-slice': 'itself',
  artifacts: 'itself',
  deployment: 'itself',
}

const isOther = (waiting: WaitingOn): waiting is Extract<Fact, WaitingOn> =>
  tellers[waiting.kind] === 'itself'

function otherReasons(core: Core, id: PathId, waiting: readonly WaitingOn[]): readonly Cause[] {
  return waiting
    .filter(isOther)
    .map((reason) => cause(reason, reason.kind === 'readiness' ? unreadyInstances(core, id) : []))
}
