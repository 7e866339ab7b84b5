// The sentences of explanations: one for each kind of fact. Reasons that are told as they are have theirs in
// waiting-on.ts.

import type { Change, Explanation, Fact, Obstacle, Rule } from '../../core/explain/cause.ts'
import type { KillCause } from '../../core/instances/instance.ts'
import { unreachable } from '../../lib/assert.ts'
import { formatInstant } from '../../lib/instant.ts'
import type { Constraint } from '../../spec/app.ts'
import { describeWaitingOn } from './waiting-on.ts'

type FactOf<K extends Fact['kind']> = Extract<Fact, { readonly kind: K }>

/** How far it is, as one sentence. */
export function describeStanding({ subject, isWell, standing }: Explanation): string {
  if (standing.kind === 'deployment') {
    const { step, of, since } = standing
    return `Deployment ${subject.id}, begun at ${formatInstant(since)}, is in step ${step} of ${of}.`
  }
  const { wanted, running, healthy, outdated, isChecked, since } = standing
  if (wanted === 0 && running === 0) return `No instance of ${subject.id} is wanted, and none runs.`
  const some = `${running} of ${instances(wanted)} of ${subject.id} ${running === 1 ? 'runs' : 'run'}`
  if (!isWell) {
    const well = isChecked ? `, ${healthy} ${are(healthy)} healthy` : ''
    return `${some}${well}${outdated === 0 ? '' : `, ${outdated} with an older configuration`}.`
  }
  const when = since === undefined ? '' : ` since ${formatInstant(since)}`
  return isChecked ? `${some} and ${are(healthy)} healthy${when}.` : `${some}${when}.`
}

export function describeFact(fact: Fact): string {
  switch (fact.kind) {
    case 'launch':
      return `${fact.count} of ${instances(fact.wanted)} of ${fact.runSpecId} ${fact.count === 1 ? 'waits' : 'wait'} for a launch since ${formatInstant(fact.since)}.`
    case 'backoff':
      return describeBackoff(fact)
    case 'no-match':
      return describeNoMatch(fact)
    case 'fits':
      return `${ofAgents(fact)} would take an instance now: its turn comes.`
    case 'if':
      return `It fits on ${ofAgents(fact)} ${listed(fact.changes.map(describeChange), 'and')}.`
    case 'constraint':
      return describeConstraint(fact)
    case 'agent':
      return `${fact.hostname}: ${fact.obstacles.map(describeObstacle).join('; ')}.`
    case 'cannot-reserve':
      return fact.missing === 'engine'
        ? 'Nothing can be reserved for its volumes: what runs the tasks here keeps none.'
        : 'No principal set. Set --mesos_authentication_principal to enable using local volumes in Marathon.'
    case 'bound':
      return `${count(fact)} to be launched where ${fact.count === 1 ? 'its volumes are' : 'their volumes are'}.`
    case 'bound-instance':
      return describeBound(fact)
    case 'running': {
      const end =
        fact.until === undefined
          ? ''
          : `; one that does not run by ${formatInstant(fact.until)} is launched anew`
      return `${count(fact)} launched and not running yet${end}.`
    }
    case 'unhealthy':
      return `${instances(fact.count)} of ${fact.runSpecId} ${fact.count === 1 ? 'fails its' : 'fail their'} health checks.`
    case 'unchecked':
      return `${count(fact)} running and not known to be healthy yet.`
    case 'ending':
      return describeEnding(fact)
    case 'unreachable': {
      const end = fact.until === undefined ? '' : `; the next is ${fact.fate} at ${formatInstant(fact.until)}`
      return `${count(fact)} on ${fact.count === 1 ? 'an agent' : 'agents'} that cannot be reached${end}.`
    }
    case 'instance': {
      const place = fact.hostname === undefined ? '' : ` on ${fact.hostname}`
      return `${fact.taskId ?? fact.instanceId}${place}: ${fact.condition} since ${formatInstant(fact.since)}.`
    }
    case 'check':
      return describeCheck(fact)
    case 'ready-check':
      return `Readiness check ${fact.name} ${fact.status === undefined ? 'has not said yes yet' : `answered ${fact.status}`}.`
    case 'under-deployment':
      return fact.ownStep === fact.step
        ? `Deployment ${fact.deploymentId} is changing it, in step ${fact.step} of ${fact.of}.`
        : `Deployment ${fact.deploymentId} changes it in step ${fact.ownStep} of ${fact.of}, and is in step ${fact.step}.`
    case 'progress': {
      const most =
        fact.up === 0
          ? `No instance of the new version of ${fact.runSpecId} has been up`
          : `At most ${instances(fact.up)} of the new version of ${fact.runSpecId} ${fact.up === 1 ? 'has' : 'have'} been up`
      return `${most} since ${formatInstant(fact.since)}; without progress the deployment is taken back at ${formatInstant(fact.until)}.`
    }
    case 'takes-back':
      return `It takes back deployment ${fact.deploymentId}: ${fact.reason}.`
    case 'action':
      return `${fact.action} of ${fact.runSpecId} is not done.`
    case 'later-step': {
      const more = fact.moreActions > 0 ? ` and ${fact.moreActions} more` : ''
      const actions = fact.actions.map(({ action, runSpecId }) => `${action} of ${runSpecId}`)
      return `After it comes step ${fact.step}: ${actions.join(', ')}${more}.`
    }
    case 'more-actions':
      return `${fact.count} more ${fact.count === 1 ? 'action is' : 'actions are'} not done.`
    default:
      return describeWaitingOn(fact)
  }
}

function describeBackoff(fact: FactOf<'backoff'>): string {
  const { until, factor, delay, failures, alike, lastFailure, runSpecId } = fact
  const wait = `Launches wait until ${formatInstant(until)} by backoff (factor ${factor}, now ${delay / 1_000} s)`
  const end = `. DELETE /v2/queue${runSpecId}/delay launches at once.`
  if (lastFailure === undefined) return `${wait}${end}`
  const { condition, message = condition, hostname, at } = lastFailure
  const place = `${formatInstant(at)}${hostname === undefined ? '' : ` on ${hostname}`}`
  if (failures === 1) return `${wait} after a failure: ${message} (at ${place})${end}`
  if (alike === failures)
    return `${wait} after ${failures} failures, each: ${message} (the last at ${place})${end}`
  const lately = alike === 1 ? 'the last of them' : `the last ${alike} of them`
  return `${wait} after ${failures} failures, ${lately}: ${message} (at ${place})${end}`
}

function describeBound(fact: FactOf<'bound-instance'>): string {
  const { instanceId, hostname, state, until, reasons = [] } = fact
  switch (state) {
    case 'asked-for': {
      const end = until === undefined ? '' : `; it is given up at ${formatInstant(until)}`
      return `${instanceId}: what is reserved for it on ${hostname} has not been offered yet${end}.`
    }
    case 'nothing-offered':
      return `${instanceId}: its volumes are on ${hostname}, which makes no offers.`
    case 'volumes-missing':
      return `${instanceId}: its volumes are on ${hostname}, whose offers do not hold them.`
    case 'refused':
      return `${instanceId}: its volumes are on ${hostname}, where it does not fit: ${reasons.join(', ') || 'another region'}.`
    case 'fits':
      return `${instanceId}: its volumes are offered by ${hostname}: its turn comes.`
  }
}

function describeNoMatch({ agents, of, refusals, asOf }: FactOf<'no-match'>): string {
  const why = refusals.map((refusal) => `${describeRule(refusal)} (${refusal.agents})`)
  const sample = agents < of ? `, of ${of} offers,` : ''
  const age =
    asOf === undefined
      ? ''
      : ` Nothing is offered now; this is of offers refused since ${formatInstant(asOf)}.`
  return `None of ${agentsText(agents)}${sample} takes an instance: ${why.join(', ')}.${age}`
}

function describeRule(rule: Rule): string {
  switch (rule.rule) {
    case 'cpus':
    case 'mem':
    case 'disk':
    case 'gpus':
      return `too little ${rule.rule}`
    case 'constraint':
      return `${constraintText(rule.constraint)} not met`
    case 'port':
      return `port ${rule.port} not free`
    case 'ports':
      return `fewer than ${rule.count} ports free`
    case 'role':
      return 'only resources of roles that are not accepted'
    case 'maintenance':
      return 'maintenance announced'
    case 'gpus-kept':
      return 'gpus, which are kept for apps that ask for them'
    case 'region':
      return 'another region than the home region'
    case 'volumes':
      return 'no reservation for its volumes'
    case 'volume-disks':
      return 'no disks for its volumes'
    case 'framework-role':
      return 'offers to another role'
    default:
      return unreachable(rule)
  }
}

/** What follows `It fits on 7 of 12 agents`. */
function describeChange(change: Change): string {
  switch (change.change) {
    case 'cpus':
    case 'mem':
    case 'disk':
    case 'gpus':
      return `if ${change.change} <= ${change.atMost} (it asks for ${change.asks})`
    case 'constraint':
      return `without ${constraintText(change.constraint)}`
    case 'port':
      return `without port ${change.port}`
    case 'ports':
      return 'without host ports'
    case 'roles':
      return `if it accepts resources of ${change.roles.length === 1 ? 'role' : 'roles'} ${change.roles.join(', ')}`
    case 'maintenance':
      return 'when maintenance is over'
    case 'gpus-kept':
      return 'if it may use agents with gpus (label GPU_SCHEDULING_BEHAVIOR: unrestricted)'
    case 'region':
      return 'if it may leave the home region (by a constraint on @region)'
    case 'volumes':
    case 'volume-disks':
      return 'without persistent volumes'
    case 'framework-role':
      return 'if it has the role they are offered to'
    default:
      return unreachable(change)
  }
}

function describeConstraint(fact: FactOf<'constraint'>): string {
  const { constraint, refusing, lacking, of, values, moreValues } = fact
  const [field] = constraint
  const head = `Constraint ${constraintText(constraint)}`
  if (lacking === of) return `${head}: no agent has ${field}.`
  const isCounting = values.some(({ placed }) => placed > 0)
  const seen = values.map(({ value, agents, placed }) =>
    isCounting ? `${value} (${instances(placed)} there)` : `${value} on ${agents}`,
  )
  if (moreValues > 0) seen.push(`${moreValues} more`)
  const lack = lacking === 0 ? [] : [`${lacking} without ${field}`]
  const have = seen.length === 0 ? [] : [`${field} is ${listed(seen, 'or')}`]
  return `${head} refuses ${refusing} of ${agentsText(of)}: ${[...have, ...lack].join(', ')}.`
}

function describeObstacle(obstacle: Obstacle): string {
  const { has, asks, until } = obstacle
  switch (obstacle.rule) {
    case 'cpus':
    case 'mem':
    case 'disk':
    case 'gpus':
      return `${obstacle.rule} ${has} of ${asks}`
    case 'constraint':
      return has === undefined
        ? `no ${obstacle.constraint[0]}`
        : `${obstacle.constraint[0]} is ${has}, not met ${constraintText(obstacle.constraint)}`
    case 'ports':
      return `${has} of ${asks} ports free`
    case 'role':
      return `offers resources of ${has}`
    case 'region':
      return `in region ${has}`
    case 'framework-role':
      return `offered to role ${has}`
    case 'maintenance':
      return until === undefined ? 'maintenance announced' : `maintenance until ${formatInstant(until)}`
    case 'gpus-kept':
      return 'has gpus'
    case 'port':
    case 'volumes':
    case 'volume-disks':
      return describeRule(obstacle)
    default:
      return unreachable(obstacle)
  }
}

function describeCheck(fact: FactOf<'check'>): string {
  const {
    index,
    protocol,
    path,
    failures,
    failureCause,
    lastFailureAt,
    most,
    killAt,
    graceUntil,
    isSuspended,
  } = fact
  const name = `Health check ${index} (${protocol}${path === undefined ? '' : ` ${path}`})`
  if (failures === 0) {
    const grace = graceUntil === undefined ? '' : `; failures count from ${formatInstant(graceUntil)}`
    return `${name} has not succeeded yet${grace}.`
  }
  const times = failures === 1 ? 'once' : `${failures} times in a row`
  const when = lastFailureAt === undefined ? '' : `, last at ${formatInstant(lastFailureAt)}`
  const why = failureCause === undefined || failureCause === '' ? '' : `: ${failureCause}`
  const end = isSuspended
    ? ' It is let live, because most instances of many apps turned bad together.'
    : killAt === undefined
      ? most === 0
        ? ' It is not killed for that (maxConsecutiveFailures is 0).'
        : ''
      : ` It is killed at about ${formatInstant(killAt)} if that goes on (maxConsecutiveFailures is ${most}).`
  return `${name} failed ${times}${when}${why}.${end}`
}

const killCauses: Readonly<Record<KillCause, string>> = {
  'scale-down': 'fewer are wanted',
  deployment: 'a deployment replaces it',
  'app-removed': 'it is removed',
  'api-request': 'somebody killed it',
  'launch-overdue': 'its launch took too long',
  'unknown-instance': 'nobody knows it',
  'goal-not-running': 'it is to run no longer',
  'container-ended': 'another container of it ended',
  unhealthy: 'its health checks failed',
}

function describeEnding(fact: FactOf<'ending'>): string {
  const { cause, since, until, queued } = fact
  const told =
    since === undefined || cause === undefined
      ? ''
      : ` The first was told at ${formatInstant(since)}: ${killCauses[cause]}.`
  const force = until === undefined ? '' : ` Its grace period ends at ${formatInstant(until)}.`
  const line = queued === 0 ? '' : ` ${queued} of them wait for others to end first.`
  return `${count(fact)} told to end and not ended yet.${told}${force}${line}`
}

const instances = (number: number): string => (number === 1 ? '1 instance' : `${number} instances`)
const are = (number: number): string => (number === 1 ? 'is' : 'are')
const agentsText = (number: number): string => (number === 1 ? '1 agent' : `${number} agents`)
const ofAgents = (fact: { readonly agents: number; readonly of: number }): string =>
  `${fact.agents} of ${agentsText(fact.of)}`
const count = (fact: { readonly count: number; readonly runSpecId: string }): string =>
  `${instances(fact.count)} of ${fact.runSpecId} ${are(fact.count)}`
const constraintText = (constraint: Constraint): string => `[${constraint.join(', ')}]`

/** `a`, `a and b`, `a, b and c`. */
const listed = (texts: readonly string[], last: string): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} ${last} ${texts.at(-1)}`
