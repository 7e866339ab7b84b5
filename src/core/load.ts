// From the records of the store to the state. Rebuilds every index and checks what a writer promised: a record that
// does not fit the others stops the start, because continuing would act on a cluster we do not understand.

import { assert, unreachable } from '../lib/assert.ts'
import type { Instant, Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { Deployment } from './deployments/deployment.ts'
import type { StoredRecord } from './records.ts'
import { loadRolesLeftBehind } from './reservations/roles-left-behind.ts'
import type { EngineKind } from './settings.ts'
import type { State } from './state.ts'

/** @throws AssertionError naming the record that contradicts another. */
export function loadRecords(state: State, records: Iterable<StoredRecord>): void {
  const current = new Map<PathId, Version>()
  const deployments: Deployment[] = []
  for (const record of records) {
    switch (record.table) {
      case 'run-spec':
        current.set(record.key, record.value.version)
        if (record.value.goodVersion !== undefined)
          state.goodVersions.set(record.key, record.value.goodVersion)
        break
      case 'run-spec-version':
        state.putVersion(record.value)
        break
      case 'group':
        state.groups.set(record.key, record.value)
        break
      case 'root-version':
        state.history.load(record.value)
        break
      case 'instance':
        state.putInstance(record.value)
        break
      case 'deployment':
        deployments.push(record.value)
        break
      case 'task-failure':
        state.failures.set(record.key, record.value)
        break
      case 'event-subscription':
        state.callbackUrls.add(record.value.callbackUrl)
        break
      case 'event-log':
        state.eventLog.load(record.key, record.value)
        break
      case 'meta':
        loadMeta(state, record.key, record.value)
        break
      default:
        unreachable(record)
    }
  }
  for (const [id, version] of current) {
    const runSpec = state.runSpecVersion(id, version)
    assert(
      runSpec !== undefined,
      `the store names version ${version} of ${id} as the one in force but does not hold it`,
    )
    state.putRunSpec(runSpec)
  }
  // In the order they started; each made a version of the root.
  deployments.sort((a, b) => (a.version < b.version ? -1 : 1))
  for (const deployment of deployments) state.putDeployment(deployment)
  state.history.sort()
  checkReferences(state)
}

function loadMeta(state: State, key: string, value: Readonly<Record<string, string | number>>): void {
  if (key === 'root') state.rootVersion = String(value.version)
  if (key === 'unhealthy-kills') state.unhealthyKillsSuspendedAt = Number(value.suspendedAt) as Instant
  if (key === 'framework') {
    state.frameworkId = String(value.id)
    state.frameworkIds.add(state.frameworkId)
    state.frameworkEngine = value.engine as EngineKind | undefined
  }
  if (key === 'roles-left-behind') loadRolesLeftBehind(state.rolesLeftBehind, value)
  if (key === 'removed-framework') {
    state.removedFrameworkId = String(value.id)
    state.frameworkIds.add(state.removedFrameworkId)
  }
  if (key === 'former-frameworks') for (const id of String(value.ids).split(' ')) state.frameworkIds.add(id)
}

function checkReferences(state: State): void {
  for (const instance of state.instances()) {
    assert(
      state.runSpecVersion(instance.runSpecId, instance.runSpecVersion) !== undefined,
      `instance ${instance.id} refers to version ${instance.runSpecVersion} of ${instance.runSpecId}, which the store does not hold`,
    )
  }
  for (const deployment of state.deployments()) {
    for (const change of deployment.changes) {
      if (change.to === undefined) continue
      assert(
        state.runSpecVersion(change.id, change.to) !== undefined,
        `deployment ${deployment.id} leads ${change.id} to version ${change.to}, which the store does not hold`,
      )
    }
  }
}
