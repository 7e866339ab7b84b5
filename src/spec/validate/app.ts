// The rules about an app in its final form that can only be judged there (app-definition 10.3): those that defaults
// can break, and those about parts that other stages do not look into.

import type { AppSpec } from '../app.ts'
import type { NormaliseContext } from '../normalise/context.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import { isResident } from '../run-spec.ts'
import { commandRule, singleInstanceLabel } from './canonical.ts'
import { badPortIndex } from './health.ts'
import { double } from './phrases.ts'
import { addressesPort, hasDuplicates } from './ports.ts'
import { checkIpcInfo, checkSeccomp } from './resources.ts'
import { checkResidentRole } from './roles.ts'

export function validateAppSpec(app: AppSpec, context: NormaliseContext): Issue[] {
  const issues = new Issues()
  checkCommand(app, issues)
  checkPorts(app, issues)
  checkLinuxInfo(app, issues)
  checkStrategies(app, issues)
  if (isResident(app)) checkResidentRole(app.role, 'app', context.roles, issues)
  if (hasDuplicates(app.networks.flatMap(({ name }) => (name === undefined ? [] : [name])))) {
    issues.add('/networks', 'Duplicate networks are not allowed')
  }
  return issues.list()
}

/** An image can be what runs; a container of Mesos' own without an image cannot. */
function checkCommand(app: AppSpec, issues: Issues): void {
  const hasCommand = app.cmd !== undefined || app.args !== undefined
  if (!hasCommand && app.container?.docker === undefined) issues.add('/', commandRule)
  if (app.check !== undefined && app.container?.type === 'DOCKER') {
    issues.add('/', "AppDefinition must not use 'checks' if using docker")
  }
}

function checkPorts(app: AppSpec, issues: Issues): void {
  const ports = (app.container?.portMappings ?? app.portDefinitions ?? []).length
  for (const [index, check] of app.healthChecks.entries()) {
    if (check.protocol !== 'COMMAND' && !addressesPort(check, ports)) {
      issues.add(`/healthChecks(${index})`, badPortIndex)
    }
  }
  const check = app.check?.http ?? app.check?.tcp
  if (check !== undefined && !addressesPort(check, ports)) {
    issues.add(
      '/check/get',
      'check port index must address an element of the ports array or container port mappings.',
    )
  }
}

function checkLinuxInfo(app: AppSpec, issues: Issues): void {
  const { seccomp, ipcInfo } = app.container?.linuxInfo ?? {}
  const path = '/container/linuxInfo'
  if (seccomp !== undefined) checkSeccomp(seccomp, path, issues)
  if (ipcInfo !== undefined) checkIpcInfo(ipcInfo, path, issues)
}

function checkStrategies(app: AppSpec, issues: Issues): void {
  const { minimumHealthCapacity, maximumOverCapacity } = app.upgradeStrategy
  const isSingleInstance = app.labels[singleInstanceLabel] === 'true'
  if (isSingleInstance && minimumHealthCapacity !== 0) {
    issues.add('/upgradeStrategy/minimumHealthCapacity', `got ${double(minimumHealthCapacity)}, expected 0.0`)
  }
  if ((isSingleInstance || isResident(app)) && maximumOverCapacity !== 0) {
    issues.add('/upgradeStrategy/maximumOverCapacity', `got ${double(maximumOverCapacity)}, expected 0.0`)
  }
  const strategy = app.unreachableStrategy
  if (strategy === 'disabled') return
  if (isResident(app)) issues.add('/', 'unreachableStrategy must be disabled for resident tasks')
  if (strategy.inactiveAfterSeconds > strategy.expungeAfterSeconds) {
    issues.add(
      '/unreachableStrategy/inactiveAfterSeconds',
      `inactiveAfterSeconds (${strategy.inactiveAfterSeconds}) must be less or equal to ` +
        `expungeAfterSeconds, which is ${strategy.expungeAfterSeconds}`,
    )
  }
}
