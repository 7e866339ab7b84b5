// A View made of lists, for tests of what is shown: put records in, look at the answers.

import type { Deployment } from '../../src/core/deployments/deployment.ts'
import type { ShownHealth } from '../../src/core/health/book.ts'
import type { Instance } from '../../src/core/instances/instance.ts'
import type { WaitingOn } from '../../src/core/reasons.ts'
import type { Group, TaskFailure } from '../../src/core/records.ts'
import type { EngineState, QueueItem, View } from '../../src/core/view.ts'
import { formatInstant, type Instant, instant } from '../../src/lib/instant.ts'
import { comparePathIds, isWithin, parentOf } from '../../src/lib/path-id.ts'
import type { App } from '../../src/spec/app.ts'
import { plainApp } from './plain-app.ts'

export interface FakeState {
  readonly apps?: readonly App[]
  /** Versions besides the current ones. */
  readonly olderApps?: readonly App[]
  readonly instances?: readonly Instance[]
  readonly deployments?: readonly Deployment[]
  readonly waitingOn?: Readonly<Record<string, readonly WaitingOn[]>>
  readonly failures?: readonly TaskFailure[]
  readonly queue?: readonly QueueItem[]
  /** By instance. */
  readonly health?: Readonly<Record<string, readonly ShownHealth[]>>
  readonly engine?: EngineState
  /** Absent: --event_subscriber is not set. */
  readonly callbackUrls?: readonly string[]
}

export const fakeNow: Instant = instant(Date.parse('2031-04-02T09:20:40.000Z'))

const noResults: readonly never[] = []

/** No two views are of one state. */
let revision = 0

export function fakeView(state: FakeState): View {
  const apps = [...(state.apps ?? [])].sort((a, b) => comparePathIds(a.id, b.id))
  const all = [...apps, ...(state.olderApps ?? [])]
  const instances = state.instances ?? []
  const byApp = new Map<string, Instance[]>()
  for (const instance of instances) {
    const list = byApp.get(instance.runSpecId)
    if (list === undefined) byApp.set(instance.runSpecId, [instance])
    else list.push(instance)
  }
  const appById = new Map(apps.map((app) => [app.id, app]))
  const deployments = state.deployments ?? []
  return {
    now: fakeNow,
    rootVersion: formatInstant(fakeNow),
    revision: ++revision,
    changedSince: () => undefined,
    runSpec: (id) => appById.get(id),
    runSpecs: () => apps,
    app: (id) => appById.get(id),
    apps: () => apps,
    pod: () => undefined,
    pods: () => [],
    runSpecVersion: (id, version) => all.find((app) => app.id === id && app.version === version),
    versions: (id) =>
      all
        .filter((app) => app.id === id)
        .map((app) => app.version)
        .sort()
        .reverse(),
    group: (id) => groupsOf(apps).find((group) => group.id === id),
    groups: () => groupsOf(apps),
    tree: () => undefined,
    rootVersionsOf: () => [],
    instance: (id) => instances.find((instance) => instance.id === id),
    instancesOf: (id) => byApp.get(id) ?? [],
    instances: () => instances,
    instanceCount: instances.length,
    deployment: (id) => deployments.find((deployment) => deployment.id === id),
    deployments: () => deployments,
    deploymentsOf: (id) =>
      deployments.length === 0
        ? []
        : deployments.filter((deployment) => deployment.changes.some((change) => change.id === id)),
    explain: () => undefined,
    deploymentWaitingOn: (id) => state.waitingOn?.[id] ?? [],
    readinessOf: () => noResults,
    taskFailure: (id) => (state.failures ?? []).find((failure) => failure.appId === id),
    callbackUrls: () => state.callbackUrls,
    queue: () => state.queue ?? [],
    gauges: {
      running: instances.filter((instance) => instance.condition === 'Running').length,
      staged: 0,
      launchOverdue: 0,
      inflightKills: 0,
      inflightKillAttempts: 0,
      launchTokens: 0,
      launched: instances.length,
    },
    quarantined: () => new Map(),
    healthOf: (instance) => state.health?.[instance.id] ?? [],
    healthRevisionOf: () => 0,
    unhealthyKills: { failing: 0, counted: 0, apps: 0 },
    eventLog: { last: 0, find: () => ({ kind: 'none' }) },
    registration: () => ({ roles: ['*'], suppressedRoles: [] }),
    engine: state.engine ?? { isConnected: true, frameworkId: 'local-1', master: 'local' },
  }
}

function groupsOf(apps: readonly App[]): Group[] {
  const ids = new Set<string>(['/'])
  for (const app of apps) for (let id = parentOf(app.id); id !== '/'; id = parentOf(id)) ids.add(id)
  return [...ids]
    .filter((id) => isWithin(id, '/'))
    .map((id) => ({ id, dependencies: [], version: formatInstant(fakeNow) }))
}

const version = '2031-04-02T09:15:20.480Z'

/** An app in normal form; every default as the API gives it. */
export const fakeApp = (fields: Partial<App> & { readonly id: string }): App =>
  plainApp({ portDefinitions: [{ port: 10_007, name: 'http', protocol: 'tcp' }], version, ...fields })

/** A running instance of an app with one task and one port. */
export function fakeInstance(fields: {
  readonly appId: string
  readonly uuid: string
  readonly host?: string
  readonly agentId?: string
  readonly port?: number
  readonly stagedAt?: string
  readonly startedAt?: string
  readonly region?: string
  readonly zone?: string
  readonly ipAddress?: string
  readonly attempt?: number
  readonly changes?: Partial<Instance>
}): Instance {
  const id = `${fields.appId.slice(1).replaceAll('/', '_')}.instance-${fields.uuid}`
  const stagedAt = at(fields.stagedAt ?? '2031-04-02T09:15:22.310Z')
  const startedAt = at(fields.startedAt ?? '2031-04-02T09:15:24.870Z')
  const attempt = fields.attempt ?? 1
  const host = fields.host ?? 'n1.example'
  return {
    id,
    runSpecId: fields.appId,
    runSpecVersion: version,
    role: '*',
    goal: 'Running',
    condition: 'Running',
    since: startedAt,
    activeSince: startedAt,
    scheduledAt: stagedAt,
    attempt,
    agent: {
      agentId: fields.agentId ?? 'S0',
      hostname: host,
      address: host,
      attributes: [],
      ...(fields.region === undefined ? {} : { region: fields.region }),
      ...(fields.zone === undefined ? {} : { zone: fields.zone }),
    },
    tasks: [
      {
        id: `${id}._app.${attempt}`,
        name: '_app',
        runSpecVersion: version,
        condition: 'Running',
        state: 'TASK_RUNNING',
        stagedAt,
        startedAt,
        hostPorts: [fields.port ?? 31_000],
        ipAddresses: [{ ipAddress: fields.ipAddress ?? '127.0.0.1', protocol: 'IPv4' }],
        resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
      },
    ],
    ...fields.changes,
  }
}

export const at = (text: string): Instant => instant(Date.parse(text))
