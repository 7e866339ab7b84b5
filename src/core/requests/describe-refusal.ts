// The sentence of a refusal: what the API answers as its message and events give as their reason (rest-api 1.4).

import { unreachable } from '../../lib/assert.ts'
import type { Refusal } from '../requests.ts'

export function describeRefusal(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'invalid-json-shape':
      return 'Invalid JSON'
    case 'invalid-object':
      return 'Object is not valid'
    case 'unprocessable':
    case 'internal':
      return refusal.message
    case 'validator-failed':
      return `The plugin '${refusal.plugin}' failed to judge the definition, which is not accepted without: ${refusal.reason}`
    case 'app-not-found':
      return `App '${refusal.id}' does not exist${refusal.version === undefined ? '' : ` in version ${refusal.version}`}`
    case 'path-not-found':
      return `Path '${refusal.id}' does not exist`
    case 'task-not-found':
      return `Task '${refusal.taskId}' does not exist`
    case 'bad-task-id':
      return `Invalid task id '${refusal.taskId}'. [${refusal.reason}]`
    case 'app-exists':
      return `An app with id [${refusal.id}] already exists.`
    case 'pod-not-found':
      return `Pod '${refusal.id}' does not exist`
    case 'pod-exists':
      return `A pod with id [${refusal.id}] already exists.`
    case 'id-mismatch':
      return `'${refusal.id}' does not match definition's id ('${refusal.given}')`
    case 'group-not-found':
      return `Group '${refusal.id}' does not exist`
    case 'group-exists':
      return refusal.as === 'app'
        ? `An app with the path ${refusal.id} already exists.`
        : `Group ${refusal.id} is already created. Use PUT to change this group.`
    case 'locked':
      return "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'."
    case 'precondition-failed':
      return `The condition of the request does not hold: '${refusal.id}' ${refusal.version === undefined ? 'does not exist' : `is in version ${refusal.version}`}.`
    case 'too-many-deployments':
      return `Max number (${refusal.limit}) of running deployments is achieved. Wait for existing deployments to complete or cancel oneusing force=true parameter. You can increase max deployment number by using --max_running_deployments parameter but be advised that this can have negative effects on the performance.`
    case 'deployment-not-found':
      return `DeploymentPlan ${refusal.id} does not exist`
    case 'cannot-steer':
      return `Deployment ${refusal.id} ${steeringTexts[refusal.why]}`
    case 'not-in-queue':
      return `Application ${refusal.id} not found in tasks queue.`
    case 'ports-exhausted':
      return `All ports in the range [${refusal.min}-${refusal.max}) are already in use`
    case 'callbacks-off':
      return 'http event callback system is not running on this Marathon instance. Please re-start this instance with "--event_subscriber http_callback".'
    case 'too-many-subscriptions':
      return `${refusal.limit} URLs are subscribed to events already. Allowed: ${refusal.limit}.`
    default:
      return unreachable(refusal)
  }
}

const steeringTexts: Readonly<Record<Extract<Refusal, { kind: 'cannot-steer' }>['why'], string>> = {
  'is-paused': 'is paused. POST …/resume goes on, DELETE rolls back.',
  'is-not-paused': 'is not paused.',
  'waits-for-promotion': 'is not paused by anybody: it waits at a canary step. POST …/promote goes on.',
  'has-no-canaries': 'has no canary step to promote: nothing is held back.',
  'canaries-not-up':
    'has no canary step to promote yet: not all of its new instances are up. POST …/promote?all=true does not wait for them.',
}
