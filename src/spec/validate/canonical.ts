// The rules about an app in today's form, before defaults that need no rules are filled in (app-definition 10.2).
// Each topic checks its part; all issues are reported at once.

import { constraintError } from '../constraint-rules.ts'
import type { NormaliseContext } from '../normalise/context.ts'
import { hasHostMode, hasNonHostMode } from '../normalise/networks.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import type { AppInput, ContainerInput } from '../schema/app.ts'
import { isUri } from '../uri.ts'
import { checkHealthChecks, checkReadinessChecks } from './health.ts'
import { pathErrors, serviceIdErrors } from './paths.ts'
import { double, featureNotEnabled, mustNotBeEmpty, notDefined } from './phrases.ts'
import { checkNetworkNames, checkNetworks, checkPortDefinitions, checkPortMappings } from './ports.ts'
import { checkResourceLimits } from './resources.ts'
import { checkAcceptedRoles, checkResidentAcceptedRoles, checkRole, checkRoleNames } from './roles.ts'
import { checkEnv, checkPullConfig, checkSecrets } from './secrets.ts'
import { checkCanarySteps } from './upgrade.ts'
import { checkExternalVolumesOfApp, checkVolumes } from './volumes.ts'

/** Reads an app after stage 10 of app-definition 8: deprecated fields gone, id absolute, role given. */
export function validateCanonical(app: AppInput, context: NormaliseContext): Issue[] {
  const issues = new Issues()
  checkIds(app, issues)
  checkCommand(app, issues)
  checkNetworking(app, context, issues)
  if (app.container !== undefined) checkContainer(app.container, app, context, issues)
  if (app.portDefinitions !== undefined) checkPortDefinitions(app.portDefinitions, issues)
  checkHealthChecks(app, issues)
  checkReadinessChecks(app, issues)
  checkSecrets(secretsOf(app, context), issues)
  checkEnv(app.env, '/env', secretsOf(app, context), issues)
  checkResources(app, context, issues)
  checkRoles(app, context, issues)
  checkUpdateRules(app, issues)
  checkCanarySteps(app.upgradeStrategy, '/upgradeStrategy', issues)
  checkMigrationLabels(app, issues)
  checkExternalVolumesOfApp(app, issues)
  for (const [index, { uri }] of app.fetch.entries()) {
    if (!isUri(uri)) issues.add(`/fetch(${index})/uri`, 'URI has invalid syntax.')
  }
  for (const [index, constraint] of app.constraints.entries()) {
    const error = constraintError(constraint)
    if (error !== undefined) issues.add(`/constraints(${index})`, error)
  }
  return issues.list()
}

function checkIds(app: AppInput, issues: Issues): void {
  for (const error of serviceIdErrors(app.id)) issues.add('/id', error)
  if (app.id === '/') issues.add('/', 'must not be root')
  for (const [index, dependency] of app.dependencies.entries()) {
    for (const error of pathErrors(dependency)) issues.add(`/dependencies(${index})`, error)
  }
}

function checkCommand(app: AppInput, issues: Issues): void {
  if (app.cmd !== undefined && app.cmd.length < 2) issues.add('/', 'must not be an empty string')
  const hasCmd = app.cmd !== undefined
  const hasArgs = app.args.length > 0
  const hasContainer = app.container?.docker !== undefined || app.container?.type === 'MESOS'
  if ((hasCmd && hasArgs) || !(hasCmd || hasArgs || hasContainer)) issues.add('/', commandRule)
}

export const commandRule = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."

function checkNetworking(app: AppInput, context: NormaliseContext, issues: Issues): void {
  const { networks, container } = app
  checkNetworks(networks, issues)
  checkNetworkNames(networks, context.defaultNetworkName, issues)
  if (hasHostMode(networks) && (container?.portMappings?.length ?? 0) > 0) {
    issues.add('/', 'portMappings are not allowed with host-networking')
  }
  if (hasNonHostMode(networks) && (app.portDefinitions?.length ?? 0) > 0) {
    issues.add('/', 'portDefinitions are only allowed with host-networking')
  }
  if (container?.type === 'DOCKER' && networks.filter(({ mode }) => mode === 'container').length > 1) {
    issues.add('/', 'may only specify a single container network when using the Docker container engine')
  }
}

function checkContainer(
  container: ContainerInput,
  app: AppInput,
  context: NormaliseContext,
  issues: Issues,
): void {
  if (container.portMappings !== undefined) checkPortMappings(container.portMappings, app.networks, issues)
  checkVolumes(container, secretsOf(app, context), issues)
  const { type, docker } = container
  if (docker === undefined) {
    if (type === 'DOCKER') issues.add('/container/docker', notDefined)
    return
  }
  // The external-containerizer form may name an image that is nothing but a prefix.
  if (docker.image === '') issues.add('/container/docker/image', mustNotBeEmpty)
  if (docker.pullConfig === undefined) return
  const path = '/container/docker/pullConfig'
  if (type === 'DOCKER') {
    issues.add(path, 'pullConfig is not supported with Docker containerizer')
    return
  }
  checkPullConfig(docker.pullConfig, path, secretsOf(app, context), issues)
}

const secretsOf = ({ secrets }: AppInput, { enabledFeatures }: NormaliseContext) => ({
  enabledFeatures,
  secrets,
})

function checkResources(app: AppInput, context: NormaliseContext, issues: Issues): void {
  checkResourceLimits(app.resourceLimits ?? {}, app, '/resourceLimits', issues)
  if (app.gpus === 0) return
  if (app.container?.type === 'DOCKER')
    issues.add('/', 'GPU resources only work with the Mesos containerizer')
  if (!context.enabledFeatures.has('gpu_resources')) issues.add('/', featureNotEnabled('gpu_resources'))
}

function checkRoles(app: AppInput, context: NormaliseContext, issues: Issues): void {
  const role = app.role ?? context.roles.defaultRole
  checkRole(role, context.roles, issues)
  const accepted = app.acceptedResourceRoles
  if (accepted === undefined) return
  const path = '/acceptedResourceRoles'
  if (accepted.length === 0) issues.add(path, mustNotBeEmpty)
  checkRoleNames(accepted, path, issues)
  if (app.residency !== undefined) checkResidentAcceptedRoles(accepted, 'app', issues)
  checkAcceptedRoles(accepted, role, issues)
}

export const singleInstanceLabel = 'MARATHON_SINGLE_INSTANCE_APP'

function checkUpdateRules(app: AppInput, issues: Issues): void {
  const isSingleInstance = app.labels[singleInstanceLabel] === 'true'
  if (isSingleInstance && app.instances > 1) issues.add('/', 'Single instance app may only have one instance')
  const strategy = app.upgradeStrategy
  if (strategy !== undefined) {
    const path = '/upgradeStrategy'
    const { minimumHealthCapacity, maximumOverCapacity } = strategy
    if (isSingleInstance && minimumHealthCapacity !== 0) {
      issues.add(`${path}/minimumHealthCapacity`, `got ${double(minimumHealthCapacity)}, expected 0.0`)
    }
    if ((isSingleInstance || app.residency !== undefined) && maximumOverCapacity !== 0) {
      issues.add(`${path}/maximumOverCapacity`, `got ${double(maximumOverCapacity)}, expected 0.0`)
    }
  }
  if (app.residency !== undefined && typeof app.unreachableStrategy === 'object') {
    issues.add('/', 'unreachableStrategy must be disabled for resident tasks')
  }
}

function checkMigrationLabels(app: AppInput, issues: Issues): void {
  const version = app.labels['DCOS_MIGRATION_API_VERSION'] ?? ''
  if (version === '') return
  const isComplete =
    version === 'v1' &&
    (app.labels['DCOS_PACKAGE_FRAMEWORK_NAME'] ?? '') !== '' &&
    (app.labels['DCOS_MIGRATION_API_PATH'] ?? '') !== ''
  if (isComplete) return
  issues.add(
    '/',
    'DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using DCOS_MIGRATION_API_VERSION',
  )
}
